"""What `status` tells of indexes whose files are spoiled, without opening them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from store.library.library import Library
from store.library.upkeep import standing
from store.types import Record


@pytest.fixture
def folder(tmp_path: Path, made_up_papers: list[Record]) -> Path:
    folder = tmp_path / "library"
    with Library.open(folder, create=True) as library:
        library.ingest().run(made_up_papers)
        library.catch_up()
        status = library.status()
    assert (status.chroma, status.lexical) == ("ready", "ready")
    return folder


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def garbage(path: Path) -> None:
    path.write_bytes(b"garbage" * 1000)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("file", "spoil", "chroma", "lexical"),
    [
        ("chroma/*/chroma.sqlite3", cut, "damaged", "ready"),
        ("chroma/*/chroma.sqlite3", garbage, "damaged", "ready"),
        ("chroma/*/chroma.sqlite3", empty, "missing", "ready"),
        ("chroma/*/chroma.sqlite3", Path.unlink, "missing", "ready"),
        ("lexical/*/meta.json", cut, "ready", "damaged"),
        ("lexical/*/meta.json", garbage, "ready", "damaged"),
        ("lexical/*/meta.json", empty, "ready", "missing"),
        ("lexical/*/*.term", Path.unlink, "ready", "damaged"),
        ("lexical/*/*.store", empty, "ready", "damaged"),
    ],
)
def test_spoiled_files_are_told_of(
    folder: Path, file: str, spoil: Callable[[Path], None], chroma: str, lexical: str
) -> None:
    spoil(only(folder, file))
    found = {
        name: standing(name, only(folder, f"{name}/*/{main}").parent)
        if list(folder.glob(f"{name}/*/{main}"))
        else "missing"
        for name, main in (("chroma", "chroma.sqlite3"), ("lexical", "meta.json"))
    }
    assert found == {"chroma": chroma, "lexical": lexical}


def test_status_says_what_is_spoiled(folder: Path) -> None:
    cut(only(folder, "chroma/*/chroma.sqlite3"))
    with Library.open(folder) as library:
        assert library.status().chroma == "damaged"
