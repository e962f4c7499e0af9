"""Whether a text holds titles and abstracts in turn, or is prose, a letter, a list, a program.

A text that is no format tells nothing of itself but by its shape. So its first paragraphs are
looked at before any of it is taken, and it is read only where nine of ten of them stand as titles
and abstracts do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from store.clean import clean_line
from store.errors import UnusableSource
from store.pattern import pattern
from store.readers.blocks import Block
from store.readers.pairing import SENTENCE_END, SHORT, is_title

LOOKED_AT = 2_000
"""How many paragraphs are looked at before any is taken: some megabytes."""
LEAST_SHARE = 0.9
"""Least share of the paragraphs that stand in turn."""
_FEWEST_WORDS = 5
_LONGEST = 100_000
_MUCH = 20_000
_WORD = pattern(r"\w+")
_UNSPACED = pattern(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{8}")
_OPEN_END = (",", ";", ":", "{", "}", "(", "=", "\\")


def looks_like_title(block: Block) -> bool:
    """True for one short line of words that ends neither as a sentence nor as a greeting."""
    seen = _cleaned(block)
    return (
        is_title(seen) and not seen.text.endswith(_OPEN_END) and _WORD.search(seen.text) is not None
    )


def looks_like_abstract(block: Block) -> bool:
    """True for prose: some words with the end of a sentence, or many of them."""
    text = _cleaned(block).text
    if block.problem or not (len(text) >= SHORT or SENTENCE_END.search(text)):
        return False
    return len(_WORD.findall(text)) >= _FEWEST_WORDS or _UNSPACED.search(text) is not None


def _cleaned(block: Block) -> Block:
    """The first words of a paragraph as they will be seen, with their length."""
    text = clean_line(block.text[:_LONGEST])
    length = len(text) if block.length <= _LONGEST else block.length
    return Block(block.line, text, length, block.problem)


def in_turn(blocks: Iterable[Block]) -> Iterator[Block]:
    """The same paragraphs, where they are titles and abstracts in turn.

    Raises UnusableSource where they are something else.
    """
    iterator = iter(blocks)
    first = list(islice(iterator, LOOKED_AT))
    standing, at = 0, 0
    while at + 1 < len(first):
        if looks_like_title(first[at]) and looks_like_abstract(first[at + 1]):
            standing, at = standing + 2, at + 2
        else:
            at += 1
    refuse_unless(standing, len(first), "paragraphs", first)
    return chain(first, iterator)


def refuse_unless(good: int, whole: int, what: str, blocks: list[Block]) -> None:
    """Raise UnusableSource where fewer than nine of ten are as they should be."""
    if whole and good < LEAST_SHARE * whole:
        raise UnusableSource(
            f"of no format that is known: it looks like {_kind(blocks)} ({good} of {whole} {what}"
            " stand as titles and abstracts in turn)",
            "--format names the format, and --format text reads it as titles and abstracts",
        )


def _kind(blocks: list[Block]) -> str:
    prose = sum(looks_like_abstract(one) for one in blocks)
    titles = sum(looks_like_title(one) for one in blocks)
    if prose > 0.6 * len(blocks):
        return "prose"
    if titles > 0.6 * len(blocks):
        return "a list of short lines"
    lines = [line for one in blocks for line in one.text.split("\n")]
    if sum(line.endswith(_OPEN_END[3:]) for line in lines) > 0.2 * len(lines):
        return "a program or data"
    longest = max(one.length for one in blocks)
    if longest > _MUCH:
        return f"a text with a paragraph of {longest} characters"
    return "a text of another kind"
