"""Damage done to the files of a library, one at a time: noticed, mended or named, never silent."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from tables import Row, for_each, table

from tests.bench.damage.driver import Job, Ran, run_job
from tests.bench.damage.harm import WAYS, Case, damage, files_by_kind, plan
from tests.bench.damage.libraries import REPLY, environment, make
from tests.bench.damage.report import Examined, failures
from tests.bench.damage.report import table as told
from tests.bench.damage.run import examine, learn
from tests.bench.damage.verdict import judge
from tests.bench.damage.watch import Watched
from tests.support.endpoint_fixture import scripted_endpoints

SEED = 10
CASES = """
words.fast flip, words.fast truncate, words.fieldnorm flip, words.store flip, words.idx flip,
words.idx swap, words.pos flip, words.term flip, words.term truncate, words.meta flip,
words.managed zero, chroma.sqlite3 flip, chroma.sqlite3 remove, chroma.sqlite3 zero, kept flip,
kept swap, ledger flip, ledger truncate, ledger zero, ledger remove, lock swap, seal flip,
seal remove, configuration flip, configuration zero
"""
"""None of the files of Chroma's graph is here: they are read without a look at what they hold,
and what that does to a process is not for a test to repeat."""


@pytest.mark.slow
def test_damaged_files_are_noticed_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
        for number, words in enumerate(CASES.split(",")):
            case = Case(number, "60", *words.split())
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


def test_the_plan_takes_kinds_in_turn_and_repeats_itself() -> None:
    kinds = {"small": ["a", "b", "c"], "large": ["b", "c", "d"]}
    cases = list(islice(plan(3, kinds), 80))
    assert cases == list(islice(plan(3, kinds), 80))
    assert cases != list(islice(plan(4, kinds), 80))
    for start in range(0, 80, 4):
        assert {one.kind for one in cases[start : start + 4]} == set("abcd")
    met = Counter((one.variant, one.kind, one.way) for one in cases)
    assert len(met) == 6 * len(WAYS), "every combination is met"
    assert {met[("small", "b", way)] for way in WAYS} == {2}


def test_each_way_harms_one_file_and_a_swap_two(tmp_path: Path) -> None:
    whole = {"ledger.sqlite3": b"l" * 9000, "lexical/1/x.pos": b"p" * 500, "lexical/1/x.term": b"t"}
    for at, way in enumerate(WAYS):
        library = tmp_path / way
        for name, content in whole.items():
            (library / name).parent.mkdir(parents=True, exist_ok=True)
            (library / name).write_bytes(content)
        said = damage(Case(at, "60", "words.pos", way), 1, library, tmp_path / "none.toml")
        assert said.startswith("lexical/1/x.pos: ")
        now = {
            str(path.relative_to(library)): path.read_bytes()
            for paths in files_by_kind(library).values()
            for path in paths
        }
        harmed = {name for name in whole if now.get(name) != whole[name]}
        other = {"lexical/1/x.term"} if way == "swap" else set()
        assert harmed == {"lexical/1/x.pos"} | other
        match way:
            case "flip":
                assert sum(a != b for a, b in zip(now["lexical/1/x.pos"], b"p" * 500)) == 1  # noqa: B905
            case "swap":
                assert now["lexical/1/x.pos"] == b"t"


DOCUMENTS = {
    "HITS": '{"hits": [{"id": "a"}, {"id": "b"}]}',
    "OTHER": '{"hits": [{"id": "b"}]}',
    "FINE": '{"whole": true, "findings": [{"part": "Chroma", "state": "ok", "message": "whole"}]}',
    "MENDED": '{"findings": [{"part": "Chroma", "state": "mended", "message": "rebuilt"}]}',
}


def ran(cell: str | dict[str, Any]) -> Ran:
    """What a command did, as the table tells it: what it printed alone, or more than that."""
    told = {"out": cell} if isinstance(cell, str) else cell
    out = told["out"] if isinstance(told["out"], str) else json.dumps(told["out"])
    code, err, ended = told.get("code", 0), told.get("err", ""), told.get("ended", "")
    return Ran(code, DOCUMENTS.get(out, out), err, ended=ended)


def test_the_verdict() -> None:
    found = {"q": [["a"], list("abcdefghij")]}
    app = {"first": found, "then": found, "trouble first": "", "trouble then": ""}
    whole = {
        "search 1 before": ran("HITS"),
        "doctor": ran("FINE"),
        "search 1 after": ran("HITS"),
        "list": ran('{"papers": []}'),
        "app": ran({"out": app}),
    }

    def check(row: Row) -> None:
        steps = {name: ran(row[name]) for name in whole if name in row}
        judged = judge(row.get("kind", "words.pos"), steps, {name: whole[name] for name in steps})
        assert judged.outcome == row["outcome"], judged.reasons
        assert row.get("reason", "") in "\n".join(judged.reasons)

    for_each(table(__file__, "verdicts.jsonl"), check)


def test_a_process_that_hangs_or_ends_is_named_and_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.bench.damage.watch.AT_MOST_SECONDS", 3.0)
    watched = Watched(environment(tmp_path))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    waits: Job = {"argv": ["add", str(pipe)]}
    try:
        assert watched.run({"argv": ["--version"]}).code == 0
        assert "hung" in watched.run({"argv": ["--config", str(pipe), "status"]}).ended, waits
        assert watched.run({"argv": ["--version"]}).out.startswith("quire ")
    finally:
        watched.close()
