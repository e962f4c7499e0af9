"""`quire add`: what it takes, what it reports, and what is kept when it is interrupted."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from cli_fixture import PAPERS, Quire, Walk, interrupted
from papers import made_up
from tables import compare, table
from terminal_fixture import Terminals

from assistant.cli.progress import progress_text
from store.library.ingest import LISTED

NUMBER = 2500


def test_every_record_is_accounted_for(walk: Walk) -> None:
    walk(__file__, "added.jsonl", papers=PAPERS)


def test_a_report_lists_the_first_refusals_and_counts_the_rest(
    tmp_path: Path, quire: Quire
) -> None:
    path = tmp_path / "bad.jsonl"
    good = json.dumps({"title": "Glaciers", "abstract": "Glaciers melt."})
    path.write_text(good + "\n" + '{"title": "none"}\n' * (LISTED + 50), "utf-8")
    ran = quire("add", str(path), "--dry-run", "--json")
    assert ran.code == 1, ran.err
    assert (ran.json["read"], ran.json["refused"]) == (LISTED + 51, LISTED + 50)
    assert (len(ran.json["rejections"]), ran.json["more_rejections"]) == (LISTED, 50)
    ran = quire("add", str(path), "--dry-run")
    assert f"… and {LISTED + 30} more; --json lists the first {LISTED}" in ran.err


def test_progress_text() -> None:
    compare(
        table(__file__, "progress.jsonl"),
        lambda row: progress_text(row["number"], "records", row["seconds"], row["share"]),
    )


def papers_in(library: Path) -> int:
    address = f"file:{library}/ledger.sqlite3?mode=ro"
    with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as ledger:
        return int(ledger.execute("SELECT count(*) FROM papers").fetchone()[0])
    return 0


@pytest.mark.slow
def test_an_interrupted_add_keeps_what_it_reports_and_goes_on(
    tmp_path: Path, quire: Quire, on_terminal: Terminals
) -> None:
    """In a pipe, then on a terminal, where rate, share and time left are shown meanwhile."""
    path, library = tmp_path / "many.jsonl", tmp_path / "quire-home"
    lines = [json.dumps({"title": one.title, "abstract": one.abstract}) for one in made_up(NUMBER)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    ran = interrupted(("add", str(path), "--json"), lambda: papers_in(library), 1)
    assert ran.code == 130, ran.err
    report = ran.json
    assert report["error"]["code"] == "interrupted"
    assert 0 < report["read"] < NUMBER
    assert report["new"] == report["read"] == len(report["papers"])
    assert "Traceback" not in ran.err
    kept = papers_in(library)
    assert kept >= report["new"]

    shown = on_terminal("add", str(path))
    shown.until(" %")
    while papers_in(library) == kept:
        assert shown.read(0.01)
    shown.type("\x03")
    assert shown.end() == 130
    assert " records, " in shown.output
    assert " a second, " in shown.output
    assert any(line.startswith("read ") for line in shown.lines)
    assert "the same command goes on from here" in shown.output
    assert not [line for line in shown.lines if " a second" in line], "the progress is gone"

    kept = papers_in(library)
    again = quire("add", str(path), "--json")
    assert again.code == 0, again.err
    assert (again.json["same"], again.json["new"]) == (kept, NUMBER - kept)
    assert len(again.json["papers"]) == NUMBER
    status = quire("status", "--json").json
    assert (status["papers"], status["pending"]) == (NUMBER, 0)
