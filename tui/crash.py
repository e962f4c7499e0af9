"""What is left of an unexpected error: a log for the reader's eyes, and one line."""

from __future__ import annotations

import os
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_state_path

from store.clean import clean_line, clean_text

LOG_NAME = "crash.log"
_MOST_BYTES = 1_000_000
"""A log longer than this is begun anew; the one before it stays beside it."""


def state_folder() -> Path:
    """Where the app keeps its log."""
    return user_state_path("quire", appauthor=False)


def record(error: BaseException, folder: Path) -> str:
    """Append an error to the log, without the values of variables; return the line to show.

    The folder is made 0700 and the log 0600. Where it cannot be written, the line says so.
    """
    what = type(_cause(error)).__name__
    log = folder / LOG_NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _append(log, "".join(traceback.format_exception(_cause(error))))
    except OSError as failure:
        why = type(failure).__name__
        return f"error: quire stopped on an unexpected {what} ({why} while writing the log)."
    return f"error: quire stopped on an unexpected {what} (details in {clean_line(str(log))})."


def note(data: bytes, folder: Path) -> None:
    """Append to the log what a library wrote to the terminal past the app; raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _append(folder / LOG_NAME, data.decode("utf-8", "replace"))


def _cause(error: BaseException) -> BaseException:
    # A failed worker wraps what happened in it.
    inner = getattr(error, "error", None)
    return inner if isinstance(inner, BaseException) else error


def _append(log: Path, text: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    flags |= getattr(os, "O_NONBLOCK", 0)  # a pipe in its place would be waited for
    with suppress(OSError):
        if log.stat().st_size > _MOST_BYTES:
            log.replace(log.with_name(f"{LOG_NAME}.1"))
    handle = os.open(log, flags, 0o600)
    try:
        os.fchmod(handle, 0o600)
        stamp = datetime.now(UTC).isoformat(timespec="seconds")
        os.write(handle, f"{stamp}\n{clean_text(text)}\n".encode())
    finally:
        os.close(handle)
