"""From the text of an answer and its marks to sentences that can be checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.citations.claim_text import without_marks
from assistant.citations.forms import Address
from assistant.text.sentences import split_sentences
from store.pattern import pattern

_LEAD = pattern(r"(?:[ \t]*(?:[-*•·+>]|\#{1,6}|\(?\d{1,2}[.)])[ \t]+)+")
_SECTION_NAMES = (
    *("source", "sources", "reference", "references", "citation", "citations"),
    *("bibliography", "footnotes", "works cited"),
)
_SECTION = pattern(rf"[#*_ \t]*(?:{'|'.join(_SECTION_NAMES)})[*_ \t]*:?[*_ \t]*", re.IGNORECASE)
_ENTRY = pattern(r"(?:[-*•+]\s|\d{1,3}[.):]|[\[【(^⁰¹²³⁴-⁹]|sources?\b|https?:)", re.IGNORECASE)
_LIST_OF_SOURCES = pattern(r"[*_]*(?:sources?|references|citations?)[*_]*:", re.IGNORECASE)
_NO_CLAIM = pattern(
    r"\#{1,6}\s|[-*_=|:\s]+$|(?:\*\*|__)[^*_]{1,80}(?:\*\*|__):?$"
    r"|[*_]*(?:sources?|references|citations?|see also)[*_]*:",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mark:
    """A citation as displayed: offsets into the display text, and what it points at."""

    start: int
    end: int
    addresses: tuple[Address, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class DraftClaim:
    """One sentence of an answer before it is checked.

    `text` is without marks and what only held them; `start` and `end` are character offsets
    into the display text, marks included; `unknown` are addresses that do not exist, as written.
    """

    text: str
    start: int
    end: int
    addresses: tuple[Address, ...]
    unknown: tuple[str, ...]


def draft_claims(text: str, marks: Sequence[Mark]) -> tuple[DraftClaim, ...]:
    """The sentences of an answer's display text, each with the marks in it or right after it.

    Headings, lines that lead in a list, heads of tables and lists of sources are none.
    """
    found: list[DraftClaim] = []
    lines = _Lines(text)
    at = 0
    for start, end in split_sentences(text):
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


def names_section(line: str) -> bool:
    """True for a line that is the heading of a list of sources: "**Sources:**"."""
    return bool(_SECTION.fullmatch(line))


def may_name_section(line: str) -> bool:
    """True while an unfinished line can still turn out to be such a heading."""
    name = line.strip("#*_ \t").lower()
    if not name:
        return len(line) < 8
    return any(known.startswith(name) for known in _SECTION_NAMES) or (
        len(line) < 40 and names_section(line)
    )


def is_entry(line: str) -> bool:
    """True for a line that begins like an entry of a list of sources."""
    return bool(_ENTRY.match(line))
