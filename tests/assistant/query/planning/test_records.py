"""Questions read by the records of a library, and answered by them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from cli_fixture import Add, Walk
from library_fixture import Shelf
from tables import Row, compare, table

from assistant.query.planning.records import read_records
from store.library.library import Library
from store.types import Filter, Record

TODAY = date(2026, 3, 5)
SHELF = [
    {name: value for name, value in row.items() if name != "line"}
    for row in table(__file__, "shelf.jsonl")
]


@pytest.fixture
def folder(shelf: Shelf, tmp_path: Path) -> Path:
    where = {"source": "shelf.jsonl", "reader": "jsonl"}
    records = [Record.model_validate({**one, **where}) for one in SHELF]
    return shelf.library_of(records, tmp_path / "library")


def test_names_years_and_marks_are_told_from_words_of_the_topic(folder: Path) -> None:
    with Library.open(folder) as library:

        def read(row: Row) -> str:
            found = read_records(row["question"], library, TODAY)
            part = found.part
            order = f"{part.order} {part.limit or ''}".strip() if part.kind == "papers" else ""
            about = "" if part.kind == "content" else part.topic
            assert found.words or part.filter == Filter()
            return " | ".join(filter(None, (part.kind, about, order, found.words)))

        compare(table(__file__, "records.jsonl"), read)


def test_records_answer_whatever_the_model(walk: Walk, added: Add) -> None:
    added(SHELF)
    walk(__file__, "recorded_answers.jsonl")
