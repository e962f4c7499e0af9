"""Telling titles from abstracts where they only alternate, also where the order slips.

A paragraph that is missing or too many must not shift every pair after it: the shape of a
paragraph (its length, and whether it holds sentences) puts the alternation right again, and
the odd one is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from store.pattern import pattern
from store.readers.blocks import BLOCK_LIMIT, Block
from store.readers.records import (
    ABSTRACT_LIMIT,
    NO_ABSTRACT,
    NO_TITLE,
    TITLE_LIMIT,
    Place,
    cut_notice,
    make_record,
    too_long,
)
from store.readers.text import SourceText
from store.text_links import ends_in_link
from store.types import ReadItem, Record, Rejection

SHORT = 250
"""A paragraph of fewer characters may be a title; a longer one with a sentence is an abstract."""

SENTENCE_END = pattern(r"[.!?][\"'”’)\]]*(?:\s|\Z)|[。！？।۔؟]")
_SENTENCE = (".", "。", "।", "۔", ".”", '."', ".)")


def is_abstract(block: Block) -> bool:
    """True for a paragraph that can be no title."""
    return block.length >= SHORT and SENTENCE_END.search(block.text) is not None


def is_title(block: Block) -> bool:
    """True for a paragraph that looks like a title and like no abstract."""
    return (
        block.problem is None
        and block.length < SHORT
        and not block.text.endswith(_SENTENCE)
        and not ends_in_link(block.text)
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """A title and its abstract; `is_last` when nothing follows."""

    title: Block
    abstract: Block
    is_last: bool


@dataclass(frozen=True, slots=True)
class Odd:
    """A paragraph that is no part of a pair, and why."""

    block: Block
    reason: str


def pair(blocks: Iterable[Block], *, strict: bool) -> Iterator[Pair | Odd]:
    """Put titles and abstracts together.

    With `strict` a short paragraph without a sentence is never an abstract, except at the end,
    where an abstract may have been cut.
    """
    title: Block | None = None
    for block, after in _with_next(blocks):
        if title is None:
            if is_abstract(block):
                yield Odd(block, NO_TITLE)
            else:
                title = block
        elif is_title(block) and after is not None and (strict or is_abstract(after)):
            yield Odd(title, NO_ABSTRACT)
            title = block
        else:
            yield Pair(title, block, is_last=after is None)
            title = None
    if title is not None:
        yield Odd(title, NO_ABSTRACT)


def read_pairs(
    blocks: Iterable[Block],
    text: SourceText,
    reader: str,
    *,
    strict: bool,
    page_date: str | None = None,
) -> Iterator[ReadItem]:
    """Read alternating titles and abstracts as records, counted from 1."""
    for number, found in enumerate(pair(blocks, strict=strict), start=1):
        match found:
            case Odd(block, reason):
                place = text.place(reader, block.line, number, page_date)
                yield place.rejection(block.problem or reason)
            case Pair(title, abstract, is_last):
                place = text.place(reader, title.line, number, page_date)
                item = record_of(place, title, abstract)
                yield item
                if is_last and isinstance(item, Record):
                    notice = cut_notice(place, item.abstract)
                    if notice:
                        yield notice


def record_of(place: Place, title: Block, abstract: Block) -> Record | Rejection:
    """Make a record of two paragraphs, or say why it is none."""
    problem = title.problem or abstract.problem
    if problem:
        return place.rejection(problem)
    if title.length > BLOCK_LIMIT:
        return place.rejection(too_long("title", title.length, TITLE_LIMIT))
    if abstract.length > BLOCK_LIMIT:
        return place.rejection(too_long("abstract", abstract.length, ABSTRACT_LIMIT))
    return make_record(place, title.text, abstract.text)


def _with_next(blocks: Iterable[Block]) -> Iterator[tuple[Block, Block | None]]:
    iterator = iter(blocks)
    here = next(iterator, None)
    while here is not None:
        after = next(iterator, None)
        yield here, after
        here = after
