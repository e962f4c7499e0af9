"""The statements that a model judges: claims of an answer, each with the sentences to judge it by.

Claims that rest on the same papers stand below the same sentences, so that each is sent once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.checking.verdicts import CITES_NO_SOURCE
from assistant.text.discourse_cues import is_absence
from assistant.text.sentences import source_sentences
from assistant.text.words import is_name
from assistant.types.answers import Answer
from assistant.types.claims import Claim
from store.pattern import pattern

Place = tuple[int, int]
"""An address: number of a paper in the answer, index of a sentence; index 0 is the title."""

_COUNT = r"(?:two|three|four|five|six|seven|eight|nine|ten|\d+)"
_COMPARED = pattern(
    rf"\b(?:neither|others?|another|unlike|whereas|respectively|alike|only one|all {_COUNT}"
    rf"|of (?:the|these|those) {_COUNT}|(?:all|each|either|none|any|one) of (?:them|these|those)"
    r"|the (?:only|most|least|first|last|same|\w+(?:est|er of))"
    r"|both(?!(?: [\w-]+){1,4} and\b))\b",
    re.IGNORECASE,
)
"""Words that set something against its likes: of a group, or another one."""

_FEW_WORDS = 6


@dataclass(frozen=True)
class Statement:
    """A claim as a model is given it: its place among the claims, and what it is judged by.

    `sentences` maps addresses to their text, in the order in which they are shown; it is the
    same for neighbouring statements on the same papers.
    """

    at: int
    text: str
    sentences: Mapping[Place, str]

    @property
    def shown(self) -> tuple[str, Mapping[Place, str]]:
        """The text and the sentences, as `grounding.render_statements` takes them."""
        return self.text, self.sentences


def statements_of(answer: Answer) -> tuple[Statement, ...]:
    """The claims of an answer that cite something, those on the same papers after one another.

    Shown are the titles, the sentences cited and one neighbour on each side; the whole abstract
    for a claim that cites a paper as a whole or says what is not given; all that the answer
    cites for one that compares within it. A title that is cited stands with what its record says.
    """
    texts = {
        one.number: tuple(each.text for each in source_sentences(one.title, one.abstract))
        for one in answer.references
    }
    names = {one.number: _names(one.title) for one in answer.references}
    records = {(one.number, 0): one.record for one in answer.references if one.record}
    cited = {place for claim in answer.claims for place in _places(claim, texts)}
    groups: dict[frozenset[int], tuple[set[Place], set[Place], list[tuple[int, str]]]] = {}
    for at, claim in enumerate(answer.claims):
        own = _places(claim, texts, around=1)
        if not own or claim.verdict in CITES_NO_SOURCE:
            continue
        if len(texts) > 1 and _compares(claim, names):
            own |= cited
        papers = frozenset(number for number, _ in own)
        places, recorded, members = groups.setdefault(papers, (set(), set(), []))
        recorded |= own & records.keys()
        places |= own | {(number, 0) for number in papers}
        members.append((at, claim.text))
    found = []
    for places, recorded, members in groups.values():
        sentences = {place: texts[place[0]][place[1]] for place in sorted(places)}
        sentences |= {place: f"{sentences[place]}. Record: {records[place]}" for place in recorded}
        found += [Statement(at, text, sentences) for at, text in members]
    return tuple(found)


def control_of(statements: Sequence[Statement]) -> str:
    """A statement that the first sentences shown do not support, for who reads too little.

    The shortest one of some length, with an assertion that no paper makes.
    """
    shown = [text for (_, index), text in statements[0].sentences.items() if index]
    shown = shown or [*statements[0].sentences.values()]
    said = min(shown, key=lambda text: (len(text.split()) < _FEW_WORDS, len(text))).rstrip(" .!?")
    return f"{said}, as a trial with 4317 volunteers in Reykjavik confirmed."


def _places(
    claim: Claim, texts: Mapping[int, Sequence[str]], around: int | None = None
) -> set[Place]:
    """What a claim cites; with so many sentences on each side, or all, what it is judged by."""
    found: set[Place] = set()
    for citation in claim.citations:
        known = range(len(texts.get(citation.number, ())))
        indices = {index for index in citation.sentences if index in known}
        if around is not None:
            if citation.is_whole or is_absence(claim.text):
                indices.update(known)
            near = {range(max(1, one - around), one + around + 1) for one in indices if one}
            indices |= {at for one in near for at in one if at in known}
        found |= {(citation.number, index) for index in indices}
    return found


def _compares(claim: Claim, names: Mapping[int, frozenset[str]]) -> bool:
    """Whether a claim sets papers side by side, in words or by the name of one it does not cite.

    Of a claim in another language than its sources that is not known, and so it may.
    """
    own = {one.number for one in claim.citations}
    others = frozenset().union(*(its for number, its in names.items() if number not in own))
    others -= frozenset().union(*(names.get(number, ()) for number in own))
    words = _words(claim.text)
    return claim.is_foreign or bool(_COMPARED.search(claim.text)) or not others.isdisjoint(words)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+(?:[-+.][^\W_]+)*", text))


def _names(title: str) -> frozenset[str]:
    """The names in a title: words written as such, and a single word that is all before a colon."""
    head = title.partition(":")[0].strip()
    return frozenset(word for word in _words(title) if is_name(word) or word == head)
