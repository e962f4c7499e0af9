"""How the files of an index stand, without opening it."""

from __future__ import annotations

from pathlib import Path

from store.integrity.seal import read_seal
from store.lexical.segment_files import SegmentFiles

_SQLITE = b"SQLite format 3\x00"
_HEADER_BYTES = 100
_GRAPH_FILES = ("header.bin", "data_level0.bin")
"""What the graph of Chroma's vectors has, once it was written to the disk."""


def standing(name: str, folder: Path) -> str:
    """How an index stands by its files alone, none of which is opened whole.

    "missing", "damaged" or "ready"; "behind" where another version of quire made a word index.

    Tells files that are gone or not those that were sealed; while Chroma is open in a process
    it has no seal, and files that are empty, cut or written over at their beginning are told.
    `doctor` asks the index itself. `name` is "chroma" or "lexical". Sizes and counts of a
    SQLite file are those of its header (https://www.sqlite.org/fileformat.html).
    """
    main = folder / ("chroma.sqlite3" if name == "chroma" else "meta.json")
    try:
        if not main.is_file() or not main.stat().st_size:
            return "missing"
        if name == "lexical":
            files = SegmentFiles(folder)
            whole = not files.fault()
            if whole and files.is_outdated:
                return "behind"
        else:
            seal = read_seal(folder)
            whole = not (seal and seal.spoiled(folder)) and _database_is_whole(main)
    except OSError:
        return "damaged"
    return "ready" if whole else "damaged"


def _database_is_whole(path: Path) -> bool:
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES or not header.startswith(_SQLITE):
        return False
    size = int.from_bytes(header[16:18], "big")
    page = 65_536 if size == 1 else size
    pages = int.from_bytes(header[28:32], "big")
    if path.stat().st_size < page * pages:
        return False
    graphs = [one for one in path.parent.iterdir() if one.is_dir()]
    return all(_filled(graph / name) for graph in graphs for name in _GRAPH_FILES)


def _filled(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0
