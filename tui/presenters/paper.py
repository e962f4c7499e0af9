"""What is known of a paper besides its abstract: names, year, addresses, where it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.answers.doubts import ADDRESS_ENDS
from assistant.types.paper_records import names_together
from store.clean import clean_line, clean_text, shorten

if TYPE_CHECKING:
    from store.ledger.browse import PaperLine
    from store.types import Paper, Provenance

FEW_NAMES = 3
"""Authors that are named where a paper is one of several."""
ALL_NAMES = 40
"""Authors that are named where a paper stands alone; some papers have thousands."""
_ABOUT_CHARACTERS = 200
_STATED = re.compile(r"https?://[^\s<>\"'`|]{1,1000}")
_UNSAFE = re.compile(r"[\s\\\x00-\x20\x7f-\x9f]")


RETRACTED = "retracted"
"""What is said of a paper of which a source says so, before all else."""


def byline(
    authors: Iterable[str],
    year: int | None,
    venue: str | None = None,
    *,
    is_retracted: bool = False,
    most: int = FEW_NAMES,
) -> str:
    """At `most` so many authors, year and venue in one line; what is not known is left out."""
    names = [clean_line(name) for name in authors]
    shown = names_together(names[:most])
    if len(names) > most:
        shown += f" and {len(names) - most} more"
    told = RETRACTED if is_retracted else ""
    parts = [told, shown, str(year) if year is not None else "", clean_line(venue or "")]
    return " · ".join(part for part in parts if part)


def about(paper: Paper | PaperLine) -> str:
    """Authors, year and venue in one line of a list, with the reader's mark."""
    status = "" if paper.status == "unread" else paper.status
    return " · ".join(filter(None, [shorten(byline_of(paper), _ABOUT_CHARACTERS), status]))


def byline_of(paper: Paper | PaperLine, most: int = FEW_NAMES) -> str:
    """At `most` so many authors, year and venue of a paper in one line."""
    return byline(
        paper.authors, paper.year, paper.venue, is_retracted=paper.is_retracted, most=most
    )


def origin(paper: Paper) -> tuple[str, ...]:
    """Addresses, sources, id, tags and notes of a paper, a line each."""
    lines = [*addresses(paper), *map(came, paper.provenance)]
    lines.append(f"id {clean_line(paper.id)}")
    if paper.tags:
        lines.append("tags: " + ", ".join(clean_line(tag) for tag in paper.tags))
    lines += [f"note: {clean_line(note)}" for note in paper.notes]
    return tuple(lines)


def came(one: Provenance) -> str:
    """Where and when a paper was read, in a line."""
    parts = [
        read_from(one.source, one.line),
        clean_line(one.page_date or ""),
        added(one.added_at),
    ]
    return " · ".join(part for part in parts if part)


def read_from(source: str, line: int | None) -> str:
    """Where a paper was read from: the file and its folder are enough to know it by."""
    if not source:
        return ""
    parts = clean_line(source).rsplit("/", 2)
    place = "…/" + "/".join(parts[1:]) if len(parts) == 3 and parts[0] else "/".join(parts)
    return f"from {place}" + (f", line {line}" if line is not None else "")


def added(instant: str) -> str:
    """The day of an instant (ISO 8601) on which a paper was added, "" where it is not known."""
    return f"added {clean_line(instant)[:10]}" if instant else ""


def web_address(text: str | None) -> str:
    """The address when it is a plain http(s) one with a host and no user name, else ""."""
    if not text or _UNSAFE.search(text) or clean_text(text) != text:
        return ""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return text if usable and "@" not in parts.netloc else ""


def addresses(paper: Paper) -> tuple[str, ...]:
    """The web addresses of a paper: its own, its DOI's, its arXiv page; the first is opened."""
    found = [web_address(paper.url)]
    if paper.doi:
        found.append(web_address(f"https://doi.org/{paper.doi}"))
    if paper.arxiv_id:
        found.append(web_address(f"https://arxiv.org/abs/{paper.arxiv_id}"))
    return tuple(dict.fromkeys(one for one in found if one))


def stated_addresses(abstract: str) -> tuple[str, ...]:
    """The web addresses that an abstract states, without the full stop behind them."""
    found = (web_address(one.rstrip(ADDRESS_ENDS)) for one in _STATED.findall(abstract))
    return tuple(dict.fromkeys(one for one in found if one))
