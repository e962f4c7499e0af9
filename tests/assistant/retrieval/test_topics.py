"""Papers grouped by topic, and the words that tell the groups apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from assistant.retrieval.topics import MOST_GROUPS, Topic, group, labels, typical, word_vectors

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors


def blobs(sizes: list[int]) -> Vectors:
    """Points around as many directions as there are sizes."""
    draw = np.random.default_rng(1)
    parts = []
    for size in sizes:
        centre = draw.normal(size=64)
        centre /= np.linalg.norm(centre)
        parts.append(centre + 0.6 * draw.normal(size=(size, 64)) / 8)
    found: Vectors = np.concatenate(parts).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.mark.parametrize("sizes", [[30, 20, 10], [12, 11, 10, 9, 8, 7], [200, 20], [15, 15]])
def test_there_are_as_many_groups_as_stand_out(sizes: list[int]) -> None:
    topics = group(blobs(sizes))
    assert [len(one.members) for one in topics] == sorted(sizes, reverse=True)
    starts = np.cumsum([0, *sizes])
    for one in topics:
        assert len(set(np.searchsorted(starts, one.members, side="right"))) == 1


def test_the_sizes_of_groups_in_which_every_paper_is_placed_once() -> None:
    for placed in ([40, 30, 5, 1, 1, 2], [1], [2], [3]):
        vectors = blobs(placed)
        topics = group(vectors)
        assert sorted(at for one in topics for at in one.members) == list(range(sum(placed)))
        assert topics == group(vectors.copy()), "again alike"
    assert 2 <= len(group(blobs([10] * 30))) <= MOST_GROUPS, "no more than anybody reads"
    equal = np.ones((30, 8), dtype=np.float32)
    # Of very many papers a sample is linked.
    for vectors, sizes in ((equal, [30]), (blobs([3000, 2000, 1000]), [3000, 2000, 1000])):
        assert [len(one.members) for one in group(vectors)] == sizes
    topics = group(word_vectors([". ".join(one) for one in TEXTS]))
    assert [sorted(one.members) for one in topics] == [list(range(6)), list(range(6, 12))]
    first, second = labels([Topic(tuple(range(6))), Topic(tuple(range(6, 12)))], TEXTS)
    assert "birds" in first
    assert "glacier" in second.lower()
    assert len(first.split(", ")) <= 3
    (alone,) = labels([Topic(tuple(range(6)))], TEXTS)
    assert "birds" in alone


def test_who_stands_for_a_group_is_not_twice_the_same() -> None:
    vectors = np.array([[1, 0, 0], [1, 0, 0], [0.6, 0.8, 0], [0.6, 0, 0.8]], dtype=np.float32)
    topic = Topic((0, 1, 2, 3))
    assert typical(topic, vectors, 1) == (0,)
    assert typical(topic, vectors, 2) == (0, 2)
    assert set(typical(topic, vectors, 9)) == {0, 1, 2, 3}


TEXTS = [
    *[(f"OwlNet {n} for birds", "We count birds and owls at night. It works.") for n in range(6)],
    *[(f"Glacier study {n}", "Glaciers shrink. We measure glaciers in images.") for n in range(6)],
]
