"""Score fusion of two lists."""

from __future__ import annotations

import pytest

from assistant.fusion import LIST_LENGTH, fuse


def test_the_best_of_both_comes_first() -> None:
    fused = fuse([("a", 9.0), ("b", 5.0)], [("b", 0.9), ("c", 0.5), ("a", 0.1)], 0.5)
    assert [one.id for one in fused] == ["b", "a", "c"]
    first = fused[0]
    assert (first.lexical_rank, first.dense_rank) == (2, 1)
    assert (first.lexical_score, first.dense_score) == (5.0, 0.9)
    assert first.score == pytest.approx(0.5 * 5 / 9 + 0.5, abs=1e-4)


def test_ranks_are_none_where_a_list_lacks_the_paper() -> None:
    fused = {one.id: one for one in fuse([("a", 1.0)], [("b", 1.0)], 0.4)}
    assert (fused["a"].lexical_rank, fused["a"].dense_rank) == (1, None)
    assert (fused["b"].lexical_rank, fused["b"].dense_rank) == (None, 1)


@pytest.mark.parametrize(
    ("lexical", "dense", "ids"),
    [
        ([], [], []),
        ([("a", 2.0), ("b", 1.0)], [], ["a", "b"]),
        ([], [("b", 0.4), ("a", 0.2)], ["b", "a"]),
        ([("b", 1.0), ("a", 1.0)], [], ["a", "b"]),
    ],
)
def test_one_list_alone_keeps_its_order(
    lexical: list[tuple[str, float]], dense: list[tuple[str, float]], ids: list[str]
) -> None:
    assert [one.id for one in fuse(lexical, dense)] == ids


def test_scores_lie_between_zero_and_one() -> None:
    lexical = [(f"p{at}", 30.0 - at / 7) for at in range(LIST_LENGTH)]
    dense = [(f"p{at}", 0.9 - at / 300) for at in range(50, 150)]
    fused = fuse(lexical, dense)
    assert all(0.0 <= one.score <= 1.0 for one in fused)
    assert len(fused) == 150
    full = {one.id: one.score for one in fuse(lexical, dense, 0.0)}
    assert full["p99"] == 0.0, "the last of a full list is as good as one that is not in it"
    short = {one.id: one.score for one in fuse(lexical[:10], dense, 0.0)}
    assert short["p9"] > 0.9, "a list that is not full ends at papers without any term"
