"""`quire add` of much: progress, interruption, and a report that stays small."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_fixture import Quire
from papers import made_up

from assistant.cli.progress import progress_text
from store.library.ingest import LISTED

NUMBER = 4000
# A shell in the background starts its children with SIGINT ignored: undo that.
_HEED = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL);"
    " os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("many") / "many.jsonl"
    lines = [json.dumps({"title": one.title, "abstract": one.abstract}) for one in made_up(NUMBER)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def papers_in(library: Path) -> int:
    try:
        ledger = sqlite3.connect(f"file:{library}/ledger.sqlite3?mode=ro", uri=True)
        try:
            return int(ledger.execute("SELECT count(*) FROM papers").fetchone()[0])
        finally:
            ledger.close()
    except sqlite3.Error:
        return 0


def add_until(library: Path, papers: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `quire add` and interrupt it once the library holds so many papers."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HEED, "-m", "tui", "--library", str(library), "add", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
    )
    until = time.monotonic() + 60
    while papers_in(library) < papers and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def test_an_interrupted_add_keeps_what_it_reports_and_goes_on(
    tmp_path: Path, many: Path, quire: Quire
) -> None:
    library = tmp_path / "library"
    ran = add_until(library, 1, str(many), "--json")
    assert ran.returncode == 130, ran.stderr
    report = json.loads(ran.stdout)
    assert report["error"]["code"] == "interrupted"
    assert 0 < report["read"] < NUMBER
    assert report["new"] == report["read"] == len(report["papers"])
    assert "Traceback" not in ran.stderr
    kept = papers_in(library)
    assert kept >= report["new"]

    ran = add_until(library, kept + 1, str(many))
    assert ran.returncode == 130, ran.stderr
    assert "the same command goes on from here" in ran.stderr
    assert ran.stdout.startswith("read ")

    kept = papers_in(library)
    again = quire("--library", str(library), "add", str(many), "--json")
    assert again.code == 0, again.err
    assert (again.json["same"], again.json["new"]) == (kept, NUMBER - kept)
    assert len(again.json["papers"]) == NUMBER
    status = quire("--library", str(library), "status", "--json").json
    assert (status["papers"], status["pending"]) == (NUMBER, 0)


def test_progress_tells_rate_share_and_time_left(tmp_path: Path, many: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "--library", str(tmp_path / "library"), "add", str(many)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        cwd="/",
    )
    os.close(theirs)
    seen = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    out, _ = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0
    assert out.decode().startswith(f"read {NUMBER}, new {NUMBER}")
    text = seen.decode()
    assert " records, " in text
    assert " a second, " in text
    assert " %" in text
    assert text.endswith("\r\x1b[K")


@pytest.mark.parametrize(
    ("number", "seconds", "share", "text"),
    [
        (0, 0.0, 0.0, "0 records, 0 a second, 0 %"),
        (500, 1.0, 0.5, "500 records, 500 a second, 50 %"),
        (500, 4.0, 0.25, "500 records, 125 a second, 25 %, 12 s left"),
        (500_000, 1000.0, 0.5, "500000 records, 500 a second, 50 %, 17 min left"),
        (10_000, 100.0, 0.01, "10000 records, 100 a second, 1 %, 2 h 45 min left"),
        (700, 1.0, None, "700 records, 700 a second"),
        (700, 10.0, 1.2, "700 records, 70 a second, 100 %"),
    ],
)
def test_progress_text(number: int, seconds: float, share: float | None, text: str) -> None:
    assert progress_text(number, "records", seconds, share) == text


def test_a_report_lists_the_first_refusals_and_counts_the_rest(
    tmp_path: Path, quire: Quire
) -> None:
    path = tmp_path / "bad.jsonl"
    good = json.dumps({"title": "Glaciers", "abstract": "Glaciers melt."})
    path.write_text(good + "\n" + '{"title": "none"}\n' * (LISTED + 50), "utf-8")
    ran = quire("add", str(path), "--json")
    assert ran.code == 1, ran.err
    assert (ran.json["read"], ran.json["refused"]) == (LISTED + 51, LISTED + 50)
    assert (len(ran.json["rejections"]), ran.json["more_rejections"]) == (LISTED, 50)
    ran = quire("add", str(path))
    assert f"… and {LISTED + 30} more; --json lists the first {LISTED}" in ran.err


def test_records_without_a_title_are_refused_with_the_remedy(quire: Quire, tmp_path: Path) -> None:
    """A title is what a paper is known and cited by: none is made up."""
    path = tmp_path / "untitled.jsonl"
    lines = [{"title": "", "abstract": f"Cells {number} die by themselves."} for number in range(3)]
    lines.append({"title": "Cells that live", "abstract": "Cells live."})
    path.write_text("".join(json.dumps(one) + "\n" for one in lines))
    ran = quire("add", str(path))
    assert (ran.code, ran.out) == (1, "read 4, new 1, same 0, changed 0, refused 3\n")
    assert ran.err.count(": no title") == 3
    assert ran.err.count("give each record one") == 1
