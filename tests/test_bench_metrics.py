"""The measures of the retrieval bench, held against a well-kept evaluation library."""

from __future__ import annotations

import random

import ir_measures
import pytest
from ir_measures import RR, R, nDCG

from tests.bench.retrieval.metrics import MEASURES, paired_bootstrap

THEIRS = {"nDCG@10": nDCG @ 10, "R@10": R @ 10, "R@100": R @ 100, "MRR@10": RR @ 10}


@pytest.mark.parametrize("seed", range(8))
def test_measures_agree_with_ir_measures(seed: int) -> None:
    draw = random.Random(seed)
    documents = [f"d{at}" for at in range(300)]
    grades = {name: draw.choice([0, 0, 1, 1, 2, 3]) for name in draw.sample(documents, 40)}
    ranked = draw.sample(documents, draw.choice([3, 10, 100, 250]))
    judged = {"q": grades}
    run = {"q": {name: float(1000 - at) for at, name in enumerate(ranked)}}
    theirs = ir_measures.calc_aggregate(list(THEIRS.values()), judged, run)
    for name, measure in MEASURES.items():
        assert measure(ranked, grades) == pytest.approx(theirs[THEIRS[name]], abs=1e-9), name


def test_a_query_that_finds_nothing_counts_as_zero() -> None:
    assert [measure(["x"], {"y": 1}) for measure in MEASURES.values()] == [0.0] * len(MEASURES)


def test_the_interval_of_a_difference_holds_its_mean_and_shrinks_with_queries() -> None:
    draw = random.Random(3)
    one = [draw.random() + 0.1 for _ in range(400)]
    other = [draw.random() for _ in range(400)]
    gain, low, high = paired_bootstrap(one, other)
    assert low < gain < high
    few = paired_bootstrap(one[:20], other[:20])
    assert few[2] - few[1] > high - low
    assert paired_bootstrap([0.5] * 9, [0.5] * 9) == (0.0, 0.0, 0.0)
