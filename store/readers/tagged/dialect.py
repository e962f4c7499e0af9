"""What a dialect of tagged text is: how its lines look, where records end, what tags mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from store.tables import read_table


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a dialect: `sign` finds it in a text, `field` takes a line apart.

    Group 1 of `field` is the tag, group 2 the value; `loose` finds fields that may be words of a
    text too, where they follow a line that was full.
    """

    sign: re.Pattern[str]
    field: re.Pattern[str]
    loose: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Dialect:
    """The table of one dialect.

    `starts` are tags that begin a record, `ends` tags that end one, `once` tags that no record
    has twice. `marker` matches lines between records, after which a record may begin with a
    `headline` that has no tag; `furniture` matches lines that are no part of a value where a
    blank line is above. A blank line ends a record that lacks its start tag and has title and
    abstract, with `loose` always. Lines that follow a field are further values of it in
    `items`; in `lines` where they are not indented.

    `fields` has for each name the tags that may hold it, the best first; `instead` those that are
    asked where these hold nothing; `names` has for each tag the names that it may hold. `pairs`
    are the tags of the long and the short form of names, which stand `in_turn` in some dialects;
    `joined` says that all names stand in one field. `types` gives words that are understood for
    those of the dialect, `title_mark` finds what a service adds to a title, `articles` are types
    of what stands in a journal, `machines` are how notes begin that a service wrote, and
    `boilerplate` how a further abstract begins that is none.
    """

    forms: tuple[Form, ...]
    starts: frozenset[str]
    ends: frozenset[str]
    once: frozenset[str]
    marker: re.Pattern[str] | None
    furniture: re.Pattern[str] | None
    headline: bool
    loose: bool
    items: frozenset[str]
    lines: frozenset[str]
    fields: dict[str, tuple[str, ...]]
    instead: dict[str, tuple[str, ...]]
    names: dict[str, tuple[str, ...]]
    pairs: tuple[tuple[str, ...], ...]
    in_turn: bool
    joined: bool
    types: dict[str, str]
    articles: frozenset[str]
    machines: tuple[str, ...]
    boilerplate: tuple[str, ...]
    title_mark: re.Pattern[str] | None

    def form(self, head: str) -> Form:
        """The form in which a text that begins so is written; the first one when none is seen."""
        return next((form for form in self.forms if form.sign.search(head)), self.forms[0])


@cache
def dialect(name: str) -> Dialect:
    """The dialect whose table has this name; it is read once."""
    table = read_table(__file__, f"{name}.toml")
    records = table.get("records", {})
    names = table.get("names", {})
    known = "|".join(map(re.escape, sorted(_split(records.get("tags", "")), key=len)[::-1]))
    return Dialect(
        forms=tuple(
            Form(
                re.compile(one["sign"], re.MULTILINE),
                re.compile(one["field"].replace("KNOWN", known)),
                _compiled(one.get("loose", "").replace("KNOWN", known)),
            )
            for one in table["forms"]
        ),
        marker=_compiled(records.get("marker")),
        furniture=_compiled(records.get("furniture")),
        title_mark=_compiled(records.get("title_mark")),
        headline=records.get("headline", False),
        loose=records.get("loose", False),
        fields=_named(table, "fields"),
        instead=_named(table, "instead"),
        names=_names(_named(table, "fields"), _named(table, "instead")),
        pairs=tuple(tuple(_split(one)) for one in names.get("pairs", ())),
        in_turn=names.get("in_turn", False),
        joined=names.get("joined", False),
        types=table.get("types", {}),
        articles=_words(records.get("articles")),
        machines=tuple(table.get("notes", {}).get("machines", ())),
        boilerplate=tuple(table.get("notes", {}).get("boilerplate", ())),
        **{key: _words(records.get(key)) for key in ("starts", "ends", "once", "items", "lines")},
    )


def _compiled(text: str | None) -> re.Pattern[str] | None:
    return re.compile(text) if text else None


def _words(value: Any) -> frozenset[str]:
    return frozenset(_split(value or ""))


def _named(table: dict[str, Any], part: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(_split(tags)) for name, tags in table.get(part, {}).items()}


def _names(*parts: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    names: dict[str, dict[str, None]] = {}
    for part in parts:
        for name, tags in part.items():
            for tag in tags:
                names.setdefault(tag, {})[name] = None
    return {tag: tuple(found) for tag, found in names.items()}


def _split(value: str | list[str]) -> list[str]:
    """Tags of two letters are written as one text, names of several words as a list."""
    return value.split() if isinstance(value, str) else value
