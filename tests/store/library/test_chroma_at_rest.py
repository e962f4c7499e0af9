"""Questions open no Chroma, and its process lives only while there is something to project."""

from __future__ import annotations

from pathlib import Path

from library_fixture import chroma_of
from papers import made_up

from store.library.library import READ_LIMIT, Library
from store.types import Filter


def test_a_question_starts_no_process_and_what_is_added_ends_its_own(filled: Path) -> None:
    with Library.open(filled) as library:
        library.warm_up()
        library.catch_up(READ_LIMIT)
        paper = library.papers(Filter(), 1)[0]
        assert library.dense(f"{paper.title}. {paper.abstract}", 1)[0][0] == paper.id
        library.catch_up()
        assert chroma_of(library)._owner is None
        library.ingest().run(made_up(45))
        assert library.status().pending == 5
        library.catch_up()
        assert (library.status().pending, library.trouble()) == (0, "")
        assert chroma_of(library)._owner is None
        late = library.paper(made_up(45)[-1].title)
        assert library.dense(f"{late.title}. {late.abstract}", 1)[0][0] == late.id


def test_files_that_are_not_as_they_were_left_are_opened_and_mended(filled: Path) -> None:
    """Damaged, or without a seal after an unclean end."""
    with Library.open(filled) as library:
        next((filled / "chroma").rglob("data_level0.bin")).write_bytes(b"")
        library.dense("glacier", 1)
        assert "Chroma's files are damaged" in library.trouble()
        library.catch_up()
        assert library.trouble() == ""
        generation = library.ledger.value(
            "SELECT generation FROM projections WHERE name = 'chroma'"
        )
        assert generation == 2
        seal = filled / "chroma" / "2.seal"
        seal.unlink()
        library.catch_up()
        assert seal.exists()
        assert chroma_of(library).state == "closed"
