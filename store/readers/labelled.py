"""Plain text whose lines say what they hold: "Title: …", "Authors: …", "Abstract: …".

The labels are the names that programs give to the columns of tables, in any language and case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from store.pattern import pattern
from store.readers.blocks import BLOCK_LIMIT
from store.readers.fields import items_of
from store.readers.table.columns import is_prose, known_names, normal_name
from store.readers.text import Line, SourceText
from store.readers.values import citing
from store.types import ReadItem

_LABEL = pattern(
    r"[*_\-\s]*(?P<name>[^\W\d_][\w ()/.'-]{0,39}?)[*_]*\s?[:：]{1,2}[*_]*(?P<value>\s.*|)"
)
_DIVIDER = pattern(r"[-=_*#]{3,}")
_BLOCK_SIGNS = ("|", ">", "|-", ">-")
_LISTS = ("authors", "keywords", "tags", "notes")
_LONG = ("title", "abstract", "authors", "keywords", "notes")
_PLACES = frozenset((citing.NUMBER, *citing.NAMES))
_PART = 200
"""How many lines at the beginning show whether records are labelled."""


def label_of(line: str) -> tuple[str, str] | None:
    """The standard name that the label of a line gives, and what stands behind it; or None."""
    found = _LABEL.match(line)
    if found is None:
        return None
    known = known_names().get(normal_name(found["name"]).replace(" ", ""))
    # A section of an abstract may be called as a field is: "Source: we took …".
    if known is None or (known[0] not in _LONG and is_prose(found["value"])):
        return None
    if known[0] in _PLACES and not citing.is_said(known[0], found["value"].strip()):
        return None
    return known[0], found["value"].strip()


@dataclass(slots=True)
class _Labelled:
    """A record as it grows: its values by name, and the first thing wrong with its lines."""

    line: int
    values: dict[str, list[str]] = field(default_factory=dict)
    name: str = ""
    length: int = 0
    problem: str | None = None

    def begin(self, name: str, value: str) -> None:
        """Begin a value; one that stands already is another entry of a list, or is kept."""
        self.name = name
        texts = self.values.setdefault(name, [])
        if not texts or name in _LISTS:
            texts.append("" if value in _BLOCK_SIGNS else value)
        else:
            self.add(value, "\n")

    def add(self, text: str, joint: str) -> None:
        """Go on with the value that began last; what is longer than any record is left out."""
        self.length += len(joint) + len(text)
        if self.name and self.length <= BLOCK_LIMIT:
            self.values[self.name][-1] += joint + text


class LabelledReader:
    """Reads records whose lines begin with labels; a value goes on until the next label.

    A record ends at a line of hyphens, at another title, and where a label comes again behind a
    blank line.
    """

    name = "labelled"
    reads = "plain text with labels (Title: …)"
    suffixes: tuple[str, ...] = ()

    def sniff(self, head: str, suffix: str) -> bool:
        """True when the first line has a label, and both title and abstract have one."""
        lines = [one.strip() for one in head.splitlines()[:_PART]]
        filled = [one for one in lines if one and not _DIVIDER.fullmatch(one)]
        if not filled or label_of(filled[0]) is None:
            return False
        names = [found[0] for one in filled if (found := label_of(one))]
        titles, abstracts = names.count("title"), names.count("abstract")
        return 0 < titles <= 2 * abstracts + 1 and abstracts > 0

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield the records, in their order."""
        for number, one in enumerate(_records(text.lines(guess=True)), start=1):
            place = text.place(self.name, one.line, number)
            if one.problem:
                yield place.rejection(one.problem)
                continue
            values = {name: _value(name, texts) for name, texts in one.values.items()}
            yield from items_of(place, values)


def _value(name: str, texts: list[str]) -> object:
    if name in _LISTS and len(texts) > 1:
        return [text.strip() for text in texts]
    return texts[0].strip()


def _records(lines: Iterator[Line]) -> Iterator[_Labelled]:
    record: _Labelled | None = None
    is_after_blank = False
    for line in lines:
        text = line.text.strip()
        if line.problem is None and not text:
            is_after_blank = True
            continue
        if _DIVIDER.fullmatch(text):
            if record:
                yield record
            record = None
            continue
        found = label_of(text)
        if record and found and _begins_another(record, found[0], is_after_blank):
            yield record
            record = None
        record = record or _Labelled(line.number)
        record.problem = record.problem or line.problem
        if found:
            record.begin(*found)
        else:
            record.add(text, "\n\n" if is_after_blank else "\n")
        is_after_blank = False
    if record:
        yield record


def _begins_another(record: _Labelled, name: str, is_after_blank: bool) -> bool:
    if name not in record.values:
        return False
    return name == "title" or (is_after_blank and "title" in record.values)
