"""What a question of a text leans on in the sentences around it, put in its place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.query.question import Frequency, named_words
from assistant.text.tables import any_of
from assistant.text.words import is_name
from store.pattern import pattern
from store.tables import read_table

_TABLE = read_table(__file__, "leaning.toml")
_THING = rf"(?:{any_of(_TABLE['things'])})s?"
_POSSESSIVE = pattern(rf"\b(?:{any_of(_TABLE['possessive'])})\b", re.IGNORECASE)
_POINTED = pattern(rf"\b(?:this|that|these|those|the same|the) {_THING}(?=\W|\Z)", re.IGNORECASE)
_ONES = pattern(
    rf"\bwhich (?:{any_of(_TABLE['ones'])})\b|\b(?:which|any|each|all|none|most|some|both) of"
    r" (?:them|these|those|the two)\b",
    re.IGNORECASE,
)
_PLURAL = pattern(
    rf"\b(?:{any_of(_TABLE['plural'])}|their|theirs|both|each(?=\W*\Z))\b", re.IGNORECASE
)
_PRONOUN = pattern(
    rf"\b(?:{any_of(_TABLE['plural'])}|it|this(?!\s+\w)"
    r"|(?:does|did|is|was|has|can|of|about|with|for) that(?=\W*\Z))\b",
    re.IGNORECASE,
)
_CLAIMED = pattern(
    r"\b(?:is|was|are) (?:this|that|it|these|those) (?:\w+ )?(?:true|correct|right|so)(?=\W*\Z)",
    re.IGNORECASE,
)
# "It" that stands for nothing: "How long does it take to", "Is it true that".
_EMPTY = pattern(
    r"\bit (?:\w+ )?(?:takes?|took|possible|true|necessary|known|clear|likely|useful|said)"
    r" (?:to|that|whether|if)\b|\bit matters?\b",
    re.IGNORECASE,
)
_FRAGMENT = pattern(r"^(?:(?:what|how) about|and)?\s*(?P<name>[\w.-]+(?: [\w.-]+)?)\s*\?*$", re.I)
_ASIDE = pattern(rf"\b(?:{any_of(_TABLE['aside'])})\s+(?:the\s+)?\Z", re.IGNORECASE)
_WORD = pattern(r"[^\W_]+(?:[-+.][^\W_]+)*")
_LONGEST = 300
"""Characters of a sentence that is put beside a question which leans on it."""


def standing_alone(
    said: Sequence[str], at: int, asking: Sequence[int], frequency: Frequency
) -> str:
    """The sentence at a place with what its pronouns stand for.

    That is what the nearest sentence before it names that the library knows, else a statement
    behind it; where none does, the sentence right before it is put beside it, in brackets.
    `asking` are the places of sentences that ask.
    """
    question = said[at]
    before = [one for one in asking if one < at]
    if before and (name := _named_alone(question, frequency)):
        last = standing_alone(said, before[-1], asking, frequency)
        if len(names := names_in(last, frequency)) == 1:
            return last.replace(names[0], name)
    if names_in(question, frequency) or not leans(question):
        return question
    behind = (place for place in range(at + 1, len(said)) if place not in asking)
    near = () if _CLAIMED.search(question) else (*range(at - 1, -1, -1), *behind)
    for place in near:
        if names := names_in(said[place], frequency):
            return _with_names(question, names)
    beside = said[at - 1] if at else ""
    # A name that no paper has stays one: what is asked of it is not asked of others.
    if coined := [one for one in names_in(beside, lambda _: 1) if is_name(one)]:
        return _with_names(question, coined)
    return f"{question} ({beside})" if 0 < len(beside) <= _LONGEST else question


def leans(question: str) -> bool:
    """True for a question with a pronoun for something that is named elsewhere."""
    if _EMPTY.search(question):
        return False
    return any(one.search(question) for one in (_PRONOUN, _POSSESSIVE, _POINTED, _ONES, _CLAIMED))


def is_of_several(question: str) -> bool:
    """True for a question that leans on several things: "How fast is each?"."""
    return bool(_PLURAL.search(question) or _ONES.search(question))


def _with_names(question: str, names: Sequence[str]) -> str:
    """The question with names in the place of its pronouns; else with them beside it."""
    if _ONES.search(question):
        return f"{question} ({', '.join(names)})"
    plural = _PLURAL.search(question)
    name = " and ".join(names) if plural else names[0]
    text = _POSSESSIVE.sub(lambda _: f"{name}'s", question)
    if re.search(r"\bthe authors?\b", text, re.IGNORECASE):
        return f"{text} ({name})"
    text = _POINTED.sub(lambda _: name, text)
    text = _PRONOUN.sub(lambda found: re.sub(r"\w+\Z", lambda _: name, found[0]), text)
    return text if name in text else f"{text} ({name})"


def _named_alone(question: str, frequency: Frequency) -> str:
    """The name that a question consists of: "And FenTTS?"; empty where it says more."""
    found = _FRAGMENT.match(question)
    return found["name"] if found and names_in(found["name"], frequency) else ""


def names_in(sentence: str, frequency: Frequency) -> list[str]:
    """The names of a sentence that papers hold, in order.

    Words with capitals inside or digits go before those with a capital first; what is only
    compared with is none.
    """
    capital = named_words(sentence)
    coined: list[str] = []
    others: list[str] = []
    for found in _WORD.finditer(sentence):
        word = found[0]
        if not frequency(word) or _ASIDE.search(sentence, 0, found.start()):
            continue
        if is_name(word) and not word[0].isdigit():
            coined.append(word)
        elif word in capital and word[0].isupper():
            others.append(word)
    return list(dict.fromkeys(coined or others))
