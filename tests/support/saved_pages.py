"""A library of the saved pages, each page a tag, built once a session."""

from __future__ import annotations

from pathlib import Path

from library_fixture import Shelf

from store.library.library import Library
from store.readers.registry import read_source
from store.readers.sources import Source, find_sources


def pages_library(shelf: Shelf, shared: Path, to: Path) -> Path:
    """A copy of the library of the 299 papers; a page's tag is the first letters of its name."""

    def build(folder: Path) -> None:
        with Library.open(folder, create=True) as library:
            for page in find_sources((str(shared / "pages"),), None):
                assert isinstance(page, Source)
                library.ingest(tags=[Path(page.name).name[:3]]).run(read_source(page, None))
            library.catch_up()

    return shelf.copy("saved pages", build, to)
