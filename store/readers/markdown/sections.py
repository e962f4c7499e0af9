"""A Markdown document cut into sections: a heading, and the blocks of text beneath it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from store.pattern import pattern

if TYPE_CHECKING:
    from markdown_it.token import Token

_CALLOUT = pattern(r"\[!\w+\][+-]?[ \t]*")
_LINES = ("softbreak", "hardbreak")


@dataclass(slots=True)
class Section:
    """A heading with what stands beneath it; `level` is 0 for what stands before any heading.

    `blocks` are paragraphs, and the items of lists, as plain text with their lines; `foreign`
    counts programs, tables and pictures, which no abstract is made of.
    """

    line: int
    level: int = 0
    title: str = ""
    blocks: list[str] = field(default_factory=list)
    foreign: int = 0


def sections_of(text: str) -> list[Section]:
    """The sections of a document, in its order; lines count from 1."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    found = [Section(1)]
    iterator = iter(tokens)
    for token in iterator:
        if token.type == "heading_open":
            line = token.map[0] + 1 if token.map else 1
            title = _text(next(iterator))
            found.append(Section(line, int(token.tag[1:]), " ".join(title.split())))
        elif token.type == "inline":
            text_here = _CALLOUT.sub("", _text(token), count=1).strip()
            if text_here:
                found[-1].blocks.append(text_here)
            elif token.children and any(one.type == "image" for one in token.children):
                found[-1].foreign += 1
        elif token.type in ("fence", "code_block", "table_open"):
            found[-1].foreign += 1
    return found


def _text(token: Token) -> str:
    """The words of a line: of a link its text, of emphasis what is emphasised."""
    return "".join(_pieces(token.children or ()))


def _pieces(tokens: Sequence[Token]) -> Iterator[str]:
    for one in tokens:
        if one.type in _LINES:
            yield "\n"
        elif one.type in ("text", "code_inline", "html_inline", "text_special"):
            yield one.content
        elif one.type == "link_open" and (address := one.attrGet("href")):
            yield f"\x02{address}\x03"
