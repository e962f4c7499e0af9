"""The papers of the library: all of them, those that a filter leaves, or those of a search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from assistant.values import SearchResult
from store.clean import clean_line
from store.model import Paper
from tui import sources
from tui.lists import LineList, Row
from tui.sources import Item

MAX_FILTER = 400
"""Characters that a filter may have."""

TYPING_PAUSE = 0.12
"""Seconds without a key before the filter is applied."""


def haystack(paper: Paper) -> str:
    """What the filter looks at, in lower case."""
    year = str(paper.year or "")
    parts = (paper.title, paper.abstract, *paper.authors, paper.venue or "", year, *paper.tags)
    return "\n".join(parts).lower()


def matching(papers: Sequence[Paper], texts: Sequence[str], wanted: str) -> list[Paper]:
    """The papers whose text holds every word that is wanted; `texts` are their haystacks."""
    words = wanted.lower().split()
    return [
        paper
        for paper, text in zip(papers, texts, strict=True)
        if all(word in text for word in words)
    ]


class PapersView(Vertical):
    """A filter over a list of papers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", show=False, id="papers.filter"),
        Binding("s", "summarize", "Summarize", show=False, id="papers.summarize"),
    ]

    class SummaryWanted(Message):
        """The reader wants a summary of a paper."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    class SearchWanted(Message):
        """The reader wants the papers ranked by how much they speak to a text."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._papers: tuple[Paper, ...] = ()
        self._texts: list[str] = []
        self._typing: Timer | None = None
        self.is_loaded = False

    def compose(self) -> ComposeResult:
        """The filter, the count, the list."""
        yield FilterBox(
            placeholder="Filter by words; Enter ranks by them", id="filter", max_length=MAX_FILTER
        )
        yield Static(id="paper-count")
        yield LineList[Paper | Item](_row, empty="Reading the library…", id="paper-list")

    @property
    def papers(self) -> LineList[Paper | Item]:
        """The list."""
        return self.query_one("#paper-list", LineList)

    @property
    def current(self) -> Item | None:
        """The paper under the cursor."""
        entry = self.papers.current
        return sources.paper_item(entry) if isinstance(entry, Paper) else entry

    def load(self, papers: tuple[Paper, ...], texts: list[str]) -> None:
        """Take the papers of the library with their haystacks."""
        self._papers, self._texts = papers, texts
        self.is_loaded = True
        self._apply()

    def ranked(self, result: SearchResult) -> None:
        """Show what a search found, best first."""
        if result.query != self._wanted:
            return
        self.papers.fill([sources.found_item(hit) for hit in result.hits], "No paper speaks to it.")
        notes = " · ".join(clean_line(note) for note in result.notes)
        line = f"{len(result.hits)} papers, best first"
        self._count(f"{line} · {notes}" if notes else line)
        self.papers.focus()

    def action_filter(self) -> None:
        """Go to the filter."""
        self.query_one("#filter").focus()

    def action_summarize(self) -> None:
        """Ask for a summary of the paper under the cursor."""
        if (item := self.current) is not None:
            self.post_message(self.SummaryWanted(item))

    @on(Input.Changed, "#filter")
    def _typed(self) -> None:
        if self._typing:
            self._typing.stop()
        self._typing = self.set_timer(TYPING_PAUSE, self._apply)

    @on(Input.Submitted, "#filter")
    def _submitted(self) -> None:
        if self._typing:
            self._typing.stop()
        if self._wanted:
            self.post_message(self.SearchWanted(self._wanted))
        else:
            self.papers.focus()

    @property
    def _wanted(self) -> str:
        return self.query_one("#filter", Input).value.strip()

    def _apply(self) -> None:
        if not self.is_loaded:
            return
        found = matching(self._papers, self._texts, self._wanted)
        self.papers.fill(found, "No paper has all these words." if self._papers else "No papers.")
        total = len(self._papers)
        count = f"{len(found):,} of {total:,} papers" if self._wanted else f"{total:,} papers"
        self._count(f"{count} · Enter reads, s summarizes, / filters")

    def _count(self, line: str) -> None:
        self.query_one("#paper-count", Static).update(Content(line))


class FilterBox(Input):
    """The filter; Down leaves it for the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "To the list", show=False, id="papers.to_list"),
    ]

    def _on_paste(self, event: events.Paste) -> None:
        # The base class would keep control characters.
        event.prevent_default()
        event.stop()
        self.insert_text_at_cursor(clean_line(event.text[:MAX_FILTER]))


def _row(entry: Paper | Item) -> Row:
    item = sources.paper_item(entry) if isinstance(entry, Paper) else entry
    return item.title or "(no title)", item.detail
