"""kill -9 while papers are taken in (cases 29 and 30)."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from papers import made_up

from store.ledger.points import POINTS
from store.library.library import Library

DRIVER = Path(__file__).with_name("kill_driver.py")
ROUNDS = int(os.environ.get("QUIRE_KILL_ROUNDS", "3"))


def run_until_killed(folder: Path, number: int, place: str, passes: int) -> tuple[int, bool]:
    """The count acknowledged before the end, and whether the end was a kill."""
    ran = subprocess.run(
        [sys.executable, str(DRIVER), str(folder), str(number), place, str(passes)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode in (0, -9), ran.stderr
    counts = [int(line) for line in ran.stdout.split() if line.isdigit()]
    return max(counts, default=0), ran.returncode == -9


def wait_for_chroma(library: Library) -> None:
    """The worker of a killed process ends when its upsert does; until then it owns Chroma."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        assert library.chroma is not None
        library.chroma.close()
        library.chroma.look()
        if library.chroma.state != "busy":
            return
        time.sleep(0.2)
    raise AssertionError("Chroma stays in use")


def check_whole(folder: Path, number: int, acknowledged: int) -> None:
    """Acknowledged papers are there; a second run completes; both indexes find every paper."""
    records = made_up(number)
    with Library.open(folder, create=True) as library:
        titles = {paper.title for paper in library.papers()}
        assert {one.title for one in records[:acknowledged]} <= titles
        report = library.ingest().run(records)
        assert report.new + report.same == number
        assert report.changed == 0
        assert report.same >= acknowledged
        wait_for_chroma(library)
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


@pytest.mark.parametrize("passes", [0, 1])
@pytest.mark.parametrize("place", POINTS)
def test_kill_at_a_named_place_loses_nothing_acknowledged(
    tmp_path: Path, place: str, passes: int
) -> None:
    """Case 30: every commit point, the first and the second time it is passed."""
    number = 600 if place.startswith("batch") else 2600
    acknowledged, killed = run_until_killed(tmp_path / "library", number, place, passes)
    assert killed
    check_whole(tmp_path / "library", number, acknowledged)


def test_kill_during_chromas_flush(tmp_path: Path) -> None:
    """Case 30: the one place that Chroma itself does not survive."""
    acknowledged, killed = run_until_killed(tmp_path / "library", 2600, "flush", 0)
    assert killed
    check_whole(tmp_path / "library", 2600, acknowledged)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_kill_at_any_moment(tmp_path: Path, seed: int) -> None:
    """Cases 29 and 30: random moments, up to three kills in a row on one library."""
    chance = random.Random(seed)
    acknowledged = 0
    for _ in range(3):
        delay = chance.randint(150, 2500)
        got, killed = run_until_killed(tmp_path / "library", 1500, "random", delay)
        acknowledged = max(acknowledged, got)
        if not killed:
            break
    check_whole(tmp_path / "library", 1500, acknowledged)
