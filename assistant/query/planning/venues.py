"""Venues that a question names, told from words that only look like one by evidence."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.query.planning.asked import PAPER_NOUNS, PUBLISH, Asked, Span, is_run, word_class
from assistant.text.words import STOP_WORDS
from store.clean import folded
from store.library.library import Library
from store.pattern import pattern
from store.types import Filter

_ENOUGH = 2.0
"""Evidence from which words are taken for a venue. One unit each: a capital within a sentence, more
than one telling word, "papers" or "in" beside it where publishing is spoken of, a word that no
abstract and no dictionary has."""

_TELLS_NOTHING = word_class("venue_words")
_PIECE = pattern(r"[^\W_]+")
_LEADS = ("in", "at", "from", "of", "by", "venue", "journal", "conference", "proceedings")
_LONGEST = 14
_LONGEST_NAME = 200
"""Characters: what is longer in a record names no venue."""


def take_venues(asked: Asked, library: Library) -> None:
    """Take the venues that a question names: whole, by an acronym, or by a telling part.

    The library is asked only where a capital or a word of publishing stands in the question.
    """
    if not _may_name(asked):
        return
    venues = [
        (name, _telling(folded(name)), _acronyms(name))
        for name in library.venues()
        if _may_be_named(name, asked)
    ]
    known = {piece for _, telling, acronyms in venues for piece in (*telling, *acronyms)}
    at = 0
    while at < len(asked.words):
        run = _run(asked, at, known)
        span = next((one for end in run if (one := _span(asked, library, at, end, venues))), None)
        if span is not None:
            asked.take(span)
        at = span.last + 1 if span else at + 1


def _may_name(asked: Asked) -> bool:
    return any(
        one.is_capital or one.plain in PAPER_NOUNS or one.plain in PUBLISH or one.plain == "in"
        for at, one in enumerate(asked.words)
        if at not in asked.taken
    )


def _may_be_named(name: str, asked: Asked) -> bool:
    """False where no word of the question stands in a name or is its initials: most names."""
    low, initials = folded(name), "".join(filter(str.isupper, name)).lower()
    return len(name) <= _LONGEST_NAME and any(
        one.plain not in STOP_WORDS
        and (one.plain == initials or any(len(part) > 2 and part in low for part in one.pieces))
        for one in asked.words
    )


def _run(asked: Asked, first: int, known: set[str]) -> range:
    """Where a venue's name may end that begins at a word, the farthest end first."""
    last = first
    while (
        last < min(len(asked.words), first + _LONGEST)
        and asked.is_free(last, last)
        and all(
            one in known or one in _TELLS_NOTHING or one.isdigit()
            for one in asked.words[last].pieces
        )
    ):
        last += 1
    return range(last - 1, first - 1, -1)


_Venue = tuple[str, Sequence[str], Sequence[str]]


def _span(
    asked: Asked, library: Library, first: int, last: int, venues: Sequence[_Venue]
) -> Span | None:
    text = asked.text[asked.words[first].start : asked.words[last].end]
    telling = _telling(folded(text))
    edges = (asked.words[first].plain, asked.words[last].plain)
    is_whole = any(folded(name) == folded(text) for name, _, _ in venues)
    if not telling or (edges[-1] in _TELLS_NOTHING and not is_whole) or edges[0] in STOP_WORDS:
        return None
    # "journal of" may lead a name; nothing else that tells nothing.
    names = [name for name, whole, short in venues if _names(telling, whole, short)]
    years = {one for one in _PIECE.findall(text) if one.isdigit()}
    names = [one for one in names if years <= set(_PIECE.findall(one))]
    if not names or _evidence(asked, library, first, last, telling, names) < _ENOUGH:
        return None
    begin = first
    while asked.plain(begin - 1) in (*_LEADS, "the", "a"):
        begin -= 1
    shown = names[0] if len(names) == 1 else text
    typed = f'venue:"{shown}"' if " " in shown else f"venue:{shown}"
    return Span(begin, last, Filter(venues=tuple(names)), f"venue {shown}", typed)


def _names(telling: Sequence[str], whole: Sequence[str], acronyms: Sequence[str]) -> bool:
    """True where words of a question name a venue: half of its telling words, or its letters.

    A single word of a longer name does not: "energy" is no name of an energy journal.
    """
    if len(telling) == 1:
        return tuple(whole) == tuple(telling) or telling[0] in acronyms
    return 2 * len(telling) >= len(whole) and is_run(telling, whole)


def _evidence(
    asked: Asked,
    library: Library,
    first: int,
    last: int,
    telling: Sequence[str],
    names: Sequence[str],
) -> float:
    inside = [asked.words[at] for at in range(first, last + 1)]
    written = folded(asked.text[inside[0].start : inside[-1].end])
    score = 1.0 if any(one.is_capital for one in inside) else 0.0
    score += 1.0 if len(telling) > 1 or (last > first and folded(names[0]) == written) else 0.0
    before, after = asked.plain(first - 1), asked.plain(last + 1)
    if before == "the":
        before = asked.plain(first - 2)
    publishes = any(one.plain in PAPER_NOUNS | PUBLISH for one in asked.words)
    if after in PAPER_NOUNS:
        score += 1.5 if asked.text[inside[0].start].isupper() else 1.0
    elif after in PUBLISH:
        score += 1.0
    if before in ("venue", "journal", "conference", "proceedings"):
        score += 1.0
    elif before in ("in", "at", "from", "by") and (publishes or not _others(asked, first, last)):
        score += 2.0 if any(asked.plain(at) in PUBLISH for at in range(first - 3, first)) else 1.0
    if not any(library.document_frequency(one) for one in telling):
        score += 0.0 if all(map(library.is_word, telling)) else 1.0
    is_upper = asked.text[inside[0].start].isupper()
    if is_upper and any(folded(name).startswith(written) for name in names):
        score += 0.5
    return score


def _others(asked: Asked, first: int, last: int) -> bool:
    """True where the question has a topic beside some words."""
    return any(not first <= at <= last for at in asked.topic)


def _telling(name: str) -> tuple[str, ...]:
    """The parts of a venue's name that tell it from others, without numbers and acronyms."""
    bare = name.partition("(")[0].strip() or name
    return tuple(
        one for one in _PIECE.findall(bare) if one not in _TELLS_NOTHING and not one.isdigit()
    )


def _acronyms(name: str) -> tuple[str, ...]:
    """The words of a name in capitals, and its initials."""
    words = _PIECE.findall(name)
    inside = [one.lower() for one in words if len(one) > 2 and one.isupper()]
    initials = "".join(one[0] for one in words if one[0].isupper()).lower()
    return (*inside, initials) if len(initials) > 2 else tuple(inside)
