"""Other ways to write titles and abstracts in turn: in one paragraph, or with titles numbered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from store.pattern import pattern
from store.readers.blocks import Block
from store.readers.likeness import LEAST_SHARE, looks_like_abstract, looks_like_title
from store.readers.pairing import SENTENCE_END

_NUMBER = pattern(r"[(\[]?(\d{1,6})(?:[.)\]]+[ \t]+|\.?\t+|[)\]])(?=\S)")
_FEW_LINES = 3
_LOOKED_AT = 100
"""How many paragraphs show how they are written."""


def unglued(blocks: Iterable[Block]) -> Iterator[Block]:
    """The same paragraphs; where the first line of each is a title, two of each.

    Wrapped prose is told from that by where its second lines begin: within a sentence.
    """
    iterator = iter(blocks)
    first = list(islice(iterator, _LOOKED_AT))
    parts = [_parted(one) for one in first]
    titled = sum(map(_is_titled, parts))
    roomy = sum(_has_room(one) for one in parts)
    if titled < LEAST_SHARE * len(first) or 2 * roomy < len(first):
        return chain(first, iterator)
    return (part for block in chain(first, iterator) for part in _parted(block))


def unnumbered(blocks: Iterable[Block]) -> Iterator[Block]:
    """The same paragraphs without the numbers of the titles, where those count up from 0 or 1."""
    iterator = iter(blocks)
    first = list(islice(iterator, _LOOKED_AT))
    titles = [one for one in first if looks_like_title(one)]
    numbers = [int(found[1]) for one in titles if (found := _NUMBER.match(one.text))]
    count_up = numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else False
    if not count_up or len(numbers) < max(2, LEAST_SHARE * len(titles)) or numbers[0] > 1:
        return chain(first, iterator)
    return _without_numbers(chain(first, iterator), numbers[0])


def _without_numbers(blocks: Iterable[Block], number: int) -> Iterator[Block]:
    for block in blocks:
        found = _NUMBER.match(block.text)
        if found and int(found[1]) == number and looks_like_title(block):
            number += 1
            block = Block(
                block.line, block.text[found.end() :], block.length - found.end(), block.problem
            )
        yield block


def _parted(block: Block) -> tuple[Block, ...]:
    """The first line of a paragraph and the rest."""
    head, _, rest = block.text.partition("\n")
    if not rest or block.problem:
        return (block,)
    return (
        Block(block.line, head, len(head)),
        Block(block.line + 1, rest, block.length - len(head) - 1),
    )


def _is_titled(parts: tuple[Block, ...]) -> bool:
    if len(parts) == 1:
        return False
    title, rest = parts
    lines = rest.text.split("\n", _FEW_LINES)
    begins_all = len(lines) >= _FEW_LINES and not any(one[:1].islower() for one in lines)
    return (
        looks_like_title(title)
        and SENTENCE_END.search(title.text[:-1]) is None
        and looks_like_abstract(rest)
        and not rest.text[0].islower()
        and not begins_all
    )


def _has_room(parts: tuple[Block, ...]) -> bool:
    """True where the line of the title ends although the next word would have fitted in it."""
    if len(parts) == 1:
        return False
    title, rest = parts
    width = max(map(len, rest.text.split("\n")))
    return len(title.text) + 1 + len(rest.text.split(maxsplit=1)[0]) <= width
