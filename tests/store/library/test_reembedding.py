"""Changing a library's embedder: the old one serves until the new one is whole."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from damages import contents
from filelock import FileLock
from hashed_embedder import Hashed, TestEmbedders
from killed import run_until_killed
from library_fixture import Shelf, chroma_of
from papers import late, made_up
from tables import naming, table

from store.errors import EmbedderUnavailable, EmbeddingFailed, LibraryBusy, UnknownEmbedder
from store.ledger import outbox
from store.ledger.points import REEMBEDDING_POINTS
from store.ledger.vectors import count_lacking, embedder_key
from store.library.doctor import examine, is_whole
from store.library.library import Library

pytestmark = pytest.mark.usefixtures("chroma_asked")

NUMBER = 150
QUESTION = "glacier melt with beam search"


@pytest.fixture
def filled(shelf: Shelf, tmp_path: Path) -> Path:
    """A library with 150 papers and the built-in embedder's vectors."""
    return shelf.library_of(made_up(NUMBER), tmp_path / "library")


@pytest.fixture
def changed(shelf: Shelf, filled: Path, tmp_path: Path) -> Path:
    """The same library once it uses `Hashed`."""

    def build(folder: Path) -> None:
        filled.rename(folder)
        with opened(folder, Hashed()) as library:
            assert library.use_embedder("hashed").done

    return shelf.copy("uses hashed", build, tmp_path / "changed")


def failing(after: int = 0) -> Callable[[int], None]:
    """Lets an embedder fail once so many texts are made."""

    def fail(made: int) -> None:
        if made >= after:
            raise EmbeddingFailed("the endpoint is gone", "start it")

    return fail


def opened(folder: Path, *embedders: Hashed, absent: tuple[Hashed, ...] = ()) -> Library:
    return Library.open(folder, embedders=TestEmbedders(*embedders, absent=absent))


def names_of(ranked: list[tuple[str, float]]) -> list[str]:
    return [name for name, _ in ranked]


def check_new(library: Library, papers: int) -> None:
    """Every paper is found by the new vectors, through Chroma, which holds these and no more."""
    assert library.status().embedder == "hashed"
    chroma = chroma_of(library)
    owner = chroma.look(deep=True)
    assert owner is not None, chroma.trouble
    library.catch_up()
    mark = outbox.mark(library.ledger, "chroma")
    folder = chroma.folder(mark.generation)
    assert owner.open(folder, Hashed().fingerprint, 48, must_exist=True) == papers
    for paper in library.papers()[::7]:
        found = dict(library.dense(f"{paper.title}. {paper.abstract}", 20))
        assert found[paper.id] == pytest.approx(1, abs=1e-4)
    scanned = library.dense(QUESTION, 10, [one.id for one in library.papers()])
    through = library.dense(QUESTION, 10)
    assert [score for _, score in through] == pytest.approx([s for _, s in scanned], abs=1e-4)


def test_a_library_changes_its_embedder_while_it_is_asked_and_goes_back(filled: Path) -> None:
    hashed = Hashed()
    steps: list[tuple[str, int, int]] = []
    with opened(filled, hashed) as library:
        before = library.dense(QUESTION, 10)
        answers: list[list[tuple[str, float]]] = []
        with ThreadPoolExecutor(1) as pool:
            change = pool.submit(library.use_embedder, "hashed", lambda *step: steps.append(step))
            while not change.done():
                answers.append(library.dense(QUESTION, 10))
        report = change.result()
        assert (report.done, report.embedded, report.papers) == (True, NUMBER, NUMBER)
        assert len([text for text in hashed.asked if text != QUESTION]) == NUMBER
        assert steps[0] == ("embedding", 0, NUMBER)
        assert ("embedding", NUMBER, NUMBER) in steps
        assert steps[-1] == ("indexing", NUMBER, NUMBER)
        check_new(library, NUMBER)
        after = library.dense(QUESTION, 10)
        assert after != before
        assert answers
        either = [names_of(before), names_of(after)]
        assert all(names_of(one) in either for one in answers)
        assert not (filled / "chroma" / "1").exists(), "what was replaced is removed"
        assert is_whole(examine(library))

        library.ingest().run([late()])
        library.catch_up()
        assert hashed.asked[-1].startswith("Zebrafish stripes.")
        check_new(library, NUMBER + 1)

    hashed.before = failing()  # nothing is to be embedded
    with opened(filled, hashed) as library:
        assert library.use_embedder("wordllama").embedded == 1, "the one that lacks its vector"
        library.remove([library.paper("Zebrafish stripes").id])
        assert library.dense(QUESTION, 10) == [
            (name, pytest.approx(score, abs=1e-5)) for name, score in before
        ]
        report = library.use_embedder("hashed")
        assert (report.done, report.embedded) == (True, 0)
        assert library.use_embedder("hashed").done, "twice is no harm"


def test_the_old_one_serves_until_the_new_one_is_whole(filled: Path) -> None:
    """In this process and beside it; afterwards both follow without being opened anew."""
    steps: list[str] = []
    with opened(filled, Hashed()) as other, opened(filled, Hashed()) as library:
        before = other.dense(QUESTION, 10)
        assert chroma_of(other).state == "ready", "a neighbour owns Chroma the whole time"

        def look(step: str, done: int, total: int) -> None:
            steps.append(step)
            assert other.dense(QUESTION, 10) == before
            assert library.dense(QUESTION, 10)[0][0] == before[0][0]

        library.use_embedder("hashed", look)
        assert set(steps) == {"embedding", "indexing"}
        after = library.dense(QUESTION, 10)
        assert names_of(other.dense(QUESTION, 10)) == names_of(after)
        assert after != before
        other.catch_up()
        assert chroma_of(other).fingerprint == Hashed().fingerprint
        assert chroma_of(other).state == "ready"


def test_what_changes_meanwhile_is_not_lost(filled: Path) -> None:
    """Papers added and removed by a neighbour while vectors are made and the index is built."""
    with Library.open(filled) as neighbour:  # it owns Chroma
        gone = [one.id for one in neighbour.papers()[3:60:8]]
        done: set[str] = set()

        def disturb(step: str, at: int, total: int) -> None:
            if at and step not in done:
                done.add(step)
                neighbour.ingest().run([late(f"Late {step} paper")])
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
            marks = library.ledger.value("SELECT count(*) FROM projections")
            assert marks == 2, "nothing in the making is left"


def test_what_was_made_before_an_end_is_kept_and_another_choice_forgets_it(filled: Path) -> None:
    """A change is interrupted, fails and is stopped; the old embedder serves all the while."""

    def interrupt(step: str, done: int, total: int) -> None:
        if step == "indexing":
            raise KeyboardInterrupt

    hashed = Hashed(before=failing(after=64))
    with opened(filled, hashed, Hashed("other", 32)) as library:
        before = library.dense(QUESTION, 10)

        def check_old() -> None:
            assert library.status().embedder == "wordllama"
            assert library.dense(QUESTION, 10) == before

        with pytest.raises(KeyboardInterrupt):
            library.use_embedder("other", interrupt)
        assert outbox.mark_in_progress(library.ledger) is not None
        check_old()
        with pytest.raises(EmbeddingFailed):
            library.use_embedder("hashed")
        check_old()
        hashed.before = lambda made: None
        report = library.use_embedder("hashed", stopped=lambda: len(hashed.asked) >= 128)
        assert (report.done, report.embedded) == (False, 64)
        check_old()
        named = partial(library.ledger.meta, "next_embedder")
        report = library.use_embedder("hashed", stopped=lambda: named() == hashed.fingerprint)
        assert (report.done, report.embedded) == (False, NUMBER - 128)
        check_old()
        assert library.use_embedder("hashed").done
        assert len(hashed.asked) == NUMBER
        check_new(library, NUMBER)
        assert len(list((filled / "chroma").glob("*/"))) == 1, "that of the other one is gone"


def test_an_empty_library_changes_too(tmp_path: Path) -> None:
    with Library.open(tmp_path / "l", create=True, embedders=TestEmbedders(Hashed())) as library:
        assert library.use_embedder("hashed").done
        library.ingest().run(made_up(20))
        library.catch_up()
        check_new(library, 20)


def test_wrong_names_and_second_runs_are_refused(filled: Path) -> None:
    with pytest.raises(EmbedderUnavailable, match="other/768"):
        TestEmbedders().make("other/768", None)
    with opened(filled, absent=(Hashed(),)) as library:
        for name, failure in (("nothing", UnknownEmbedder), ("hashed", EmbedderUnavailable)):
            with pytest.raises(failure):
                library.use_embedder(name)
    with (
        opened(filled, Hashed()) as library,
        FileLock(filled / "embedder.lock"),
        pytest.raises(LibraryBusy, match="changing the embedder"),
    ):
        library.use_embedder("hashed")


def test_an_embedder_that_fails_or_is_gone_leaves_the_words(changed: Path) -> None:
    """Reading says so and goes on; adding is refused; a library can change away from it."""
    with opened(changed, Hashed(before=failing())) as library:
        assert library.dense(QUESTION, 5) == []
        assert library.words_alone == "the endpoint is gone: searching words alone; start it"
        with pytest.raises(EmbeddingFailed):
            library.ingest().run([late()])
        assert library.count() == NUMBER
        library.remove([library.papers()[0].id])
        assert library.count() == NUMBER - 1
    lines: list[str] = []
    absent = TestEmbedders(absent=(Hashed(),))
    with Library.open(changed, narrate=lines.append, embedders=absent) as library:
        assert library.dense(QUESTION, 5) == []
        assert library.lexical(QUESTION, 5)
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


@pytest.mark.slow
def test_kills_in_a_row_leave_the_old_or_the_new(filled: Path) -> None:
    """Either is whole and answers at once; each run goes on from where the last was killed."""
    rows = table(__file__, "kills.jsonl")
    assert {row["place"] for row in rows} == set(REEMBEDDING_POINTS)
    old = contents(filled / "chroma" / "1")
    for row in rows:
        with naming(row):
            assert run_until_killed(filled, row["place"], row["passes"]).killed
            with opened(filled, Hashed()) as library:
                library.prefer_scan()
                assert library.status().embedder == row["embedder"]
                assert len(library.dense(QUESTION, 5)) == 5
                key = embedder_key(library.ledger, Hashed().fingerprint)
                assert NUMBER - count_lacking(library.ledger, key or -1) == row["vectors"]
            assert contents(filled / "chroma" / "1") == old
    hashed = Hashed()
    with opened(filled, hashed) as library:
        assert library.use_embedder("hashed").done
        assert hashed.asked == []
        check_new(library, NUMBER)
        assert is_whole(examine(library, fix=True))
    assert len(list((filled / "chroma").glob("*/"))) == 1
