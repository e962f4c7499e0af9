"""What stands beside an answer: its sources as list items, and the page that shows one whole."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from assistant.checking.unsupported_quotes import ADDRESS_ENDS
from assistant.types.answers import Answer, Reference
from assistant.types.claims import Citation, Claim
from assistant.types.evidence import Evidence, NearMiss
from assistant.types.search import Found
from store.clean import clean_line, clean_text, shorten
from store.ledger.browse import PaperLine
from store.types import Paper
from tui.presenters.passages import Passage, cut, hold, locate

MAX_ABSTRACT = 40_000
"""Longer abstracts are cut for the screen, in characters; no real one comes near."""

_GONE = "This paper is no longer in the library; shown as it was found."
_NAMES_SHOWN = 3
_STATED = re.compile(r"https?://[^\s<>\"'`|]{1,1000}")
_UNSAFE = re.compile(r"[\s\\\x00-\x20\x7f-\x9f]")

Kind = Literal["candidate", "cited", "held", "yes", "unclear", "failed", "near", "paper"]
"""What a source is to an answer; `held`: it is not cited and holds words of it; `yes`,
`unclear` and `failed`: what it said when every paper was asked, where it is not cited."""


@dataclass(frozen=True)
class Item:
    """One source in a list.

    `number` is that of the answer's references, None where there is none. `paper` or
    `reference` holds what is known before the library is asked. `quotes` are the cited
    sentences, `title_cited` says that the title is among them. `held` are sentences that are
    not cited and hold the words of one without citation.
    """

    kind: Kind
    id: str
    title: str
    detail: str
    number: int | None = None
    paper: Paper | None = None
    reference: Reference | None = None
    quotes: tuple[str, ...] = ()
    title_cited: bool = False
    held: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReaderPage:
    """One paper as the reader sees it whole; every text is cleaned.

    `passages` is the abstract, cut at what is cited. `note` says what is odd about it.
    """

    id: str
    title: str
    byline: str
    origin: tuple[str, ...]
    address: str
    passages: tuple[Passage, ...]
    title_cited: bool = False
    number: int | None = None
    note: str = ""


def byline(authors: Iterable[str], year: int | None, venue: str | None = None) -> str:
    """Authors, year and venue in one line, which says what is missing."""
    names = [clean_line(name) for name in authors]
    shown = ", ".join(names[:_NAMES_SHOWN]) or "no authors"
    if len(names) > _NAMES_SHOWN:
        shown += f" and {len(names) - _NAMES_SHOWN} more"
    parts = [shown, str(year) if year is not None else "no year", clean_line(venue or "")]
    return " · ".join(part for part in parts if part)


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


def candidates(evidence: Evidence) -> tuple[Item, ...]:
    """The papers found for a question; they carry no number, since the answer gives its own."""
    return tuple(
        Item(
            "candidate",
            one.paper.id,
            clean_line(one.paper.title),
            _about(one.paper),
            None,
            one.paper,
        )
        for one in evidence.sources
    )


def so_far(claims: Iterable[Claim], evidence: Evidence | None) -> tuple[Item, ...]:
    """The sources while an answer is written: those cited already, then the other candidates."""
    citations = [one for claim in claims for one in claim.citations]
    others = {one.id: one for one in candidates(evidence)} if evidence else {}
    cited: list[Item] = []
    for number, paper_id in sorted({one.number: one.id for one in citations}.items()):
        if found := others.pop(paper_id, None):
            item = replace(found, kind="cited", number=number)
            cited.append(_pointing(item, [one for one in citations if one.number == number]))
    return (*cited, *others.values())


def for_claim(item: Item, claim: Claim) -> Item:
    """The same source, with only what one claim cites."""
    mine = [one for one in claim.citations if one.number == item.number]
    return replace(_pointing(item, mine), held=()) if mine else item


def paper_item(paper: Paper) -> Item:
    """A paper of the library as a list item."""
    return Item("paper", paper.id, clean_line(paper.title), _about(paper), None, paper)


def line_item(line: PaperLine) -> Item:
    """A line of the list of papers as an item; the paper itself is asked for when it is read."""
    return Item("paper", line.id, clean_line(line.title), _about(line))


def found_item(found: Found) -> Item:
    """A paper that a search found, with the sentence that speaks most to it."""
    item = paper_item(found.paper)
    sentence = found.sentence
    if sentence is None:
        return item
    at_title = sentence.index == 0
    return replace(item, quotes=() if at_title else (sentence.text,), title_cited=at_title)


def copied(page: ReaderPage) -> str:
    """A paper as plain text."""
    abstract = "\n".join(passage.text for passage in page.passages)
    return "\n".join(part for part in (page.title, page.byline, *page.origin, "", abstract)) + "\n"


def page(item: Item, paper: Paper | None = None, missing: bool = False) -> ReaderPage:
    """What the reader is shown of a source.

    `paper` is the paper as the library holds it now, `missing` says that it is gone. A cited
    abstract is shown as it was when it was cited.
    """
    reference = item.reference
    known = paper or (None if missing and reference else item.paper)
    if known is None:
        return _snapshot(item, missing)
    abstract, note = known.abstract, _GONE if missing else ""
    if reference and reference.abstract and reference.abstract != known.abstract:
        abstract, note = reference.abstract, "The abstract has changed since; shown as cited."
    has_address = addresses(known)
    return ReaderPage(
        id=clean_line(known.id),
        title=clean_line(known.title),
        byline=_byline(known),
        origin=_origin(known),
        address=has_address[0] if has_address else "",
        passages=_passages(abstract, item),
        title_cited=item.title_cited,
        number=item.number,
        note=note,
    )


def _snapshot(item: Item, missing: bool) -> ReaderPage:
    reference = item.reference
    note = _GONE if missing else ""
    if reference is None:
        return ReaderPage(clean_line(item.id), item.title, item.detail, (), "", (), note=note)
    came = [_place(reference.source, None), _added(reference.added_at)]
    return ReaderPage(
        id=clean_line(reference.id),
        title=clean_line(reference.title),
        byline=byline(reference.authors, reference.year),
        origin=(" · ".join(part for part in came if part), f"id {clean_line(reference.id)}"),
        address=web_address(reference.url),
        passages=_passages(reference.abstract, item),
        title_cited=item.title_cited,
        number=item.number,
        note=note,
    )


def _passages(abstract: str, item: Item) -> tuple[Passage, ...]:
    text = abstract[:MAX_ABSTRACT]
    passages = tuple(
        one._replace(text=clean_text(one.text))
        for one in hold(cut(text, locate(text, item.quotes)), item.held)
    )
    left = len(abstract) - len(text)
    return (*passages, Passage(f"… {left} characters more", False)) if left else passages


def cited(reference: Reference, answer: Answer, paper: Paper | None) -> Item:
    """A source that an answer cites, with all of it that the answer points at."""
    item = Item(
        "cited",
        reference.id,
        clean_line(reference.title),
        byline(reference.authors, reference.year),
        reference.number,
        paper,
        reference,
    )
    citations = [one for claim in answer.claims for one in claim.citations]
    return _pointing(item, [one for one in citations if one.number == reference.number])


def _pointing(item: Item, citations: list[Citation]) -> Item:
    quotes: list[str] = []
    for one in citations:
        quote = one.quote.strip()
        # The title has a place of its own; only what follows it can stand in the abstract.
        if 0 in one.sentences:
            quote = quote.removeprefix(_title(item).strip()).strip()
        quotes.append(quote)
    title_cited = any(0 in one.sentences for one in citations)
    return replace(
        item, quotes=tuple(dict.fromkeys(one for one in quotes if one)), title_cited=title_cited
    )


def _title(item: Item) -> str:
    known = item.reference or item.paper
    return known.title if known else item.title


def near(miss: NearMiss, paper: Paper | None) -> Item:
    """A paper that came close."""
    return Item("near", miss.id, clean_line(miss.title), clean_line(miss.why), None, paper)


def _byline(paper: Paper) -> str:
    if not paper.authors and paper.year is None and not addresses(paper):
        parts = ["no authors, year or address in its source", clean_line(paper.venue or "")]
        return " · ".join(part for part in parts if part)
    return byline(paper.authors, paper.year, paper.venue)


def _about(paper: Paper | PaperLine) -> str:
    status = "" if paper.status == "unread" else f" · {paper.status}"
    return shorten(byline(paper.authors, paper.year, paper.venue), 200) + status


def _origin(paper: Paper) -> tuple[str, ...]:
    lines = [*addresses(paper)]
    for one in paper.provenance:
        parts = [
            _place(one.source, one.line),
            clean_line(one.page_date or ""),
            _added(one.added_at),
        ]
        lines.append(" · ".join(part for part in parts if part))
    lines.append(f"id {clean_line(paper.id)}")
    if paper.tags:
        lines.append("tags: " + ", ".join(clean_line(tag) for tag in paper.tags))
    lines += [f"note: {clean_line(note)}" for note in paper.notes]
    return tuple(lines)


def _place(source: str, line: int | None) -> str:
    """Where a paper was read from: the file and its folder are enough to know it by."""
    if not source:
        return ""
    parts = clean_line(source).rsplit("/", 2)
    place = "…/" + "/".join(parts[1:]) if len(parts) == 3 and parts[0] else "/".join(parts)
    return f"from {place}" + (f", line {line}" if line is not None else "")


def _added(instant: str) -> str:
    return f"added {clean_line(instant)[:10]}" if instant else ""
