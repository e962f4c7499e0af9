"""The app over a service that answers by script, and its reader."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import CODECS, Desk, records
from fake_service import FakeService, opener
from library_fixture import Shelf

from tui.app import QuireApp


@pytest.fixture(scope="session")
def _imported_for_good() -> None:
    """Take what all tests have imported out of garbage collections, as the app itself does."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _rare_collections(_imported_for_good: None) -> Iterator[None]:
    """Collect garbage less often: it took a fifth of the time of these tests."""
    before = gc.get_threshold()
    gc.set_threshold(20_000, 10, 10)
    yield
    gc.set_threshold(*before)


@pytest.fixture
def service() -> FakeService:
    """A service with two papers that answers any question well."""
    return FakeService()


@pytest.fixture
def app(service: FakeService, tmp_path: Path) -> QuireApp:
    """The app over the service, not yet running."""
    return QuireApp(opener(service), state=tmp_path / "state")


@pytest.fixture
def desk(app: QuireApp, service: FakeService) -> Desk:
    """A reader before the app over the service, which does not run yet."""
    return Desk(app, service)


@pytest.fixture
def codecs(shelf: Shelf, tmp_path: Path) -> Path:
    """The folder of a library with two papers on codecs, the default place."""
    return shelf.library_of(records(CODECS), tmp_path / "quire-home")
