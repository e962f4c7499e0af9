"""Papers grouped by topic, and the words that tell the groups apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from assistant.retrieval.topic_labels import labels
from assistant.retrieval.topics import MOST_GROUPS, Topic, group, typical, word_vectors
from assistant.text.reading import TextReader
from store.sentences.readings import Readings

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors


def read(texts: list[tuple[str, str]]) -> tuple[Readings, list[tuple[str, str]]]:
    """The readings of papers with these titles and abstracts, and the texts."""
    return TextReader(None).read([(f"p{at}", *one) for at, one in enumerate(texts)]), texts


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
    first, second = labels([read(TEXTS[:6]), read(TEXTS[6:])])
    assert "birds" in first
    assert "glacier" in second.lower()
    assert len(first.split(", ")) <= 3
    (alone,) = labels([read(TEXTS[:6])])
    assert "birds" in alone
    assert labels([read([("", "")])]) == ("",), "no words, no label"


def test_a_label_is_written_as_most_papers_write_it() -> None:
    """What a title has counts twice as much as what the abstract alone has."""
    papers = [("OwlNet", "Nets of owls. We train OwlNet."), ("owls", "Owls hoot."), ("", "owl")]
    (label,) = labels([read(papers)])
    assert label.split(", ")[0] == "owls"
    named = [("OwlNet sleeps", "An owlnet."), ("OwlNet again", "It sleeps."), ("x", "OWLNET.")]
    (label,) = labels([read(named)])
    assert label.startswith("OwlNet")


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
