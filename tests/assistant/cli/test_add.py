"""`quire add`: what it takes, what it reports, and what is kept when it is interrupted."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from cli_fixture import PAPERS, Quire, interrupted
from papers import made_up
from tables import compare, table
from terminal_fixture import OnTerminal

from assistant.cli.progress import progress_text
from store.library.ingest import LISTED

NUMBER = 2500


def test_every_record_is_accounted_for(quire: Quire, tmp_path: Path) -> None:
    path = tmp_path / "papers.jsonl"
    path.write_text(PAPERS + '{"title": "No abstract"}\n{oops\n')
    dry = quire("add", str(path), "--dry-run", "--json")
    assert (dry.json["new"], dry.json["dry_run"]) == (4, True)
    assert not (tmp_path / "quire-home").exists(), "a dry run makes no library"
    ran = quire("add", str(path), "--json", "--tag", "mine")
    report = ran.json
    assert ran.code == 1
    assert (report["read"], report["new"], report["refused"]) == (6, 4, 2)
    assert [one["line"] for one in report["rejections"]] == [5, 6]
    assert report["rejections"][0]["reason"] == "no abstract"
    assert len(report["papers"]) == 4
    again = quire("add", str(path))
    assert again.code == 1
    assert "read 6, new 0, same 4, changed 0, refused 2" in again.out
    assert "line 5: no abstract" in again.err


def test_stdin_and_folders_are_read(quire: Quire, tmp_path: Path) -> None:
    ran = quire("add", "-", "--dry-run", "--json", stdin=PAPERS)
    assert (ran.code, ran.json["new"]) == (0, 4)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.jsonl").write_text(PAPERS)
    (folder / "notes.xyz").write_text("nothing")
    ran = quire("add", str(folder), "--dry-run", "--json")
    assert (ran.code, ran.json["new"]) == (0, 4)
    assert "passed over" in ran.err
    assert quire("add", "-", stdin="").code == 2


def test_a_file_without_papers_is_named_in_one_line(quire: Quire, tmp_path: Path) -> None:
    contents = {
        "x.pdf": b"%PDF-1.7\n%\xe2\xe3",
        "empty.jsonl": b"",
        "x.png": b"\x89PNG\r\n\x1a\n",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        ran = quire("add", str(tmp_path / name), "--dry-run")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.count("\n") == 1
        assert ran.err.startswith("error: ")
        assert name in ran.err


def test_a_page_that_is_cut_is_added_in_part(quire: Quire, tmp_path: Path) -> None:
    page = (
        "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\n"
        "byAK and the research community\n\nMar 11\n\n"
        "A paper on owls\n\nOwls see at night. We measure how well, in a hundred owls.\n\n"
        "A paper on foxes\n\nFoxes hear mice under the snow, which we show with a rep"
    )
    (tmp_path / "page.txt").write_text(page)
    ran = quire("add", str(tmp_path / "page.txt"), "--dry-run", "--json")
    assert (ran.code, ran.json["new"]) == (1, 2)
    assert any("cut" in one["message"] for one in ran.json["notices"])


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


def test_records_without_a_title_are_refused_with_the_remedy(quire: Quire, tmp_path: Path) -> None:
    """A title is what a paper is known and cited by: none is made up."""
    path = tmp_path / "untitled.jsonl"
    lines = [{"title": "", "abstract": f"Cells {number} die by themselves."} for number in range(3)]
    lines.append({"title": "Cells that live", "abstract": "Cells live."})
    path.write_text("".join(json.dumps(one) + "\n" for one in lines))
    ran = quire("add", str(path), "--dry-run")
    told = "would be: read 4, new 1, same 0, changed 0, refused 3\n"
    assert (ran.code, ran.out) == (1, told)
    assert ran.err.count(": no title") == 3
    assert ran.err.count("give each record one") == 1


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
    tmp_path: Path, quire: Quire, on_terminal: Callable[..., OnTerminal]
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
