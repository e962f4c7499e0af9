"""The order that the tokens of a question and of papers give to the first papers of a ranking."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.retrieval.answerability import SPEAKS_THRESHOLD, chance
from assistant.retrieval.fusion import Calibration, Fused
from assistant.retrieval.late_interaction import COMPARED, alikeness, reordered
from store.tokens.signs import QuestionTokens, TokenAxes

QUESTION = "snakes on planes"
SPANS = ((0, 6), (7, 9), (10, 16))
WEIGHTS = {"snak": 2.0, "plan": 1.0}
AXES = TokenAxes(np.zeros(8, dtype=np.float32), np.eye(8, dtype=np.float32))
TOKENS = np.random.default_rng(5).choice([-1.0, 1.0], size=(3, 8)).astype(np.float32)
ASKED = QuestionTokens(SPANS, AXES.turned(TOKENS))
NEAR, FAR = AXES.signs(TOKENS), AXES.signs(-TOKENS[:1])


def ranking(number: int) -> list[Fused]:
    return [Fused(f"p{at:02}", float(number - at), at + 1, None, 1.0, None) for at in range(number)]


def order(found: list[Fused]) -> list[str]:
    return [one.id for one in found]


def test_a_paper_whose_tokens_are_nearer_comes_first() -> None:
    signs = {"p00": FAR, "p01": FAR, "p02": FAR, "p03": NEAR}
    found = reordered(ranking(4), QUESTION, WEIGHTS, ASKED, signs, share=0.0)
    assert found[0].id == "p03"
    for one in found:
        before = next(each for each in ranking(4) if each.id == one.id)
        assert one.score == pytest.approx(before.score + one.token_share, abs=1e-4)


def test_words_that_are_there_outweigh_tokens() -> None:
    signs = {"p00": FAR, "p01": FAR, "p02": FAR, "p03": NEAR}
    moved = [
        order(reordered(ranking(4), QUESTION, WEIGHTS, ASKED, signs, share)).index("p03")
        for share in (0.0, 0.6, 0.8, 1.0)
    ]
    assert moved == sorted(moved)
    assert moved[-2:] == [3, 3]


def test_a_paper_without_signs_stands_between_the_near_and_the_far() -> None:
    level = [Fused(f"p{at}", at / 100, at + 1, None, 1.0, None) for at in range(5)]
    signs = {"p0": FAR, "p1": NEAR, "p2": FAR, "p4": b""}
    found = reordered(level[::-1], QUESTION, WEIGHTS, ASKED, signs, share=0.0)
    scores = {one.id: one.score for one in found}
    assert scores["p3"] == 0.03
    assert scores["p4"] == 0.04
    assert scores["p1"] > scores["p4"]
    assert scores["p3"] > scores["p0"]


@pytest.mark.parametrize("signs", [{}, {"p00": NEAR, "p01": FAR}], ids=["none", "few"])
def test_without_signs_nothing_moves(signs: dict[str, bytes]) -> None:
    assert reordered(ranking(6), QUESTION, WEIGHTS, ASKED, signs, share=0.0) == ranking(6)


def test_only_the_first_papers_move() -> None:
    every = ranking(COMPARED + 5)
    signs = {one.id: FAR for one in every} | {every[-1].id: NEAR, every[-6].id: NEAR}
    found = reordered(every, QUESTION, WEIGHTS, ASKED, signs, share=0.0)
    assert order(found)[-5:] == order(every)[-5:]
    assert order(found).index(every[-6].id) < COMPARED - 1


def test_a_question_without_telling_terms_moves_nothing() -> None:
    signs = {"p00": FAR, "p01": FAR, "p02": NEAR}
    assert reordered(ranking(3), "on it", {}, ASKED, signs, share=0.0) == ranking(3)


def test_a_question_is_as_alike_as_the_nearest_paper() -> None:
    far, near, both = (alikeness(ASKED, one) for one in ([FAR], [NEAR], [FAR, b"", NEAR]))
    assert far is not None
    assert near == both == pytest.approx(1.0)
    assert far < 0.5


def test_without_signs_nothing_is_alike() -> None:
    assert alikeness(ASKED, []) is None
    assert alikeness(ASKED, [b""]) is None


def test_a_question_whose_tokens_are_far_is_refused_where_its_vector_is_near() -> None:
    usual = Calibration(weight=0.75, mean=0.16, spread=0.1)
    known = chance(0.35, 0.45, 300, usual)
    far, middle, near = (chance(0.35, 0.45, 300, usual, alike) for alike in (0.4, 0.51, 0.6))
    assert far < SPEAKS_THRESHOLD < near
    assert middle == pytest.approx(known)
