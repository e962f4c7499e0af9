"""What every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared material beside the checkout; without it the test is skipped."""
    folder = Path(__file__).resolve().parents[1].parent / "shared"
    if not (folder / "pages").is_dir():
        pytest.skip("no ../shared")
    return folder


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the reader's own library, settings and keys out of every test."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "QUIRE_MODEL", "QUIRE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("QUIRE_HOME", str(tmp_path / "quire-home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg-config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg-data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg-state"))
