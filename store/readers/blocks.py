"""Paragraphs of a plain text, gathered with flat memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from store.readers.text import Line

BLOCK_LIMIT = 2**20
"""Most characters kept of one paragraph; of the rest only the length is known."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph with its line breaks.

    `line` is the number of its first line, `length` counts all its characters, `problem` says
    why it cannot be used.
    """

    line: int
    text: str
    length: int
    problem: str | None = None


@dataclass(slots=True)
class _Gathered:
    first: int = 0
    lines: list[str] = field(default_factory=list)
    length: int = 0
    problem: str | None = None

    def add(self, line: Line) -> None:
        text = line.text.strip()
        self.first = self.first or line.number
        self.problem = self.problem or line.problem
        joint = 1 if self.length else 0
        if self.length + joint <= BLOCK_LIMIT:
            self.lines.append(text[: BLOCK_LIMIT - self.length - joint])
        self.length += joint + len(text)

    def block(self) -> Block:
        return Block(self.first, "\n".join(self.lines), self.length, self.problem)


def paragraphs(lines: Iterable[Line], alone: re.Pattern[str] | None = None) -> Iterator[Block]:
    """Blocks between blank lines; a line that `alone` matches whole is a block of its own."""
    gathered = _Gathered()
    for line in lines:
        text = line.text.strip()
        is_alone = alone is not None and alone.fullmatch(text) is not None
        if gathered.first and (is_alone or not (text or line.problem)):
            yield gathered.block()
            gathered = _Gathered()
        if is_alone:
            yield Block(line.number, text, len(text))
        elif text or line.problem:
            gathered.add(line)
    if gathered.first:
        yield gathered.block()


def single_lines(lines: Iterable[Line]) -> Iterator[Block]:
    """Every line that is not blank as a block of its own."""
    for line in lines:
        text = line.text.strip()
        if text or line.problem:
            yield Block(line.number, text[:BLOCK_LIMIT], len(text), line.problem)
