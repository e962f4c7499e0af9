"""The text of an answer as blocks: headings, paragraphs, lists, tables, with its citations.

Models write Markdown though they are asked for plain text. What shows its structure is taken
(headings, bold, lists, tables); all else is text, and what a writer makes of it is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assistant.checking.verdicts import sign_place
from assistant.replies.plain_text import MarkdownMarks
from assistant.types.answers import Answer
from store.clean import clean_text
from store.pattern import pattern


@dataclass(frozen=True)
class Words:
    """Text on one line, in one weight."""

    text: str
    bold: bool = False


@dataclass(frozen=True)
class Cite:
    """Citations that stand together: places among the citations of a claim, from 0."""

    claim: int
    citations: tuple[int, ...]


@dataclass(frozen=True)
class Signed:
    """Where the sign of a claim stands: its place among all, from 0."""

    claim: int


Inline = Words | Cite | Signed
Line = tuple[Inline, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; `level` counts from 1 within the answer, and none is left out."""

    level: int
    line: Line


@dataclass(frozen=True)
class Paragraph:
    """Lines that belong together."""

    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Item:
    """An entry of a list; `number` is that of an ordered one, `depth` counts from 0."""

    depth: int
    number: int | None
    line: Line


@dataclass(frozen=True)
class ItemList:
    """Entries that follow each other; none is deeper by two than the one before it."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Table:
    """A table; each row has as many cells as the first, which is its head."""

    rows: tuple[tuple[Line, ...], ...]


Block = Heading | Paragraph | ItemList | Table

_MARK = pattern(r"\[(\d{1,4})\]")
_STOP = pattern(r"[.!?…,;:]+[\"”’)]*(?=\s|\Z)")
_HEADING = pattern(r" {0,3}(#{1,6})[ \t]+(?=\S)")
_ITEM = pattern(r"([ \t]*)(?:[-*+•]|(\d{1,9})[.)])[ \t]+(?=\S)")
_RULE = pattern(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_CELL_END = pattern(r"(?<!\\)\|")
_MOST_CELLS = 40
# Cleaning leaves neither of these in a text: between them stands the number of a token.
_TOKEN = pattern("\x02(\\d+)\x03")


def passages(answer: Answer) -> list[Block]:
    """The blocks of an answer's text, in its order."""
    tokens = sorted(_tokens(answer), key=lambda one: one[:2])
    pieces: list[str] = []
    at = 0
    for number, (start, end, _) in enumerate(tokens):
        pieces += [clean_text(answer.text[at:start]), f"\x02{number}\x03"]
        at = max(at, end)
    text = "".join((*pieces, clean_text(answer.text[at:])))
    return list(_Reader(text, tuple(token for _, _, token in tokens)).blocks())


def _tokens(answer: Answer) -> Iterator[tuple[int, int, Inline]]:
    """Citations and signs with where they stand in the text; a sign takes no room."""
    for index, claim in enumerate(answer.claims):
        places = {one.number: at for at, one in enumerate(claim.citations)}
        text = answer.text[claim.start : claim.end]
        start = end = -1
        group: list[int] = []
        for mark in _MARK.finditer(text):
            place = places.get(int(mark[1]))
            if place is None:
                continue
            if group and text[end : mark.start()].strip(" ,;"):
                yield claim.start + start, claim.start + end, Cite(index, tuple(group))
                group = []
            if not group:
                start = mark.start()
            group.append(place)
            end = mark.end()
        if group:
            yield claim.start + start, claim.start + end, Cite(index, tuple(group))
        if text.strip():
            place = max(sign_place(text), end)
            stop = _STOP.match(text, place)
            at = claim.start + (stop.end() if stop else place)
            yield at, at, Signed(index)


class _Reader:
    def __init__(self, text: str, tokens: tuple[Inline, ...]) -> None:
        self._lines = text.split("\n")
        self._tokens = tokens
        self._levels: list[int] = []

    def blocks(self) -> Iterator[Block]:
        at = 0
        while at < len(self._lines):
            line = self._lines[at]
            if not line.strip():
                at += 1
            elif found := _HEADING.match(line):
                yield Heading(self._level(len(found[1])), tuple(map(_light, self._inlines(line))))
                at += 1
            elif rows := self._rows(at):
                yield Table(tuple(rows))
                at += len(rows) + 1
            elif _ITEM.match(line):
                end = self._run(at, items=True)
                yield from _lists(self._items(at, end))
                at = end
            else:
                end = self._run(at, items=False)
                lines = (self._inlines(one.strip()) for one in self._lines[at:end])
                yield Paragraph(tuple(lines))
                at = end

    def _level(self, marks: int) -> int:
        """How deep a heading with so many marks is below those before it."""
        self._levels = [*(one for one in self._levels if one < marks), marks]
        return len(self._levels)

    def _run(self, at: int, *, items: bool) -> int:
        """The end of lines that belong together; a list goes on over blank lines."""
        end = at + 1
        while end < len(self._lines):
            line = self._lines[end]
            if items and not line.strip() and _ITEM.match("".join(self._lines[end + 1 : end + 2])):
                end += 1
                continue
            if not line.strip() or _HEADING.match(line) or self._rows(end):
                break
            if not items and _ITEM.match(line):
                break
            end += 1
        return end

    def _items(self, start: int, end: int) -> Iterator[Item]:
        indents: list[int] = []
        held: list[tuple[int, int | None, str]] = []
        for line in self._lines[start:end]:
            found = _ITEM.match(line)
            if found is None:
                if line.strip():
                    depth, number, text = held.pop()
                    held.append((depth, number, f"{text} {line.strip()}"))
                continue
            indent = len(found[1].expandtabs(4))
            indents = [*(one for one in indents if one < indent), indent]
            number = int(found[2]) if found[2] else None
            held.append((len(indents) - 1, number, line[found.end() :].strip()))
        for depth, number, text in held:
            yield Item(depth, number, self._inlines(text))

    def _rows(self, at: int) -> list[tuple[Line, ...]]:
        """The rows of a table that begins here; none where none does."""
        head = _cells(self._lines[at])
        below = self._lines[at + 1] if at + 1 < len(self._lines) else ""
        is_table = 1 < len(head) <= _MOST_CELLS and len(_cells(below)) == len(head)
        if not is_table or not _RULE.fullmatch(below.strip()):
            return []
        rows = [head]
        for line in self._lines[at + 2 :]:
            if not line.strip() or "|" not in line:
                break
            cells = _cells(line)
            rest = " ".join(cells[len(head) - 1 :])
            padded = [*cells, *[""] * len(head)][: len(head)]
            rows.append([*padded[:-1], rest] if len(cells) > len(head) else padded)
        return [tuple(map(self._inlines, row)) for row in rows]

    def _inlines(self, line: str) -> Line:
        marks = MarkdownMarks()
        found: list[Inline] = []
        for run in (*marks.feed(line), *marks.finish()):
            at = 0
            for token in _TOKEN.finditer(run.text):
                found.append(Words(run.text[at : token.start()], run.bold))
                found.append(self._tokens[int(token[1])])
                at = token.end()
            found.append(Words(run.text[at:], run.bold))
        return tuple(one for one in found if not isinstance(one, Words) or one.text)


def _light(one: Inline) -> Inline:
    return Words(one.text) if isinstance(one, Words) else one


def _lists(items: Iterable[Item]) -> Iterator[ItemList]:
    """The entries as lists, of which each is ordered or not."""
    found: list[Item] = []
    for item in items:
        if found and not item.depth and (found[0].number is None) != (item.number is None):
            yield ItemList(tuple(found))
            found = []
        found.append(item)
    yield ItemList(tuple(found))


def _cells(line: str) -> list[str]:
    inner = line.strip()
    if "|" not in inner:
        return []
    inner = inner.removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [re.sub(r"\\\|", "|", one).strip() for one in _CELL_END.split(inner)]
