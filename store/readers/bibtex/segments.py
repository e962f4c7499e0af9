"""Cutting a stream of lines into stretches that begin where an entry does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from store.pattern import pattern
from store.readers.text import Line

SEGMENT_LIMIT = 2 * 2**20
"""Most characters of several lines kept of one entry with what follows it."""
COMMENT_LIMIT = 2**18
"""Most characters looked through for the end of a comment that holds entries."""

_START = pattern(r"\s*@\s*[A-Za-z]+\s*(?:[{(]|\Z)")
_COMMENT = pattern(r"\s*@\s*comment\s*[{(]", re.IGNORECASE)


class Segment(NamedTuple):
    """The lines from the beginning of an entry up to the next line that begins one.

    `problem` says why it cannot be used.
    """

    line: int
    text: str
    problem: str | None = None


def segments(lines: Iterable[Line]) -> Iterator[Segment]:
    """Cut before each line that begins an entry: what is not closed spoils no other.

    A comment may hold entries in lines of their own; once one was not closed, none is
    believed to.
    """
    believed = True
    held: list[Segment] = []
    depth = length = 0
    for segment in _cut(lines):
        if held:
            held.append(segment)
            depth += _depth(segment.text)
            length += len(segment.text)
            if depth <= 0:
                yield Segment(held[0].line, "\n".join(one.text for one in held), held[0].problem)
                held = []
            elif length > COMMENT_LIMIT:
                believed = False
                yield from held
                held = []
        elif believed and _COMMENT.match(segment.text) and _depth(segment.text) > 0:
            held = [segment]
            depth, length = _depth(segment.text), len(segment.text)
        else:
            yield segment
    yield from held


def _depth(text: str) -> int:
    return text.count("{") - text.count("}")


def _cut(lines: Iterable[Line]) -> Iterator[Segment]:
    first = length = 0
    texts: list[str] = []
    problem: str | None = None
    for line in lines:
        text = line.text
        if texts and "@" in text and _START.match(text):
            yield Segment(first, "\n".join(texts), problem)
            texts, length, problem = [], 0, None
        if not texts:
            first = line.number
        length += len(text) + 1
        if texts and length > SEGMENT_LIMIT:
            problem = problem or f"an entry of more than {SEGMENT_LIMIT // 2**20} MiB"
        elif line.problem:
            problem = problem or line.problem
            texts.append("")
        else:
            texts.append(text)
    if texts:
        yield Segment(first, "\n".join(texts), problem)
