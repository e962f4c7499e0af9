"""Questions that lean on the one before them, made to stand alone without a model.

What a follow-up leaves out is carried over: the papers that it points at, the names it stands
for, or the words of asking. A follow-up with a topic of its own carries nothing, so that old
words do not outweigh its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.query.detail_forms import detail_of
from assistant.query.question import asking_terms, named_words
from assistant.text.words import term_words, terms
from assistant.types.answers import Answer, Reference
from assistant.types.sessions import Turn
from store.pattern import pattern

_THING = r"(?:one|paper|method|approach|model|study|work|source|reference)"
_PRONOUN = pattern(
    rf"\b(?:it|its|they|them|their|theirs|this|these|those|that {_THING}"
    r"|he|she|his|her|there|such an? \w+"
    rf"|the (?:same|authors|method|model|approach|paper|results?|other(?: one| {_THING})?)"
    r"|(?:does|did|is|was|has|can|of|called|about|with) that)\b",
    re.IGNORECASE,
)
_OPENING = pattern(
    r"^\s*(?:and|but|so|or|also|then|what about|how about|what else|which of|which ones?|why"
    r"|how so|really|any other|more|in what way|compared to what)\b",
    re.IGNORECASE,
)
_ELLIPSIS = pattern(r"^\s*(?:and |but |or |so )?(?:(?:what|how) about\b|and\b|but\b|or\b)?", re.I)
_MODIFIES = pattern(
    r"^\s*(?:(?:and|but|or|also|then|what about|how about)\s+)+"
    r"(?:on|for|in|at|with|without|by|from|to|under|over|during|of|when|if|since|after|before)\b",
    re.IGNORECASE,
)
_CHOICE = pattern(
    r"\bwhich (?:one|ones|of (?:them|these|those|the two)|is|has|are|was)\b|\b(?:any|each|all|none)"
    r" of (?:them|these|those)\b",
    re.IGNORECASE,
)
_ORDINALS = {
    **dict.fromkeys(("first", "1st"), 1),
    **dict.fromkeys(("second", "2nd"), 2),
    **dict.fromkeys(("third", "3rd"), 3),
    **dict.fromkeys(("fourth", "4th"), 4),
    **dict.fromkeys(("fifth", "5th"), 5),
    **dict.fromkeys(("sixth", "6th"), 6),
}
_NUMBERED = pattern(
    rf"\[(?P<mark>\d{{1,2}})\]|\b(?:paper|source|reference|number|no\.?) #?(?P<number>\d{{1,2}})\b"
    rf"|\bthe (?P<ordinal>{'|'.join(_ORDINALS)}|last|final)(?= {_THING}\b| two\b|[\s?.,;]*$"
    r"|\W+(?:and|or|is|was|does|did|do|has|have|use[sd]?|need|work|can|reach|report|give|say)\b)"
    r"|\bthe (?P<pair>former|latter)\b"
    rf"|\b(?P<both>both(?= of| {_THING}s?\b|[\s?.,;]*$)|(?:the|these|those) two\b)",
    re.IGNORECASE,
)
_THINGS = pattern(rf"(?<=… ) *\b{_THING}s?\b", re.IGNORECASE)
_SHORT = 3
_FEW = 2
_MOST_TITLES = 5
_GAP = "…"


def leans(question: str) -> bool:
    """True when a question seems to need the one before it."""
    return bool(
        _OPENING.search(question)
        or len(terms(question)) < _SHORT
        or _NUMBERED.search(question)
        or any(not _is_explained(question, found) for found in _PRONOUN.finditer(question))
    )


def carry_over(question: str, history: Sequence[Turn]) -> str:
    """A follow-up with what it leans on put beside it in brackets, without a model.

    "The second one", "[2]" and "both" bring in the titles of those references. A pronoun
    brings in the names of the question before and the titles it was answered from when they
    are few, else that question. "And FoxNet?" takes over how it was asked, without the old
    names. A question with a topic of its own comes back unchanged.
    """
    if not history:
        return question
    last = history[-1]
    carried = _carried(question, last)
    return f"{question} ({'; '.join(carried)})" if carried else question


def pointed_at(question: str, answer: Answer) -> tuple[Reference, ...]:
    """The references of an answer that a question names by place, in the order named."""
    found: list[Reference] = []
    for match in _NUMBERED.finditer(question):
        if match["both"]:
            found += answer.references[:_FEW]
            continue
        written = match["mark"] or match["number"]
        ordinal = (match["ordinal"] or match["pair"] or "").lower()
        if written:
            number = int(written)
        elif ordinal in ("last", "final", "latter"):
            number = len(answer.references)
        else:
            number = 1 if ordinal == "former" else _ORDINALS[ordinal]
        one = answer.reference(number)
        if one is not None:
            found.append(one)
    return tuple({one.id: one for one in found}.values())


def own_terms(question: str) -> tuple[str, ...]:
    """The terms that a follow-up has of its own: of what stands for something else, none."""
    for leaning in (_NUMBERED, _PRONOUN, _CHOICE):
        question = leaning.sub(" … ", question)
    return terms(_THINGS.sub(" ", _ELLIPSIS.sub("", question, count=1)))


def _carried(question: str, last: Turn) -> list[str]:
    answer = last.answer
    before = answer.standalone or last.question
    if named := pointed_at(question, answer):
        return [one.title for one in named]
    if _CHOICE.search(question) and answer.references:
        return [one.title for one in answer.references[:_MOST_TITLES]]
    if any(not _is_explained(question, found) for found in _PRONOUN.finditer(question)):
        return _subject(before, answer)
    own = _own_terms(question)
    if not own:
        return [before, *_titles(answer)]
    if _MODIFIES.search(question):
        return [before]
    if _new_names(question, before):
        return [] if _has_own_frame(question) else _frame(before)
    if len(own) < _FEW or _is_spoken_of(own, answer):
        return _subject(before, answer) if answer.references else [before]
    return []


def _subject(before: str, answer: Answer) -> list[str]:
    """What "it" stands for: names and few titles, or else the whole question before."""
    titles = _titles(answer)
    if not titles:
        return [before]
    together = " ".join(titles)
    asking = _asked_in(before)
    names = [
        word
        for word in dict.fromkeys(word for word, _ in term_words(_bare(before)))
        if word in named_words(before) and word not in together and word not in asking
    ]
    return [*names, *titles]


def _titles(answer: Answer) -> list[str]:
    """The titles of the references when they are few."""
    titles = [one.title for one in answer.references]
    return titles if len(titles) <= _FEW else []


def _frame(before: str) -> list[str]:
    """How the question before was asked, its names left out."""
    text = _bare(before)
    kept = _asked_in(text)
    for word in sorted(named_words(text), key=len, reverse=True):
        if word not in kept:
            text = re.sub(rf"(?<![\w-]){re.escape(word)}(?![\w-])", _GAP, text)
    return [text] if terms(text) else []


def _asked_in(question: str) -> frozenset[str]:
    """The words of a question that name the detail it asks for."""
    detail = detail_of(question)
    return frozenset(detail.asking.split()) if detail else frozenset()


def _bare(question: str) -> str:
    """A question without what was once carried over to it."""
    return re.sub(r"\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*$", "", question) or question


def _own_terms(question: str) -> tuple[str, ...]:
    """The telling terms of a follow-up itself."""
    asking = asking_terms()
    rest = _ELLIPSIS.sub("", question, count=1)
    return tuple(term for term in dict.fromkeys(terms(rest)) if term not in asking)


def _new_names(question: str, before: str) -> list[str]:
    """The names of a question that the one before does not have."""
    named = named_words(_ELLIPSIS.sub("x ", question, count=1))
    asked = _asked_in(question)
    old = set(terms(before))
    return [
        word
        for word, term in term_words(question)
        if word in named and word not in asked and term not in old
    ]


def _has_own_frame(question: str) -> bool:
    """True when a question says itself what it asks of the things it names."""
    named = named_words(_ELLIPSIS.sub("x ", question, count=1))
    asking = asking_terms()
    rest = [term for word, term in term_words(question) if word not in named]
    return any(term not in asking for term in rest) or detail_of(question) is not None


def _is_spoken_of(own: Sequence[str], answer: Answer) -> bool:
    """True when the papers cited before speak of most of what is asked now."""
    if not answer.references:
        return False
    texts = (f"{one.title}. {one.abstract}" for one in answer.references)
    held = frozenset(term for text in texts for term in terms(text))
    return 2 * sum(term in held for term in own) > len(own)


def _is_explained(question: str, found: re.Match[str]) -> bool:
    """A pronoun that follows its own noun in a long question does not lean."""
    before = question[: found.start()]
    return len(terms(before)) >= _SHORT
