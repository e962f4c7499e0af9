"""kill -9 while papers are taken in."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from killed import run_until_killed
from papers import made_up

from store.ledger.points import POINTS, RESTORE_POINTS, UNDO_POINTS
from store.library.backup import back_up
from store.library.library import Library

pytestmark = pytest.mark.slow
ROUNDS = int(os.environ.get("QUIRE_KILL_ROUNDS", "1"))


def check_whole(folder: Path, number: int, acknowledged: int) -> None:
    """Acknowledged papers are there; a second run completes; both indexes find every paper."""
    records = made_up(number)
    with Library.open(folder, create=True) as library:
        report = library.ingest().run(records)
        assert report.new + report.same == number
        assert report.changed == 0
        assert report.same >= acknowledged
        library.catch_up()
        status = library.status()
        assert (status.papers, status.pending) == (number, 0)
        assert (status.chroma, status.lexical) == ("ready", "ready")
        assert library.chroma is not None
        assert library.chroma.look(deep=True) is not None, library.chroma.trouble
        for record in random.Random(number).sample(records, 20):
            paper = library.paper(record.title)
            assert library.lexical(record.title, 3)[0][0] == paper.id
            assert library.dense(f"{record.title}. {record.abstract}", 1)[0][0] == paper.id


def check_kills(folder: Path, kills: list[tuple[str, int]], number: int, runs: int) -> None:
    """Kill at one place after another, each in a new process; then look, and let it be ended."""
    acknowledged = 0
    for place, passes in kills:
        ended = run_until_killed(folder, place, passes, number, runs)
        acknowledged = max(acknowledged, ended.acknowledged)
        with Library.open(folder, create=True) as library:
            titles = {paper.title for paper in library.papers()}
        assert {one.title for one in made_up(acknowledged)} <= titles
        if not ended.killed:
            assert place == "random"
            break
    check_whole(folder, number, acknowledged)


@pytest.mark.parametrize("place", POINTS)
def test_kill_at_a_named_place_loses_nothing_acknowledged(tmp_path: Path, place: str) -> None:
    """The first time that it is passed, and then in another process the second time."""
    check_kills(tmp_path / "library", [(place, 0), (place, 1)], 90, 3)


def test_kill_during_chromas_flush(tmp_path: Path) -> None:
    """The one place that Chroma itself does not survive."""
    check_kills(tmp_path / "library", [("flush", 0)], 2100, 1)


@pytest.mark.parametrize("place", [*UNDO_POINTS, "random"])
def test_a_kill_while_a_change_is_taken_back_leaves_either_state(filled: Path, place: str) -> None:
    """The state from before or that without the change; the indexes follow at the next opening."""
    with Library.open(filled) as library:
        before = library.papers()
        library.ingest(tags=["new"]).run(made_up(600))
        changed = library.papers()
    for moment in random.Random(1).sample(range(900), 3) if place == "random" else (0,):
        run_until_killed(filled, place, moment, "undo")
        with Library.open(filled) as library:
            papers = library.papers()
            assert papers in (before, changed)
            if place != "random":
                assert papers == (changed if place == "undo.written" else before)
            library.catch_up()
            status = library.status()
            trouble = library.trouble()
            assert (status.papers, status.pending, trouble) == (len(papers), 0, "")
            assert (status.chroma, status.lexical) == ("ready", "ready")
            paper = papers[-1]
            assert library.dense(f"{paper.title}. {paper.abstract}", 1)[0][0] == paper.id
            if papers == before:
                break


@pytest.mark.parametrize("place", RESTORE_POINTS)
def test_a_kill_while_a_backup_is_restored_leaves_either_state(
    filled: Path, tmp_path: Path, place: str
) -> None:
    """The state from before until all of the backup is there in one transaction."""
    back_up(filled, str(tmp_path / "backup.zip"))
    with Library.open(filled) as library:
        restored = library.papers()
        library.ingest(tags=["new"]).run(made_up(60))
        before = library.papers()
    assert run_until_killed(filled, place, 0, "restore", str(tmp_path / "backup.zip")).killed
    with Library.open(filled) as library:
        assert library.papers() == (restored if place == "restore.written" else before)
        library.catch_up()
        status = library.status()
    assert (status.pending, status.chroma, status.lexical) == (0, "ready", "ready")


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_kill_at_any_moment(tmp_path: Path, seed: int) -> None:
    """Random moments, up to three kills in a row on one library, indexes following in threads."""
    moments = random.Random(seed).sample(range(150, 2500), 3)
    check_kills(tmp_path / "library", [("random", one) for one in moments], 1500, 1)
