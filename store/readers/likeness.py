"""Whether a text holds titles and abstracts in turn, or is prose, a letter, a list, a program.

A text that is no format tells nothing of itself but by its shape. So its first paragraphs are
looked at before any of it is taken, and it is read only where nine of ten of them stand as titles
and abstracts do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
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
_TITLE_WORDS = 3
"""Words that more than half of the titles have; headings of chapters and recipes have fewer."""
_HINT = "--format names the format, and --format text reads it as titles and abstracts"
_LONGEST = 100_000
_MUCH = 20_000
_WORD = pattern(r"\w+")
_UNSPACED = pattern(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{8}")
_QUESTION = pattern(r"(?:q(?:uestion)?\W{0,2}\d*[.:)] *)?[^:–—]+[?？]", re.IGNORECASE)
_ADDRESSED = pattern(r"\b(?:you|your|yours|yourself)\b", re.IGNORECASE)
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
    pairs, at = [], 0
    while at + 1 < len(first):
        if looks_like_title(first[at]) and looks_like_abstract(first[at + 1]):
            pairs.append((first[at], first[at + 1]))
            at += 2
        else:
            at += 1
    refuse_unless(2 * len(pairs), len(first), "paragraphs", first)
    refuse_others(pairs)
    return chain(first, iterator)


def refuse_others(pairs: Sequence[tuple[Block, Block]]) -> None:
    """Raise UnusableSource where what stands as titles with abstracts is something else.

    Some papers ask a bare question, have a title of two words, or speak to their reader; of
    several papers most never do.
    """
    if len(pairs) < 2:
        return
    titles = [_cleaned(title).text for title, _ in pairs]
    asking = sum(_QUESTION.fullmatch(one) is not None for one in titles)
    brief = sum(
        len(_WORD.findall(one)) < _TITLE_WORDS and not _UNSPACED.search(one) for one in titles
    )
    addressed = sum(_ADDRESSED.search(abstract.text) is not None for _, abstract in pairs)
    for count, kind in (
        (asking, "questions and answers"),
        (brief if len(pairs) > 2 else 0, "sections under headings"),
        (addressed, "a text that speaks to its reader"),
    ):
        if 2 * count > len(pairs):
            raise UnusableSource(
                f"of no format that is known: it looks like {kind} ({count} of {len(pairs)})",
                _HINT,
            )


def refuse_unless(good: int, whole: int, what: str, blocks: list[Block]) -> None:
    """Raise UnusableSource where fewer than nine of ten are as they should be."""
    if whole and good < LEAST_SHARE * whole:
        raise UnusableSource(
            f"of no format that is known: it looks like {_kind(blocks)} ({good} of {whole} {what}"
            " stand as titles and abstracts in turn)",
            _HINT,
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
