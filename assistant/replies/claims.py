"""From the text of an answer and its marks to sentences that can be checked."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from assistant.replies.claim_text import without_marks
from assistant.text.sentences import split_sentences
from assistant.types.citations import DraftClaim, Mark
from store.pattern import pattern

_LEAD = pattern(r"(?:[ \t]*(?:[-*•·+>]|\#{1,6}|\(?\d{1,2}[.)])[ \t]+)+")
_LIST_OF_SOURCES = pattern(r"[*_]*(?:sources?|references|citations?)[*_]*:", re.IGNORECASE)
_NO_CLAIM = pattern(
    r"\#{1,6}\s|[-*_=|:\s]+$|(?:\*\*|__)[^*_]{1,80}(?:\*\*|__):?$"
    r"|[*_]*(?:sources?|references|citations?|see also)[*_]*:",
    re.IGNORECASE,
)


def draft_claims(text: str, marks: Sequence[Mark], begin: int = 0) -> tuple[DraftClaim, ...]:
    """The sentences of an answer's display text, each with the marks in it or right after it.

    Headings, lines that lead in a list, heads of tables and lists of sources are none. With
    `begin` those from an offset on, at which a sentence ends.
    """
    found: list[DraftClaim] = []
    lines = _Lines(text)
    at = bisect_left(marks, begin, key=lambda mark: mark.start)
    for start, end in split_sentences(text[begin:]):
        start, end = start + begin, end + begin
        # Both stand in order, so that a text with many of them is read in one pass.
        first = at
        while at < len(marks) and marks[at].start < end:
            at += 1
        here = [mark for mark in marks[first:at] if start <= mark.start]
        lead = _LEAD.match(text, start, end)
        start = lead.end() if lead and lead.end() < end else start
        bare = without_marks(text, start, end, ((one.start, one.end) for one in here))
        if not any(char.isalnum() for char in bare):
            if here and found:
                found[-1] = _joined(found[-1], end, here)
            continue
        if _is_claim(lines, start, end, bare, has_marks=bool(here)):
            addresses = tuple(dict.fromkeys(one for mark in here for one in mark.addresses))
            unknown = tuple(one for mark in here for one in mark.unknown)
            found.append(DraftClaim(bare, start, end, addresses, unknown))
    return tuple(found)


class _Lines:
    """The lines of a text, looked up by the sentences in them in order, each found once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._start, self._end = 0, -1
        self._stripped = ""

    def around(self, start: int, end: int) -> str:
        """The line, or lines, that a sentence stands on, trimmed."""
        if not self._start <= start <= end <= self._end:
            self._start = self.text.rfind("\n", 0, start) + 1
            line_end = self.text.find("\n", end)
            self._end = line_end if line_end >= 0 else len(self.text)
            self._stripped = self.text[self._start : self._end].strip()
        return self._stripped

    def below(self) -> str:
        """The line after the one looked up last, or nothing."""
        line_end = self.text.find("\n", self._end + 1)
        return self.text[self._end + 1 : line_end if line_end >= 0 else len(self.text)]


def _is_claim(lines: _Lines, start: int, end: int, bare: str, *, has_marks: bool) -> bool:
    """False for headings, lines that lead in a list, heads of tables and source lists."""
    if has_marks:
        return not _LIST_OF_SOURCES.match(lines.text, start, end)
    line = lines.around(start, end)
    if _NO_CLAIM.match(line) or bare.rstrip("*_ ").endswith(":"):
        return False
    if line.startswith("|"):
        return not re.fullmatch(r"[\s|:-]+", lines.below())
    return True


def _joined(claim: DraftClaim, end: int, marks: list[Mark]) -> DraftClaim:
    addresses = claim.addresses + tuple(one for mark in marks for one in mark.addresses)
    unknown = claim.unknown + tuple(one for mark in marks for one in mark.unknown)
    return DraftClaim(
        claim.text, claim.start, end, tuple(dict.fromkeys(addresses)), tuple(dict.fromkeys(unknown))
    )
