"""A package that is installed for one test, with entry points of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def made_package(
    folder: Path, monkeypatch: pytest.MonkeyPatch, module: str, source: str, points: str
) -> Iterator[None]:
    """A module and its package of version 1.2, found where packages are."""
    (folder / f"{module}.py").write_text(source)
    name = module.replace("_", "-")
    info = folder / f"{module}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(folder)
    yield
    sys.modules.pop(module, None)
