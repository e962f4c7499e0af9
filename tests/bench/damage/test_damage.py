"""The bench of damage: its plan, what it does to files, what it calls noticed and mended."""

from __future__ import annotations

import json
import os
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from damages import contents
from tables import Row, for_each, table

from tests.bench.damage.driver import Ran
from tests.bench.damage.harm import WAYS, Case, damage, files_by_kind, plan
from tests.bench.damage.libraries import environment
from tests.bench.damage.verdict import judge
from tests.bench.damage.watch import Watched


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
        now = contents(library)
        assert sum(map(len, files_by_kind(library).values())) == len(now)
        harmed = {name for name in whole if now.get(name) != whole[name]}
        other = {"lexical/1/x.term"} if way == "swap" else set()
        assert harmed == {"lexical/1/x.pos"} | other
        if way == "flip":
            assert sum(byte != ord("p") for byte in now["lexical/1/x.pos"]) == 1
        assert way != "swap" or now["lexical/1/x.pos"] == b"t"


def ran(cell: str | dict[str, Any], documents: dict[str, Any]) -> Ran:
    """What a command did, as the table tells it: what it printed alone, or more than that."""
    told = {"out": cell} if isinstance(cell, str) else cell
    out = documents.get(told["out"], told["out"]) if isinstance(told["out"], str) else told["out"]
    text = out if isinstance(out, str) else json.dumps(out)
    return Ran(told.get("code", 0), text, told.get("err", ""), ended=told.get("ended", ""))


def test_the_verdict() -> None:
    first, second, *rows = table(__file__, "verdicts.jsonl")
    documents, whole = first["documents"], second["whole"]

    def check(row: Row) -> None:
        steps = {name: ran(row[name], documents) for name in whole if name in row}
        before = {name: ran(whole[name], documents) for name in steps}
        judged = judge(row.get("kind", "words.pos"), steps, before)
        assert judged.outcome == row["outcome"], judged.reasons
        assert row.get("reason", "") in "\n".join(judged.reasons)

    for_each(rows, check)


def test_a_hanging_process_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bench.damage.watch.AT_MOST_SECONDS", 3.0)
    watched = Watched(environment(tmp_path))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    try:
        assert watched.run({"argv": ["--version"]}).code == 0
        assert "hung" in watched.run({"argv": ["--config", str(pipe), "status"]}).ended
        assert watched.run({"argv": ["--version"]}).out.startswith("quire ")
    finally:
        watched.close()
