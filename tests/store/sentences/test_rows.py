"""Readings as the rows that are kept."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from papers import made_up

from assistant.text.reading import TextReader
from store.embedders.wordllama import built_in_embedder
from store.sentences.codes import packed, quantised, unpacked
from store.sentences.readings import Readings
from store.sentences.rows import Row, is_whole, readings_of, rows_of

Paper = tuple[str, str, str]

ODD = [
    "",
    " \n",
    "One. Two. Three.",
    "東京で深層学習を行う。結果は良い。🙂 It is.",
    "It is a mouse. " * 64 + "So is a rat. " * 65,  # more than 128 sentences
    "We see it again. " * 1100,
    "A word. " + "x" * 70_000 + " and an end.",
    " ".join(f"term{at}" for at in range(300)) + ".",
]


def kept(readings: Readings) -> list[Row]:
    return rows_of(readings, [(at + 1, bytes([at] * 16)) for at in range(len(readings.ids))])


def assert_same(left: Readings, right: Readings) -> None:
    for field in fields(Readings):
        one, other = getattr(left, field.name), getattr(right, field.name)
        if isinstance(one, np.ndarray):
            assert (one.dtype, one.shape) == (other.dtype, other.shape), field.name
            assert np.array_equal(one, other), field.name
        else:
            assert one == other, field.name


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(ODD), st.sampled_from(ODD) | st.text(max_size=80)), min_size=1
    )
)
def test_what_is_kept_comes_back_as_it_was(texts: list[tuple[str, str]]) -> None:
    reader = TextReader(built_in_embedder())
    papers = [(f"p{at}", *text) for at, text in enumerate(texts)]
    readings = reader.read(papers)
    rows = kept(readings)
    assert all(is_whole(row) for row in rows)
    assert_same(readings_of(readings.ids, rows), readings)
    # In any order and by themselves, too.
    back = [*reversed(papers)]
    assert_same(readings_of([one[0] for one in back], rows[::-1]), reader.read(back))


def test_a_row_that_was_changed_is_not_whole() -> None:
    papers = [("p", ODD[3], ODD[2]), ("q", ODD[2], ODD[2])]
    row, other = kept(TextReader(built_in_embedder()).read(papers))
    for at, value in enumerate(row):
        flipped: object = value + 1 if isinstance(value, int) else bytes([value[0] ^ 1]) + value[1:]
        for instead in (flipped, None, "text", 1.5):
            changed = [*row[:at], instead, *row[at + 1 :]]
            assert not is_whole(changed), (at, instead)
    # A byte that goes over into the next part.
    assert not is_whole((*row[:3], row[3] + row[4][:1], row[4][1:], *row[5:]))
    with pytest.raises(ValueError, match="fit"):
        readings_of(["p", "q"], [row, (*other[:6], b"", *other[7:])])


def test_the_readings_of_abstracts_take_less_than_three_kilobytes() -> None:
    papers = [(f"p{at}", one.title, one.abstract * 4) for at, one in enumerate(made_up(100))]
    length = sum(len(abstract) for *_, abstract in papers) / len(papers)
    assert 800 < length < 2000
    rows = kept(TextReader(built_in_embedder()).read(papers))
    assert sum(len(part) for row in rows for part in row[3:8]) / len(rows) < 2700


def test_levels_keep_similarities_without_bias() -> None:
    chance = np.random.default_rng(4)
    vectors = chance.standard_normal((4000, 256)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    codes, scales = quantised(vectors)
    query = vectors[:500].mean(axis=0)
    query /= np.linalg.norm(query)
    off = (codes.astype(np.float32) @ query) * scales - vectors @ query
    assert np.sqrt(np.mean(off**2)) < 0.008
    assert abs(off.mean()) < 0.0005
    assert np.array_equal(unpacked(packed(codes)).reshape(codes.shape), codes)
    with pytest.raises(ValueError, match="levels"):
        packed(np.full((1, 2), 5, dtype=np.int8))
