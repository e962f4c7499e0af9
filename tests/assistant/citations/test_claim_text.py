"""The text of a claim once its marks are out: no rests of them, and every other word kept."""

from __future__ import annotations

import re

from growth import grows_in_proportion
from tables import compare, table

from assistant.citations.claim_text import without_marks

MARK = re.compile(r"\[(?:\d+|\?)\](?:\[(?:\d+|\?)\])*")


def bare(text: str) -> str:
    marks = [match.span() for match in MARK.finditer(text)]
    return without_marks(text, 0, len(text), marks)


def test_what_only_held_a_mark_goes_with_it_and_every_other_word_stays() -> None:
    compare(table(__file__, "claim_text.jsonl"), lambda row: bare(row["text"]))


def test_a_span_is_read_by_its_own_offsets() -> None:
    text = "First [1]. According to [2], it works [3]. Last."
    marks = [(24, 27), (38, 41)]
    assert without_marks(text, 11, 42, marks) == "it works."


def test_a_long_text_of_marks_takes_time_in_proportion() -> None:
    grows_in_proportion(bare, ["according to [1], and "])
    assert "[" not in bare("according to [1], and " * 1_000)
