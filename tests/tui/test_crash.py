"""The log of what went wrong: where it cannot be written, and how long it gets."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tui.crash import LOG_NAME, note, record

SAID = "error: quire stopped on an unexpected RuntimeError ({} while writing the log)."


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
    writing = threading.Thread(
        target=lambda: said.append(record(RuntimeError("x"), tmp_path)), daemon=True
    )
    writing.start()
    writing.join(10)
    assert said == [SAID.format("OSError")]


def test_the_log_is_begun_anew_when_it_is_long(tmp_path: Path) -> None:
    for _ in range(30):
        note(b"x" * 100_000, tmp_path)
    sizes = {one.name: one.stat().st_size for one in tmp_path.iterdir()}
    assert set(sizes) == {LOG_NAME, f"{LOG_NAME}.1"}
    assert all(size < 1_200_000 for size in sizes.values())
