"""arXiv's listings: mails, with papers between lines of two backslashes, and copied pages.

The forms of the lines of mails are those that arXiv's own site reads (arxiv-browse, listing
files): `arXiv:ID` or `Paper: ID`, with `(*cross-listing*)`, then fields, then the abstract. On
the pages of new papers `[1] arXiv:ID [pdf, html, other]` stands above a title, the authors
without a name for them, fields, the last of which are the subjects, and the abstract.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.utils import parsedate

from store.pattern import pattern
from store.readers.fields import items_of
from store.readers.lines import (
    RECORD_LIMIT,
    RECORD_TOO_LONG,
    with_newlines,
    without_long_runs,
)
from store.readers.text import Line, SourceText
from store.types import ReadItem

_PAPER = r"(?:arXiv:\s?|Paper(?: \(\*cross-listing\*\))?:\s?)(?:arXiv:)?(\S+)"
_SIGN = pattern(rf"^[> \t]{{0,4}}\\\\[ \t]*\n[> \t]{{0,4}}{_PAPER}", re.MULTILINE)
_PAGE_ITEM = pattern(
    r"\[\d+\]\s+arXiv:(\S+)\s*(\((?:cross-list from|replaced)[^()]*\))?\s*\[.*\]\s*\Z"
)
# Bounded, and without a choice where a part ends: it is looked for in texts of any kind.
_PAGE_SIGN = pattern(
    r"^[ \t]{0,40}\[\d{1,6}\]\s{1,40}arXiv:[^\s\[]{1,60}[^\n\[]{0,200}\[[^\n]{0,400}\][ \t]{0,40}\n"
    r"\s{0,40}Title:",
    re.MULTILINE,
)
_PAGE_PART = pattern(
    r"\s*(?:[A-Z][\w ,]{0,60}\((?:continued, )?showing [\w ]{1,60} entries\)"
    r"|Total of \d+ entries|Showing (?:new|recent|\d+) )"
)
_BAR = pattern(r"\\\\(?:\s*\(.*)?\s*\Z")
_RULE = pattern(r"(?:-{20,}|(?:%-){5,}%?|(?:%%--){3,}|(?:%%%---){2,}).*")
_ID = pattern(rf"{_PAPER}(?:\s*\(\*cross-listing\*\))?\s*\Z")
_REPLACED = pattern(r"replaced with revised version\s*(.*)", re.IGNORECASE)
_FIELD = pattern(r"([A-Z][A-Za-z-]{2,14}(?: \([^()]*\))?):(?:\s+(.*)|\Z)")
_QUOTE = pattern(r"(?:> ?)+")
_VERSION = pattern(r"v(\d{1,4})(?!\d)")
_COLLABORATION = pattern(r"\A([^:,]*\bcollaborations?):\s*", re.IGNORECASE)
_BETWEEN_NAMES = pattern(r",\s*and\s+|,\s*|\s+and\s+|\s*;\s*")
_SIZE = pattern(r"\s*\([^()]*\)\s*\Z")
_YEAR_AND_MONTH = pattern(r"(?:[a-z.-]+/)?(\d\d)(0[1-9]|1[0-2])[\d.]", re.IGNORECASE)
_FIRST_YEAR = 91
_LONGEST_ITEM = 400


@dataclass(slots=True)
class _Paper:
    line: int
    id: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    abstract: list[str] = field(default_factory=list)
    name: str = ""
    in_abstract: bool = False
    is_replaced: bool = False
    length: int = 0
    problem: str | None = None

    def add(self, text: str) -> None:
        """Take in the next line of the paper."""
        text = _spaced(text)
        if self._is_taken(text):
            return
        if found := _REPLACED.match(text):
            self.is_replaced = True
            self.fields["date"] = [found[1]]
        elif text[:1].isspace() and self.name:
            self.fields[self.name].append(text.strip())
        else:
            self._begins_field(text)

    def add_of_page(self, text: str) -> None:
        """Take in the next line of a paper on a copied page."""
        text = _spaced(text).strip()
        if self._is_taken(text) or self._begins_field(text):
            return
        if "subjects" in self.fields and text:
            self.in_abstract = True
            self.abstract.append(text)
        elif text and "title" in self.fields and self._text("title"):
            self.name = "authors" if self.name == "title" else self.name
            self.fields.setdefault(self.name, []).append(text)
        elif text and self.name:
            self.fields[self.name].append(text)

    def _is_taken(self, text: str) -> bool:
        """Take in a line of the abstract, or one too many; False for a line of the fields."""
        self.length += len(text)
        if self.length > RECORD_LIMIT:
            self.problem = self.problem or RECORD_TOO_LONG
        elif self.in_abstract:
            self.abstract.append(text)
        else:
            return False
        return True

    def _begins_field(self, text: str) -> bool:
        """Take in the first line of a field; False for any other line."""
        found = _FIELD.match(text)
        if found:
            self.name = found[1].casefold()
            self.fields.setdefault(self.name, []).append(found[2] or "")
        return found is not None

    def values(self) -> dict[str, object]:
        """What the listing says, under standard names."""
        dates = [value[0] for name, value in self.fields.items() if name.startswith("date")]
        version = max((int(one) for one in _VERSION.findall(" ".join(self.fields))), default=0)
        date = _day(dates[0]) if dates and not self.is_replaced else ""
        return {
            "title": self._text("title"),
            "abstract": "\n".join(self.abstract),
            "authors": _names(self._text("authors") or self._text("author")),
            "date": date or _month(self.id),
            "arxiv_id": f"{self.id}v{version}" if version and "v" not in self.id else self.id,
            "doi": self._text("doi").split(" ")[0],
            "venue": self._text("journal-ref"),
            "keywords": self._text("categories").split()
            or (self._text("subjects") or self._text("subj-class")).split(";"),
            "type": "article",
        }

    def _text(self, name: str) -> str:
        return " ".join(self.fields.get(name, ()))


class ArxivListReader:
    """Reads the papers of arXiv's mails and text listings, of one list or of several.

    A paper that was replaced comes without its abstract, and is refused for that.
    """

    name = "arxiv-list"
    reads = "arXiv listing mails"
    suffixes: tuple[str, ...] = ()

    def sniff(self, head: str, suffix: str) -> bool:
        """True where a line of backslashes, or a number, stands at the id of a paper."""
        start = with_newlines(head)
        return bool(_SIGN.search(start) or _PAGE_SIGN.search(start))

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield a record for each paper, or why there is none; what stands between is passed."""
        start = with_newlines(text.head)
        is_mail = _SIGN.search(start) or not _PAGE_SIGN.search(start)
        found = (_papers if is_mail else _papers_of_page)(text.lines(guess=True))
        for number, paper in enumerate(found, start=1):
            place = text.place(self.name, paper.line, number)
            if paper.problem:
                yield place.rejection(paper.problem)
            else:
                yield from items_of(place, paper.values())


def _papers(lines: Iterable[Line]) -> Iterator[_Paper]:
    paper: _Paper | None = None
    for line in lines:
        text = _unquoted(line.text)
        if line.problem and paper:
            paper.problem = line.problem
        elif found := _ID.match(text):
            if paper:
                yield paper
            paper = _Paper(line.number, found[1])
        elif paper is None:
            continue
        elif _RULE.fullmatch(text):
            yield paper
            paper = None
        elif _BAR.match(text):
            if paper.in_abstract or len(text.strip()) > 2:
                yield paper
                paper = None
            else:
                paper.in_abstract = True
        else:
            paper.add(text)
    if paper:
        yield paper


def _papers_of_page(lines: Iterable[Line]) -> Iterator[_Paper]:
    paper: _Paper | None = None
    for line in lines:
        found = _PAGE_ITEM.match(line.text.strip()) if len(line.text) < _LONGEST_ITEM else None
        if found or _PAGE_PART.match(line.text):
            if paper:
                yield paper
            paper = _Paper(line.number, found[1]) if found else None
        elif paper and line.problem:
            paper.problem = line.problem
        elif paper:
            paper.add_of_page(line.text)
    if paper:
        yield paper


def _unquoted(text: str) -> str:
    found = _QUOTE.match(text)
    return text[found.end() :] if found else text


def _spaced(text: str) -> str:
    """A line without long runs of blanks, which goes on with the field before it if it had any."""
    spaced = without_long_runs(text)
    return spaced if spaced == text else f"  {spaced}"


def _names(text: str) -> list[str]:
    """Authors without what stands in brackets: affiliations, and the numbers that point there."""
    plain: list[str] = []
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")" and depth > 0)
        if not depth and character != ")":
            plain.append(character)
    names = "".join(plain).strip()
    groups: list[str] = []
    if found := _COLLABORATION.match(names):
        groups, names = [found[1]], names[found.end() :]
    return [one for one in (*groups, *_BETWEEN_NAMES.split(names)) if one.strip()]


def _day(text: str) -> str:
    """The day of a mail's date as ISO 8601, or ""."""
    found = parsedate(_SIZE.sub("", " ".join(text.split())))
    return f"{found[0]:04}-{found[1]:02}-{found[2]:02}" if found else ""


def _month(arxiv_id: str) -> str:
    """Year and month that an id of arXiv begins with, or ""."""
    found = _YEAR_AND_MONTH.match(arxiv_id)
    if not found:
        return ""
    century = 19 if int(found[1]) >= _FIRST_YEAR else 20
    return f"{century}{found[1]}-{found[2]}"
