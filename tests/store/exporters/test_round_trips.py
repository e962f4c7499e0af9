"""What is exported comes back whole, in every format; other programs read it."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import rispy
from odd_records import FIELDS, odd_papers, paper_of

from store.exporters.base import ExportOptions
from store.exporters.registry import exporters
from store.exporters.table import FORMULA
from store.readers.registry import read_source
from store.readers.sources import Source, find_sources
from store.types import Paper, Record

FORMATS = ("bibtex", "biblatex", "ris", "csljson", "nbib", "jsonl", "csv", "md")
ROWS = Path(__file__).with_name("kept_exactly.jsonl")


def exported(papers: Iterable[Paper], format_name: str, *, marks: bool = True) -> str:
    keys = {paper.id: f"key{at}" for at, paper in enumerate(papers)}
    return "".join(exporters().named(format_name).write(papers, ExportOptions(keys, marks)))


def whole(one: Paper | Record) -> dict[str, Any]:
    fields = {name: getattr(one, name) for name in FIELDS}
    return {**fields, "status": one.status or "unread"}


def back(text: str, format_name: str, tmp_path: Path) -> list[Record]:
    """What is read of a file with the suffix of its format."""
    suffix = exporters().named(format_name).suffixes[0]
    path = tmp_path / f"export{suffix}"
    path.write_text(text, "utf-8")
    items = list(read_source(Source(str(path), path)))
    assert [one for one in items if not isinstance(one, Record)] == []
    return [one for one in items if isinstance(one, Record)]


@pytest.mark.parametrize("format_name", FORMATS)
def test_odd_records_come_back_whole(format_name: str, tmp_path: Path) -> None:
    papers = odd_papers(200)
    records = back(exported(papers, format_name), format_name, tmp_path)
    assert [whole(one) for one in records] == [whole(one) for one in papers]


@pytest.mark.parametrize("format_name", [one for one in FORMATS if one != "csv"])
def test_what_reads_otherwise_is_kept_as_it_is(format_name: str, tmp_path: Path) -> None:
    papers = _odd_rows()
    records = back(exported(papers, format_name), format_name, tmp_path)
    assert [whole(one) for one in records] == [whole(one) for one in papers]


def test_what_was_changed_in_a_file_stays_changed(tmp_path: Path) -> None:
    papers = _odd_rows()[1:2]
    for format_name in ("bibtex", "ris", "csljson", "md"):
        text = exported(papers, format_name).replace("Marsh", "Mire", 1)
        (record,) = back(text, format_name, tmp_path)
        assert any("Mire" in name for name in record.authors)


def _odd_rows() -> list[Paper]:
    rows = [json.loads(line) for line in ROWS.read_text("utf-8").splitlines()]
    for row in rows:
        del row["about"]
    said = {"source": "a", "reader": "b", "line": 1, "record": 1, "abstract": "They stand."}
    records = (
        Record.model_validate({"title": f"Reeds {at}", **said, **row})
        for at, row in enumerate(rows)
    )
    return [paper_of(one, at) for at, one in enumerate(records)]


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_pages_come_back_whole(format_name: str, shared: Path, tmp_path: Path) -> None:
    found = [
        item
        for source in find_sources([str(shared / "pages")])
        if isinstance(source, Source)
        for item in read_source(source)
    ]
    papers = [paper_of(one, at) for at, one in enumerate(found) if isinstance(one, Record)]
    records = back(exported(papers, format_name), format_name, tmp_path)
    assert [whole(one) for one in records] == [whole(one) for one in papers]


@pytest.mark.parametrize("format_name", FORMATS)
def test_marks_stay_here_where_they_are_not_wanted(format_name: str, tmp_path: Path) -> None:
    papers = odd_papers(40)
    records = back(exported(papers, format_name, marks=False), format_name, tmp_path)
    assert not any(one.tags or one.notes or one.status for one in records)
    assert len(records) == 40


def test_no_cell_is_a_formula() -> None:
    rows = list(csv.reader(io.StringIO(exported(odd_papers(200), "csv"))))
    cells = [cell for row in rows for cell in row]
    assert sum(cell.startswith("'=") for cell in cells) > 5
    assert not any(cell.startswith(FORMULA) for cell in cells)


def test_an_export_of_nothing_is_a_whole_file() -> None:
    assert json.loads(exported([], "csljson")) == []
    assert exported([], "csv").count("\n") == 1
    assert {exported([], name) for name in ("bibtex", "ris", "nbib", "jsonl", "md")} == {""}


def test_markdown_shows_every_text_as_it_stands() -> None:
    from markdown_it import MarkdownIt

    papers = odd_papers(60)
    tokens = MarkdownIt("commonmark", {"html": True}).parse(exported(papers, "md", marks=False))
    shown = [one.content for one in tokens if one.type == "html_block"]
    assert all(one.startswith("<!-- quire: {") for one in shown)
    texts = ["".join(part.content for part in one.children or ()) for one in tokens]
    for paper in papers:
        assert paper.title in texts
        assert paper.abstract.split("\n\n")[0] in texts


def test_rispy_reads_every_record() -> None:
    papers = odd_papers(200)
    entries = rispy.loads(exported(papers, "ris"))
    assert [one["title"] for one in entries] == [one.title for one in papers]
    assert [one.get("doi") for one in entries] == [one.doi for one in papers]
    assert [one.get("year") for one in entries] == [one.year and str(one.year) for one in papers]
    assert [len(one.get("authors", ())) for one in entries] == [len(one.authors) for one in papers]
    assert [one["abstract"] for one in entries] == [
        one.abstract.replace("\n\n", " ") for one in papers
    ]


PANDOC = shutil.which("pandoc")


@pytest.mark.skipif(PANDOC is None, reason="no pandoc")
def test_pandoc_reads_every_item() -> None:
    papers = odd_papers(200)
    assert PANDOC is not None
    ran = subprocess.run(
        [PANDOC, "-f", "csljson", "-t", "csljson"],
        input=exported(papers, "csljson"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stderr == ""
    items = json.loads(ran.stdout)
    assert [one.get("DOI") for one in items] == [one.doi for one in papers]
    assert [len(one.get("author", ())) for one in items] == [len(one.authors) for one in papers]
