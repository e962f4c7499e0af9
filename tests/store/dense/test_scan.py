"""The exact scan: from a mapped file, from memory, and beside papers changed since."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from damages import spoil
from library_fixture import Shelf
from papers import made_up
from tables import Row, for_each, table

import store.dense.coarse
import store.dense.mapped
import store.dense.scan
import store.dense.table_file
import store.dense.vector_file
import store.dense.views
from store.dense.description import Description
from store.dense.scan import ExactScan
from store.dense.vector_file import FOLDER
from store.ledger.images import remove_paper
from store.ledger.selection import Selector
from store.ledger.vectors import embedder_key, get_vectors
from store.library.doctor import examine
from store.library.library import Library
from store.types import Filter, Record

NUMBER = 240


@pytest.fixture(autouse=True)
def files_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write files for small libraries too, and read few papers around them."""
    monkeypatch.setattr(store.dense.views, "_FILE_FROM", 100)
    monkeypatch.setattr(store.dense.scan, "_FEW", 20)
    monkeypatch.setattr(store.dense.views, "_TAIL_AT_MOST", 50)


@pytest.fixture
def library(shelf: Shelf, tmp_path: Path) -> Iterator[Library]:
    """A library without the file of vectors, which is written when it is first scanned."""
    folder = shelf.library_of(made_up(NUMBER), tmp_path / "library")
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    with Library.open(folder) as opened:
        opened.prefer_scan()
        yield opened


def add(library: Library, title: str, abstract: str, number: int = 1) -> None:
    library.ingest().run(
        Record(title=f"{title} {at}", abstract=f"{abstract} {at}.", source="s", reader="jsonl")
        for at in range(number)
    )


def scan_of(library: Library) -> ExactScan:
    return ExactScan(library.ledger, library.folder)


def check(library: Library, scan: ExactScan, k: int = 30) -> None:
    """The scan of all, and of a half, gives what reading every vector gives."""
    ids = library.ids(Filter())
    key = embedder_key(library.ledger, library.fingerprint) or 0
    vectors = {
        name: np.frombuffer(vector, np.float32)
        for name, vector in get_vectors(library.ledger, key, ids).items()
    }
    query = np.random.default_rng(len(ids)).normal(size=256).astype(np.float32)
    query /= np.linalg.norm(query)

    def hold(found: list[tuple[str, float]], names: list[str]) -> None:
        pairs = [(one, float(vectors[one] @ query)) for one in names]
        right = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]
        assert [name for name, _ in found] == [name for name, _ in right]
        assert np.allclose([one for _, one in found], [one for _, one in right], atol=1e-5)

    hold(scan.all(key, query, k), ids)
    half = random.Random(1).sample(ids, len(ids) // 2)
    few = half[: len(ids) // 8]
    for part in (half, few):
        hold(scan.some(key, query, k, Selector(library.ledger).of_ids(part)), part)
    some = list(dict.fromkeys([*ids[:3], "unknown", *few, *ids[-3:]]))
    named = [one for one in some if one in vectors]
    hold(scan.some(key, query, k, some), named)
    got, matrix = scan.vectors(key, 256, some) or ([], None)
    assert got == named
    assert np.array_equal(matrix, np.stack([vectors[one] for one in named]))


def files(library: Library) -> list[str]:
    folder = library.folder / FOLDER
    return sorted(one.name for one in folder.glob("*.*")) if folder.is_dir() else []


def test_a_scan_follows_every_kind_of_change(library: Library) -> None:
    scan = scan_of(library)
    check(library, scan)
    written = files(library)
    assert len(written) == 4
    # Few papers are read beside the file, and more of them are added to it.
    for title, number in (("Late paper", 30), ("Later paper", 60)):
        add(library, title, "Late words", number)
        check(library, scan)
        assert files(library) == written
    ids = library.ids(Filter())
    with library.ledger.write():
        assert remove_paper(library.ledger, ids[3])
        assert remove_paper(library.ledger, ids[-1])
    check(library, scan)
    add(library, "After a deletion", "The key of the last one may come again.")
    check(library, scan)
    add(library, "Late paper", "Late words 0, and more of them than before.")
    check(library, scan)
    check(library, scan_of(library))
    add(library, "Latest paper", "Latest words", 60)
    check(library, scan_of(library))
    check(library, scan)  # the file that another has written meanwhile


@pytest.fixture
def tables_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Coarse tables of small blocks, for small libraries too."""
    for module in (
        store.dense.coarse,
        store.dense.mapped,
        store.dense.scan,
        store.dense.table_file,
        store.dense.vector_file,
    ):
        for name, value in (("FROM", 128), ("BLOCK", 64)):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, value)


def test_a_table_follows_its_file(library: Library, tables_early: None) -> None:
    """Blocks are added to it as papers are, and a spoiled one is written anew."""
    scan = scan_of(library)
    check(library, scan)
    key = embedder_key(library.ledger, library.fingerprint) or 0

    def blocks() -> int:
        coarse = scan._views.now(key, 256).mapped.coarse
        return 0 if coarse is None else coarse.rows // 64

    assert (len(files(library)), blocks()) == (5, NUMBER // 64)
    before = files(library)
    add(library, "Late paper", "Late words", 80)
    check(library, scan)
    assert (files(library), blocks()) == (before, (NUMBER + 80) // 64)
    ids = library.ids(Filter())
    with library.ledger.write():
        assert remove_paper(library.ledger, ids[3])
    add(library, "Late paper", "Late words 0, and more of them than before.")
    check(library, scan)
    check(library, scan_of(library), k=300)
    table = next((library.folder / FOLDER).glob("*.bits"))
    table.write_bytes(bytes(table.stat().st_size))
    check(library, scan_of(library))
    assert files(library) != before


def test_pages_go_after_a_scan_of_all_and_after_some_by_the_table(
    library: Library, tables_early: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.catch_up()
    scan, key = scan_of(library), embedder_key(library.ledger, library.fingerprint) or 0
    query = np.full(256, 1 / 16, dtype=np.float32)
    gone: list[object] = []
    monkeypatch.setattr(store.dense.mapped.Mapped, "let_go", lambda own: gone.append(own))
    for k, times in ((30, 0), (30, 0), (300, 1), (30, 1), (30, 1), (30, 1), (30, 2)):
        scan.all(key, query, k)
        assert len(gone) == times, k


def test_a_file_from_before_there_were_tables_gets_one(
    library: Library, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    library.catch_up()
    before = files(library)
    request.getfixturevalue("tables_early")
    with Library.open(library.folder) as another:
        check(another, scan_of(another))
        assert files(another) == before
        another.catch_up()
        assert set(before) < set(files(another))
        check(another, scan_of(another))
        assert {one.part: one.state for one in examine(another)}["vectors"] == "ok"


def test_a_file_from_before_ids_were_kept_is_written_anew(library: Library) -> None:
    library.catch_up()
    folder = library.folder / FOLDER
    key = embedder_key(library.ledger, library.fingerprint) or 0
    described = folder / f"{key}.json"
    about = Description.of(described.read_bytes())
    described.write_bytes(replace(about, stamps=about.stamps[:2]).signed())
    before = files(library)
    with Library.open(library.folder) as another:
        assert {one.part: one.state for one in examine(another)}["vectors"] == "ok"
        assert (len(files(another)), files(another) == before) == (4, False)
        check(another, scan_of(another))


def test_a_row_of_an_older_text_is_no_paper_until_its_vector_comes(library: Library) -> None:
    """Where its embedder failed a paper has the vector of a text that it no longer has."""
    key = embedder_key(library.ledger, library.fingerprint) or 0
    with library.ledger.write():
        library.ledger.run("UPDATE papers SET text_hash = 'x' WHERE key = 7")
    library.catch_up()
    (vector,) = library.ledger.rows(f"SELECT vector FROM vectors WHERE slot = {(key << 40) + 7}")
    query = np.frombuffer(vector[0], np.float32)
    name = library.ledger.value("SELECT id FROM papers WHERE key = 7")
    with library.ledger.write():
        library.ledger.run(f"UPDATE vectors SET text_hash = 'y' WHERE slot = {(key << 40) + 7}")
    shutil.rmtree(library.folder / FOLDER)
    scan = scan_of(library)
    assert name not in dict(scan.all(key, query, 30))
    with library.ledger.write():
        library.ledger.run(f"UPDATE vectors SET text_hash = 'x' WHERE slot = {(key << 40) + 7}")
        library.ledger.next_seq()
    assert next(iter(dict(scan.all(key, query, 30)))) == name


def test_a_file_that_is_not_ours_is_written_anew_and_ours_is_used(library: Library) -> None:
    def check_spoiled(row: Row) -> None:
        check(library, scan_of(library))
        before, folder = files(library), library.folder / FOLDER
        for file in library.folder.glob(row["files"]):
            spoil(file, row)
        with Library.open(library.folder) as another:
            check(another, scan_of(another))
        assert (files(library) != before) == row["anew"]
        assert len(files(library)) == 4
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {(folder / one).stat().st_mode & 0o777 for one in files(library)} == {0o600}

    for_each(table(__file__, "spoiled.jsonl"), check_spoiled)


def test_doctor_finds_a_wrong_file(library: Library) -> None:
    library.catch_up()
    data = next((library.folder / FOLDER).glob("*.f32"))
    data.write_bytes(bytes(data.stat().st_size))
    found = {one.part: one for one in examine(library)}
    assert (found["vectors"].state, found["vectors"].message[:16]) == ("mended", "the file to scan")
    check(library, scan_of(library))
    assert {one.part: one.state for one in examine(library)}["vectors"] == "ok"


def test_missing_vectors_are_noticed_where_papers_changed(library: Library) -> None:
    library.catch_up()
    assert not library._may_lack_vectors()
    with library.ledger.write():
        library.ledger.run(
            "UPDATE papers SET abstract = 'Other words.', text_hash = 'x' WHERE key = 1"
        )
        seq = library.ledger.next_seq()
        library.ledger.run("UPDATE outbox SET seq = ? WHERE seq = 1", (seq,))
    assert library._may_lack_vectors()
    library.catch_up()
    assert not library._may_lack_vectors()
    check(library, scan_of(library))


def test_without_a_place_for_the_file(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library.ledger, "read_only", True)
    check(library, scan_of(library))
    assert files(library) == []
