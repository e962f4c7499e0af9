"""The reader: one paper whole, with the cited sentences marked."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from assistant.checking.verdicts import SIGNS
from tui.presenters.passages import Passage
from tui.presenters.sources import Leaf

SCROLLING: list[BindingType] = [
    Binding("j,down", "scroll_down", "Down", show=False, id="scroll.down"),
    Binding("k,up", "scroll_up", "Up", show=False, id="scroll.up"),
    Binding("g,home", "scroll_home", "Top", show=False, id="scroll.top"),
    Binding("G,end", "scroll_end", "Bottom", show=False, id="scroll.bottom"),
]
"""The keys of everything that scrolls."""


class Reader(VerticalScroll, can_focus=True):
    """Shows a leaf; cited passages stand behind a bar, in bold, held ones behind their sign."""

    BINDINGS: ClassVar[list[BindingType]] = SCROLLING

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.leaf: Leaf | None = None
        self._showing = asyncio.Lock()

    def compose(self) -> ComposeResult:
        """A hint, until a source is chosen."""
        yield Static("Choose a source to read its abstract here.", classes="hint")

    async def show(self, leaf: Leaf) -> None:
        """Show a paper and bring the first cited passage into view."""
        async with self._showing:
            if leaf != self.leaf:
                # Until all parts stand, nothing is shown: the work may be cancelled half-way.
                self.leaf = None
                await self._replace(_parts(leaf))
                self.leaf = leaf
        self.call_after_refresh(self._to_cited)

    async def clear(self) -> None:
        """Show nothing but the hint."""
        async with self._showing:
            self.leaf = None
            await self._replace(list(self.compose()))

    async def _replace(self, parts: list[Widget]) -> None:
        with self.app.batch_update():
            await self.remove_children()
            await self.mount_all(parts)

    def _to_cited(self) -> None:
        cited = self.query(".passage.cited") or self.query(".passage.held")
        if cited:
            cited.first().scroll_visible(animate=False)
        else:
            self.scroll_home(animate=False)


def _parts(leaf: Leaf) -> list[Widget]:
    number = f"[{leaf.number}] " if leaf.number is not None else ""
    parts: list[Widget] = [
        Static(
            Content(number + (leaf.title or "(no title)")),
            classes="title cited" if leaf.title_cited else "title",
        ),
        Static(Content(leaf.byline), classes="byline"),
    ]
    if leaf.origin:
        parts.append(Static(Content("\n".join(leaf.origin)), classes="origin"))
    if leaf.note:
        parts.append(Static(Content(leaf.note), classes="note"))
    passages = [Static(Content(_shown(one)), classes=_classes(one)) for one in leaf.passages]
    parts += passages or [Static("No abstract.", classes="passage")]
    return parts


def _shown(passage: Passage) -> str:
    return f"{SIGNS['uncited'].symbol} {passage.text}" if passage.held else passage.text


def _classes(passage: Passage) -> str:
    if passage.cited:
        return "passage cited"
    return "passage held" if passage.held else "passage"
