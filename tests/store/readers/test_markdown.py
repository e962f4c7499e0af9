"""Notes with front matter, papers under headings, and documents of another kind."""

from __future__ import annotations

from pathlib import Path

import pytest
import reading
from tables import Row, for_each, table

from store.errors import UnusableSource
from store.types import Record


def test_markdown(tmp_path: Path) -> None:
    def check(row: Row) -> None:
        path = tmp_path / "notes.md"
        if "refused" in row:
            failure = reading.refusal(row["text"].encode(), path)
            assert failure is not None
            assert row["refused"] in failure.message
            return
        for text in (row["text"], row["text"].replace("\n", "\r\n")):
            found = reading.read_file(path, text.encode())
            papers = [one.model_dump() for one in found if isinstance(one, Record)]
            assert len(papers) == len(row["papers"])
            for paper, wanted in zip(papers, row["papers"], strict=True):
                assert {name: paper[name] for name in wanted} == wanted

    for_each(table(__file__, "markdown.jsonl"), check)


def test_it_is_known_without_a_name_by_its_first_heading() -> None:
    """As on stdin, where what an export wrote is read back."""
    paper = "## The weight of gravel on shores\n\n### Abstract\n\nWe weigh gravel on nine shores.\n"
    first, second = reading.read((paper + "\n" + paper.replace("nine", "ten")).encode())
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (first.reader, first.title) == ("markdown", "The weight of gravel on shores")
    assert second.abstract == "We weigh gravel on ten shores."
    with pytest.raises(UnusableSource) as caught:
        reading.read(b"# To do\n\nBuy a scale\n\n# Done\n\nnothing yet\n")
    assert "--format markdown" in caught.value.hint


def test_it_is_read_as_markdown_where_that_is_asked_for() -> None:
    text = b"# Gravel\n\nWe weigh gravel on nine shores.\n"
    (record,) = reading.read(text, "markdown")
    assert isinstance(record, Record)
    with pytest.raises(UnusableSource):
        reading.read(b"# Gravel\n\nNo sentence here", "nonsense")
