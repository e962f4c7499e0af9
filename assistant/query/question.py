"""What a question asks for: its telling words, and how many sentences it takes."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from assistant.text.tables import read_table
from assistant.text.words import Statistics, is_name, term_words, terms
from store.pattern import pattern

_NAME_WEIGHT = 2.0
_CAPITALISED = pattern(r"(?<=[\w,;:] )[\"'“(]?([A-Z]\w+)")

_APART = pattern(r"\b([A-Za-z]{2,}) (\d+)\b(?![\w.%-])")
_UNKNOWN_TERM = "\x00"

MAX_READ = 2_000
"""Characters of a question that are read for what kind it is."""

QuestionKind = Literal["number", "list", "what", "other"]
"""A figure; an enumeration or comparison over papers; a definition; anything else."""

_GAIN = (
    r"(?:savings?|gains?|improvement|speed-?up|reduction|increase|decrease|drop|boost|factor|ratio"
    r"|overhead|margin|threshold)"
)
_NUMBER = pattern(
    r"\bhow (?:many|much|long|fast|large|big|small|often|far|high|low|old|accurate)\b"
    r"|\b(?:what|which) (?:is the |was the |are the )?(?:\w+ ){0,3}(?:number|score|accuracy|rate"
    r"|percentage|share|size|year|speed|value|figure|error|fid|sdr|psnr|f1|bleu|mos)\b"
    r"|\bwhen (?:was|were|did)\b|\bby how\b"
    rf"|\b(?:what|which) (?:[\w-]+ ){{0,3}}{_GAIN}\b|^\W*{_GAIN}\b",
    re.IGNORECASE,
)
_PLURAL = (
    r"(?:papers|works|methods|models|approaches|studies|datasets|techniques|systems|algorithms"
    r"|benchmarks|architectures|codecs|vocoders|ways|strategies|results|findings|tasks|metrics"
    r"|\w{4,}(?:ers|ors|ions|ings|ments|ches|ques|ies|els|ets|ods))"
)
_LIST = pattern(
    rf"\b(?:which|what) (?:\w+[\s-]+){{0,3}}{_PLURAL}\b|\bcompare\b|\bdiffer(?:ences?|s)?\b"
    r"|\b(?:list|name|give) (?:all|the|some)\b|\bhow (?:do|can|are|have) (?:papers|works|methods"
    r"|\w+ ?\w* be)\b|\b(?:all|every|several) (?:papers|works|methods|models)\b|\bversus\b|\bvs\b"
    r"|\bdisagree\w*|\bagree\w*|\boverview\b|\bare there\b"
    r"|\b(?:papers|works|studies|articles) (?:that|which|on|about|in|with|using|say)\b"
    r"|\b(?:\w{4,}s) in (?:the|this|my) (?:library|collection)\b"
    r"|\bwhat (?:has|have) been (?:\w+ )?(?:proposed|done|tried|suggested|found|written)\b",
    re.IGNORECASE,
)
_WHAT = pattern(
    r"^\W*(?:what (?:is|are|does|do|was)|who|explain|define|describe|how (?:does|do|is))\b",
    re.IGNORECASE,
)


def joined_names(question: str, statistics: Statistics) -> str:
    """The question with the names that the collection writes in one, "cifar 100", joined."""

    def joined(found: re.Match[str]) -> str:
        whole = "".join(found.groups()).lower()
        known = statistics.idf(whole) < statistics.idf(_UNKNOWN_TERM)
        return f"{found[1].upper()}-{found[2]}" if known else found.group()

    return _APART.sub(joined, question)


_DEFINES = pattern(
    r"^\W*(?:what (?:is|are|was|does|do)|who|explain|define|describe)\b", re.IGNORECASE
)


def kind_of(question: str) -> QuestionKind:
    """Tell by its words what a question asks for."""
    question = question[:MAX_READ]
    if re.search(r"\bhow (?:many|much|long|fast)\b", question, re.IGNORECASE):
        return "number"
    if _LIST.search(question):
        return "list"
    if _NUMBER.search(question):
        return "number"
    return "what" if _WHAT.search(question) else "other"


def asks_what(question: str) -> bool:
    """True for a question that asks what something is or does, not how it does it."""
    return bool(_DEFINES.search(question))


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
