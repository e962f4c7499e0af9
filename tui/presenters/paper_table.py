"""The list of papers as a table: which columns there is something for, and what stands in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, set_cell_size

from store.clean import clean_line
from store.exporters.names import parted
from store.ledger.browse import Order, PaperLine, Told
from tui.presenters.paper import RETRACTED

if TYPE_CHECKING:
    from store.types import Paper, Status

CURSOR, SELECTED, UNREAD = "▌", "◆", "●"
MARKS: dict[Status, str] = {"kept": "★", "later": "»", "skipped": "×", "read": " ", "unread": " "}
"""What stands before the title of a paper with a mark; one not read yet has `UNREAD` before it."""

_AUTHOR, _YEAR, _TAGS = 12, 4, 12
_LEAST_TITLE = 34
"""Cells that a title keeps: a column goes where it would be left less."""
_SHED: tuple[Told, ...] = ("tag", "author", "year")
"""The columns in the order in which they go."""
_WIDTHS: dict[Told, int] = {"author": _AUTHOR, "year": _YEAR, "tag": _TAGS}
_HEADS: dict[Told, str] = {"author": "Author", "year": "Year", "tag": "Tags"}
_UNTOLD: dict[Told, str] = {"author": "authors", "year": "years"}
MARGIN = 5
"""Cells for cursor, selection, unread, mark, and a space."""

ORDERS: tuple[tuple[str, Order], ...] = (
    ("first added", Order()),
    ("last added", Order(reverse=True)),
    ("newest", Order(by="year", reverse=True)),
    ("oldest", Order(by="year")),
    ("title", Order(by="title")),
    ("author", Order(by="author")),
    ("unread first", Order(by="status")),
    ("near to what you kept", Order(by="nearness")),
)
"""The orders that a list may have, by what they are called."""
BEST = "best match"
"""The order of what a search found."""


class PaperRow(NamedTuple):
    """What the columns tell of a paper; every text is cleaned."""

    title: str
    author: str
    year: str
    tags: str
    status: Status
    is_retracted: bool


def row(paper: Paper | PaperLine) -> PaperRow:
    """A paper as a row."""
    return PaperRow(
        title=clean_line(paper.title) or "(no title)",
        author=short_authors(paper.authors),
        year="" if paper.year is None else str(paper.year),
        tags=", ".join(clean_line(tag) for tag in paper.tags),
        status=paper.status,
        is_retracted=paper.is_retracted,
    )


def short_authors(names: Sequence[str]) -> str:
    """The family name of the first author, and how many others there are: "Okafor +3"."""
    if not names:
        return ""
    first = clean_line(names[0])
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return f"{parted(first).family or first}{more}"


def shown(told: Collection[Told], width: int) -> tuple[Told, ...]:
    """The columns beside the title, in order: what is told of nothing goes, and what lacks room."""
    columns = [one for one in _WIDTHS if one in told]
    for one in _SHED:
        if _title_width(columns, width) < _LEAST_TITLE and one in columns:
            columns.remove(one)
    return tuple(columns)


def head(columns: Sequence[Told], width: int) -> str:
    """The line above the rows."""
    cells = {one: _HEADS[one] for one in columns}
    return " " * MARGIN + _joined("Title", cells, columns, width)


def line(one: PaperRow, columns: Sequence[Told], width: int) -> str:
    """What stands behind the marks of a row."""
    title = f"{RETRACTED}: {one.title}" if one.is_retracted else one.title
    cells: dict[Told, str] = {"author": one.author, "year": one.year, "tag": one.tags}
    return _joined(title, cells, columns, width)


def margin(one: PaperRow, *, is_current: bool, is_selected: bool) -> str:
    """The marks before a row: cursor, selection, unread, what the reader made of it."""
    return (
        (CURSOR if is_current else " ")
        + (SELECTED if is_selected else " ")
        + (UNREAD if one.status == "unread" else " ")
        + MARKS[one.status]
        + " "
    )


def lacking(told: Collection[Told]) -> str:
    """What the sources of the papers listed do not tell: "no authors, no years"; tags are ours."""
    return ", ".join(f"no {name}" for one, name in _UNTOLD.items() if one not in told)


def order_name(order: Order) -> str:
    """What an order is called."""
    return next((name for name, one in ORDERS if one == order), "")


def order_of_head(x: int, columns: Sequence[Told], width: int, now: Order) -> Order | None:
    """The order that a click on a head means, so many cells from the left; None beside the heads.

    A second click on the year has the oldest first.
    """
    end = MARGIN + _title_width(columns, width)
    if x < end:
        return Order(by="title") if x >= MARGIN else None
    for one in columns:
        end += 1 + _WIDTHS[one]
        if x < end:
            return _orders_of_heads(now).get(one)
    return None


def _orders_of_heads(now: Order) -> dict[Told, Order]:
    newest = Order(by="year", reverse=True)
    return {"author": Order(by="author"), "year": Order(by="year") if now == newest else newest}


def _title_width(columns: Collection[Told], width: int) -> int:
    return width - MARGIN - sum(_WIDTHS[one] + 1 for one in columns)


def _joined(title: str, cells: dict[Told, str], columns: Sequence[Told], width: int) -> str:
    room = max(_title_width(columns, width), 1)
    return " ".join([fitted(title, room), *(fitted(cells[c], _WIDTHS[c]) for c in columns)])


def fitted(text: str, width: int) -> str:
    """A text in so many cells, cut with an ellipsis."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)
