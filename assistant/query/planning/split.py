"""A text of one or several lines cut into the questions that it asks.

What is no question is an introduction, which is not searched; what a question leans on in it is
put in the place of its pronoun. The words that tell questions are in split.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.query.leaning_words import ANY_AUXILIARY
from assistant.query.planning.leaning import is_of_several, leans, names_in, standing_alone
from assistant.query.planning.line_breaks import Block, blocks, with_whole_words
from assistant.query.question import Frequency, core_words
from assistant.text.sentences import split_sentences
from assistant.text.tables import any_of
from store.pattern import pattern
from store.tables import read_table

MOST_QUESTIONS = 8
"""So many questions of one text are answered."""

_TABLE = read_table(__file__, "split.toml")
_ANY_HELPER = f"{ANY_AUXILIARY}|{any_of(_TABLE['negated'])}"
_ASKING = rf"(?:{any_of(_TABLE['asking'])})"
_FRAME = "|".join(_TABLE["frames"].strip().splitlines())
_NO_STATEMENT = rf"(?!\s+(?:{any_of(_TABLE['statements'])})\b)"
_LEAD = pattern(
    rf"^[\W_]*(?:(?:{any_of(_TABLE['leads'])})\b[\s,:!–—-]+)*"
    r"(?:(?:my|our|the) (?:\w+ )?question is (?:on|about) )?",
    re.IGNORECASE,
)
_PLACE = r"(?:(?:in|by|to|for|from|on|at|of|with|after|under) )?"
_ASKS = pattern(rf"{_PLACE}{_ASKING}\b{_NO_STATEMENT}", re.I)
_REQUEST = pattern(
    rf"(?:{any_of(_TABLE['requests'])})\b(?!\s+(?:is|are|was|were|of)\b)", re.IGNORECASE
)
_HELPER = pattern(rf"(?:{_ANY_HELPER})\b", re.IGNORECASE)
_FRAMED = pattern(
    rf"\b(?:{_FRAME})[,:]?\s+(?P<asked>(?:please )?{_PLACE}{_ASKING}\b|if\b|whether\b)",
    re.IGNORECASE,
)
_MARKED = pattern(r"[?？؟]+[\"'”’)\]]*\s*\Z")
_STOPPED = pattern(r"[.。]\s*\Z")
_INNER = pattern(
    rf"(?P<cut>[:;]|\s[–-]|,\s(?:but|so|and|now|yet))\s+(?=(?:[a-z]+\s)?{_ASKING}\b{_NO_STATEMENT})"
    rf"|:\s+(?=[^:]*\b{_ASKING}\b[^:]*\?)",
    re.IGNORECASE,
)
_JOINED = pattern(
    rf",?\s+(?:and|or|but)(?:\s+also)?\s+(?={_PLACE}{_ASKING}\b{_NO_STATEMENT})", re.IGNORECASE
)
_BARE = pattern(
    rf"(?:which|what|who) (?:{_ANY_HELPER})\b.*\b(?:they|them|these|those)\b"
    rf"|how many (?:of (?:them|these|those) )?(?:{_ANY_HELPER})\b",
    re.I,
)
_TO_YOU = pattern(r"(?:can|could|would|will|may|do|are) (?:you|i|we)\b", re.IGNORECASE)
_PERSON = pattern(
    rf"\b(?:{any_of(_TABLE['statements'])}|me|us|my|our|them|{_ANY_HELPER})\b", re.IGNORECASE
)
_ELLIPTIC = pattern(r"(?:which|who|whose) ", re.IGNORECASE)
_LEAST_WORDS = 3


@dataclass(frozen=True)
class Questions:
    """The questions of a text in order, each in one line; `left_out` are those past the most."""

    texts: tuple[str, ...]
    left_out: int = 0


@dataclass(frozen=True)
class _Said:
    """A sentence: `asks` in any case, or `may` where nothing else of the text does."""

    text: str
    asks: bool
    may: bool = False


def split_questions(text: str, frequency: Frequency) -> Questions:
    """Cut a text into its questions; one that asks nothing is a question as a whole.

    `frequency` tells in how many papers of the library a word occurs.
    """
    text = with_whole_words(text, frequency)
    line = " ".join(text.split())
    said = _with_items(list(blocks(text, _begins)), frequency)
    if not any(one.asks for one in said):
        said = [replace(one, asks=one.may) for one in said]
    said = _with_afterthoughts(said)
    asking = [at for at, one in enumerate(said) if one.asks]
    if not asking or len(said) == 1:
        return Questions((line,))
    texts = [one.text for one in said]
    found = dict.fromkeys(standing_alone(texts, at, asking, frequency) for at in asking)
    whole = tuple(filter(None, found))
    return Questions(whole[:MOST_QUESTIONS], max(len(whole) - MOST_QUESTIONS, 0))


def _with_afterthoughts(said: Sequence[_Said]) -> list[_Said]:
    """The sentences, with a question that says nothing by itself ("Why?") behind the one before.

    One to the reader of the questions ("Can you help me?") is none where there are others.
    """
    kept: list[_Said] = []
    for one in said:
        if not one.asks or _tells(one.text) or (leans(one.text) and not _TO_YOU.match(one.text)):
            kept.append(one)
        elif _TO_YOU.match(one.text) or not (kept and kept[-1].asks):
            kept.append(replace(one, asks=False))
        else:
            kept[-1] = replace(kept[-1], text=f"{kept[-1].text} {one.text}")
    return kept if any(one.asks for one in kept) else list(said)


def _with_items(cut: Sequence[Block], frequency: Frequency) -> list[_Said]:
    """The sentences of all blocks; an item is a question, or a part of the one that leads in."""
    said: list[_Said] = []
    head: int | None = None
    for block in cut:
        own = list(_sentences(block.text, frequency))
        if not block.is_item:
            said += own
            head = len(said) - 1 if own and own[-1].asks and _tells(own[-1].text) else None
        elif any(one.asks for one in own):
            said += own
        elif head is not None:
            said[head] = replace(said[head], text=f"{said[head].text} {block.text}")
        else:
            said.append(_Said(block.text, asks=True))
    return said


def _sentences(text: str, frequency: Frequency) -> Iterator[_Said]:
    """The sentences of a block; what stands in brackets belongs to the one before it."""
    spans: list[tuple[int, int]] = []
    for start, end in split_sentences(text):
        aside = bool(spans) and text[start] == "("
        spans.append((spans.pop()[0] if aside else start, end))
    for start, end in spans:
        if "? (" in text[start:end]:
            yield _Said(text[start:end], asks=True)
        else:
            yield from _clauses(text[start:end], frequency)


def _clauses(sentence: str, frequency: Frequency) -> Iterator[_Said]:
    """A sentence, cut where a question follows a statement or another question within it."""
    inner = next((one for one in _INNER.finditer(sentence) if _splits(sentence, one)), None)
    if inner is not None:
        yield _Said(sentence[: inner.start()], asks=False)
        yield from _clauses(sentence[inner.end() :], frequency)
        return
    framed = _FRAMED.search(sentence)
    if framed and framed.start() > len(sentence) - len(_led(sentence)) and _begins(_led(sentence)):
        framed = None
    if framed and framed["asked"].lower() not in ("if", "whether"):
        if len(sentence[: framed.start()].split()) >= _LEAST_WORDS:
            yield _Said(sentence[: framed.start()].rstrip(" ,;:-–—"), asks=False)
        sentence = sentence[framed.start("asked") :]
    bare = _led(sentence)
    asks = bool(framed) or _begins(bare)
    marked = bool(_MARKED.search(bare))
    is_open = asks and not _STOPPED.search(bare)
    if framed or marked or is_open or _REQUEST.match(bare):
        yield from (_Said(one, asks=True) for one in _halves(bare, frequency))
    else:
        yield _Said(sentence, asks=False, may=asks)


def _led(text: str) -> str:
    """A text without what leads in a question: "And so, please"."""
    return _LEAD.sub("", text, count=1)


def _splits(sentence: str, found: re.Match[str]) -> bool:
    """True where what stands before a question in its sentence is a statement by itself."""
    before, after = sentence[: found.start()], sentence[found.end() :]
    if len(before.split()) < _LEAST_WORDS or not _PERSON.search(before) or _begins(_led(before)):
        return False
    return not (is_of_several(after) or _FRAMED.search(sentence, 0, found.end() + _LEAST_WORDS))


def _halves(question: str, frequency: Frequency) -> Iterator[str]:
    """The questions that "and" joins, where each of them stands alone."""
    for found in _JOINED.finditer(question):
        left, right = question[: found.start()], question[found.end() :]
        if min(len(left.split()), len(right.split())) < _LEAST_WORDS or not _begins(left):
            continue
        alone = not leans(right) or len(names_in(left, frequency)) == 1
        if alone and _is_whole(left) and _is_whole(right):
            yield f"{left}?"
            yield from _halves(right, frequency)
            return
    yield question


def _is_whole(half: str) -> bool:
    """True for a half with a verb of its own: "how it works", but not "which papers say when"."""
    words = half.split()
    if _BARE.match(half) or (_ELLIPTIC.match(half) and _HELPER.match(words[1])):
        return False
    return bool(_ASKS.match(half)) and any(_HELPER.fullmatch(one) for one in words[1:])


def _begins(text: str) -> bool:
    """True for words that a question or a request begins with."""
    text = text.lstrip()
    return bool(_ASKS.match(text) or _REQUEST.match(text) or _HELPER.match(text))


def _tells(question: str) -> bool:
    """True for a question with a word that says what it is about."""
    return bool(core_words(question))
