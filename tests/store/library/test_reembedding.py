"""Changing a library's embedder: the old one serves until the new one is whole."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hashed_embedder import Hashed, TestEmbedders
from papers import made_up

from store.errors import (
    EmbedderUnavailable,
    EmbeddingFailed,
    LibraryBusy,
    UnknownEmbedder,
)
from store.ledger import outbox
from store.ledger.points import REEMBEDDING_POINTS
from store.library.doctor import examine, is_whole
from store.library.library import Library
from store.types import Record

NUMBER = 150
QUESTION = "glacier melt with beam search"
DRIVER = Path(__file__).with_name("reembedding_driver.py")


@pytest.fixture(scope="module")
def _filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled") / "library"
    with Library.open(folder, create=True) as library:
        library.ingest().run(made_up(NUMBER))
        library.catch_up()
    return folder


@pytest.fixture
def filled(_filled: Path, tmp_path: Path) -> Path:
    """A library with 150 papers and the built-in embedder's vectors."""
    folder = tmp_path / "library"
    shutil.copytree(_filled, folder)
    return folder


def opened(folder: Path, *embedders: Hashed, absent: tuple[Hashed, ...] = ()) -> Library:
    return Library.open(folder, embedders=TestEmbedders(*embedders, absent=absent))


def late_record(title: str = "Zebrafish stripes") -> Record:
    return Record(
        title=title, abstract=f"{title} in glacier melt.", source="l", reader="jsonl", record=1
    )


def check_new(library: Library, papers: int) -> None:
    """Every paper is found by the new vectors, through Chroma, which holds these and no more."""
    assert library.status().embedder == "hashed"
    chroma = library.chroma
    assert chroma is not None
    owner = chroma.look(deep=True)
    assert owner is not None, chroma.trouble
    library.catch_up()
    mark = outbox.mark(library.ledger, "chroma")
    assert (
        owner.open(
            chroma.folder(mark.generation), "hashed/48/title.abstract/1", 48, must_exist=True
        )
        == papers
    )
    for paper in library.papers()[::7]:
        found = dict(library.dense(f"{paper.title}. {paper.abstract}", 20))
        assert found[paper.id] == pytest.approx(1, abs=1e-4)
    every = [one.id for one in library.papers()]
    scanned = library.dense(QUESTION, 10, every)
    through = library.dense(QUESTION, 10)
    assert [score for _, score in through] == pytest.approx([s for _, s in scanned], abs=1e-4)


def test_a_library_changes_its_embedder_and_goes_back(filled: Path) -> None:
    hashed = Hashed()
    steps: list[tuple[str, int, int]] = []
    with opened(filled, hashed) as library:
        before = library.dense(QUESTION, 10)
        report = library.use_embedder("hashed", lambda *step: steps.append(step))
        assert (report.done, report.embedded, report.papers) == (True, NUMBER, NUMBER)
        assert len(hashed.asked) == NUMBER
        assert steps[0] == ("embedding", 0, NUMBER)
        assert ("embedding", NUMBER, NUMBER) in steps
        assert steps[-1] == ("indexing", NUMBER, NUMBER)
        check_new(library, NUMBER)
        assert library.dense(QUESTION, 10) != before
        assert not (filled / "chroma" / "1").exists(), "what was replaced is removed"
        assert is_whole(examine(library))

    def fail(made: int) -> None:
        raise AssertionError("nothing is to be embedded")

    hashed.before = fail
    with opened(filled, hashed) as library:
        assert library.use_embedder("wordllama").embedded == 0
        assert library.dense(QUESTION, 10) == [
            (name, pytest.approx(score, abs=1e-5)) for name, score in before
        ]
        report = library.use_embedder("hashed")
        assert (report.done, report.embedded) == (True, 0)
        assert library.use_embedder("hashed").done, "twice is no harm"


def test_papers_added_later_are_embedded_by_the_new_one(filled: Path) -> None:
    hashed = Hashed()
    with opened(filled, hashed) as library:
        library.use_embedder("hashed")
        library.ingest().run([late_record()])
        library.catch_up()
        assert hashed.asked[-1].startswith("Zebrafish stripes.")
        check_new(library, NUMBER + 1)
        assert library.use_embedder("wordllama").embedded == 1, "the one that lacks its vector"


def test_the_old_one_serves_until_the_new_one_is_whole(filled: Path) -> None:
    """In this process and beside it; afterwards both follow without being opened anew."""
    seen: list[object] = []
    with opened(filled, Hashed()) as other, opened(filled, Hashed()) as library:
        before = other.dense(QUESTION, 10)
        assert other.chroma is not None
        assert other.chroma.state == "ready", "a neighbour owns Chroma the whole time"

        def look(step: str, done: int, total: int) -> None:
            seen.append(other.dense(QUESTION, 10) == before)
            seen.append(library.dense(QUESTION, 10)[0][0] == before[0][0])

        library.use_embedder("hashed", look)
        assert seen
        assert all(seen)
        after = library.dense(QUESTION, 10)
        assert [one[0] for one in other.dense(QUESTION, 10)] == [one[0] for one in after]
        assert after != before
        other.catch_up()
        assert other.chroma.fingerprint == Hashed().fingerprint
        assert other.chroma.state == "ready"


def test_what_changes_meanwhile_is_not_lost(filled: Path) -> None:
    """Papers added and removed by a neighbour while vectors are made and the index is built."""
    with Library.open(filled) as neighbour:  # it owns Chroma
        gone = [one.id for one in neighbour.papers()[3:60:8]]
        done: set[str] = set()

        def disturb(step: str, at: int, total: int) -> None:
            if at and step not in done:
                done.add(step)
                neighbour.ingest().run([late_record(f"Late {step} paper")])
                neighbour.remove([gone.pop(), gone.pop()])
                neighbour.catch_up()

        with opened(filled, Hashed()) as library:
            report = library.use_embedder("hashed", disturb)
            assert done == {"embedding", "indexing"}
            assert report.embedded >= NUMBER - 2
            neighbour.close()
            check_new(library, NUMBER + 2 - 4)
            # The two late papers hash to one vector.
            found = dict(library.dense("Late indexing paper", 2))
            assert library.paper("Late indexing paper").id in found
    with Library.open(filled) as library:
        key = library.ledger.value("SELECT count(*) FROM projections")
        assert key == 2, "nothing in the making is left"


def test_what_was_made_before_a_stop_is_kept(filled: Path) -> None:
    hashed = Hashed()
    with opened(filled, hashed) as library:
        before = library.dense(QUESTION, 10)
        report = library.use_embedder("hashed", stopped=lambda: len(hashed.asked) >= 64)
        assert (report.done, report.embedded) == (False, 64)
        assert library.status().embedder == "wordllama"
        assert library.dense(QUESTION, 10) == before
        indexing: list[str] = []
        report = library.use_embedder(
            "hashed",
            lambda step, done, total: indexing.append(step),
            lambda: "indexing" in indexing,
        )
        assert (report.done, report.embedded) == (False, NUMBER - 64) or report.done
        report = library.use_embedder("hashed")
        assert report.done
        assert len(hashed.asked) == NUMBER
        check_new(library, NUMBER)


def test_a_failing_embedder_changes_nothing(filled: Path) -> None:
    def fail(made: int) -> None:
        if made >= 64:
            raise EmbeddingFailed("the endpoint is gone", "start it")

    hashed = Hashed(before=fail)
    with opened(filled, hashed) as library:
        before = library.dense(QUESTION, 10)
        with pytest.raises(EmbeddingFailed):
            library.use_embedder("hashed")
        assert library.dense(QUESTION, 10) == before
        hashed.before = lambda made: None
        assert library.use_embedder("hashed").embedded == NUMBER - 64
        check_new(library, NUMBER)


def test_another_choice_forgets_what_was_in_progress(filled: Path) -> None:
    one, other = Hashed(), Hashed("other", 32)
    with opened(filled, one, other) as library:
        steps: list[str] = []
        library.use_embedder(
            "other", lambda step, *_: steps.append(step), lambda: "indexing" in steps
        )
        library.use_embedder("hashed")
        check_new(library, NUMBER)
        folders = [path.name for path in (filled / "chroma").iterdir()]
        assert len(folders) == 1


def test_an_empty_library_changes_too(tmp_path: Path) -> None:
    with Library.open(tmp_path / "l", create=True, embedders=TestEmbedders(Hashed())) as library:
        assert library.use_embedder("hashed").done
        library.ingest().run(made_up(20))
        library.catch_up()
        check_new(library, 20)


def test_wrong_names_and_second_runs_are_refused(filled: Path) -> None:
    with opened(filled, absent=(Hashed(),)) as library:
        with pytest.raises(UnknownEmbedder):
            library.use_embedder("nothing")
        with pytest.raises(EmbedderUnavailable):
            library.use_embedder("hashed")
    with (
        opened(filled, Hashed()) as library,
        FileLock(filled / "embedder.lock"),
        pytest.raises(LibraryBusy, match="changing the embedder"),
    ):
        library.use_embedder("hashed")


def test_an_embedder_that_is_gone_leaves_the_words(filled: Path) -> None:
    """Reading says so and goes on; adding is refused; a library can change away from it."""
    with opened(filled, Hashed()) as library:
        library.use_embedder("hashed")
    lines: list[str] = []
    absent = TestEmbedders(absent=(Hashed(),))
    with Library.open(filled, narrate=lines.append, embedders=absent) as library:
        assert library.dense(QUESTION, 5) == []
        assert library.lexical(QUESTION, 5)
        assert lines
        assert "searching words alone; get it" in lines[0]
        with pytest.raises(EmbedderUnavailable, match="this library uses hashed") as caught:
            library.ingest()
        assert "quire models use wordllama" in caught.value.hint
        library.catch_up()
        library.remove([library.papers()[0].id])
        findings = {one.part: one for one in examine(library)}
        assert findings["embedder"].state == "left"
        assert is_whole(tuple(findings.values()))
        library.use_embedder("wordllama")
        assert library.dense(QUESTION, 5)
        assert library.words_alone == ""


def test_an_embedder_that_fails_leaves_the_words(filled: Path) -> None:
    hashed = Hashed()
    with opened(filled, hashed) as library:
        library.use_embedder("hashed")

        def fail(made: int) -> None:
            raise EmbeddingFailed("the endpoint is gone", "start it")

        hashed.before = fail
        assert library.dense(QUESTION, 5) == []
        assert library.words_alone == "the endpoint is gone: searching words alone; start it"
        with pytest.raises(EmbeddingFailed):
            library.ingest().run([late_record()])
        assert library.count() == NUMBER
        library.remove([library.papers()[0].id])
        assert library.count() == NUMBER - 1


@pytest.mark.parametrize("passes", [0, 1])
@pytest.mark.parametrize("place", REEMBEDDING_POINTS)
def test_kill_at_a_named_place_leaves_the_old_or_the_new(
    filled: Path, place: str, passes: int
) -> None:
    """Either is whole and answers at once; a second run completes what is left."""
    ran = subprocess.run(
        [sys.executable, str(DRIVER), str(filled), place, str(passes)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    once = place.startswith(("embedder", "chroma"))
    assert ran.returncode == (0 if once and passes else -9), ran.stderr
    hashed = Hashed()
    with opened(filled, hashed) as library:
        name = library.status().embedder
        swapped = place == "embedder.swapped" or ran.returncode == 0
        assert name == ("hashed" if swapped else "wordllama")
        assert len(library.dense(QUESTION, 5)) == 5
        assert library.use_embedder("hashed").done
        made = len(hashed.asked)
        assert made <= NUMBER - (64 if passes or place != "vectors.made" else 0)
        check_new(library, NUMBER)
        assert is_whole(examine(library, fix=True))


def test_questions_are_answered_while_another_thread_changes_it(filled: Path) -> None:
    with opened(filled, Hashed()) as library:
        first = library.dense(QUESTION, 5)
        worker = threading.Thread(target=library.use_embedder, args=("hashed",))
        worker.start()
        answers = []
        while worker.is_alive():
            answers.append(library.dense(QUESTION, 5))
        worker.join()
        last = library.dense(QUESTION, 5)
        names = [[name for name, _ in one] for one in (first, last)]
        assert answers
        for one in answers:
            assert [name for name, _ in one] in names
        check_new(library, NUMBER)


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert len(set(threading.enumerate()) - before) < 6
