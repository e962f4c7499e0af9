"""What every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from store.library.library import Library

# How long an example takes says how busy the machine is, not whether a property holds.
settings.register_profile("quire", deadline=None)
settings.load_profile("quire")
pytest_plugins = [
    "leftovers",
    "endpoint_fixture",
    "fault_fixture",
    "library_fixture",
    "cli_fixture",
    "minilm_fixture",
    "archive_fixture",
    "vector_fixture",
    "terminal_fixture",
]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared material beside the checkout; without it the test is skipped."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "pages").is_dir():
        pytest.skip("no ../shared")
    return folder


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the reader's own library, settings and keys out of every test."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "QUIRE_MODEL", "QUIRE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("QUIRE_HOME", str(tmp_path / "quire-home"))
    monkeypatch.setenv("QUIRE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg-config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg-data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg-state"))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library."""
    with Library.open(tmp_path / "library", create=True) as opened:
        yield opened
