"""A library that the tests filled, copied for each test that opens it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from papers import made_up

from store.library.library import Library


@pytest.fixture(scope="session")
def built_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed library with forty made-up papers in every index; not to be opened."""
    folder = tmp_path_factory.mktemp("built") / "library"
    with Library.open(folder, create=True) as library:
        library.ingest().run(made_up(40))
        library.catch_up()
        status = library.status()
    assert (status.chroma, status.lexical) == ("ready", "ready")
    return folder


@pytest.fixture
def filled(built_library: Path, tmp_path: Path) -> Path:
    """The folder of a closed library with forty made-up papers, a test's own."""
    return Path(shutil.copytree(built_library, tmp_path / "library"))
