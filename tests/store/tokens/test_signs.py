"""Signs of tokens: what is kept of them, and that it orders papers as their vectors do."""

from __future__ import annotations

import numpy as np
import pytest

from store.tokens.signs import TokenAxes, nearest, telling

CHANCE = np.random.default_rng(3)
AXES = TokenAxes(
    np.full(24, 0.1, dtype=np.float32), np.linalg.qr(CHANCE.normal(size=(24, 16)))[0].astype("f4")
)


def unit(number: int) -> np.ndarray:
    rows = CHANCE.normal(size=(number, 24)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_a_token_is_nearest_to_the_paper_that_has_it() -> None:
    papers = [unit(number) for number in (3, 1, 9)]
    question = AXES.turned(np.stack([one[-1] for one in papers]))
    found = nearest(question, [AXES.signs(one) for one in papers])
    assert found.argmax(axis=1).tolist() == [0, 1, 2]
    assert [len(AXES.signs(one)) for one in papers] == [6, 2, 18]


def test_the_nearest_token_of_a_paper_counts() -> None:
    tokens = unit(5)
    question = AXES.turned(unit(2))
    alone = [nearest(question, [AXES.signs(tokens[at : at + 1])])[:, 0] for at in range(5)]
    together = nearest(question, [AXES.signs(tokens)])[:, 0]
    assert together == pytest.approx(np.max(alone, axis=0), abs=1e-6)


def test_marks_and_stop_words_tell_nothing() -> None:
    text = "The thermo-stable, and (of) it!"
    pieces = ["The", "the", "rmo", "-", "stable", ",", "and", "(", "of", ")", "it", "!"]
    spans, at = [], 0
    for piece in pieces:
        begin = text.index(piece, at)
        spans.append((begin, begin + len(piece)))
        at = begin + len(piece)
    kept = [text[slice(*spans[one])] for one in telling(text, tuple(spans))]
    assert kept == ["the", "rmo", "stable"]  # the first of them is a piece of a longer word
