"""Where the harness asks: a library folder, or a temporary one filled with papers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from assistant.wiring.models import open_library
from store.library.library import Library
from store.readers.registry import read_source
from store.readers.source import Source
from store.types import Record
from tests.bench.calibration_data import read_lines, read_pages

FROM_PUBMED = 300
"""Abstracts of PubMedQA that are put beside the pages: questions_two.jsonl asks about these."""


@contextmanager
def library_folder(
    given: Path | None, pages: Path, pubmed: Path | None = None, papers: Path | None = None
) -> Iterator[Path]:
    """The folder given, or a temporary one with the saved pages; that one is removed again.

    `pubmed` is a folder of PubMedQA, whose first abstracts are put beside the pages; a file of
    `papers` takes the place of both.
    """
    if given is not None:
        yield given
        return
    if papers is None and not pages.is_dir():
        raise SystemExit(f"no {pages}: name a library with --library, or saved pages with --pages")
    with tempfile.TemporaryDirectory(prefix="quire-answers-") as scratch:
        folder = Path(scratch) / "library"
        with open_library(folder, print, create=True) as library:
            if papers is not None:
                library.ingest().run(read_source(Source(str(papers), papers)))
                library.catch_up()
            else:
                fill(library, read_pages(pages), "pages")
            if papers is None and pubmed is not None:
                fill(library, read_pubmed(pubmed), "pubmed")
        yield folder


def read_pubmed(folder: Path) -> list[tuple[str, str]]:
    """The first abstracts of PubMedQA, each under the question that it answers."""
    asked = {row["id"]: row["question"] for row in read_lines(folder / "qa.jsonl.gz")}
    rows = read_lines(folder / "corpus.jsonl.gz")
    papers = ((asked.get(row["id"]), row["text"]) for row in rows)
    return [(title, text) for title, text in papers if title][:FROM_PUBMED]


def fill(library: Library, papers: Sequence[tuple[str, str]], source: str) -> None:
    """Take titles with abstracts in, as `quire add` does."""
    library.ingest().run(
        Record(title=title, abstract=abstract, source=source, reader="bench", record=number)
        for number, (title, abstract) in enumerate(papers, 1)
    )
    library.catch_up()
