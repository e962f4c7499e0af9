"""The first pass by two bits a number, against the exact scan of the same vectors."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from papers import made_up

from store.dense.coarse import BLOCK, Coarse, Scale, block_bytes, encoded, words_of
from store.embedders.wordllama import WordLlama

BLOCKS = 2
Floats = NDArray[np.float32]


@pytest.fixture(scope="module")
def vectors() -> Floats:
    """Real ones: of sentences of papers, each with the title of another."""
    papers = made_up(300)
    sentences = [one for paper in papers for one in paper.abstract.split(". ")]
    number = BLOCKS * BLOCK + 200
    texts = [
        f"{papers[at % 300].title} {sentences[(at * 7919 + at // 300) % len(sentences)]}"
        for at in range(number)
    ]
    embedder = WordLlama.find()
    assert embedder is not None
    found: Floats = embedder.embed(texts)
    return found


def table(matrix: Floats) -> Coarse:
    scale = Scale.of(matrix)
    dimension = matrix.shape[1]
    parts = [encoded(matrix[at * BLOCK : (at + 1) * BLOCK], scale) for at in range(BLOCKS)]
    assert {len(one) for one in parts} == {block_bytes(dimension)}
    words = np.frombuffer(b"".join(parts), np.uint64)
    read = Scale.read(scale.written(), dimension)
    return Coarse(read, words.reshape(BLOCKS, 2, words_of(dimension), BLOCK))


@pytest.mark.parametrize("dimension", [256, 200, 100])
def test_the_hundred_nearest_are_among_the_likely(vectors: Floats, dimension: int) -> None:
    """Also where the numbers of a vector do not fill their last word."""
    matrix = np.ascontiguousarray(vectors[: BLOCKS * BLOCK, :dimension])
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    coarse = table(matrix)
    found = []
    for query in vectors[-200::10, :dimension]:
        places = coarse.likely(query)
        assert (np.diff(places) > 0).all()
        assert len(places) <= 1000
        right = np.argsort(-(matrix @ query), kind="stable")[:100]
        found.append(np.isin(right, places).mean())
    assert np.mean(found) >= 0.995


def test_only_places_asked_for_are_likely(vectors: Floats) -> None:
    matrix = vectors[: BLOCKS * BLOCK]
    among = np.arange(1, len(matrix), 2)
    query = vectors[-1]
    places = table(matrix).likely(query, among)
    assert np.isin(places, among).all()
    right = among[np.argsort(-(matrix[among] @ query), kind="stable")[:100]]
    assert np.isin(right, places).mean() >= 0.98
    few = among[:50]
    assert np.array_equal(table(matrix).likely(query, few), few)
