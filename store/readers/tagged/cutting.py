"""Cutting tagged lines into records and their fields, with flat memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from store.readers.lines import RECORD_LIMIT, RECORD_TOO_LONG
from store.readers.tagged.dialect import Dialect, Form
from store.readers.text import Line

_LINE = 8
"""What a line counts beside its text."""

HEADLINE = "headline"
"""The tag of lines that stand between a marker and the first tag."""

NARROWEST, WIDEST = 66, 140
"""How wide, in characters, programs that break lines make them: a line is broken where its next
word does not fit."""


@dataclass(slots=True)
class TaggedRecord:
    """One record: its tags in their order, each with the lines of its value.

    The first line of a value stands as it follows the tag, an empty line stands for one or more
    blank lines. `line` counts from 1; `problem` says why the record cannot be used.
    """

    line: int
    fields: list[tuple[str, list[str]]] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    length: int = 0
    problem: str | None = None

    def add(self, tag: str, value: str) -> None:
        """Begin a field."""
        self.tags.add(tag)
        self._grow(value)
        if not self.problem:
            self.fields.append((tag, [value]))

    def go_on(self, text: str, *, after_blank: bool) -> None:
        """Go on with the last field."""
        self._grow(text)
        if self.fields:
            if after_blank:
                self.fields[-1][1].append("")
            self.fields[-1][1].append(text)

    def is_broken_before(self, text: str) -> bool:
        """True where a line may be the rest of the one before it, which was full."""
        if not self.fields:
            return False
        width = len(self.fields[-1][1][-1])
        return is_full(width, text) and width <= WIDEST

    def _grow(self, text: str) -> None:
        self.length += len(text) + _LINE
        if self.length > RECORD_LIMIT:
            self.problem = self.problem or RECORD_TOO_LONG
            self.fields.clear()


@dataclass(frozen=True, slots=True)
class Stray:
    """Lines between two records that belong to none: the first of them."""

    line: int
    text: str


def is_full(width: int, text: str) -> bool:
    """True for a line of this width where the first word of the next one did not fit."""
    return width + 1 + len(text.split(maxsplit=1)[0]) > NARROWEST


def cut(lines: Iterable[Line], dialect: Dialect, form: Form) -> Iterator[TaggedRecord | Stray]:
    """The records of a text, and lines between them that are part of none."""
    return _Cutter(dialect, form).cut(lines)


class _Cutter:
    def __init__(self, dialect: Dialect, form: Form) -> None:
        self._dialect = dialect
        self._match = form.field.match
        self._loose = form.loose
        self._record: TaggedRecord | None = None
        self._blank = False
        self._any = False
        self._had = False
        self._strayed = False

    def cut(self, lines: Iterable[Line]) -> Iterator[TaggedRecord | Stray]:
        match = self._match
        for line in lines:
            text = line.text
            if line.problem:
                self._open(line.number).problem = line.problem
            elif not text or text.isspace():
                self._blank = True
            else:
                found = match(text) or self._loosely(text)
                done = self._field(line.number, found) if found else self._other(line)
                self._blank = False
                if done:
                    yield done
        if last := self._close():
            yield last

    def _loosely(self, text: str) -> re.Match[str] | None:
        if self._loose is None or (self._record and self._record.is_broken_before(text)):
            return None
        return self._loose.match(text)

    def _field(self, number: int, found: re.Match[str]) -> TaggedRecord | None:
        tag = found[1].upper()
        if tag in self._dialect.ends:
            return self._close()
        done = None
        if self._record is not None and self._begins(tag, self._record):
            done = self._close()
        self._open(number).add(tag, (found[2] or "").strip())
        return done

    def _other(self, line: Line) -> TaggedRecord | Stray | None:
        text = line.text
        dialect = self._dialect
        if dialect.marker and dialect.marker.match(text):
            done = self._close()
            if dialect.headline:
                self._open(line.number).add(HEADLINE, "")
            return done
        if self._is_furniture(text):
            return None
        if self._record is not None:
            self._record.go_on(text.rstrip(), after_blank=self._blank)
        elif self._any and not self._strayed:
            self._strayed = True
            return Stray(line.number, text.strip())
        return None

    def _is_furniture(self, text: str) -> bool:
        is_between = self._blank or self._record is None
        furniture = self._dialect.furniture
        return is_between and furniture is not None and furniture.match(text) is not None

    def _begins(self, tag: str, record: TaggedRecord) -> bool:
        dialect = self._dialect
        if tag in dialect.starts:
            return not record.tags <= dialect.starts or (bool(record.problem) and not record.tags)
        is_started = not record.tags.isdisjoint(dialect.starts)
        if tag in dialect.once and tag in record.tags:
            return self._blank or not is_started
        if is_started or not self._blank:
            return False
        return dialect.loose or (bool(dialect.starts) and self._is_complete(record))

    def _is_complete(self, record: TaggedRecord) -> bool:
        """True for a record that has a title and an abstract."""
        wanted = self._dialect.fields, self._dialect.instead
        return all(
            any(not record.tags.isdisjoint(tags.get(name, ())) for tags in wanted)
            for name in ("title", "abstract")
        )

    def _open(self, number: int) -> TaggedRecord:
        if self._record is None:
            self._record = TaggedRecord(number)
            self._any, self._strayed = True, False
        return self._record

    def _close(self) -> TaggedRecord | None:
        record, self._record = self._record, None
        if record is None or not (record.problem or any(any(value) for _, value in record.fields)):
            return None
        if not record.problem and self._is_appendix(record):
            return None
        self._had = True
        return record

    def _is_appendix(self, record: TaggedRecord) -> bool:
        """True for fields without a meaning that a service puts behind the end of a record."""
        starts = self._dialect.starts
        return self._had and record.tags.isdisjoint(starts | self._dialect.names.keys())
