"""The tags of a page of HTML, in time that grows with its length whatever it holds.

Python's own parser takes time that grows with the square of a broken page (before 3.13.5).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_OPEN = re.compile(r"<(?:!--|(/?)([A-Za-z][\w:-]*))")
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s=>/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?""")
_CLOSE = re.compile(r"[^<>]*>")
_RAW = ("script", "style", "textarea", "noscript", "template")
_LONGEST_GAP = 2_000


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag with its attributes, and where it begins and ends in the page."""

    name: str
    start: int
    end: int
    attributes: dict[str, str] = field(default_factory=dict)
    is_end: bool = False

    def classes(self) -> list[str]:
        """The names in its attribute `class`."""
        return self.attributes.get("class", "").split()


def tags_of(page: str) -> Iterator[Tag]:
    """The tags of a page in order, without those in comments and scripts."""
    at = 0
    while found := _OPEN.search(page, at):
        if found[2] is None:
            at = page.find("-->", found.end())
            if at < 0:
                return
            continue
        tag = _tag(page, found)
        yield tag
        at = tag.end
        if tag.name in _RAW and not tag.is_end:
            closed = re.compile(rf"</{tag.name}\b", re.IGNORECASE).search(page, at)
            if closed is None:
                return
            at = closed.start()


def _tag(page: str, found: re.Match[str]) -> Tag:
    at = found.end()
    attributes: dict[str, str] = {}
    while one := _ATTRIBUTE.match(page, at):
        value = next((text for text in one.groups()[1:] if text is not None), "")
        attributes.setdefault(one[1].lower(), html.unescape(value) if "&" in value else value)
        at = one.end()
    closed = _CLOSE.match(page, at, at + _LONGEST_GAP)
    end = closed.end() if closed else at
    return Tag(found[2].lower(), found.start(), end, attributes, is_end=bool(found[1]))


def inside(page: str, tag: Tag) -> str:
    """What stands between a tag and its end, as it is written; to the end of the page without."""
    depth = 0
    for found in re.compile(rf"<(/?){re.escape(tag.name)}\b", re.IGNORECASE).finditer(
        page, tag.end
    ):
        depth += -1 if found[1] else 1
        if depth < 0:
            return page[tag.end : found.start()]
    return page[tag.end :]
