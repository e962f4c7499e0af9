"""What a question asks for: its telling words, its names, a number or a list."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from assistant.text.words import Statistics, is_name, term_words, terms
from store.pattern import pattern
from store.tables import read_table

MAX_READ = 2_000
"""Characters of a question that are read for what it asks for."""

Frequency = Callable[[str], int]
"""In how many papers of a library a word occurs."""

_NAME_WEIGHT = 2.0
_CAPITALISED = pattern(r"(?<=[\w,;:] )[\"'“(]?([A-Z]\w+)")
_GAIN = (
    r"(?:savings?|gains?|improvement|speed-?up|reduction|increase|decrease|drop|boost|factor|ratio"
    r"|overhead|margin|threshold)"
)
_NUMBER = pattern(
    r"\bhow (?:many|much|long|fast|large|big|small|often|far|high|low|old|few|accurate)\b"
    r"|\b(?:what|which) (?:is the |was the |are the )?(?:\w+ ){0,3}(?:number|score|accuracy|rate"
    r"|percentage|percent|share|size|year|speed|value|figure|error|fraction|risk)\b"
    r"|\bwhen (?:was|were|did)\b|\bby how\b"
    rf"|\b(?:what|which) (?:[\w-]+ ){{0,3}}{_GAIN}\b|^\W*{_GAIN}\b",
    re.IGNORECASE,
)


_PLURAL = (
    r"(?:papers|works|methods|models|approaches|studies|datasets|techniques|systems|algorithms"
    r"|\w{4,}(?:ers|ors|ions|ings|ments|ches|ques|ies|els|ets|ods))"
)
_LIST = pattern(
    rf"\b(?:which|what) (?:\w+[\s-]+){{0,3}}{_PLURAL}\b|\bcompare\b|\bdiffer(?:ences?|s)?\b"
    r"|\b(?:list|name|give) (?:all|the|some)\b|\b(?:all|every|several) (?:papers|works|methods)\b"
    r"|\b(?:papers|works|studies|articles) (?:that|which|on|about|in|with|using|say)\b",
    re.IGNORECASE,
)


def asks_for_list(question: str) -> bool:
    """True for a question whose words ask for several papers, or to compare them."""
    return bool(_LIST.search(question[:MAX_READ]))


_DEFINES = pattern(
    r"^\W*(?:what (?:is|are|was)|explain|define|describe|tell me about)\b", re.IGNORECASE
)
_OF_DEFINITION = 2


def asks_what(question: str) -> bool:
    """True for a question that asks what one thing is, in no more words than name it."""
    is_short = len(core_words(question[:MAX_READ])) <= _OF_DEFINITION
    return is_short and bool(_DEFINES.search(question)) and not asks_for_number(question)


def asks_for_number(question: str) -> bool:
    """True for a question whose words ask for a figure: "how many", "by what factor"."""
    return bool(_NUMBER.search(question[:MAX_READ]))


def core_weights(question: str, statistics: Statistics) -> dict[str, float]:
    """The telling terms of a question with their idf: without the words of asking.

    Names count double. A question that has no other words than those of asking keeps them.
    """
    words = core_words(question)
    if not words:
        return {term: statistics.idf(term) for term in terms(question)}
    named = named_words(question)
    return {
        term: statistics.idf(term) * (_NAME_WEIGHT if word in named else 1.0)
        for term, word in words.items()
    }


def named_words(question: str) -> frozenset[str]:
    """The words of a question that are names: capitals or digits inside, or a capital first.

    The first word of a sentence counts only for capitals or digits inside.
    """
    found = {match[1] for match in _CAPITALISED.finditer(question)}
    return frozenset(word for word, _ in term_words(question) if is_name(word) or word in found)


def core_words(question: str) -> dict[str, str]:
    """The telling terms of a question with the words they stand for, as written."""
    asking = asking_terms()
    words: dict[str, str] = {}
    for word, term in term_words(question):
        if term not in asking:
            words.setdefault(term, word)
    return words


@cache
def asking_terms() -> frozenset[str]:
    """The terms that a question uses to ask, not to say what about."""
    return frozenset(terms(read_table(__file__, "question.toml")["asking"]))
