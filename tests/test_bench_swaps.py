"""The swapped sentences of the bench, and the honest paraphrases beside them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from assistant.text.sentences import source_sentences
from tests.bench.calibration_data import Embedder, read_lines, read_pages
from tests.bench.swaps import KINDS, PARAPHRASES, Bench, report

LEAST_CAUGHT = {"figure": 0.9, "data set": 0.8, "direction": 0.8, "method": 0.7}
MOST_ALARMS = 0.1


def test_paraphrases_are_of_sentences_and_in_other_words(shared: Path) -> None:
    every = list(read_lines(PARAPHRASES))
    assert len({one["claim"] for one in every}) == len(every) >= 100
    halves = Counter(one["part"] for one in every)
    assert abs(halves["dev"] - halves["held"]) <= 1
    papers = dict(read_pages(shared / "pages"))
    for one in every:
        assert set(one) == {"title", "sentence", "claim", "part"}
        cut = source_sentences(one["title"], papers[one["title"]])
        assert 1 <= one["sentence"] < len(cut), one["title"]
        assert one["claim"] not in papers[one["title"]]


def test_swaps_are_caught_and_honest_sentences_are_not(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both halves, at figures a little below those measured."""
    bench = Bench(shared / "pages", Embedder().similarity)
    cases = bench.cases()
    assert cases == bench.cases(), "the same each time"
    assert len(cases) >= 100
    monkeypatch.setattr(bench, "cases", lambda: cases)  # making them takes most of the time
    for part in ("dev", "held"):
        found = report(bench, part, show=False)
        for kind in KINDS:
            caught, of = (
                sum(found[f"{kind}, {origin}"][at] for origin in ("verbatim", "paraphrase"))
                for at in (0, 1)
            )
            assert of >= 10, kind
            assert caught / of >= LEAST_CAUGHT[kind], (part, kind)
        alarms, of = found["alarms"]
        assert alarms / of <= MOST_ALARMS
