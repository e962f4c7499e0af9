"""Telling headings from statements: what heads a text says nothing, whatever stands in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.types.citations import DraftClaim
from store.pattern import pattern

_HEADING = pattern(
    r"(?m)^ {0,3}(?P<sure>#{1,6}[ \t][^\n]*|[^\s|][^\n]*\n {0,3}={3,}[ \t]*$)"
    r"|^[ \t]*(?:(?:[-*+•]|\d{1,2}[.)])[ \t]+)?(?P<bold>\*\*|__)[^*_\n]{1,80}(?P=bold):?[ \t]*$"
)
"""ATX and setext headings of CommonMark, and lines in bold as a whole, numbered ones too."""
_MARK = pattern(r"[ \t]*\[(?:\d{1,3}|\?)\]")


def statements(text: str, drafts: Sequence[DraftClaim]) -> tuple[DraftClaim, ...]:
    """The claims of a text without its headings; one that runs into a heading begins behind it.

    A line in bold that cites something is a statement.
    """
    begin = text.rfind("\n", 0, drafts[0].start) + 1 if drafts else len(text)
    headings = list(_HEADING.finditer(text, begin))
    if not headings:
        return tuple(drafts)
    spans = [(one.start(), one.end(), one["sure"] is not None) for one in headings]
    return tuple(_without(text, drafts, spans))


def _without(
    text: str, drafts: Sequence[DraftClaim], spans: Sequence[tuple[int, int, bool]]
) -> Iterator[DraftClaim]:
    at = 0
    for draft in drafts:
        while at < len(spans) and spans[at][1] <= draft.start:
            at += 1
        if at == len(spans) or spans[at][0] > draft.start:
            yield draft
            continue
        _, end, is_sure = spans[at]
        if not is_sure and (draft.addresses or draft.unknown):
            yield draft
        elif draft.end > end:
            start = end + len(text[end : draft.end]) - len(text[end : draft.end].lstrip())
            said = " ".join(_MARK.sub("", text[start : draft.end]).split())
            yield replace(draft, text=said, start=start)
