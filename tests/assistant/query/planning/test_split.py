"""Texts cut into their questions, and what each asks of all papers."""

from __future__ import annotations

import re

from tables import Row, compare, table

from assistant.query.planning.asks import asks_of_all
from assistant.query.planning.split import split_questions
from assistant.types.plans import PlannedPart

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
        part = asks_of_all(
            PlannedPart(question=row["question"]), lambda word: 1 + (word != "OneNet")
        )
        said = {"excluded": part.excluded, "rank": part.rank, "quantity": [*part.quantity]}
        named = {name: value for name, value in said.items() if value}
        return {"topic": part.topic, **named} if part.needs_all else None

    compare(table(__file__, "asks.jsonl"), asked)
