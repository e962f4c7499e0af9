"""Texts cut into their questions."""

from __future__ import annotations

import re

from tables import Row, compare, table

from assistant.query.planning.split import split_questions

HELD = {"heronnet", "reedcodec", "fenwalk", "hop", "hops", "self", "trained", "pre"}


def frequency(word: str) -> int:
    return int(all(one in HELD for one in re.findall(r"\w+", word.lower())))


def test_texts_are_cut_into_their_questions() -> None:
    def cut(row: Row) -> list[str]:
        found = split_questions(row["text"], frequency)
        assert found.left_out == row.get("left", 0)
        return list(found.texts)

    compare(table(__file__, "splits.jsonl"), cut)
