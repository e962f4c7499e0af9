"""The app over a service that answers by script, and ways to look at it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from unicodedata import category

import pytest
import waiting
from fake_service import FakeService, opener
from waiting import Until

from tui.app import QuireApp


@pytest.fixture
def service() -> FakeService:
    """A service with two papers that answers any question well."""
    return FakeService()


@pytest.fixture
def app(service: FakeService, tmp_path: Path) -> QuireApp:
    """The app over the service, not yet running."""
    return QuireApp(opener(service), state=tmp_path / "state")


@pytest.fixture
def until() -> Until:
    """Waits until something holds."""
    return waiting.until


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
