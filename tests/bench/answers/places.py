"""Where the harness asks: a library folder, or a temporary one filled with papers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from assistant.wiring.models import open_library
from store.library.library import Library
from store.types import Record
from tests.bench.answers.loose import same_title
from tests.bench.calibration_data import read_pages


@contextmanager
def library_folder(given: Path | None, pages: Path) -> Iterator[Path]:
    """The folder given, or a temporary one with the saved pages; that one is removed again."""
    if given is not None:
        yield given
        return
    if not pages.is_dir():
        raise SystemExit(f"no {pages}: name a library with --library, or saved pages with --pages")
    with tempfile.TemporaryDirectory(prefix="quire-answers-") as scratch:
        folder = Path(scratch) / "library"
        with open_library(folder, print, create=True) as library:
            fill(library, read_pages(pages), "pages")
        yield folder


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
