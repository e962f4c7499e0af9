"""Plain text: blocks that alternate title and abstract, or records between lines of ---."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from store.pattern import pattern
from store.readers.blocks import BLOCK_LIMIT, Block, paragraphs
from store.readers.kinds import FOREIGN_SUFFIXES
from store.readers.layouts import unglued, unnumbered
from store.readers.likeness import (
    LOOKED_AT,
    in_turn,
    looks_like_abstract,
    looks_like_title,
    refuse_others,
    refuse_unless,
)
from store.readers.pairing import SHORT, read_pairs, record_of
from store.readers.records import Place, cut_notice
from store.readers.text import SourceText
from store.types import Notice, ReadItem, Record

_DIVIDER = pattern(r"-{3,}")
_DIVIDER_LINE = pattern(r"(?:\A|[\r\n])[ \t]*-{3,}[ \t]*(?=[\r\n]|\Z)")


class PlainTextReader:
    """Reads titles and abstracts from plain text.

    Blocks between blank lines alternate title and abstract, or hold both, the title in the first
    line; numbers that count the titles are no part of them. Where lines of three or more
    hyphens stand alone, they divide the records: the first block or line of each is the title,
    the rest its abstract, with its paragraphs. A text of another shape is refused as a whole,
    unless this reader is asked for by name.
    """

    name = "text"
    reads = "plain text (.txt)"
    suffixes = (".txt", ".text")

    def sniff(self, head: str, suffix: str) -> bool:
        """True for every text that is not named as something else."""
        return suffix not in FOREIGN_SUFFIXES

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield what the text holds, in its order."""
        lines = text.lines(guess=True)
        is_asked = text.options.format == self.name
        if _DIVIDER_LINE.search(text.head):
            records = _records(paragraphs(lines, alone=_DIVIDER))
            items = _divided(records if is_asked else _likely(records), text, self.name)
        else:
            whole = unnumbered(unglued(paragraphs(lines)))
            items = read_pairs(whole if is_asked else in_turn(whole), text, self.name, strict=False)
        for item in items:
            # People end a text as they like; that it was cut is clear without a line end alone.
            if not isinstance(item, Notice) or text.is_open_ended:
                yield item


def _likely(records: Iterator[list[Block]]) -> Iterator[list[Block]]:
    """The same records, where they are titles with abstracts; raises UnusableSource."""
    first = list(islice(records, LOOKED_AT))
    pairs = [_title_and_rest(parts) for parts in first]
    good = sum(looks_like_title(one) and looks_like_abstract(rest) for one, rest in pairs)
    refuse_unless(good, len(first), "parts", [one for parts in first for one in parts])
    refuse_others(pairs)
    return chain(first, records)


def _divided(records: Iterable[list[Block]], text: SourceText, reader: str) -> Iterator[ReadItem]:
    last: tuple[Place, Record] | None = None
    for number, parts in enumerate(records, start=1):
        title, abstract = _title_and_rest(parts)
        place = text.place(reader, title.line, number)
        item = record_of(place, title, abstract)
        last = (place, item) if isinstance(item, Record) else None
        yield item
    if last:
        notice = cut_notice(last[0], last[1].abstract)
        if notice:
            yield notice


def _records(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """The blocks between dividers; beyond BLOCK_LIMIT characters a record keeps only its length."""
    parts: list[Block] = []
    length = 0
    for block in blocks:
        if _DIVIDER.fullmatch(block.text):
            if parts:
                yield parts
            parts, length = [], 0
        elif length <= BLOCK_LIMIT:
            parts.append(block)
            length += block.length
        else:
            rest = parts[-1]
            parts[-1] = Block(rest.line, rest.text, rest.length + 2 + block.length, rest.problem)
    if parts:
        yield parts


def _title_and_rest(parts: list[Block]) -> tuple[Block, Block]:
    first, rest = parts[0], parts[1:]
    head, _, body = first.text.partition("\n")
    # A title may be wrapped; an abstract may follow it without a blank line.
    is_whole_title = not body or (rest and first.length <= SHORT and not first.text.endswith("."))
    if is_whole_title:
        title = first
    else:
        title = Block(first.line, head, len(head), first.problem)
        rest.insert(0, Block(first.line + 1, body, first.length - len(head) - 1))
    problem = next((one.problem for one in rest if one.problem), None)
    length = sum(one.length for one in rest) + 2 * max(len(rest) - 1, 0)
    return title, Block(first.line, "\n\n".join(one.text for one in rest), length, problem)
