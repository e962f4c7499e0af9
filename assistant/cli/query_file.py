"""Searching every query of a file: a TREC run, and a line of JSON a query as it is searched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.cli.frame import Frame
from store.errors import UnusableSource

if TYPE_CHECKING:
    from assistant.retrieval.fusion import Fused
    from assistant.retrieval.retriever import Retriever
    from store.library.library import Library
    from store.types import Filter

RUN_LENGTH = 100
"""A run has so many papers a query, or more where the reader wants more."""


def search_all(
    frame: Frame,
    library: Library,
    retriever: Retriever,
    queries: Path,
    wanted: Filter,
    run_file: Path | None,
    limit: int,
) -> None:
    """Search the queries of a file as plain words; versions of one paper stay apart.

    `run_file` gets a line a hit, whole or not at all: query, Q0, paper, rank from 1, score, quire.
    Events have `limit` hits a query. Raises UnusableSource for a line that is no query.
    """
    from store.files import require_writable, written_whole

    if run_file is not None:
        require_writable(run_file)
    run: list[str] = []
    number = 0
    for name, text in _queries(queries):
        number += 1
        ranked = retriever.ranked(text, wanted)
        if run_file is not None:
            run += _run_lines(name, ranked[: max(limit, RUN_LENGTH)])
        if frame.jsonl:
            _tell(frame, library, name, text, ranked[:limit])
    if run_file is not None:
        with written_whole(run_file) as file:
            file.write("".join(run).encode())
    frame.note_trouble(library.trouble())
    notes = retriever.notes(wanted)
    for note in notes:
        frame.narrate(f"note: {note}")
    where = "" if run_file is None else f", run written to {run_file}"
    frame.narrate(f"{number} queries searched{where}")
    written = {} if run_file is None else {"lines": len(run), "run": str(run_file)}
    document = {"queries": number, **written, "notes": list(notes)}
    if frame.jsonl:
        frame.event("done", **document)
    elif frame.json:
        frame.document(document)


def _queries(file: Path) -> Iterator[tuple[str, str]]:
    """Id and text of each query."""
    with file.open(encoding="utf-8-sig") as lines:
        for at, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                entry = json.loads(line)
                yield str(entry["id"]), str(entry["text"])
            except (ValueError, KeyError, TypeError):
                raise UnusableSource(
                    f"{file}, line {at}: no query with id and text", "give JSON lines"
                ) from None


def _run_lines(name: str, ranked: list[Fused]) -> list[str]:
    return [
        f"{name} Q0 {one.id} {rank} {one.score:.5f} quire\n" for rank, one in enumerate(ranked, 1)
    ]


def _tell(frame: Frame, library: Library, name: str, text: str, ranked: list[Fused]) -> None:
    papers = library.papers_by_id([one.id for one in ranked])
    hits = [
        {"rank": rank, "id": one.id, "title": papers[one.id].title, "score": one.score}
        for rank, one in enumerate(ranked, 1)
        if one.id in papers
    ]
    frame.event("ranked", id=name, query=text, hits=hits)
