"""The app over a service that answers by script, and ways to look at it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import desk as desks
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
def desk(app: QuireApp, service: FakeService) -> desks.Desk:
    """A reader before the app over the service, which does not run yet."""
    return desks.Desk(app, service)


@pytest.fixture
def until() -> Until:
    """Waits until something holds."""
    return waiting.until


@pytest.fixture
def screen_text() -> Callable[[QuireApp], str]:
    """Reads what stands on the screen, and checks that no control character does."""
    return desks.screen_text
