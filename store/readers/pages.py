"""Saved pages of Hugging Face papers: a header, then titles and abstracts in turn.

Two layouts are known. In the wide one blank lines stand between all paragraphs, and the header
ends in a byline and a date. In the tight one there are no blank lines, and the first title is
glued to the word Subscribe.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from store.clean import clean_line
from store.pattern import pattern
from store.readers.blocks import Block, paragraphs, single_lines
from store.readers.pairing import SHORT, is_abstract, read_pairs
from store.readers.text import SourceText
from store.types import ReadItem

_NEWSLETTER = "Get trending papers in your email inbox once a day!"
_NEWSLETTER_LINE = r"Get trending papers in your email inbox\b.{0,40}"
_SUBSCRIBE = "Subscribe"
_BYLINE = r"by ?\S.{0,80}? and the research community"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DATE = pattern(
    r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? )?"
    rf"(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?|\d{{1,2}} {_MONTH}(?:,? \d{{4}})?"
    r"|\d{4}-\d\d-\d\d)",
    re.IGNORECASE,
)
_MARK = pattern(rf"{_NEWSLETTER_LINE}|{_BYLINE}", re.IGNORECASE)
_HEADER = pattern(
    rf"{_MARK.pattern}|{_DATE.pattern}|new|subscribe|(?:daily |trending )?papers", re.IGNORECASE
)
# "Subscribed" and "Subscribers" may begin a title of their own.
_GLUED = pattern(rf"{_SUBSCRIBE}(?!(?:d|rs?)\b)(?=\S)")
_COUNT = r"(?:\d{1,6}|\d{1,3}(?:[.,]\d{1,3})?[km]?|-)"
_SUBMITTER = pattern(r"submitted by", re.IGNORECASE)
_FURNITURE = pattern(
    rf"(?:(?:upvotes?|downvotes?|likes?|comments?|github|⭐|[·•+▲△])[ \n:]*)*\+?{_COUNT}?"
    rf"|[·•]? ?{_COUNT} (?:authors?|comments?|upvotes?|likes?)|share|submitted by(?: @?\S+)?"
    rf"|[·•]?\s*(?:published|submitted|released)(?: on| at)? {_DATE.pattern}|{_DATE.pattern}"
    r"|(?:view |read |open )?(?:the )?(?:arxiv|github|project|hugging ?face|hf)"
    r" (?:page|pdf|paper|repo(?:sitory)?|abstract)"
    r"|(?:view|read|download)(?: the)? (?:pdf|paper|code|abstract)"
    r"|(?:add|save) to (?:a )?collections?|collections?|(?:view|read|show) (?:more|all|less)"
    r"|(?:log|sign) ?(?:in|up|out)|enterprise|community|ask chat|models citing.{0,20}"
    r"|load more(?: papers)?|previous|next"
    r"|company|tos|privacy|about|careers|website|models|datasets|spaces|pricing|docs"
    r"|(?:© ?)?hugging face|system theme|back to top",
    re.IGNORECASE,
)
_LOOKED_AT = 40
"""How many paragraphs at the beginning may belong to the header."""
_LINE_ENDS = pattern(r"\r\n|[\r\n]")


class PageReader:
    """Reads saved pages of Hugging Face papers, told by what they hold and not by name."""

    name = "hf-page"
    reads = "saved Hugging Face papers pages"
    suffixes: tuple[str, ...] = ()

    def sniff(self, head: str, suffix: str) -> bool:
        """True when the beginning holds the newsletter line or the byline of such a page."""
        lines = [line.strip() for line in _LINE_ENDS.split(head, maxsplit=200)]
        first = [line for line in lines if line][:_LOOKED_AT]
        if any(_MARK.fullmatch(one) for one in first):
            return True
        # A page cut within its header is nothing but a beginning of it.
        return (
            bool(first)
            and all(map(_is_header, first[:-1]))
            and (_is_header(first[-1]) or _NEWSLETTER.startswith(first[-1]))
        )

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield what the page holds, in its order; the date above the list goes on each record."""
        lines = text.lines(guess=True)
        blocks = paragraphs(lines, alone=_HEADER) if _is_wrapped(text.head) else single_lines(lines)
        page_date, blocks = _after_header(blocks)
        body = _without_furniture(blocks)
        yield from read_pairs(body, text, self.name, strict=True, page_date=page_date)


def _without_furniture(blocks: Iterable[Block]) -> Iterator[Block]:
    """The titles and abstracts alone, without counts, links, and who submitted what."""
    names_submitter = False
    for block in blocks:
        is_name = names_submitter and " " not in block.text
        names_submitter = _SUBMITTER.fullmatch(block.text) is not None
        if block.problem or not (is_name or _FURNITURE.fullmatch(block.text)):
            yield block


def _is_header(text: str) -> bool:
    return _HEADER.fullmatch(text) is not None


def _is_wrapped(head: str) -> bool:
    """True when abstracts are broken into short lines, so that only blank lines end them."""
    lines = [line.strip() for line in _LINE_ENDS.split(head)]
    if "" not in lines or max(map(len, lines)) >= SHORT:
        return False
    return any(
        one and other and not _is_header(one) and not _is_header(other)
        for one, other in pairwise(lines)
    )


def _after_header(blocks: Iterable[Block]) -> tuple[str | None, Iterator[Block]]:
    """The date of the page, and the blocks that follow its header.

    The header ends with its last mark before the first abstract; what stands above a mark,
    such as the page's menu, belongs to it.
    """
    iterator = iter(blocks)
    looked_at: list[Block] = []
    for block in iterator:
        looked_at.append(block)
        if is_abstract(block) or len(looked_at) == _LOOKED_AT:
            break
    page_date: str | None = None
    body = 0
    subscribed = False
    for index, block in enumerate(looked_at):
        if body == index and (glued := _GLUED.match(block.text)):
            block = looked_at[index] = _without_start(block, glued.end())
            subscribed = True
        if _is_header(block.text):
            body = index + 1
            subscribed = subscribed or block.text == _SUBSCRIBE
            if _DATE.fullmatch(block.text):
                page_date = clean_line(block.text)
    rest = looked_at[body:]
    # Nothing but the beginning of the next line of the header: the page was cut there.
    if len(rest) == 1 and not subscribed and _begins_mark(rest[0].text):
        rest = []
    return page_date, chain(rest, iterator)


def _without_start(block: Block, length: int) -> Block:
    return Block(block.line, block.text[length:], block.length - length, block.problem)


def _begins_mark(text: str) -> bool:
    return _NEWSLETTER.startswith(text) or _SUBSCRIBE.startswith(text)
