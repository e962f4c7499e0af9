"""A reader's search query: "phrases", -excluded words, fields such as title: and plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

from assistant.errors import QuerySyntaxError
from assistant.query.length import check_length
from assistant.query.since import instant
from store.nearest import did_you_mean, nearest
from store.pattern import pattern
from store.types import Filter, Status, Words

EXAMPLE = '"diffusion models" -medical title:survey author:"Le Cun" year:2020..2023 tag:audio'
"""A query that uses every part of the syntax."""

_Field = Literal["title", "author", "year", "tag", "venue", "status", "source", "added"]
_FIELDS: tuple[_Field, ...] = get_args(_Field)
_STATUSES: tuple[Status, ...] = get_args(Status)
_NEAR = 0.75
"""Likeness from which an unknown name before a colon is a field mistyped."""

_QUOTES = str.maketrans(dict.fromkeys("“”„‟＂", '"'))
_TOKEN = pattern(
    r"""(?P<minus>-(?=["]|[^\W\d_]))?       # a minus counts right before a letter or a quote
        (?:(?P<name>[^\W\d_]+):(?!//))?     # a name and a colon; an address has none
        (?:"(?P<quoted>[^"]*)"|(?P<open>"[^"]*)|(?P<word>[^\s"]\S*))?
    """,
    re.VERBOSE,
)
_WORD = pattern(r"\S+")
_OPENERS = "([{"
_MINUS = pattern(r"-[^\W\d_]")
_YEARS = pattern(r"(\d{4})?\s*(\.\.|-|–)?\s*(\d{4})?\Z")


@dataclass(frozen=True)
class Query:
    """A query as it was read.

    `text` is what papers are ranked by: plain words, phrases and words of the title, in order.
    `required` and `excluded` are what a paper must hold and must not; the other fields narrow
    as those of `Filter`. What a query of `without` leaves is left out. `notes` are lines for the
    reader.
    """

    text: str = ""
    required: tuple[Words, ...] = ()
    excluded: tuple[Words, ...] = ()
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    sources: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    added_since: str | None = None
    without: tuple[Query, ...] = ()
    notes: tuple[str, ...] = ()

    def narrowed(self, wanted: Filter) -> Filter:
        """A filter with the fields of this query; raises QuerySyntaxError.

        Years and days of adding must hold on both sides; of several authors, tags, venues,
        statuses or sources, given here or there, any one does.
        """
        first = _both(max, wanted.year_from, self.year_from)
        last = _both(min, wanted.year_to, self.year_to)
        if first is not None and last is not None and first > last:
            raise QuerySyntaxError(
                "the years asked for exclude each other", "give one range, such as year:2020..2023"
            )
        since = (wanted.added_since, self.added_since)
        return wanted.model_copy(
            update={
                "year_from": first,
                "year_to": last,
                "authors": (*wanted.authors, *self.authors),
                "tags": (*wanted.tags, *self.tags),
                "venues": (*wanted.venues, *self.venues),
                "statuses": (*wanted.statuses, *self.statuses),
                "sources": (*wanted.sources, *self.sources),
                "added_since": max(filter(None, since), default=None),
            }
        )


def parse_query(text: str, *, may_only_exclude: bool = False) -> Query:
    """Read a query; raises QuerySyntaxError, which says what to type instead.

    One that only excludes asks for nothing, unless it is for a list of all papers.
    A minus counts at the start of a word only, and before a letter or a quote; a colon after
    the name of a field only, with its value right behind it. All else is plain words.
    """
    check_length(text, "the query")
    reading = _Reading()
    for token in _tokens(text.translate(_QUOTES)):
        reading.take(token)
    query = reading.query(text)
    asks = query.text or not query.narrowed(Filter()).is_empty
    if (query.excluded or query.without) and not asks and not may_only_exclude:
        raise QuerySyntaxError(
            "the query only excludes", "say what to look for too: diffusion -medical"
        )
    return query


def parts(text: str) -> tuple[tuple[str, str], ...]:
    """The parts of a query as they are written, each with the query without it.

    Raises QuerySyntaxError.
    """
    found = [(begin, end) for _, begin, end in _placed(text.translate(_QUOTES))]
    return tuple(
        (text[begin:end], " ".join(f"{text[:begin]} {text[end:]}".split())) for begin, end in found
    )


def year_range(text: str) -> tuple[int | None, int | None]:
    """The first and last year of 2020, 2020..2023, 2020.. or ..2019; raises QuerySyntaxError."""
    found = _YEARS.match(text.strip())
    if found is None or not (found[1] or found[3]):
        raise QuerySyntaxError(
            f"“{text}” is no year or range of years",
            "give years such as 2020, 2020..2023, 2020.. or ..2019",
        )
    first, last = (int(part) if part else None for part in (found[1], found[3]))
    if not found[2]:
        return first, first
    if first is not None and last is not None and first > last:
        raise QuerySyntaxError(f"the years {text} run backwards", f"write {last}..{first}")
    return first, last


@dataclass(frozen=True)
class _Token:
    """One part of a query: its text as written, without quotes where it stood in them."""

    text: str
    name: str = ""
    is_phrase: bool = False
    is_excluded: bool = False

    @property
    def plain(self) -> str:
        """The part as plain words, its name included."""
        return f"{self.name}:{self.text}" if self.name else self.text


def _tokens(text: str) -> Iterator[_Token]:
    return (token for token, _, _ in _placed(text))


def _placed(text: str) -> Iterator[tuple[_Token, int, int]]:
    """The parts of a query, with where each begins and ends in it."""
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return
        begin = at
        while at < len(text) and text[at] in _OPENERS:
            at += 1
        found = _TOKEN.match(text, at)
        quotes = found is not None and (found["quoted"] is not None or found["open"] is not None)
        unknown = found is not None and found["name"] and _field_named(found["name"]) is None
        if found is None or (at > begin and not quotes) or (unknown and quotes):
            # What is no field, and a bracket before anything but a quote, is a plain word.
            end = _WORD.match(text, begin)
            at = end.end() if end else begin + 1
            yield _plain_word(text[begin:at]), begin, at
            continue
        if found["open"] is not None:
            raise _unclosed(found["open"])
        value = found["quoted"] if found["quoted"] is not None else found["word"] or ""
        at = max(found.end(), begin + 1)
        is_quoted, is_excluded = found["quoted"] is not None, found["minus"] is not None
        yield _Token(value, found["name"] or "", is_quoted, is_excluded), begin, at


def _plain_word(word: str) -> _Token:
    name, colon, rest = word.partition(":")
    return _Token(rest, name) if colon and name.isalpha() else _Token(word)


def _field_named(name: str) -> _Field | None:
    """The field a name stands for; "authors:" is "author:", and "is:" is "status:"."""
    low = name.lower()
    return "status" if low == "is" else next((f for f in _FIELDS if low in (f, f"{f}s")), None)


def _unclosed(opened: str) -> QuerySyntaxError:
    words = opened[1:].split()
    if not words:
        return QuerySyntaxError(
            "a quote is opened and nothing follows it", 'write "diffusion models", or no quote'
        )
    start = " ".join(words[:4])
    return QuerySyntaxError(
        f"the quote before “{start}” is not closed", f'write "{start}" with a quote at its end'
    )


@dataclass
class _Reading:
    """What was read of a query so far."""

    text: list[str] = field(default_factory=list)
    required: list[Words] = field(default_factory=list)
    excluded: list[Words] = field(default_factory=list)
    values: dict[_Field, list[str]] = field(default_factory=dict)
    without: list[Query] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_plain: bool = True

    def take(self, token: _Token) -> None:
        """Read the next part."""
        known = _field_named(token.name)
        if token.name and known is None:
            self._unknown(token)
        elif known is None and not token.is_phrase and not token.is_excluded:
            self.text.append(token.text)
        else:
            self.is_plain = False
            self._marked(token, known)

    def _unknown(self, token: _Token) -> None:
        """A name that is no field: plain words; a near one is pointed out."""
        near = nearest(token.name, _FIELDS, most=1, least=_NEAR)
        if near and token.text:
            meant = did_you_mean([f"{near[0]}:"])
            self.notes.append(f"“{token.name}:” is no field and was searched as words; {meant}")
        plain = _Token(token.plain, is_excluded=token.is_excluded)
        if token.is_excluded:
            self.is_plain = False
            self._marked(plain, None)
        else:
            self.text.append(plain.text)

    def _marked(self, token: _Token, known: _Field | None) -> None:
        """A phrase, a field, or what is excluded."""
        if not any(letter.isalnum() for letter in token.text):
            raise _empty(token, known)
        misplaced = known is not None and _MINUS.match(token.text) and not token.is_phrase
        if misplaced:
            raise QuerySyntaxError(
                f"the minus in {known}:{token.text} stands in the wrong place",
                f"put it before the field: -{known}:{token.text[1:]}",
            )
        if known is not None and known != "title":
            if token.is_excluded:
                self.without.append(_Reading(values={known: [token.text.strip()]}).query(""))
            else:
                self.values.setdefault(known, []).append(token.text.strip())
            return
        words = Words(text=token.text.strip(), in_title=known == "title")
        if token.is_excluded:
            self.excluded.append(words)
        else:
            self.required.append(words)
            self.text.append(words.text)

    def query(self, original: str) -> Query:
        """The whole query; raises QuerySyntaxError for values that make no sense."""
        first, last = None, None
        for years in self.values.get("year", []):
            begin, end = year_range(years)
            first, last = _both(max, first, begin), _both(min, last, end)
        query = Query(
            # A query without any syntax is searched as it was written.
            text=original.strip() if self.is_plain else " ".join(self.text),
            required=tuple(self.required),
            excluded=tuple(self.excluded),
            authors=tuple(self.values.get("author", ())),
            tags=tuple(self.values.get("tag", ())),
            venues=tuple(self.values.get("venue", ())),
            statuses=tuple(_status(one) for one in self.values.get("status", ())),
            sources=tuple(self.values.get("source", ())),
            year_from=first,
            year_to=last,
            added_since=max(map(instant, self.values.get("added", ())), default=None),
            without=tuple(self.without),
            notes=tuple(dict.fromkeys(self.notes)),
        )
        query.narrowed(Filter())
        return query


def _empty(token: _Token, known: _Field | None) -> QuerySyntaxError:
    if known is None:
        return QuerySyntaxError(
            "no word stands between the quotes", 'write "diffusion models", or no quotes'
        )
    value = {"year": "2020..2023", "status": "read", "added": "7d"}.get(known, "word")
    quoted = "" if value != "word" else f' or {known}:"several words"'
    return QuerySyntaxError(
        f"nothing stands behind {token.name}:", f"write {known}:{value}{quoted}, without a space"
    )


def _status(text: str) -> Status:
    for one in _STATUSES:
        if text.lower() == one:
            return one
    raise QuerySyntaxError(f"“{text}” is no status", f"there are: {', '.join(_STATUSES)}")


def _both(choose: Callable[[list[int]], int], one: int | None, other: int | None) -> int | None:
    """The stricter of two bounds, either of which may be missing."""
    known = [bound for bound in (one, other) if bound is not None]
    return choose(known) if known else None
