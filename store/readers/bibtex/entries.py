"""One entry of BibTeX: its type, its key, and the text of its fields.

After https://www.ctan.org/pkg/btxdoc and the manual of BibLaTeX; beyond them a comma may lack
between fields, and braces that do not balance are overcome where the lines show the fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from store.clean import clean_line, shorten
from store.pattern import pattern
from store.readers.bibtex.macros import Macros
from store.readers.bibtex.scanner import Fields, Scanner, Unreadable, is_bare, shown

KEY_LIMIT = 500
"""Longest key of an entry, in characters."""
REFUSED_LIMIT = 100
"""After so many broken entries between two lines that begin one, the rest there is passed."""

NOT_BALANCED = "its braces do not balance; its fields were read by their lines"

_START = pattern(r"@\s*([A-Za-z]+)\s*([{(])")
_LATER_START = pattern(
    r"@\s*(?:string|preamble|comment|[a-z]+(?=\s*[{(][^\s,{}=]*\s*,))\s*[{(]", re.IGNORECASE
)
_LOST = pattern(r"(?m)^[ \t]*(?=(@[^\n]{0,60}))[^\n]{0,300}(?:\n[^@\n=]{0,200}){0,3}=[ \t]*[{\"]")
_KEY = pattern(r"\s*([^,{}\n]{0,500}?)\s*(?:,|(?=[})]\s*(?:\n|\Z)))")
_KEYLESS = pattern(r"\s*[A-Za-z][\w:.+-]*\s*=")
_LAYOUT = pattern(r"(?m)^[ \t]*([A-Za-z][\w:.+-]*)[ \t]*=[ \t]*")
_LEFT_OVER = pattern(
    r"\s*(?:[},)]\s*)*[A-Za-z][\w:.+-]*\s*=\s*[{\"]|\s*[^\s@%][^\n]{0,2000}[}\"],\s*\n"
)
# What the author of an entry may say several times; of all else the first counts.
_JOINED = {
    **dict.fromkeys(("keywords", "keyword"), ", "),
    **dict.fromkeys(("author", "editor"), " and "),
    **dict.fromkeys(("annotation", "annote", "comment"), "\n\n"),
}


# Where it matters to the reader which of two values was taken, or that one is not known.
_TOLD = ("title", "abstract", "year", "date", "journal", "journaltitle", "booktitle", "doi")


@dataclass(slots=True)
class Entry:
    """An entry with its fields, their names in lower case, their texts without delimiters.

    `remarks` is what the reader should be told of it; `at` is where it begins in its segment.
    """

    type: str
    key: str
    fields: dict[str, str]
    at: int
    remarks: list[str] = field(default_factory=list)


class BrokenEntry(Exception):
    """An entry that cannot be read, named by its key; `at` is where it begins."""

    def __init__(self, name: str, reason: str, at: int) -> None:
        super().__init__(f"{name}: {reason}")
        self.at = at


def entries_of(text: str, macros: Macros) -> Iterator[Entry | BrokenEntry]:
    """The entries in a segment in their order; @string goes to the macros, the rest is passed."""
    found = _first_start(text)
    refused = end = 0
    while found:
        yield from _lost(text, end, found.start())
        kind = found[1].lower()
        reading = _Reading(text, found, macros)
        try:
            if kind in ("string", "preamble", "comment"):
                end = reading.string() if kind == "string" else reading.end_of_block()
            else:
                entry, end = reading.entry(kind)
                yield entry
        except BrokenEntry as broken:
            if kind != "comment":
                yield broken
            refused += 1
            if refused == REFUSED_LIMIT:
                return
            end = found.end()
        found = _next_start(text, end)
    yield from _lost(text, end, len(text))


def _lost(text: str, at: int, end: int) -> Iterator[BrokenEntry]:
    """What begins a line as an entry does and has fields, but is none."""
    for found in _LOST.finditer(text, at, end):
        name = f"what begins with “{shown(found[1])}”"
        yield BrokenEntry(name, "no entry: “@type{key,” is missing", found.start(1))


def _first_start(text: str) -> re.Match[str] | None:
    start = len(text) - len(text.lstrip())
    return _START.match(text, start) or _next_start(text, 0)


def _next_start(text: str, at: int) -> re.Match[str] | None:
    """The next entry that begins neither in a line of remarks nor amid an address."""
    for found in _LATER_START.finditer(text, at):
        before = text[max(text.rfind("\n", 0, found.start()) + 1, at) : found.start()]
        if "%" not in before and not before[-1:].isalnum():
            return _START.match(text, found.start())
    return None


class _Reading:
    """Reads one entry from where it begins."""

    def __init__(self, text: str, start: re.Match[str], macros: Macros) -> None:
        self._text = text
        self._at = start.start()
        self._body = start.end()
        self._close = "}" if start[2] == "{" else ")"
        self._macros = macros
        self._key = ""

    def end_of_block(self) -> int:
        """Where a comment or preamble ends."""
        try:
            if self._close == "}":
                return Scanner(self._text, "}", self._macros).closing(self._body) + 1
        except Unreadable as failure:
            raise self._broken(str(failure)) from failure
        end = self._text.find(")", self._body)
        if end < 0:
            raise self._broken("not closed")
        return end + 1

    def string(self) -> int:
        """Keep what a @string defines; where it ends."""
        try:
            found = Scanner(self._text, self._close, self._macros).fields(self._body)
        except Unreadable as failure:
            raise BrokenEntry("a @string", str(failure), self._at) from failure
        for name, value in found.pairs:
            self._macros.define(name, value)
        return found.end

    def entry(self, kind: str) -> tuple[Entry, int]:
        """The entry, and where it ends in the text."""
        body = self._read_key()
        remarks: list[str] = []
        try:
            found = self._fields(body, escapes=True)
        except Unreadable as failure:
            try:
                found = self._fields(body, escapes=False)
            except Unreadable:
                pairs = self._by_lines(body)
                if pairs is None:
                    raise self._broken(str(failure)) from failure
                found = Fields(pairs, {}, len(self._text))
                remarks.append(NOT_BALANCED)
        entry = Entry(kind, self._key, {}, self._at, remarks)
        for name, value in found.pairs:
            # The name of a macro says nothing of a paper; as that of a journal it says much.
            if name not in found.undefined or name not in ("title", "abstract"):
                _keep(entry, name, value)
        entry.remarks += [
            f"“{word}” is defined by no @string"
            for name, word in found.undefined.items()
            if name in _TOLD and self._macros.is_missed_first(word)
        ]
        return entry, found.end

    def _fields(self, body: int, *, escapes: bool) -> Fields:
        """The fields of an entry after which no more of them follow. Raises Unreadable."""
        scanner = Scanner(self._text, self._close, self._macros, escapes=escapes)
        found = scanner.fields(body)
        if _LEFT_OVER.match(self._text, found.end):
            raise Unreadable("its braces do not balance")
        return found

    def _read_key(self) -> int:
        if _KEYLESS.match(self._text, self._body):
            return self._body
        found = _KEY.match(self._text, self._body)
        if found is None:
            rest = self._text[self._body :].partition("\n")[0]
            raise self._broken(f"a key and a comma are missing at “{shown(rest)}”")
        self._key = shorten(clean_line(found[1]), KEY_LIMIT)
        return found.end()

    def _broken(self, reason: str) -> BrokenEntry:
        name = f"entry “{self._key}”" if self._key else "an entry without a key"
        return BrokenEntry(name, reason, self._at)

    def _by_lines(self, body: int) -> list[tuple[str, str]] | None:
        """The fields of an entry that has each at the beginning of a line, or None."""
        starts = list(_LAYOUT.finditer(self._text, body))
        if not starts or self._text[body : starts[0].start()].strip(" \t\n,"):
            return None
        pairs = []
        for number, start in enumerate(starts):
            is_last = number + 1 == len(starts)
            end = len(self._text) if is_last else starts[number + 1].start()
            value = _undelimited(self._text[start.end() : end], is_last=is_last)
            if value is None:
                return None
            pairs.append((start[1].lower(), value))
        return pairs


def _undelimited(text: str, *, is_last: bool) -> str | None:
    """The text of a field that fills its lines, without delimiters; None where it has none."""
    text = text.rstrip()
    if is_last:
        if not text.endswith(("}", ")")):
            return None
        text = text[:-1].rstrip()
    text = text.removesuffix(",").rstrip()
    if len(text) > 1 and (text[0], text[-1]) in (("{", "}"), ('"', '"')):
        return text[1:-1]
    return text if is_bare(text) else None


def _keep(entry: Entry, name: str, value: str) -> None:
    kept = entry.fields.get(name)
    if kept is None or not kept.strip():
        entry.fields[name] = value
    elif not value.strip() or value == kept:
        return
    elif name in _JOINED:
        entry.fields[name] = kept + _JOINED[name] + value
    elif name in _TOLD:
        entry.remarks.append(f"field “{shown(name)}” stands twice; the first is taken")
