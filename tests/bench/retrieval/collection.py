"""A folder of evaluation data: corpus, queries, relevance; and a library made of it."""

from __future__ import annotations

import csv
import gzip
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from assistant.wiring.models import open_library
from store.library.library import Library
from store.types import Record

NO_TITLE = "untitled"


@dataclass(frozen=True)
class Query:
    """One query, and the grades of its documents by id."""

    id: str
    text: str
    grades: dict[str, int]


def documents(folder: Path) -> list[dict[str, str]]:
    """The documents of a folder: corpus.jsonl or corpus.jsonl.gz, lines with id, title, text."""
    path = next(
        (folder / name for name in ("corpus.jsonl", "corpus.jsonl.gz") if (folder / name).exists()),
        None,
    )
    if path is None:
        raise SystemExit(f"no corpus.jsonl or corpus.jsonl.gz in {folder}")
    return [{**one, "id": str(one["id"])} for one in _lines(path)]


def judged_queries(queries: Path, qrels: Path) -> list[Query]:
    """The queries that have a relevant document.

    `qrels` are tab-separated lines of query, document and grade, below a header.
    """
    grades: dict[str, dict[str, int]] = {}
    with qrels.open(encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines, delimiter="\t"):
            if len(row) >= 3 and row[-1].lstrip("-").isdigit():
                # TREC's own form has a column more: query, 0, document, grade.
                grades.setdefault(row[0], {})[row[-2]] = int(row[-1])
    found = [
        Query(str(one["id"]), one["text"], grades.get(str(one["id"]), {}))
        for one in _lines(queries)
    ]
    return [one for one in found if any(grade > 0 for grade in one.grades.values())]


def known_items(folder: Path, split: str) -> list[Query]:
    """Known-item queries: the last summary of each abstract of SPLIT.jsonl.gz finds it."""
    held = {one["id"] for one in documents(folder)}
    lines = _lines(folder / f"{split}.jsonl.gz")
    return [
        Query(one["id"], one["tldrs"][-1], {one["id"]: 1})
        for one in lines
        if one["id"] in held and one.get("tldrs")
    ]


@contextmanager
def passing_library(embedder: str | None) -> Iterator[Library]:
    """An empty library in a temporary folder, with this embedder or the built-in one."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_library(Path(scratch) / "library", print, create=True) as library,
    ):
        if embedder:
            library.use_embedder(embedder)
        yield library


def fill_documents(library: Library, found: list[dict[str, str]], name: str) -> int:
    """Take the documents in, as `quire add` does; returns how many were refused.

    A document without a title gets a stand-in, one without a text is refused.
    """
    report = library.ingest().run(_records(found, name))
    library.catch_up()
    return len(found) - report.read + report.refused


def names_of(library: Library) -> dict[str, list[str]]:
    """The ids of the corpus that each paper of the library has."""
    names: dict[str, list[str]] = {}
    rows = library.ledger.rows(
        "SELECT papers.id, aliases.value FROM aliases JOIN papers ON papers.key = aliases.paper"
        " WHERE aliases.kind = 'source_id' ORDER BY papers.key, aliases.value"
    )
    for paper, name in rows:
        names.setdefault(paper, []).append(name)
    return names


def _records(found: list[dict[str, str]], name: str) -> Iterator[Record]:
    for number, one in enumerate(found, 1):
        if one["text"].strip():
            yield Record(
                title=one["title"].strip() or NO_TITLE,
                abstract=one["text"].strip(),
                source_id=one["id"],
                source=name,
                reader="bench",
                record=number,
            )


def _lines(path: Path) -> list[dict[str, Any]]:
    opened: IO[str]
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8")
    ) as opened:
        return [json.loads(line) for line in opened if line.strip()]
