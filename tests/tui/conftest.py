"""The app over a desk that answers by script, and ways to look at it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from unicodedata import category

import pytest
from fake_desk import FakeDesk, Until, opener

from tui.app import QuireApp


@pytest.fixture
def desk() -> FakeDesk:
    """A desk with two papers that answers any question well."""
    return FakeDesk()


@pytest.fixture
def app(desk: FakeDesk, tmp_path: Path) -> QuireApp:
    """The app over the desk, not yet running."""
    return QuireApp(opener(desk), state=tmp_path / "state")


@pytest.fixture
def until() -> Until:
    """Waits until something holds; fails after some seconds."""

    async def wait(holds: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not holds():
                await asyncio.sleep(0.01)

    return wait


@pytest.fixture
def screen_text() -> Callable[[QuireApp], str]:
    """Reads what stands on the screen, and checks that no control character does."""

    def read(app: QuireApp) -> str:
        lines = []
        for strip in app.screen._compositor.render_strips():
            for segment in strip:
                assert not segment.control
            lines.append(strip.text)
        text = "\n".join(lines)
        bad = {char for char in text if char != "\n" and category(char) in ("Cc", "Cf", "Cs")}
        assert not bad, f"on the screen: {bad!r}"
        return text

    return read
