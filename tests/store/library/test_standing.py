"""What `status` tells of indexes whose files are spoiled, without opening them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from store.library.library import Library


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def garbage(path: Path) -> None:
    path.write_bytes(b"garbage" * 1000)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("part", "file", "spoil", "found"),
    [
        ("chroma", "chroma.sqlite3", cut, "damaged"),
        ("chroma", "chroma.sqlite3", garbage, "damaged"),
        ("chroma", "chroma.sqlite3", empty, "missing"),
        ("chroma", "chroma.sqlite3", Path.unlink, "missing"),
        ("lexical", "meta.json", cut, "damaged"),
        ("lexical", "meta.json", garbage, "damaged"),
        ("lexical", "meta.json", empty, "missing"),
        ("lexical", "*.term", Path.unlink, "damaged"),
        ("lexical", "*.store", empty, "damaged"),
    ],
)
def test_status_says_what_is_spoiled(
    filled: Path, part: str, file: str, spoil: Callable[[Path], None], found: str
) -> None:
    (spoiled,) = (filled / part / "1").glob(file)
    spoil(spoiled)
    with Library.open(filled) as library:
        status = library.status()
    assert {"chroma": status.chroma, "lexical": status.lexical} == {
        "chroma": "ready",
        "lexical": "ready",
        part: found,
    }
