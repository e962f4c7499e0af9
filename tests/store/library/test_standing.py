"""What `status` tells of indexes whose files are spoiled, without opening them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from store.library.library import Library
from store.library.upkeep import standing


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
    filled: Path, file: str, spoil: Callable[[Path], None], chroma: str, lexical: str
) -> None:
    spoil(only(filled, file))
    found = {
        name: standing(name, only(filled, f"{name}/*/{main}").parent)
        if list(filled.glob(f"{name}/*/{main}"))
        else "missing"
        for name, main in (("chroma", "chroma.sqlite3"), ("lexical", "meta.json"))
    }
    assert found == {"chroma": chroma, "lexical": lexical}


def test_status_says_what_is_spoiled(filled: Path) -> None:
    cut(only(filled, "chroma/*/chroma.sqlite3"))
    with Library.open(filled) as library:
        assert library.status().chroma == "damaged"
