"""Damage done to the files of a library, one at a time: noticed, mended or named, never silent."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from tests.bench.damage.driver import Job, Ran, run_job
from tests.bench.damage.harm import CONFIGURATION, WAYS, Case, damage, files_by_kind, plan
from tests.bench.damage.libraries import REPLY, environment, make
from tests.bench.damage.report import Examined, failures, table
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
    print(table(examined))
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


def ran(out: str, err: str = "", code: int = 0, ended: str = "") -> Ran:
    return Ran(code, out, err, ended=ended)


HITS, OTHER = '{"hits": [{"id": "a"}, {"id": "b"}]}', '{"hits": [{"id": "b"}]}'
FINE = '{"whole": true, "findings": [{"part": "Chroma", "state": "ok", "message": "whole"}]}'
LOST = '{"findings": [{"part": "ledger", "state": "broken", "message": "20 changes are gone"}]}'
LEFT = '{"findings": [{"part": "Chroma", "state": "broken", "message": "it failed"}]}'
MENDED = '{"findings": [{"part": "Chroma", "state": "mended", "message": "rebuilt"}]}'
SALVAGE = "error: the ledger is damaged. run: quire doctor --salvage NEW"


@pytest.mark.parametrize(
    ("before", "doctor", "after", "outcome", "reason"),
    [
        (ran(HITS), ran(FINE), ran(HITS), "harmless", ""),
        (ran(OTHER), ran(MENDED), ran(HITS), "FAILED", "another result in silence"),
        (ran(OTHER, "note: the word index is damaged"), ran(MENDED), ran(HITS), "mended", ""),
        (ran(OTHER, "note: nothing speaks to that"), ran(MENDED), ran(HITS), "FAILED", "silence"),
        (ran(HITS), ran(MENDED), ran(HITS), "mended", ""),
        (ran(HITS), ran(FINE), ran(OTHER), "FAILED", "in silence"),
        (ran(HITS), ran(LOST, code=1), ran(OTHER), "named", ""),
        (ran(HITS), ran(LEFT, code=1), ran(HITS), "FAILED", "doctor leaves broken: it failed"),
        (ran(HITS), ran("{}", SALVAGE, 3), ran("{}", SALVAGE, 3), "named", ""),
        (ran(HITS), ran("{}", "error: broken", 3), ran(HITS), "FAILED", "without what to do"),
        (ran(HITS), ran(MENDED), ran(HITS, "note: Chroma is damaged"), "FAILED", "still said"),
        (ran("{}", "error: something broke inside quire", 1), ran(FINE), ran(HITS), "FAILED", ""),
        (ran("", ended="hung for more than 20 s"), ran(FINE), ran(HITS), "FAILED", "hung"),
    ],
)
def test_the_verdict(before: Ran, doctor: Ran, after: Ran, outcome: str, reason: str) -> None:
    whole = {"search 1 before": ran(HITS), "doctor": ran(FINE), "search 1 after": ran(HITS)}
    found = judge(
        "words.pos", {"search 1 before": before, "doctor": doctor, "search 1 after": after}, whole
    )
    assert found.outcome == outcome, found.reasons
    assert reason in "\n".join(found.reasons)


def test_a_damaged_configuration_names_its_line() -> None:
    whole = {"list": ran('{"papers": []}')}
    for said, outcome in (
        ("error: the configuration x is not TOML: bad key (at line 3, column 1)", "named"),
        ("error: the configuration x is not TOML", "FAILED"),
        ("error: no configuration at x. check --config", "named"),
    ):
        found = judge(CONFIGURATION, {"list": ran("{}", said, 2)}, whole)
        assert found.outcome == outcome


@pytest.mark.parametrize(
    ("first", "trouble", "then", "outcome"),
    [
        ("abcdefghij", "", "abcdefghij", "harmless"),
        ("abcdefghix", "Chroma's files are damaged", "abcdefghix", "mended"),
        ("abcdefghix", "", "abcdefghij", "FAILED"),
        ("stuvwxyz", "Chroma's files are damaged", "stuvwxyz", "FAILED"),
    ],
)
def test_the_verdict_on_the_app(first: str, trouble: str, then: str, outcome: str) -> None:
    """A graph built anew may miss one of the nearest; the one on the disk may not in silence."""

    def app(first: str, trouble: str, then: str) -> dict[str, Ran]:
        found = {
            "first": {"q": [["a"], list(first)]},
            "then": {"q": [["a"], list(then)]},
            "trouble first": trouble,
            "trouble then": "",
        }
        return {"app": ran(json.dumps(found))}

    whole = app("abcdefghij", "", "abcdefghij")
    found = judge("chroma.header", app(first, trouble, then), whole)
    assert found.outcome == outcome, found.reasons


def test_a_process_that_hangs_or_ends_is_named_and_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.bench.damage.watch.AT_MOST_SECONDS", 5.0)
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
