"""Calibrated score fusion of two lists."""

from __future__ import annotations

import pytest

from assistant.retrieval.fusion import Calibration, DenseList, fuse

HALF = Calibration(weight=0.5, mean=0.2, spread=0.1)
MANY = 1_000_000
"""So many papers behind the chance that the usual one does not count."""


def dense(*ranked: tuple[str, float], also: dict[str, float] | None = None) -> DenseList:
    """A dense list over a collection whose random cosines are .2 ± .1."""
    return DenseList(ranked, also or {}, 0.2, 0.1, MANY)


def test_both_lists_count_in_standard_deviations() -> None:
    fused = fuse([("a", 9.0), ("b", 6.0)], 3.0, dense(("b", 0.8), ("c", 0.5), ("a", 0.3)), HALF)
    assert [one.id for one in fused] == ["b", "a", "c"]
    first = fused[0]
    assert (first.lexical_rank, first.dense_rank) == (2, 1)
    assert (first.lexical_score, first.dense_score) == (6.0, 0.8)
    assert first.lexical_share == pytest.approx(0.5 * 6 / 3)
    assert first.dense_share == pytest.approx(0.5 * (0.8 - 0.2) / 0.1)
    assert first.score == pytest.approx(first.lexical_share + first.dense_share)
    assert first.covered_share == 0.0, "its text was not read"


def test_a_paper_beside_the_dense_list_counts_with_its_cosine_but_has_no_rank() -> None:
    fused = fuse([("a", 3.0)], 1.0, dense(("b", 0.6), also={"a": 0.1}), HALF)
    found = {one.id: one for one in fused}
    assert (found["a"].lexical_rank, found["a"].dense_rank) == (1, None)
    assert found["a"].dense_share == pytest.approx(0.5 * (0.1 - 0.2) / 0.1)
    assert (found["b"].lexical_rank, found["b"].dense_rank) == (None, 1)
    assert found["b"].lexical_share == 0.0


def order(near: DenseList | None = None, **scores: float) -> str:
    """The papers that words find, with these scores, and what is near, in the order of both."""
    return " ".join(one.id for one in fuse(list(scores.items()), 1.0, near, HALF))


def test_one_list_alone_keeps_its_order() -> None:
    assert order() == ""
    assert order(a=2.0, b=1.0) == "a b"
    assert order(dense(("b", 0.4), ("a", 0.2))) == "b a"
    assert order(b=1.0, a=1.0) == "a b"
    # What differs less than two ways to work out a cosine is equal.
    assert order(b=1.00001, a=1.0) == "a b"
    assert order(b=1.0002, a=1.0) == "b a"


def test_without_a_dense_list_the_words_count_alone() -> None:
    (only,) = fuse([("a", 3.0)], 2.0, None, HALF)
    assert (only.score, only.lexical_share, only.dense_share) == (1.5, 1.5, 0.0)
    assert (only.dense_rank, only.dense_score) == (None, None)


def test_a_question_whose_words_tell_little_is_led_by_its_vector() -> None:
    near = dense(("sense", 0.7), ("word", 0.2), also={})
    telling = fuse([("word", 12.0)], 1.0, near, HALF)
    common = fuse([("word", 12.0)], 6.0, near, HALF)
    assert telling[0].id == "word"
    assert common[0].id == "sense"


def test_a_small_sample_is_drawn_towards_what_is_usual() -> None:
    near = DenseList((("a", 0.5),), {}, 0.4, 0.05, 3)
    (only,) = fuse([], 1.0, near, HALF)
    mean = (3 * 0.4 + 20 * 0.2) / (3 + 20)
    variance = (3 * 0.05**2 + 20 * 0.1**2) / (3 + 20)
    assert only.dense_share == pytest.approx(0.5 * (0.5 - mean) / variance**0.5)
    assert only.score == pytest.approx(only.dense_share, abs=1e-4)


def test_papers_that_are_all_alike_have_a_spread_that_can_be_divided_by() -> None:
    alike = DenseList((("a", 0.5),), {}, 0.4, 0.0, 5)
    (only,) = fuse([], 1.0, alike, Calibration(weight=0.5, mean=0.4, spread=0.0))
    assert only.dense_share == pytest.approx(0.5 * 0.1 / 1e-4)
