"""What a test may leave behind: no thread, no process, no open port, no file outside its folder."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

_SECONDS = 5.0
"""How long what is ending may take: a process that was told to, a thread at its last step."""
_LISTENS = "0A"
_OURS = Path("/proc/self")
_MARK = "QUIRE_TEST_SESSION"
"""A variable that every process has which a test started."""


def _held() -> dict[str, set[str]]:
    """What this process holds; processes and listening sockets only where /proc tells them."""
    held = {"threads": {f"{one.name} ({one.ident})" for one in threading.enumerate()}}
    if sys.platform.startswith("linux"):
        held |= {"processes": set(_children()), "ports": set(_listening())}
    return held


def _wait_for_nothing(told: str, left: Callable[[], list[str]]) -> None:
    """Give what is ending its time, then fail with what is left."""
    until = time.monotonic() + _SECONDS
    while found := left():
        assert time.monotonic() < until, f"{told}{'; '.join(found)}"
        time.sleep(0.01)


def _children() -> Iterator[str]:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:  # it has none, as nearly always: nothing need be looked through
        return
    for process in Path("/proc").glob("[0-9]*"):
        try:
            _, _, rest = (process / "stat").read_text().rpartition(") ")
        except OSError:  # it has ended meanwhile
            continue
        if int(rest.split()[1]) == os.getpid():
            yield process.name


def _listening() -> Iterator[str]:
    """The ports on which sockets of this process listen."""
    own = set()
    for descriptor in os.listdir(_OURS / "fd"):
        try:
            own.add(os.readlink(_OURS / "fd" / descriptor))
        except OSError:  # it was the one that lists the folder
            continue
    for line in (_OURS / "net" / "tcp").read_text().splitlines()[1:]:
        cells = line.split()
        if cells[3] == _LISTENS and f"socket:[{cells[9]}]" in own:
            yield str(int(cells[1].partition(":")[2], 16))


@pytest.fixture(scope="session", autouse=True)
def _no_process_outlives_us() -> Iterator[None]:
    """Fail the session when a process that any test started, or a child of one, still runs."""
    os.environ[_MARK] = mark = uuid4().hex
    yield
    entry = f"{_MARK}={mark}".encode()
    _wait_for_nothing("the tests left processes: ", lambda: list(_marked(entry)))


def _marked(entry: bytes) -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if entry in (process / "environ").read_bytes().split(b"\0"):
                command = (
                    (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
                yield f"{process.name} ({command[:100]})"
        except OSError:  # it has ended, or is another user's
            continue


@pytest.fixture(autouse=True)
def _nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a thread, a process, a port or a temporary file."""
    temporary = tmp_path.parent / f"{tmp_path.name}-temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    before = _held()

    def beyond() -> list[str]:
        more = {kind: held - before[kind] for kind, held in _held().items()}
        return [f"{kind}: {', '.join(sorted(names))}" for kind, names in more.items() if names]

    yield
    _wait_for_nothing("the test left ", beyond)
    files = [str(one.relative_to(temporary)) for one in temporary.rglob("*")]
    assert not files, f"the test left temporary files: {', '.join(files)}"
    temporary.rmdir()
