"""One case from beginning to end: a copy, the damage, the commands, the verdict."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.bench.damage.driver import Job, Ran
from tests.bench.damage.harm import Case, damage
from tests.bench.damage.libraries import Asked, Home, Run
from tests.bench.damage.verdict import AFTER, BEFORE, Steps, Verdict, judge, result

Extent = Literal["all", "brief", "app"]
"""All commands; one question and that before `doctor` alone; or the app's searches alone."""

_ENDED_AT_MOST = 2
"""After so many hangs and ends of the process, a case is not gone on with."""


@dataclass(frozen=True)
class Known:
    """A whole library: what each step does there, and the ids of its papers."""

    home: Home
    asked: Asked
    steps: Steps
    ids: tuple[str, ...]
    extent: Extent


def jobs(home: Home, asked: Asked, ids: tuple[str, ...], extent: Extent) -> dict[str, Job]:
    """The steps of a case in their order."""
    if extent == "app":
        return {"app": home.call("app", queries=[*asked.queries, asked.question])}

    def reading(when: str) -> dict[str, Job]:
        found = {f"status {when}": home.command("status", "--json")}
        for number, query in enumerate(asked.queries, 1):
            found[f"search {number} {when}"] = home.command("search", "--json", query)
        if extent == "all":
            found[f"ask {when}"] = home.command("ask", "--json", asked.question)
        if extent == "all" or when == BEFORE:
            answering = ("-m", "scripted", asked.question)
            found[f"ask cached {when}"] = home.command("ask", "--json", *answering)
        return found

    return {
        **reading(BEFORE),
        "doctor": home.command("doctor", "--json"),
        **reading(AFTER),
        "list": home.command("list", "--json"),
        "show": home.command("show", "--json", *ids),
        "sessions": home.call("sessions"),
    }


def learn(home: Home, asked: Asked, folder: Path, run: Run, extent: Extent = "all") -> Known:
    """What a whole library does; raises AssertionError when it is not whole itself."""
    copy = home.copy(folder)
    listed = run(copy.command("list", "--json")).document()
    ids = tuple(one["id"] for one in listed["papers"])
    sessions = run(copy.call("sessions"))  # before questions are asked, which are saved too
    steps = {name: run(job) for name, job in jobs(copy, asked, ids, extent).items()}
    shutil.rmtree(folder)
    if extent != "app":
        steps["sessions"] = sessions
    found = judge("", steps, steps)
    assert not found.reasons, found.reasons
    for name in list(steps):
        after = name.replace(BEFORE, AFTER)
        if name.endswith(BEFORE) and after in steps:
            assert result(name, steps[name]) == result(after, steps[after]), name
    if extent != "app":
        assert '"whole": true' in steps["doctor"].out, steps["doctor"].out
        assert result("search 1", steps["search 1 before"])[0] == ids[0], "a title finds its paper"
    return Known(home, asked, steps, ids, extent)


def examine(
    case: Case, seed: int, known: Known, folder: Path, start: Callable[[Path], Run]
) -> tuple[str, Verdict]:
    """Run a case in a folder that is removed afterwards; what was damaged, and the verdict.

    `start` gives what runs jobs, by the case's folder.
    """
    home = known.home.copy(folder)
    try:
        said = damage(case, seed, home.library, home.configuration)
        run = start(folder)
        ran: dict[str, Ran] = {}
        for name, job in jobs(home, known.asked, known.ids, known.extent).items():
            ran[name] = run(job)
            if sum(bool(one.ended) for one in ran.values()) >= _ENDED_AT_MOST:
                break
        return said, judge(case.kind, ran, known.steps)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
