"""Libraries that are built once a session, copied for each test that opens one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path

import pytest
from papers import made_up

import store.chroma.projection
from store.chroma.projection import ChromaProjection
from store.library.library import Library
from store.readers.registry import read_source
from store.readers.sources import Source, find_sources
from store.types import Record


def chroma_of(library: Library) -> ChromaProjection:
    """Its Chroma, which is there wherever an embedder is."""
    assert library.chroma is not None
    return library.chroma


Answers = list[list[tuple[str, float]]]


def answers(library: Library) -> Answers:
    """What both lists say to two questions, scores to four digits."""
    return [
        [(name, round(score, 4)) for name, score in ranked]
        for text in ("glacier melt with beam search", "lowers the energy use")
        for ranked in (library.lexical(text, 10), library.dense(text, 10))
    ]


class Shelf:
    """Closed libraries, each built the first time that it is wanted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._built: dict[Hashable, Path] = {}

    def copy(self, name: Hashable, build: Callable[[Path], None], to: Path) -> Path:
        """A copy of the library that `build` makes in an empty folder, built once a name.

        Copying takes milliseconds; building takes more than a second, most of it the start of
        Chroma's process.
        """
        if name not in self._built:
            template = self._folder / str(len(self._built))
            build(template)
            self._built[name] = template
        shutil.copytree(self._built[name], to, dirs_exist_ok=True)
        return to

    def library_of(self, records: Iterable[Record], to: Path) -> Path:
        """A copy of a closed library with these records in every index."""
        wanted = tuple(records)

        def build(folder: Path) -> None:
            with Library.open(folder, create=True) as library:
                library.ingest().run(wanted)
                library.catch_up()
                status = library.status()
            assert (status.chroma, status.lexical) == ("ready", "ready")

        return self.copy(repr(wanted), build, to)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Libraries built once a session: `shelf.library_of(records, folder)` gives a copy."""
    return Shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def filled(shelf: Shelf, tmp_path: Path) -> Path:
    """The folder of a closed library with forty made-up papers, a test's own."""
    return shelf.library_of(made_up(40), tmp_path / "library")


@pytest.fixture
def chroma_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions are put to Chroma, as in a library of more papers than are scanned."""
    monkeypatch.setattr(store.chroma.projection, "SCANNED_AT_MOST", -1)


@pytest.fixture(scope="session")
def right_answers(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What a whole library with these forty papers answers."""
    folder = shelf.library_of(made_up(40), tmp_path_factory.mktemp("whole") / "library")
    with Library.open(folder) as library:
        return answers(library)


def pages_library(shelf: Shelf, shared: Path, to: Path) -> Path:
    """A copy of the library of the 299 papers; a page's tag is the first letters of its name."""

    def build(folder: Path) -> None:
        with Library.open(folder, create=True) as library:
            for page in find_sources((str(shared / "pages"),), None):
                assert isinstance(page, Source)
                library.ingest(tags=[Path(page.name).name[:3]]).run(read_source(page))
            library.catch_up()

    return shelf.copy("saved pages", build, to)
