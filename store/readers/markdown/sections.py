"""A Markdown document cut into sections: a heading, and the blocks of text beneath it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from store.pattern import pattern

if TYPE_CHECKING:
    from markdown_it.token import Token

_CALLOUT = pattern(r"\[!(\w+)\][+-]?[ \t]*")
_SUMMARIES = ("abstract", "summary")
LEAD = 7
"""The level of a title that stands bold or as a link at the beginning of a paragraph."""
_TITLE_WORDS = 4
_WORD = pattern(r"\w+")
LINK = pattern(r"\x02([^\x03]*)\x03")
"""A link in the words of a line: its address in these marks, its own words behind them."""
_COMMENT = pattern(r"<!-- (quire: \{.*\}) -->\s*\Z", re.DOTALL)
_BEHIND = " \t.:–—-"
_LINES = ("softbreak", "hardbreak")


@dataclass(slots=True)
class Section:
    """A heading with what stands beneath it; `level` is 0 for what stands before any heading.

    A title that begins a paragraph has the level LEAD. `blocks` are paragraphs, and the items of
    lists, as plain text with their lines; `foreign` counts programs, tables and pictures, which
    no abstract is made of; `carried` is what quire wrote into a comment.
    """

    line: int
    level: int = 0
    title: str = ""
    blocks: list[str] = field(default_factory=list)
    foreign: int = 0
    carried: str = ""


def sections_of(text: str) -> list[Section]:
    """The sections of a document, in its order; lines count from 1."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    found = [Section(1)]
    iterator = iter(tokens)
    summary = False
    for token in iterator:
        if token.type == "heading_open":
            line = token.map[0] + 1 if token.map else 1
            title = _text(next(iterator))
            found.append(Section(line, int(token.tag[1:]), " ".join(title.split())))
        elif token.type == "inline":
            text_here = _text(token).strip()
            callout = _CALLOUT.match(text_here)
            text_here = text_here[callout.end() :].strip() if callout else text_here
            if callout and callout[1].lower() in _SUMMARIES:
                # The first line of a callout is its own title, unless all stands there.
                own, _, rest = text_here.partition("\n")
                is_all = not rest and len(_WORD.findall(own)) > _TITLE_WORDS
                behind = _text(token).strip().partition("\n")[2]
                found[-1].blocks.append(f"Abstract: {own if is_all else behind}")
                summary = True
            elif summary and text_here:
                found[-1].blocks[-1] += f"\n\n{text_here}"
            elif text_here and (lead := _lead(token)):
                line = token.map[0] + 1 if token.map else 1
                found.append(Section(line, LEAD, lead[0], [lead[1]] if lead[1] else []))
            elif text_here:
                found[-1].blocks.append(text_here)
            elif token.children and any(one.type == "image" for one in token.children):
                found[-1].foreign += 1
        elif token.type == "blockquote_close":
            summary = False
        elif token.type == "html_block" and (comment := _COMMENT.match(token.content)):
            found[-1].carried = comment[1]
        elif token.type in ("fence", "code_block", "table_open"):
            found[-1].foreign += 1
    return list(_settled(found))


def _settled(sections: list[Section]) -> Iterator[Section]:
    """The same, but bold words within an abstract are titles of nothing.

    They are titles where the text beneath a heading begins with one, and the heading is none.
    """
    heading = sections[0]
    are_titles = False
    for at, one in enumerate(sections):
        if one.level != LEAD:
            heading = one
            after = sections[at + 1 : at + 3]
            leads = sum(next_one.level == LEAD for next_one in after)
            is_title = len(_WORD.findall(one.title)) >= _TITLE_WORDS
            are_titles = not one.blocks and (leads == 2 or not is_title)
            yield one
        elif are_titles:
            yield one
        else:
            bare = LINK.sub("", one.title)
            heading.blocks.append(" ".join(filter(None, (bare, *one.blocks[:1]))))
            heading.blocks += one.blocks[1:]
            heading.foreign += one.foreign


def _lead(token: Token) -> tuple[str, str] | None:
    """The bold or linked title that begins a paragraph, and the rest of it; or None."""
    children = list(token.children or ())
    while children and children[0].type == "text" and not children[0].content.strip():
        children.pop(0)
    if not children or children[0].type not in ("strong_open", "link_open"):
        return None
    close = children[0].type.replace("open", "close")
    end = next((at for at, one in enumerate(children) if one.type == close), 0)
    title = " ".join("".join(_pieces(children[: end + 1])).split())
    bare = title.rpartition("\x03")[2]
    if len(_WORD.findall(bare)) < _TITLE_WORDS or bare.endswith(":"):
        return None
    rest = "".join(_pieces(children[end + 1 :]))
    return title, rest.lstrip(_BEHIND).strip()


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
