"""What the app does with its own process, and its log of what went wrong."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
from desk import Desk
from terminal_fixture import ROOT
from textual.worker import WorkerFailed
from waiting import until

from tui.app import QuireApp
from tui.crash import LOG_NAME, note, record
from tui.lifecycle import CRASHED

SAID = "error: quire stopped on an unexpected RuntimeError ({} while writing the log)."
PROGRAM = """
import gc
from tui.lifecycle import Shell
app = Shell()
app._owns_process = True
app.settle()
assert gc.get_freeze_count() > 10_000, gc.get_freeze_count()
collections = gc.get_stats()[2]["collections"]
kept = []
for at in range(400_000):
    kept.append([at])
assert gc.get_stats()[2]["collections"] == collections
app.tidy()
assert gc.get_stats()[2]["collections"] == collections + 1
app.tidy()
assert gc.get_stats()[2]["collections"] == collections + 1
"""


def test_all_objects_are_gone_through_only_when_asked() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_a_process_of_others_keeps_its_ways(app: QuireApp) -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    app.settle()
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """Case 85: no error on top of an error, and no file of others is written to."""
    other = tmp_path / "other"
    other.write_text("untouched")
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / LOG_NAME).symlink_to(other)
    (tmp_path / "folder" / LOG_NAME).mkdir(parents=True)
    for state, failure in (
        ("other", "FileExistsError"),
        ("link", "OSError"),
        ("folder", "IsADirectoryError"),
    ):
        assert record(RuntimeError("x"), tmp_path / state) == SAID.format(failure)
        with pytest.raises(OSError, match="Errno"):
            note(b"x", tmp_path / state)
    assert other.read_text() == "untouched"


def test_a_pipe_in_the_place_of_the_log_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / LOG_NAME)
    said: list[str] = []
    writing = Thread(target=lambda: said.append(record(RuntimeError("x"), tmp_path)), daemon=True)
    writing.start()
    writing.join(10)
    assert said == [SAID.format("OSError")]


def test_the_log_is_begun_anew_when_it_is_long(tmp_path: Path) -> None:
    for _ in range(30):
        note(b"x" * 100_000, tmp_path)
    sizes = {one.name: one.stat().st_size for one in tmp_path.iterdir()}
    assert set(sizes) == {LOG_NAME, f"{LOG_NAME}.1"}
    assert all(size < 1_200_000 for size in sizes.values())


async def test_an_unexpected_error_is_kept_and_the_service_closed(
    desk: Desk, tmp_path: Path
) -> None:
    async def ask() -> None:
        async with desk.opened():
            await desk.send()
            await until(lambda: desk.app.is_leaving)

    desk.service.scripts = [[RuntimeError("unforeseen")]]
    with pytest.raises(WorkerFailed):
        await ask()
    assert (desk.service.is_closed, desk.app.return_code) == (True, CRASHED)
    assert "RuntimeError: unforeseen" in (tmp_path / "state" / LOG_NAME).read_text()
