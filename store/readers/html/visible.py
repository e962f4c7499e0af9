"""The text that a page of HTML shows, in the paragraphs in which it stands."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from store.pattern import pattern
from store.readers.blocks import Block
from store.readers.html.tags import Tag

_PARTS = frozenset(
    (
        *("address", "article", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header"),
        *("hr", "html", "li", "main", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"),
    )
)
_UNSEEN = frozenset(
    (
        *("head", "nav", "footer", "aside", "button", "select", "option", "svg", "iframe"),
        *("object", "script", "style", "textarea", "noscript", "template"),
    )
)
_EMPTY = frozenset(
    (
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
        *("track", "wbr"),
    )
)
_CLOSED_BY_NEXT = frozenset(("p", "li", "dt", "dd", "td", "th", "tr"))
_HIDDEN = pattern(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<[!?][^<>]*>", re.DOTALL)
_STATUS = pattern(r"(?:[A-Za-z]+\W+){0,2}[45]\d\d\b[^\n]{0,40}")


def paragraphs_of(page: str, tags: list[Tag]) -> list[Block]:
    """What is seen of a page between the tags that part it, without its navigation and scripts."""
    blocks: list[Block] = []
    words: list[str] = []
    line = first = 1
    counted = 0

    def end() -> None:
        text = " ".join("".join(words).split())
        words.clear()
        if text:
            blocks.append(Block(first, text, len(text)))

    for at, to, gap in _seen(page, tags):
        if gap == "\n":
            end()
        text = html.unescape(_COMMENT.sub("", page[at:to]))
        line += page.count("\n", counted, at)
        counted = at
        if text.strip() and not any(map(str.strip, words)):
            first = line + text[: len(text) - len(text.lstrip())].count("\n")
        words += (gap, text)
    end()
    return blocks


def is_of_an_error(page: str, tags: list[Tag], blocks: list[Block]) -> bool:
    """True for the page of a server that says an HTTP status of an error first."""
    named = next((tag for tag in tags if tag.name == "title" and not tag.is_end), None)
    title = page[named.end : page.find("<", named.end)].strip() if named else ""
    heads = (title, blocks[0].text if blocks else "")
    return any(_STATUS.fullmatch(one) for one in heads)


def _seen(page: str, tags: list[Tag]) -> Iterator[tuple[int, int, str]]:
    """Where the texts between tags begin and end, and what parts them from those before.

    That is a line end for a new paragraph, a space for a new line, or nothing.
    """
    at, gap = 0, ""
    hides, depth = "", 0
    for tag in tags:
        if hides in _CLOSED_BY_NEXT and tag.name in _PARTS and not tag.is_end:
            hides = ""
        elif not hides:
            yield at, tag.start, gap
            gap = ""
        gap = "\n" if tag.name in _PARTS else gap or (" " if tag.name == "br" else "")
        if hides == tag.name:
            depth += -1 if tag.is_end else 1
            hides = hides if depth else ""
        elif not hides and not tag.is_end and _hides(page, tag):
            hides, depth = tag.name, 1
        at = tag.end
    if not hides:
        yield at, len(page), gap


def _hides(page: str, tag: Tag) -> bool:
    if tag.name in _EMPTY or page.startswith("/>", tag.end - 2):
        return False
    return (
        tag.name in _UNSEEN
        or "hidden" in tag.attributes
        or _HIDDEN.search(tag.attributes.get("style", "")) is not None
    )
