"""Runs commands of quire one after another in this process, for a parent that watches it.

Started as `python -m tests.bench.damage.driver`: each line of stdin is a job in JSON, each
line of stdout what came of it. What a command writes is caught at the file descriptors, so
that what libraries print themselves is seen too.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

Job = dict[str, Any]
"""`argv` of a command, or `call`: "sessions" or "app", with `library` and `config`."""


@dataclass(frozen=True)
class Ran:
    """What a job did; `ended` says in words how its process came to an end, empty when it lives."""

    code: int
    out: str
    err: str
    seconds: float = 0.0
    ended: str = ""

    def document(self) -> Any:
        """What was printed as JSON, None when it is none."""
        try:
            return json.loads(self.out)
        except ValueError:
            return None


def run_job(job: Job) -> Ran:
    """Run one job in this process."""
    begun = time.perf_counter()
    with _caught() as written:
        code = _code(lambda: _command(job["argv"]) if "argv" in job else _call(job))
    out, err = written
    return Ran(code, out, err, round(time.perf_counter() - begun, 3))


def _code(work: Callable[[], int]) -> int:
    """The exit code of some work, as the interpreter would give it."""
    try:
        return work()
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1


def _command(argv: list[str]) -> int:
    from tui.__main__ import main

    sys.argv = ["quire", *argv]
    return main()


def _call(job: Job) -> int:
    from assistant.config.settings import load_settings
    from assistant.errors import AssistantError
    from assistant.wiring.embedders import AllEmbedders
    from store.errors import StoreError
    from store.library.library import Library

    said: list[str] = []
    try:
        embedders = AllEmbedders(load_settings(job["config"]), said.append)
        with Library.open(
            Path(job["library"]), narrate=said.append, embedders=embedders
        ) as library:
            found = {"sessions": _sessions, "app": _app}[job["call"]](library, job)
    except AssistantError as failure:
        print(f"error: {failure.message}", file=sys.stderr)
        return 2
    except StoreError as failure:
        print(f"error: {failure.message}. {failure.hint}", file=sys.stderr)
        return 3
    for line in said:
        print(line, file=sys.stderr)
    print(json.dumps(found))
    return 0


def _sessions(library: Any, job: Job) -> dict[str, Any]:
    """Every saved conversation with its turns."""
    return {
        line.id: [
            {"title": line.title},
            *({"question": one.question, "answer": one.answer} for one in turns),
        ]
        for line, turns in (library.session(one.id) for one in library.sessions())
    }


def _app(library: Any, job: Job) -> dict[str, Any]:
    """What the app's searches find: at once, and after it has done its long work."""
    found: dict[str, Any] = {}
    for moment in ("first", "then"):
        if moment == "then":
            library.catch_up()
        found[moment] = {
            text: [
                [name for name, _ in library.lexical(text, 10)],
                [name for name, _ in library.dense(text, 10)],
            ]
            for text in job["queries"]
        }
        found[f"trouble {moment}"] = library.trouble()
    return found


@contextmanager
def _caught() -> Iterator[list[str]]:
    """Catch what is written to the descriptors 1 and 2; the list holds both texts at the end."""
    written: list[str] = []
    streams = (sys.stdin, sys.stdout, sys.stderr)
    for stream in streams[1:]:
        stream.flush()
    kept = [os.dup(number) for number in (0, 1, 2)]
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        open(os.devnull, "rb") as nothing,
    ):
        for number, file in enumerate((nothing, out, err)):
            os.dup2(file.fileno(), number)
        sys.stdin, sys.stdout, sys.stderr = _text(0, "r"), _text(1, "w"), _text(2, "w")
        try:
            yield written
        finally:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None and not stream.closed:
                    stream.flush()
            sys.stdin, sys.stdout, sys.stderr = streams
            for number, descriptor in enumerate(kept):
                os.dup2(descriptor, number)
                os.close(descriptor)
            for caught in (out, err):
                caught.seek(0)
                written.append(caught.read().decode("utf-8", "replace"))


def _text(number: int, mode: str) -> TextIO:
    raw = io.FileIO(number, mode, closefd=False)
    buffer: Any = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    return io.TextIOWrapper(buffer, encoding="utf-8", errors="surrogateescape")


def main() -> None:
    """Answer job after job until stdin ends."""
    jobs = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in jobs:
        ran = run_job(json.loads(line))
        answers.write(json.dumps(ran.__dict__) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
