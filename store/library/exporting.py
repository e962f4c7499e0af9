"""Papers of a library as the text of another program's file: chosen, keyed, written, cleaned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from store.clean import clean_text
from store.exporters.base import Exporter, ExportOptions
from store.files import written_whole

if TYPE_CHECKING:
    from store.library.library import Library
    from store.types import Paper

_BATCH = 500


def exported(
    library: Library,
    exporter: Exporter,
    ids: Sequence[str],
    *,
    marks: bool = True,
    new_keys: bool = False,
) -> Iterator[str]:
    """The text of an export in pieces of some size, cleaned as all that leaves quire is.

    Without `marks` the reader's own tags, notes and status are left out; `new_keys` makes citation
    keys anew.
    """
    keys = library.citation_keys(ids, renew=new_keys) if getattr(exporter, "cites", False) else {}
    options = ExportOptions(keys, marks)
    held: list[str] = []
    for piece in exporter.write(_each(library.papers_by_id, ids), options):
        held.append(piece)
        if len(held) >= _BATCH:
            yield clean_text("".join(held))
            held.clear()
    yield clean_text("".join(held))


def _each(read: Callable[[Sequence[str]], dict[str, Paper]], ids: Sequence[str]) -> Iterator[Paper]:
    """The papers with these ids, read a batch at a time; what is gone meanwhile is left out."""
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH]
        found = read(part)
        yield from (found[name] for name in part if name in found)


def write_export(file: Path, pieces: Iterator[str]) -> None:
    """Write a file, whole or not at all; raises StoreError."""
    with written_whole(file) as stream:
        for piece in pieces:
            stream.write(piece.encode("utf-8"))
