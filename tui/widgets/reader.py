"""The reader: one paper whole, with the cited sentences marked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui.presenters.reader import NONE_CHOSEN, Part, ReaderPage, parts

SCROLLING: list[BindingType] = [
    Binding("j,down", "scroll_down", "Down", show=False, id="scroll.down"),
    Binding("k,up", "scroll_up", "Up", show=False, id="scroll.up"),
    Binding("g,home", "scroll_home", "Top", show=False, id="scroll.top"),
    Binding("G,end", "scroll_end", "Bottom", show=False, id="scroll.bottom"),
]
"""The keys of everything that scrolls."""


_HEAD = 2
"""Parts of a page that stand in the head."""


class ReaderHead(Vertical):
    """Title and byline of the paper shown, which stay while its text is scrolled."""

    def compose(self) -> ComposeResult:
        """The two lines, empty until a paper is shown."""
        yield Static(classes="title")
        yield Static(classes="byline")

    def show(self, head: Sequence[Part]) -> None:
        """Show the first parts of a page, none to show nothing."""
        # By a class: a display of its own would go before that of a pane which shows a list.
        self.set_class(not head, "-none")
        for widget, part in zip(self.query(Static), head, strict=False):
            widget.update(Content(part.text))
            widget.classes = part.look
            widget.display = bool(part.text)


class ScrollingText(VerticalScroll, can_focus=True):
    """A text that scrolls; no look of what it holds hangs on whether it has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = SCROLLING

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Style this widget anew, and not all that it holds."""
        if self.is_attached:
            self.app.stylesheet.update_nodes([self])


class Reader(ScrollingText):
    """Shows a page; cited passages stand behind a bar, in bold, held ones behind their sign.

    Its first two parts, title and byline, stand in the head.
    """

    def __init__(self, head: ReaderHead, hint: str = NONE_CHOSEN, id: str | None = None) -> None:
        super().__init__(id=id)
        self._head = head
        self._hint = hint
        self.page: ReaderPage | None = None
        self._showing = asyncio.Lock()

    def compose(self) -> ComposeResult:
        """A hint, until a source is chosen."""
        yield Static(self._hint, classes="hint")

    async def show(self, page: ReaderPage) -> None:
        """Show a paper and bring the first cited passage into view."""
        async with self._showing:
            if page != self.page:
                # Until all parts stand, nothing is shown: the work may be cancelled half-way.
                self.page = None
                first, below = parts(page)[:_HEAD], parts(page)[_HEAD:]
                self._head.show(first)
                await self._replace([Static(_content(one), classes=one.look) for one in below])
                self.page = page
        self.call_after_refresh(self._to_cited)

    async def clear(self) -> None:
        """Show nothing but the hint."""
        async with self._showing:
            self.page = None
            self._head.show(())
            await self._replace(self.compose())

    async def _replace(self, widgets: Iterable[Widget]) -> None:
        with self.app.batch_update():
            await self.remove_children()
            await self.mount_all(widgets)

    def _to_cited(self) -> None:
        cited = self.query(".passage.cited") or self.query(".passage.held")
        if cited:
            cited.first().scroll_visible(animate=False)
        else:
            self.scroll_home(animate=False)


def _content(part: Part) -> Content:
    """A part, and behind it what is said of it."""
    if not part.aside:
        return Content(part.text)
    return Content.assemble(part.text, "   ", (part.aside, "$text-muted not bold"))
