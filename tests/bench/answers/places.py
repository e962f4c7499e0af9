"""Where the harness asks: a library folder, or a temporary one filled with papers."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.wiring.models import open_library
from store.library.library import Library
from store.types import Record
from tests.bench.answers.loose import same_title
from tests.bench.calibration_data import read_pages

FROM_PUBMED = 300
"""Abstracts of PubMedQA that are put beside the pages: questions_two.jsonl asks about these."""


@contextmanager
def library_folder(given: Path | None, pages: Path, pubmed: Path | None = None) -> Iterator[Path]:
    """The folder given, or a temporary one with the saved pages; that one is removed again.

    `pubmed` is a folder of PubMedQA, whose first abstracts are put beside the pages.
    """
    if given is not None:
        yield given
        return
    if not pages.is_dir():
        raise SystemExit(f"no {pages}: name a library with --library, or saved pages with --pages")
    with tempfile.TemporaryDirectory(prefix="quire-answers-") as scratch:
        folder = Path(scratch) / "library"
        with open_library(folder, print, create=True) as library:
            fill(library, read_pages(pages), "pages")
            if pubmed is not None:
                fill(library, read_pubmed(pubmed), "pubmed")
        yield folder


def read_pubmed(folder: Path) -> list[tuple[str, str]]:
    """The first abstracts of PubMedQA, each under the question that it answers."""
    asked = {row["id"]: row["question"] for row in _rows(folder / "qa.jsonl.gz")}
    papers = ((asked.get(row["id"]), row["text"]) for row in _rows(folder / "corpus.jsonl.gz"))
    return [(title, text) for title, text in papers if title][:FROM_PUBMED]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def fill(library: Library, papers: Sequence[tuple[str, str]], source: str) -> None:
    """Take titles with abstracts in, as `quire add` does."""
    library.ingest().run(
        Record(title=title, abstract=abstract, source=source, reader="bench", record=number)
        for number, (title, abstract) in enumerate(papers, 1)
    )
    library.catch_up()


def titles_of(library: Library) -> dict[str, str]:
    """The titles of all papers, by id."""
    rows = library.ledger.rows("SELECT id, title FROM papers")
    return dict(rows)


def lacking(titles: Sequence[str], library: Library) -> list[str]:
    """Those titles that no paper of a library has: figures about them would be wrong."""
    there = list(titles_of(library).values())
    wanted = dict.fromkeys(titles)
    return [one for one in wanted if not any(same_title(one, other) for other in there)]
