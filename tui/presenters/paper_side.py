"""What stands beside a paper: the reader's marks, where it came from, the note, what leads on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from assistant.text.sentences import source_texts
from store.clean import clean_line, clean_text
from tui.presenters import paper as of_paper
from tui.presenters.days import when
from tui.presenters.key_names import AS_THEY_COME, KeyNames
from tui.presenters.paper_table import MARKS, UNREAD, fitted
from tui.presenters.papers import found_item

if TYPE_CHECKING:
    from assistant.types.search import SearchResult
    from assistant.types.sessions import Citing
    from store.types import Paper
    from tui.presenters.sources import Item

MOST_SIMILAR = 5
"""Papers that are named as similar to one."""

_DIGITS = 9
_TOLD = 11
"""Cells of a year, or of a day: "today 14:05"."""


class Fact(NamedTuple):
    """What is known of a paper, and what that is; further lines of one thing have no label."""

    label: str
    text: str


class Lead(NamedTuple):
    """What leads on from a paper: a similar one, or a saved answer that cites it.

    `number` is the digit that opens it, None behind the ninth; `told` is its year or its day.
    """

    number: int | None
    title: str
    told: str
    target: Item | Citing


@dataclass(frozen=True)
class Side:
    """What stands beside a paper; every text is cleaned, what is not known is left out.

    `mark` is what the reader made of it, `folded` is all of it in a line. `hint` says how to
    unfold what is folded, or to fold it again, "" where there is nothing more; `unfold` does too.
    """

    mark: str
    facts: tuple[Fact, ...]
    note: str
    similar: tuple[Lead, ...]
    citing: tuple[Lead, ...]
    folded: str
    hint: str
    unfold: str


def side(
    paper: Paper,
    found: SearchResult | None = None,
    citing: Sequence[Citing] = (),
    *,
    is_whole: bool = False,
    now: datetime | None = None,
    keys: KeyNames = AS_THEY_COME,
) -> Side:
    """What stands beside a paper; `found` are similar ones, None while they are looked for.

    With `is_whole` every address and every place that it was read from is told. `now` is the
    present instant.
    """
    similar = [
        (item.title or "(no title)", item.row.year if item.row else "", item)
        for item in map(found_item, found.hits if found else ())
    ]
    chats = [(clean_line(one.question), when(one.asked_at, now), one) for one in citing]
    return Side(
        mark=mark(paper),
        facts=_facts(paper, now, is_whole=is_whole),
        note="\n\n".join(clean_text(one).strip() for one in paper.notes),
        similar=_leads(similar, 1),
        citing=_leads(chats, 1 + len(similar)),
        folded=_folded(paper, len(similar), len(chats)),
        hint=f"{keys['paper.unfold']}: {'less' if is_whole else 'all'}" if _has_more(paper) else "",
        unfold=f"{keys['paper.unfold']}: all",
    )


def leads_on(paper: Paper, found: SearchResult, citing: Sequence[Citing]) -> str:
    """How many chats cite a paper, how many are `found` similar, how many pages it is in.

    "" where none does, none is, and it is in one.
    """
    chats = len({one.session for one in citing})
    cited = "1 chat cites it" if chats == 1 else f"{chats} chats cite it"
    parts = [
        cited if chats else "",
        f"{len(found.hits)} similar" if found.hits else "",
        _counted(paper).replace("from", "in", 1),
    ]
    return " · ".join(part for part in parts if part)


def row(lead: Lead, width: int) -> str:
    """What leads on, in a line of so many cells: its digit, its title, its year or day."""
    number = f"{lead.number}  " if lead.number is not None else "   "
    told = f" {lead.told[:_TOLD]} " if lead.told else " "
    room = max(width - cell_len(number) - cell_len(told), 1)
    return f"{number}{fitted(lead.title, room)}{told}"


def answers_by_sentence(
    paper: Paper, citing: Iterable[Citing]
) -> Mapping[str, frozenset[tuple[str, int]]]:
    """The saved answers, by conversation and turn, that cite a sentence of an abstract, by it."""
    sentences = source_texts(paper.title, paper.abstract)
    found: dict[str, set[tuple[str, int]]] = {}
    for one in citing:
        for at in one.sentences:
            if 0 < at < len(sentences):
                found.setdefault(sentences[at], set()).add((one.session, one.turn))
    return {text: frozenset(turns) for text, turns in found.items()}


def mark(paper: Paper) -> str:
    """What the reader made of a paper, in a sign and a word."""
    sign = UNREAD if paper.status == "unread" else MARKS[paper.status]
    return f"{sign} {paper.status}".strip()


def _leads(rows: Iterable[tuple[str, str, Item | Citing]], first: int) -> tuple[Lead, ...]:
    return tuple(
        Lead(number if number <= _DIGITS else None, title, told, target)
        for number, (title, told, target) in enumerate(rows, first)
    )


def _facts(paper: Paper, now: datetime | None, *, is_whole: bool) -> tuple[Fact, ...]:
    links = [_bare(one) for one in of_paper.addresses(paper)]
    places = [of_paper.came(one) for one in paper.provenance]
    if not is_whole:
        links, places = links[:1], [_came_from(paper, now)]
    told = [
        ("tags", ", ".join(clean_line(tag) for tag in paper.tags)),
        *(("" if at else "link", one) for at, one in enumerate(links)),
        ("id", clean_line(paper.id)),
        *(("" if at else "from", one.removeprefix("from ")) for at, one in enumerate(places)),
    ]
    return tuple(Fact(label, text) for label, text in told if text)


def _came_from(paper: Paper, now: datetime | None) -> str:
    """The place a paper was read from, or how many they are, and the first day."""
    sources = {one.source for one in paper.provenance}
    days = sorted(one.added_at for one in paper.provenance if one.added_at)
    if len(sources) > 1:
        first = f"first {when(days[0], now)}" if days else ""
        return ", ".join(filter(None, [_counted(paper), first]))
    places = [of_paper.read_from(one.source, None) for one in paper.provenance[:1]]
    return ", ".join(filter(None, [*places, *(when(day, now) for day in days[:1])]))


def _counted(paper: Paper) -> str:
    """How many files a paper was read from, where they are several."""
    number = len({one.source for one in paper.provenance})
    are_pages = all(one.reader == "page" for one in paper.provenance)
    return f"from {number} {'pages' if are_pages else 'files'}" if number > 1 else ""


def _folded(paper: Paper, similar: int, citing: int) -> str:
    links = of_paper.addresses(paper)[:1]
    parts = [
        "" if paper.status == "read" else mark(paper),
        ", ".join(clean_line(tag) for tag in paper.tags),
        f"similar {similar}" if similar else "",
        f"cited in {citing}" if citing else "",
        _counted(paper),
        *map(_bare, links),
    ]
    return " · ".join(part for part in parts if part)


def _has_more(paper: Paper) -> bool:
    """True where a line of facts stands for several, or for more than it says."""
    places = paper.provenance
    is_more = any(one.line is not None or one.page_date for one in places)
    return len(places) > 1 or is_more or len(of_paper.addresses(paper)) > 1


def _bare(address: str) -> str:
    return address.removeprefix("https://")
