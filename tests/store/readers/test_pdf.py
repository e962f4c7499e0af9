"""What is read of the first two pages of a PDF."""

from __future__ import annotations

import sys

import pytest
import reading
from pdf_fixture import Put, pdf
from tables import Row, for_each, table

from store.errors import UnusableSource
from store.types import Record, Rejection

pytest.importorskip("pypdfium2", reason="no pypdfium2 (the extra pdf)")


def test_layouts() -> None:
    def check(row: Row) -> None:
        items = reading.read(pdf([Put(*line) for line in row["lines"]], *row.get("metadata", ())))
        if "refused" in row:
            (refused,) = items
            assert isinstance(refused, Rejection)
            assert refused.reason == row["refused"]
            return
        record, *notices = items
        assert isinstance(record, Record)
        assert record.reader == "pdf"
        assert (record.title, record.authors) == (row["title"], tuple(row["authors"]))
        assert record.doi == row.get("doi")
        if "abstract" in row:
            assert record.abstract.replace("<sup>3</sup>", "^3") == row["abstract"]
        assert record.abstract.startswith(row.get("abstract_begins", ""))
        assert [row["notice"] in str(one) for one in notices] == [True] * ("notice" in row)

    for_each(table(__file__, "pdf_layouts.toml"), check)


def test_what_is_no_readable_pdf_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for data, reason in (
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a damaged PDF, or one with a password"),
        (pdf([]), "a PDF without text: its pages are pictures"),
    ):
        failure = reading.refusal(data)
        assert failure is not None
        assert failure.message == reason
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(UnusableSource) as caught:
        reading.read(pdf([Put("Words", 100, 700)]))
    assert caught.value.hint == "pip install 'quire[pdf]'"


def test_a_paper_without_abstract_is_taken_by_its_title_where_that_is_asked_for() -> None:
    lines = [Put("A letter on kelp and crabs", 100, 770, 16, True), Put("Tom O'Hara", 100, 745, 11)]
    (record,) = reading.read(pdf(lines), titles=True)
    assert isinstance(record, Record)
    assert (record.title, record.abstract) == ("A letter on kelp and crabs", "")
