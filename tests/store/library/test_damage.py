"""Damage done to the files of a library, one at a time: noticed, mended or named, never silent."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tables import table

from tests.bench.damage.driver import run_job
from tests.bench.damage.harm import Case
from tests.bench.damage.libraries import REPLY, environment, make
from tests.bench.damage.report import Examined, failures
from tests.bench.damage.report import table as told
from tests.bench.damage.run import examine, learn
from tests.bench.damage.watch import Watched
from tests.support.endpoint_fixture import scripted_endpoints

SEED = 10


@pytest.mark.slow
def test_damage_is_noticed_and_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """25 cases on copies of one library: status, search, ask, doctor, and all of it again."""
    with scripted_endpoints() as start:
        watched = Watched(environment(tmp_path / "own"))
        homes, asked = make(
            tmp_path / "whole", [60], watched.run, start(REPLY), live=False, queries=1
        )
        known = learn(homes["60"], asked, tmp_path / "learning", watched.run, "brief")
        watched.close()
        kinds = homes["60"].kinds()
        for name, value in environment(tmp_path / "own").items():
            monkeypatch.setenv(name, value)
        examined = []
        for number, row in enumerate(table(__file__, "damages.jsonl")):
            case = Case(number, "60", row["kind"], row["way"])
            if case.kind not in kinds:
                continue
            begun = time.monotonic()
            said, verdict = examine(
                case, SEED, known, tmp_path / f"case-{case.number}", lambda folder: run_job
            )
            examined.append(Examined(case, said, verdict, time.monotonic() - begun))
    print(told(examined))
    assert not any(one.verdict.crashed for one in examined)
    if any(one.verdict.reasons for one in examined):
        pytest.fail(failures(examined), pytrace=False)
