"""What an entry takes over from those that it names in "crossref" and "xdata".

An entry usually stands before its parent, so children wait; both are kept within a limit, so that
memory stays flat. The table follows BibLaTeX's defaults, but a child takes over neither abstract
nor DOI of the book that it stands in; its ISBN names the book for both.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from store.readers.bibtex.entries import Entry

PARENTS_LIMIT = 8 * 2**20
"""Most characters kept of entries that may be parents; the oldest are forgotten."""
WAITING_LIMIT = 8 * 2**20
"""Most characters of entries that wait for a parent; the oldest go on without."""
_GENERATIONS = 5

CONTAINERS = ("xdata", "set")
"""Types of entries that hold data for others, and are no papers."""
_PARENTS = (
    *("proceedings", "mvproceedings", "book", "mvbook", "collection", "mvcollection"),
    *("reference", "mvreference", "periodical", "xdata"),
)
_SHARED = (
    *("booktitle", "journaltitle", "fjournal", "journal", "maintitle", "eventtitle", "series"),
    *("year", "date", "month", "eventdate", "publisher", "organization", "language", "langid"),
    *("volume", "number", "issue", "issn", "isbn"),
)


@dataclass(slots=True)
class Family:
    """The entries of a source that others may take over from, and those that wait for them."""

    _parents: OrderedDict[str, Entry] = field(default_factory=OrderedDict)
    _waiting: OrderedDict[int, tuple[Entry, int]] = field(default_factory=OrderedDict)
    _parents_size: int = 0
    _waiting_size: int = 0

    def passed(self, entry: Entry, line: int) -> Iterator[tuple[Entry, int]]:
        """Entries with their lines that wait for nothing (more), after this one came."""
        self.keep(entry)
        if _named(entry) and self._missing(entry):
            self._waiting[id(entry)] = (entry, line)
            self._waiting_size += _size(entry)
            while self._waiting_size > WAITING_LIMIT:
                yield self._gone_on(next(iter(self._waiting)))
            return
        yield self._heir(entry), line

    def rest(self) -> Iterator[tuple[Entry, int]]:
        """The entries that waited, with what they take over."""
        while self._waiting:
            yield self._gone_on(next(iter(self._waiting)))

    def _gone_on(self, number: int) -> tuple[Entry, int]:
        entry, line = self._waiting.pop(number)
        self._waiting_size -= _size(entry)
        return self._heir(entry), line

    def keep(self, entry: Entry) -> None:
        """Remember what an entry may hand on."""
        if entry.type not in _PARENTS:
            return
        kept = entry
        if entry.type != "xdata":
            names = ("title", "subtitle", "crossref", "xdata", *_SHARED)
            fields = {name: entry.fields[name] for name in names if name in entry.fields}
            kept = Entry(entry.type, entry.key, fields, entry.at)
        before = self._parents.pop(entry.key.lower(), None)
        self._parents_size += _size(kept) - (_size(before) if before else 0)
        self._parents[entry.key.lower()] = kept
        while self._parents_size > PARENTS_LIMIT and self._parents:
            self._parents_size -= _size(self._parents.popitem(last=False)[1])

    def _missing(self, entry: Entry) -> list[str]:
        return [name for name in _named(entry) if name.lower() not in self._parents]

    def _heir(self, entry: Entry, generation: int = 0) -> Entry:
        if generation == _GENERATIONS:
            return entry
        for name in _named(entry):
            parent = self._parents.get(name.lower())
            if parent is None:
                entry.remarks.append(f"“{name}”, from which it takes over fields, is not there")
                continue
            parent = self._heir(
                Entry(parent.type, parent.key, dict(parent.fields), parent.at), generation + 1
            )
            for field_name, text in _given(parent, entry).items():
                entry.fields.setdefault(field_name, text)
        return entry


def _named(entry: Entry) -> list[str]:
    texts = (entry.fields.get(name, "") for name in ("xdata", "crossref"))
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]


def _given(parent: Entry, child: Entry) -> dict[str, str]:
    """What a parent hands on: all of @xdata, else what describes the book or the volume."""
    if parent.type == "xdata":
        return parent.fields
    given = {name: parent.fields[name] for name in _SHARED if name in parent.fields}
    title = parent.fields.get("title")
    if title:
        given.setdefault("journaltitle" if parent.type == "periodical" else "booktitle", title)
    if any(name in child.fields for name in ("date", "year")):
        for name in ("date", "year", "month", "eventdate"):
            given.pop(name, None)
    return given


def _size(entry: Entry) -> int:
    return 200 + sum(len(name) + len(text) for name, text in entry.fields.items())
