"""The exact scan: from a mapped file, from memory, and beside papers changed since."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from papers import made_up

import store.dense.scan
from store.dense.scan import ExactScan
from store.dense.vector_file import FOLDER
from store.ledger.vectors import embedder_key, get_vectors
from store.library.doctor import examine
from store.library.library import Library
from store.types import Filter, Record

NUMBER = 700


def record(title: str, abstract: str) -> Record:
    return Record(title=title, abstract=abstract, source="/late.jsonl", reader="jsonl")


@pytest.fixture(autouse=True)
def files_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write files for small libraries too, and read few papers around them."""
    monkeypatch.setattr(store.dense.scan, "_FILE_FROM", 100)
    monkeypatch.setattr(store.dense.scan, "_FEW", 20)
    monkeypatch.setattr(store.dense.scan, "_TAIL_AT_MOST", 50)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library", create=True) as opened:
        opened.ingest().run(made_up(NUMBER))
        yield opened


def key_of(library: Library) -> int:
    assert library.embedder is not None
    key = embedder_key(library.ledger, library.embedder.fingerprint)
    assert key is not None
    return key


def check(library: Library, scan: ExactScan, k: int = 30) -> None:
    """The scan of all, and of a half, gives what reading every vector gives."""
    ids = library.ids(Filter())
    vectors = get_vectors(library.ledger, key_of(library), ids)
    query = np.random.default_rng(len(ids)).normal(size=256).astype(np.float32)
    query /= np.linalg.norm(query)

    def expected(names: list[str]) -> list[tuple[str, float]]:
        pairs = [(one, float(np.frombuffer(vectors[one], np.float32) @ query)) for one in names]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]

    half = random.Random(1).sample(ids, len(ids) // 2)
    few = half[: len(ids) // 8]
    for found, wanted in (
        (scan.all(key_of(library), query, k), expected(ids)),
        *(
            (scan.some(key_of(library), query, k, library._selector.of_ids(part)), expected(part))
            for part in (half, few)
        ),
    ):
        assert [name for name, _ in found] == [name for name, _ in wanted]
        assert np.allclose([one for _, one in found], [one for _, one in wanted], atol=1e-5)
    some = [*ids[:3], "unknown", *few, *ids[-3:]]
    named = list(dict.fromkeys(one for one in some if one in vectors))
    near = scan.some(key_of(library), query, k, named)
    assert [name for name, _ in near] == [name for name, _ in expected(named)]
    got = scan.vectors(key_of(library), 256, list(dict.fromkeys(some)))
    assert got is not None
    assert got[0] == named
    assert np.array_equal(
        got[1], np.stack([np.frombuffer(vectors[one], np.float32) for one in named])
    )


def files(library: Library) -> list[str]:
    folder = library.folder / FOLDER
    return sorted(one.name for one in folder.glob("*.*")) if folder.is_dir() else []


def test_a_scan_follows_every_kind_of_change(library: Library) -> None:
    scan = ExactScan(library.ledger, library.folder)
    check(library, scan)
    written = files(library)
    assert len(written) == 3
    library.ingest().run([record(f"Late paper {at}", f"Late words {at}.") for at in range(30)])
    check(library, scan)
    assert files(library) == written  # few changes are read beside the file
    library.ingest().run([record(f"Later paper {at}", f"Later words {at}.") for at in range(60)])
    check(library, scan)
    assert files(library) == written  # new papers are added to it
    ids = library.ids(Filter())
    library.remove([ids[3], ids[-1]])
    check(library, scan)
    library.ingest().run([record("After a deletion", "The key of the last one may come again.")])
    check(library, scan)
    library.ingest().run([record("Late paper 3", "Late words 3, and more of them than before.")])
    check(library, scan)
    check(library, ExactScan(library.ledger, library.folder))


def test_another_process_finds_the_file(library: Library) -> None:
    library.catch_up()
    before = files(library)
    assert len(before) == 3
    with Library.open(library.folder) as other:
        check(other, ExactScan(other.ledger, other.folder))
    assert files(library) == before


@pytest.mark.parametrize("damage", ["cut", "gone", "not JSON", "another ledger"])
def test_a_file_that_is_not_ours_is_written_anew(library: Library, damage: str) -> None:
    library.catch_up()
    folder = library.folder / FOLDER
    data = next(folder.glob("*.f32"))
    if damage == "cut":
        data.write_bytes(data.read_bytes()[:5000])
    elif damage == "gone":
        data.unlink()
    elif damage == "not JSON":
        next(folder.glob("*.json")).write_text("{")
    else:
        with library.ledger.write():
            library.ledger.set_meta(f"vector_file:{key_of(library)}", "from a backup")
    check(library, ExactScan(library.ledger, library.folder))
    assert data.name not in files(library)
    assert len(files(library)) == 3


def test_doctor_finds_a_wrong_file(library: Library) -> None:
    library.catch_up()
    data = next((library.folder / FOLDER).glob("*.f32"))
    data.write_bytes(bytes(data.stat().st_size))
    found = {one.part: one for one in examine(library)}
    assert (found["vectors"].state, found["vectors"].message[:16]) == ("mended", "the file to scan")
    check(library, ExactScan(library.ledger, library.folder))
    assert {one.part: one.state for one in examine(library)}["vectors"] == "ok"


def test_missing_vectors_are_noticed_where_papers_changed(library: Library) -> None:
    library.catch_up()
    assert not library._may_lack_vectors()
    ids = library.ids(Filter())
    with library.ledger.write():
        library.ledger.run(
            "UPDATE papers SET abstract = 'Other words.', text_hash = 'x' WHERE id = ?", (ids[0],)
        )
        library.ledger.run(
            "UPDATE outbox SET seq = ? WHERE id = ?", (library.ledger.next_seq(), ids[0])
        )
    assert library._may_lack_vectors()
    library.catch_up()
    assert not library._may_lack_vectors()
    check(library, ExactScan(library.ledger, library.folder))


def test_without_a_place_for_the_file(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library.ledger, "read_only", True)
    check(library, ExactScan(library.ledger, library.folder))
    assert files(library) == []


def test_files_are_for_their_owner_alone(library: Library) -> None:
    library.catch_up()
    folder = library.folder / FOLDER
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}
