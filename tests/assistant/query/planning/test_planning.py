"""Questions read by the records of a library and as to all its papers, and cut into several."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from cli_fixture import Add, Walk
from library_fixture import Shelf
from tables import Row, compare, table

from assistant.query.planning.asks import asks_of_all
from assistant.query.planning.records import read_records
from assistant.query.planning.split import split_questions
from assistant.types.plans import PlannedPart
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


HELD = {"heronnet", "reedcodec", "fenwalk", "hop", "hops", "self", "trained", "pre"}


def frequency(word: str) -> int:
    return int(all(one in HELD for one in re.findall(r"\w+", word.lower())))


def test_texts_are_cut_into_their_questions() -> None:
    def cut(row: Row) -> list[str]:
        found = split_questions(row["text"], frequency)
        assert found.left_out == row.get("left", 0)
        return list(found.texts)

    compare(table(__file__, "splits.jsonl"), cut)


def test_what_is_asked_of_all_papers_together() -> None:
    def asked(row: Row) -> dict[str, object] | None:
        plain = PlannedPart(question=row["question"])
        part = asks_of_all(plain, lambda word: 1 + (word != "OneNet"))
        said = {"excluded": part.excluded, "rank": part.rank, "quantity": [*part.quantity]}
        named = {name: value for name, value in said.items() if value}
        return {"topic": part.topic, **named} if part.needs_all else None

    compare(table(__file__, "asks.jsonl"), asked)
