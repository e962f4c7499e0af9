"""The lines of a text that was typed or pasted: words broken at a line's end, items of lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.query.question import Frequency
from assistant.text.words import STOP_WORDS
from store.pattern import pattern

_HYPHEN = pattern(r"(\w+)[-‐](\n[ \t]*|[ \t](?=\S))(\w+)")
_MARKER = (
    r"(?:\(?(?P<number>\d{1,2})[.)]|\(?(?P<letter>[a-hA-H])\)"
    r"|[qQ](?:uestion)? ?(?P<asked>\d{1,2}) ?[:.)])"
)
_ITEM = pattern(rf"^[ \t]*(?:{_MARKER}|[-*•·–])[ \t]+(?=\S)")
_INLINE = pattern(rf"(?:(?<=^)|(?<=\s)){_MARKER}\s+(?=\S)")
_BEFORE_ITEMS = pattern(r"(?:\A|[.:;?!,])\s*\Z")
_OPENING_WORD = pattern(r"[\s\"“(]*([\w'’]+)")


@dataclass(frozen=True)
class Block:
    """Words that belong together, in one line; an item of a list is one by itself."""

    text: str
    is_item: bool = False


def with_whole_words(text: str, frequency: Frequency) -> str:
    """The text with words that are hyphenated at a line's end in one piece.

    Of the word in one and the word with its hyphen that is taken which more papers hold, by
    `frequency`. Where none holds either, small letters go on with the word that is none by itself,
    and others keep the hyphen. What merely has a space behind its hyphen is joined only where
    papers hold it so.
    """

    def whole(found: re.Match[str]) -> str:
        joined, hyphened = f"{found[1]}{found[3]}", f"{found[1]}-{found[3]}"
        held, apart = frequency(joined), frequency(hyphened)
        if held and held >= apart:
            return joined
        if "\n" not in found[2]:
            return found[0]
        first = found[1].lower()
        are_words = first in STOP_WORDS or (frequency(first) and frequency(found[3]))
        goes_on = found[3][0].islower() and not are_words
        return joined if not apart and goes_on else hyphened

    return _HYPHEN.sub(whole, text)


def blocks(text: str, begins: Callable[[str], bool]) -> Iterator[Block]:
    """The text without its line breaks, cut at blank lines and where an item of a list begins.

    A line goes on with the one before it unless it `begins` a question with a capital, or all
    lines do, and no mark says where they end.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    each = "?" not in text and all(map(begins, lines))
    held: list[str] = []
    is_item = False
    for line in text.split("\n"):
        marker = _ITEM.match(line)
        capital = (word := _OPENING_WORD.match(line)) and word[1][0].isupper()
        if held and (not line.strip() or marker or each or (capital and begins(line))):
            yield from _apart(" ".join(held), is_item=is_item)
            held, is_item = [], False
        if marker and not _in_a_row(line):
            is_item, line = True, line[marker.end() :]
        held += line.split()
    if held:
        yield from _apart(" ".join(held), is_item=is_item)


def _apart(text: str, *, is_item: bool) -> Iterator[Block]:
    """A block, or the items that it counts in a row: "1) price of A 2) size of B"."""
    marks = [] if is_item else _in_a_row(text)
    if not marks or not _BEFORE_ITEMS.search(text[: marks[0].start()]):
        yield Block(text, is_item)
        return
    if head := text[: marks[0].start()].strip():
        yield Block(head)
    ends = [*(one.start() for one in marks[1:]), len(text)]
    for mark, end in zip(marks, ends, strict=True):
        yield Block(text[mark.end() : end].strip(" ;,"), is_item=True)


def _in_a_row(text: str) -> list[re.Match[str]]:
    """The marks of items that count from one (a, 1, Q1) upwards; none for a single one."""
    found: list[re.Match[str]] = []
    for mark in _INLINE.finditer(text):
        if _place(mark) == len(found) + 1 and (not found or mark.lastgroup == found[0].lastgroup):
            found.append(mark)
    return found if len(found) > 1 else []


def _place(mark: re.Match[str]) -> int:
    if mark["letter"]:
        return ord(mark["letter"].lower()) - ord("a") + 1
    return int(mark["number"] or mark["asked"])
