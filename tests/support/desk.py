"""A reader at the app: what is pressed, what is waited for, what stands on the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from unicodedata import category

from fake_service import FakeService
from real_app import flat, said
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.widgets import Static
from waiting import until

from tui.app import QuireApp
from tui.screens.main import MainScreen
from tui.widgets.turn import TurnView

QUESTION = "What lives in kelp?"


class Desk:
    """One app, over the scripted service or over a real library, and its reader."""

    def __init__(self, app: QuireApp, service: FakeService | None = None) -> None:
        self.app = app
        self.service = service or FakeService()
        self.pilot: Pilot[Any]

    @asynccontextmanager
    async def opened(self, width: int = 80, height: int = 24) -> AsyncIterator[None]:
        """Run the app on a screen of this size; its library is open."""
        async with self.app.run_test(size=(width, height)) as self.pilot:
            await until(lambda: self.app._library)
            yield

    @property
    def main(self) -> MainScreen:
        return self.app.main

    @property
    def notice(self) -> str:
        return self.main.status.notice

    @property
    def screen(self) -> str:
        """What stands on the screen, line by line."""
        return screen_text(self.app)

    @property
    def text(self) -> str:
        """What stands on the screen as one line, without frames."""
        return flat(self.screen)

    @property
    def turn(self) -> TurnView:
        """The current turn."""
        turn = self.main.conversation.current
        assert turn is not None, "there is no turn"
        return turn

    def says(self, place: str) -> str:
        """A line of the current turn: its progress, thoughts, ending or account."""
        return said(self.app, place)

    def cited(self) -> list[str]:
        """What is marked as cited in the reader."""
        marked = self.main.pane.reader.query(".passage.cited").results(Static)
        return [str(one.render()) for one in marked]

    def place_of(self, wanted: str, after: int = 0) -> Offset:
        """Where a text stands on the screen, some columns behind its first letter."""
        for y, line in enumerate(self.screen.splitlines()):
            if (x := line.find(wanted)) >= 0:
                return Offset(x + after, y)
        raise AssertionError(f"{wanted!r} is not on the screen")

    async def press(self, *keys: str) -> None:
        """Press keys, and let the app draw what comes of them."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def sees(self, words: str) -> None:
        """Wait until words stand on the screen."""
        await until(lambda: words in self.text)

    async def told(self, words: str) -> None:
        """Wait until the notice holds words."""
        await until(lambda: words in self.notice)

    async def met(self, kind: type) -> None:
        """Wait for a dialog."""
        await until(lambda: isinstance(self.app.screen, kind))
        await self.pilot.pause()

    async def idle(self) -> None:
        """Wait until no answer is written any more."""
        await until(lambda: not self.main.busy)
        await self.pilot.pause()

    async def job_done(self) -> None:
        """Wait until no long job runs any more."""
        await until(lambda: not self.main.working)
        await self.pilot.pause()

    async def send(self, text: str = QUESTION, key: str = "enter") -> None:
        """Put a question into the box and send it."""
        self.main.box.focus()
        self.main.box.load_text(text)
        await self.pilot.press(key)

    async def ask(self, text: str = QUESTION) -> None:
        """Ask a question, and wait for the end of its answer."""
        before = self.main.conversation.current
        await self.send(text)
        await until(lambda: self.main.conversation.current is not before)
        await self.idle()

    def commands(self) -> dict[str, Callable[[], Any]]:
        """What the palette offers, by title."""
        return {one.title: one.callback for one in self.app.get_system_commands(self.app.screen)}


def screen_text(app: QuireApp) -> str:
    """What stands on the screen; no control character may."""
    lines = []
    for strip in app.screen._compositor.render_strips():
        assert not any(segment.control for segment in strip)
        lines.append(strip.text)
    text = "\n".join(lines)
    bad = {char for char in text if char != "\n" and category(char) in ("Cc", "Cf", "Cs")}
    assert not bad, f"on the screen: {bad!r}"
    return text
