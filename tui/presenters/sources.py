"""What stands beside an answer: its sources as the items of a list.

Those cited come first, then those that hold what is not cited, then what single papers said
to a question that was put to every one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from assistant.answers.claim_words import claim_words, worth_telling
from assistant.checking.verdicts import SIGNS, Role, sign_counts, sign_of
from store.clean import clean_line
from tui.presenters.paper import about, byline
from tui.presenters.paper_table import CURSOR, PaperRow, fitted

if TYPE_CHECKING:
    from assistant.types.answers import Answer, PaperVerdict, Reference
    from assistant.types.claims import Citation, Claim
    from assistant.types.evidence import Evidence, NearMiss
    from store.types import Paper

HOLDS = f"{SIGNS['uncited'].symbol} holds uncited words"
"""What is said of a paper that holds the words of a sentence which cites nothing."""

_SIGNS = 4
"""Cells for the signs of a source: two of them, and the longest has two letters."""
_SEEN_WIDTH = 60
"""Characters for a claim and what was seen of it, beside its source."""

Kind = Literal[
    "candidate", "cited", "held", "yes", "unclear", "failed", "near", "read", "fold", "paper"
]
"""What a source is to an answer; `held`: it is not cited and holds words of it; `yes`,
`unclear` and `failed`: what it said when every paper was asked, where it is not cited; `read`: it
was read, and nothing more. A `fold` is the row that stands for those, and no source."""

_COUNTED: dict[Kind, str] = {
    "cited": "cited",
    "held": "not cited",
    "yes": "more yes",
    "unclear": "unclear",
    "failed": "failed",
    "candidate": "found, not cited yet",
    "near": "near, none of them answers",
}
_SAID: dict[str, tuple[Kind, str]] = {
    "yes": ("yes", "says yes"),
    "unclear": ("unclear", "unclear"),
    "failed": ("failed", "could not be asked"),
}


class Seen(NamedTuple):
    """A claim with its sign and what was seen of it, in a line, and how loud that is."""

    line: str
    role: Role


@dataclass(frozen=True)
class Item:
    """One source in a list.

    `number` is that of the answer's references, None where there is none. `paper` or
    `reference` holds what is known before the library is asked. `quotes` are the cited
    sentences, `title_cited` says that the title is among them. `held` are sentences that are
    not cited and hold the words of one without citation. `seen` is what the check saw of the
    claims that cite it, `signs` are theirs. `row` is how the table of papers tells of it.
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
    seen: tuple[Seen, ...] = ()
    signs: str = ""
    row: PaperRow | None = None

    @property
    def why(self) -> str:
        """What is said of a source that is not cited: why it is listed."""
        return self.detail if self.kind in ("held", "yes", "unclear", "failed", "near") else ""

    @property
    def is_known(self) -> bool:
        """True when there is something of it to show before the library is asked."""
        return self.kind != "paper" or self.paper is not None

    @property
    def is_looked_up(self) -> bool:
        """True when the library may know more of it, or other things by now."""
        return self.kind != "paper" or self.paper is None


def of_answer(answer: Answer, evidence: Evidence | None = None) -> tuple[Item, ...]:
    """The sources that an answer cites, then those that hold what is not cited, then other
    papers that were asked, but for those that say no; where there is none of all these, or
    nothing is cited, the papers that came closest."""
    papers = {one.paper.id: one.paper for one in evidence.sources} if evidence else {}
    held, titles = _held(answer)
    cited = [_cited(one, answer, papers.get(one.id)) for one in answer.references]
    known = {one.id for one in cited}
    others = [
        Item("held", one, clean_line(titles[one]), HOLDS, None, papers.get(one), held=quotes)
        for one, quotes in held.items()
        if one not in known
    ]
    found = (
        *(_holding(one, held.get(one.id, ())) for one in cited),
        *others,
        *(_said(one) for one in answer.papers if one.verdict in _SAID and one.id not in known),
    )
    if found and answer.outcome != "uncited":
        return found
    near = (one for one in answer.near_misses if one.id not in {*known, *held})
    return (*found, *(_near(one, papers.get(one.id)) for one in near))


def read_for(answer: Answer, evidence: Evidence | None) -> tuple[Item, ...]:
    """The papers that were read for an answer and are among its sources in no other way."""
    listed = {one.id for one in of_answer(answer, evidence)}
    found = candidates(evidence) if evidence else ()
    return tuple(replace(one, kind="read") for one in found if one.id not in listed)


def with_read(items: Sequence[Item], read: Sequence[Item], *, unfolded: bool) -> tuple[Item, ...]:
    """A list of sources, a row that stands for those that were read alone, these if unfolded."""
    if not read:
        return tuple(items)
    more = f"{len(read)} more" if items else f"{len(read)}"
    title = f"{more} {'was' if len(read) == 1 else 'were'} read and not cited"
    return (*items, Item("fold", "", title, ""), *(read if unfolded else ()))


def candidates(evidence: Evidence) -> tuple[Item, ...]:
    """The papers found for a question; they carry no number, since the answer gives its own."""
    return tuple(
        Item(
            "candidate",
            one.paper.id,
            clean_line(one.paper.title),
            about(one.paper),
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
    return replace(_pointing(item, mine), held=(), seen=_seen([claim])) if mine else item


def heading(items: Sequence[Item]) -> str:
    """What a list of sources holds, in one line."""
    counts = Counter(item.kind for item in items)
    parts = [f"{counts[kind]} {words}" for kind, words in _COUNTED.items() if counts[kind]]
    return f"Sources: {' · '.join(parts)}" if parts else "Sources"


def none_listed(*, has_turn: bool, is_busy: bool) -> str:
    """What stands in an empty list of sources."""
    if not has_turn:
        return "No sources yet."
    return "Searching…" if is_busy else "No sources."


def line(item: Item, width: int, *, is_current: bool) -> tuple[str, str]:
    """A source in so many cells, and behind it the year, where that is known.

    First stand the cursor, its number, and the signs of the claims that cite it.
    """
    pointer = CURSOR if is_current else " "
    if item.kind == "fold":
        return "", f"{pointer}{item.title}"
    number = "" if item.number is None else str(item.number)
    known = item.reference or item.paper
    year = f" {known.year}" if known and known.year is not None else ""
    margin = f"{pointer}{number:>2} "
    if item.signs:
        margin += f"{item.signs:<{_SIGNS}} "
    return margin + fitted(item.title or "(no title)", max(width - len(margin + year), 1)), year


def place(items: Sequence[Item], wanted: Item | None) -> int | None:
    """Where a source of the same paper stands in a list, from 0; None where none does."""
    places = (at for at, one in enumerate(items) if wanted and one.id == wanted.id)
    return next(places, None)


def _cited(reference: Reference, answer: Answer, paper: Paper | None) -> Item:
    """A source that an answer cites, with all of it that the answer points at."""
    item = Item(
        "cited",
        reference.id,
        clean_line(reference.title),
        byline(reference.authors, reference.year, is_retracted=reference.retracted),
        reference.number,
        paper,
        reference,
    )
    number = reference.number
    citing = [one for one in answer.claims if any(each.number == number for each in one.citations)]
    mine = [one for claim in citing for one in claim.citations if one.number == number]
    # What warns of all claims stands below the answer.
    quiet = [one for one in citing if not sign_of(one).warns]
    signs = " ".join(one.symbol for one in sign_counts(citing))
    return replace(_pointing(item, mine), seen=_seen(quiet), signs=signs)


def _seen(claims: Sequence[Claim]) -> tuple[Seen, ...]:
    return tuple(
        Seen(claim_words(one, _SEEN_WIDTH), sign_of(one).role) for one in worth_telling(claims)
    )


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


def _near(miss: NearMiss, paper: Paper | None) -> Item:
    """A paper that came close."""
    return Item("near", miss.id, clean_line(miss.title), clean_line(miss.why), None, paper)


def _held(answer: Answer) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, str]]:
    """The sentences that hold what is not cited, by paper, and the titles of these."""
    quotes: dict[str, tuple[str, ...]] = {}
    titles: dict[str, str] = {}
    for claim in answer.claims:
        if near := claim.nearest:
            quotes[near.id] = tuple(dict.fromkeys((*quotes.get(near.id, ()), near.quote)))
            titles[near.id] = near.title
    return quotes, titles


def _holding(item: Item, held: tuple[str, ...]) -> Item:
    """A cited paper, with those sentences of it that are not cited and hold what is not."""
    rest = tuple(one for one in held if not any(one.strip() in each for each in item.quotes))
    return replace(item, held=rest, detail=f"{HOLDS} · {item.detail}") if rest else item


def _said(one: PaperVerdict) -> Item:
    """A paper that was asked and is not cited, with the sentence that shows what it says."""
    kind, says = _SAID[one.verdict]
    quote = (one.sentence or "").strip()
    detail = f"{says}: {clean_line(quote)}" if quote else says
    return Item(kind, one.id, clean_line(one.title), detail, quotes=(quote,) if quote else ())
