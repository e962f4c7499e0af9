"""The text of an answer on the screen, as it comes and when it is whole."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownBlock, MarkdownFence

from store.clean import StreamCleaner
from tui.presenters.markdown import AnswerParser, link, overflow, split
from tui.widgets.addresses import AddressChosen
from tui.widgets.claim_block import Checked, SignedBlock

if TYPE_CHECKING:
    from tui.presenters.sources import Seen

DRAWS_A_SECOND = 15
"""How often an answer is drawn at most."""

REST = 2
"""How long, in draws, nothing is drawn after a draw, so that keys keep their turn."""

_UNSEEN = 1.0
"""Seconds to the next draw where this one is not painted: another screen is before it."""


def _signed(block: type[MarkdownBlock]) -> type[MarkdownBlock]:
    return type(block.__name__, (SignedBlock, block), {})


class PlainFence(MarkdownFence):
    """A code block without highlighting, which costs time and guesses at languages."""

    @classmethod
    def highlight(cls, code: str, language: str, ansi: bool = False, dark: bool = False) -> Content:
        """The code as it is."""
        return Content(code)


_INLINE = ("paragraph_open", "h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = {**Markdown.BLOCKS, **{name: _signed(Markdown.BLOCKS[name]) for name in _INLINE}}
_BLOCKS["fence"] = PlainFence


class AnswerMarkdown(Checked):
    """The Markdown of an answer; a chosen link is posted, never opened."""

    def __init__(self) -> None:
        self._parser = AnswerParser()
        self._seen: Mapping[int, Seen] = {}
        super().__init__(parser_factory=lambda: self._parser, open_links=False)

    def get_block_class(self, block_name: str) -> type[MarkdownBlock]:
        """The widget class for a kind of block."""
        return _BLOCKS[block_name]

    def tell(self, seen: Mapping[int, Seen]) -> None:
        """Say below a claim what was seen of it, by its place, from the next drawing on."""
        self._seen = seen

    def seen_of(self, place: int) -> Seen | None:
        """What was seen of a claim."""
        return self._seen.get(place)

    def trust(self, addresses: tuple[str, ...]) -> None:
        """Let these web addresses be links from the next drawing on."""
        self._parser = AnswerParser(addresses)


class AnswerText(Vertical):
    """The text of an answer: it grows in batches, and what is too long stays plain."""

    class CitationChosen(Message):
        """The reader chose a citation mark of a text; `claim` is None where it belongs to none."""

        def __init__(self, of: AnswerText, number: int, claim: int | None) -> None:
            super().__init__()
            self.of = of
            self.number = number
            self.claim = claim

    def __init__(self) -> None:
        super().__init__()
        self._cleaner = StreamCleaner()
        # Markdown.append reads its place in the text before it waits for its turn.
        self._drawing = asyncio.Lock()
        self._timer: Timer | None = None
        self._rest_until = 0.0
        self._pending: list[str] = []
        self._text = ""
        self._addresses: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is shown so far."""
        return self._text

    def compose(self) -> ComposeResult:
        """The Markdown, and plain text below it."""
        yield AnswerMarkdown()
        yield Static(classes="overflow")

    def on_mount(self) -> None:
        """Make the timer that draws; it runs while pieces come."""
        self._timer = self.set_interval(1 / DRAWS_A_SECOND, self._draw_pending, pause=True)

    def trust(self, addresses: tuple[str, ...]) -> None:
        """Let these web addresses be links."""
        self._addresses = addresses
        self.query_one(AnswerMarkdown).trust(addresses)

    def tell(self, seen: Mapping[int, Seen]) -> None:
        """Say below each claim what was seen of it."""
        self.query_one(AnswerMarkdown).tell(seen)

    def feed(self, piece: str) -> None:
        """Take the next piece of the answer; it is drawn soon."""
        self._pending.append(piece)
        if self._timer:
            self._timer.resume()

    async def show(self, text: str) -> None:
        """Show a whole annotated text in place of what stands here."""
        self._pause()
        async with self._drawing:
            self._pending.clear()
            self._text = text
            head, tail = split(text)
            await self.query_one(AnswerMarkdown).update(head)
            self._show_overflow(tail)

    def _pause(self) -> None:
        if self._timer:
            self._timer.pause()

    async def _draw_pending(self) -> None:
        began = monotonic()
        if began < self._rest_until:
            return
        async with self._drawing:
            piece = self._cleaner.feed("".join(self._pending))
            self._pending.clear()
            if not piece:
                return
            drawn, _ = split(self._text)
            self._text += piece
            head, tail = split(self._text)
            if len(head) > len(drawn):
                await self.query_one(AnswerMarkdown).append(head[len(drawn) :])
            if tail:
                self._show_overflow(tail)
        # Laying it out and painting it takes longer than that, and comes behind it.
        self._rest_until = began + _UNSEEN
        self.call_after_refresh(self._rest, began)

    def _rest(self, began: float) -> None:
        """Leave the time to keys for a while, now that what was begun then is painted."""
        ended = monotonic()
        self._rest_until = ended + REST * (ended - began)

    def _show_overflow(self, tail: str) -> None:
        widget = self.query_one(".overflow", Static)
        widget.update(Content(overflow(tail)))
        widget.display = bool(tail)

    def on_markdown_link_clicked(self, event: Markdown.LinkClicked) -> None:
        """Turn a link, which only our own parser makes, into what it stands for."""
        event.stop()
        match link(event.href):
            case "cite", number, claim:
                self.post_message(self.CitationChosen(self, number, claim))
            case "web", place, _ if place < len(self._addresses):
                self.post_message(AddressChosen(self._addresses[place]))
            case _:
                pass
