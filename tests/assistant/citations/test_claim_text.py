"""The text of a claim once its marks are out: no rests of them, and every other word kept."""

from __future__ import annotations

import re

import pytest

from assistant.citations.claim_text import without_marks

MARK = re.compile(r"\[(?:\d+|\?)\](?:\[(?:\d+|\?)\])*")


def bare(text: str) -> str:
    marks = [match.span() for match in MARK.finditer(text)]
    return without_marks(text, 0, len(text), marks)


RESTS = [
    ("It works [1].", "It works."),
    ("It works [1][2].", "It works."),
    ("It works [1] .", "It works."),
    ("It works  [1]  well.", "It works well."),
    ("It works. [1]", "It works."),
    ("According to [1], it works.", "it works."),
    ("According to [1] it works.", "it works."),
    ("According to [1] and [2], it works.", "it works."),
    ("It works, according to [1], in time.", "It works, in time."),
    ("It works, according to [1].", "It works."),
    ("As shown in [1], it works.", "it works."),
    ("It works, as was found, as shown by [1].", "It works, as was found."),
    ("As [1] shows, it works.", "it works."),
    ("As per [1], it works.", "it works."),
    ("Based on [1], it works.", "it works."),
    ("[1]: It works.", "It works."),
    ("[1] – It works.", "It works."),
    ("[1] - It works.", "It works."),
    ("**[1]**: It works.", "It works."),
    ("In [1], the authors show it.", "the authors show it."),
    ("In both [1] and [2], it works.", "it works."),
    ("It works ([1]).", "It works."),
    ("It works (see [1]).", "It works."),
    ("It works (see also [1] and [2]) in time.", "It works in time."),
    ("It works (e.g., [1]).", "It works."),
    ("It works (cf. [1]).", "It works."),
    ("It is shown by [1] and [2].", "It is shown."),
    ("It was reported in [1], [2] and [3].", "It was reported."),
    ("[1] and [2] show it.", "show it."),
    ("It works, [1].", "It works."),
    ("It works: [1].", "It works."),
    ("It works – [1].", "It works."),
    ("It works, [1], and runs.", "It works, and runs."),
    ("It works [?].", "It works."),
]
KEPT = [
    ("According to them, it works [1].", "According to them, it works."),
    ("In time, it works [1].", "In time, it works."),
    ("It works, as shown by them [1].", "It works, as shown by them."),
    ("It works [1] and it runs [2].", "It works and it runs."),
    ("It works [1], and it runs.", "It works, and it runs."),
    ("It works [1] (see the text).", "It works (see the text)."),
    ("It works (well) [1].", "It works (well)."),
    ("It works in the domain that it was trained in [1].", None),
    ("It costs .5 [1] .5 more.", "It costs .5 .5 more."),
    ("It works – well [1].", "It works – well."),
    ("Both it and that work [1].", "Both it and that work."),
    ("A [1] *b* c_d [2] **e**.", "A *b* c_d **e**."),
    ("It gains 5 points: from 3 [1] to 8 [2].", "It gains 5 points: from 3 to 8."),
    # Without a mark, only white space changes.
    ("According to , it works (see ) .", "According to , it works (see ) ."),
    ("It  works\nwell .", "It works well ."),
]


@pytest.mark.parametrize(("text", "left"), RESTS)
def test_what_only_held_a_mark_goes_with_it(text: str, left: str) -> None:
    assert bare(text) == left


@pytest.mark.parametrize(("text", "left"), KEPT)
def test_every_other_word_stays(text: str, left: str | None) -> None:
    assert bare(text) == (left or text.replace(" [1]", ""))


def test_a_span_is_read_by_its_own_offsets() -> None:
    text = "First [1]. According to [2], it works [3]. Last."
    marks = [(24, 27), (38, 41)]
    assert without_marks(text, 11, 42, marks) == "it works."


def test_a_long_text_of_marks_takes_time_in_proportion() -> None:
    text = "according to [1], and " * 20_000
    assert "[" not in bare(text)
