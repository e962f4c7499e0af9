"""The benches: their measures, their question sets, and the swapped sentences."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import ir_measures
import pytest
from ir_measures import RR, R, nDCG
from tables import Row, for_each, table

from assistant.evaluation.intervals import paired_bootstrap
from assistant.text.sentences import source_sentences
from tests.bench.calibration_data import Embedder, read_lines, read_pages
from tests.bench.half_remembered import problems, read_half_remembered, read_sample
from tests.bench.real_server.answer import misses
from tests.bench.retrieval.metrics import MEASURES
from tests.bench.swaps import KINDS, PARAPHRASES, Bench, report

THEIRS = {"nDCG@10": nDCG @ 10, "R@10": R @ 10, "R@100": R @ 100, "MRR@10": RR @ 10}
UNANSWERABLE = Path(__file__).with_name("unanswerable.jsonl")
NAMED = "named thing: "
"""How the reason of a question begins that asks about a name; the name follows."""
TITLE = "ParaSnow: A Generative Adversarial Network (GAN) for Snowfall"
ABSTRACT = "We draw flakes of snow from a small set of photographs."
FAIR = "that work with two rivals where winter weather was painted by a machine"
LEAST_CAUGHT = {"figure": 0.9, "data set": 0.8, "direction": 0.8, "method": 0.7}
MOST_ALARMS = 0.1


@pytest.mark.parametrize("seed", range(8))
def test_measures_agree_with_ir_measures(seed: int) -> None:
    draw = random.Random(seed)
    documents = [f"d{at}" for at in range(300)]
    grades = {name: draw.choice([0, 0, 1, 1, 2, 3]) for name in draw.sample(documents, 40)}
    ranked = draw.sample(documents, draw.choice([3, 10, 100, 250]))
    run = {"q": {name: float(1000 - at) for at, name in enumerate(ranked)}}
    theirs = ir_measures.calc_aggregate(list(THEIRS.values()), {"q": grades}, run)
    came = {name: measure(ranked, grades) for name, measure in MEASURES.items()}
    assert came == pytest.approx({name: theirs[one] for name, one in THEIRS.items()}, abs=1e-9)


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


def gives_nothing_away(collection: str, papers: Iterable[tuple[str, str]]) -> None:
    """Assert that no half-remembered question on these papers names what it is after."""
    abstracts = dict(papers)
    for one in read_half_remembered():
        if one.collection == collection:
            assert problems(one.text, one.title, abstracts[one.title]) == [], one.id


def test_half_remembered_questions_on_the_sample() -> None:
    gives_nothing_away("sample", read_sample())


def test_half_remembered_questions_on_the_pages(shared: Path) -> None:
    gives_nothing_away("pages", read_pages(shared / "pages"))


def test_half_remembered_form() -> None:
    questions = read_half_remembered()
    assert [one.id for one in questions] == [f"h{at:03}" for at in range(1, len(questions) + 1)]
    assert len({one.text for one in questions}) == len(questions)
    assert len({(one.collection, one.title) for one in questions}) == len(questions)
    assert Counter(one.collection for one in questions) == {"pages": 70, "sample": 40}
    held = [one for one in questions if one.split == "held"]
    assert round(len(questions) / 3) == len(held)
    assert {one.collection for one in held} == {"pages", "sample"}


def test_what_gives_a_paper_away() -> None:
    def check(row: Row) -> None:
        assert row["problem"] in problems(row["text"], TITLE, ABSTRACT)

    assert problems(FAIR, TITLE, ABSTRACT) == []
    for_each(table(__file__, "giving_away.jsonl"), check)


def unanswerable() -> list[dict[str, str]]:
    return [json.loads(line) for line in UNANSWERABLE.read_text("utf-8").splitlines()]


def test_unanswerable_form() -> None:
    questions = unanswerable()
    assert [one["id"] for one in questions] == [f"u{at:02}" for at in range(1, 61)]
    assert all(set(one) == {"id", "text", "kind", "why"} for one in questions)
    assert all(one["text"].strip() and one["why"].strip() for one in questions)
    assert len({one["text"] for one in questions}) == 60
    assert Counter(one["kind"] for one in questions) == {"answerable": 30, "unanswerable": 30}
    reasons = [one["why"] for one in questions if one["kind"] == "unanswerable"]
    kinds = Counter(reason.split(":")[0] for reason in reasons)
    assert kinds == {"off-topic": 10, "near-topic": 10, "named thing": 10}


def test_unanswerable_against_the_pages(shared: Path) -> None:
    papers = dict(read_pages(shared / "pages"))
    everything = " ".join(f"{title} {abstract}" for title, abstract in papers.items()).lower()
    for one in unanswerable():
        if one["kind"] == "answerable":
            assert one["why"] in papers, one["id"]
        elif one["why"].startswith(NAMED):
            name = one["why"].removeprefix(NAMED)
            assert name in one["text"], one["id"]
            assert name.lower() not in everything, one["id"]


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
            both = (found[f"{kind}, {origin}"] for origin in ("verbatim", "paraphrase"))
            caught, of = map(sum, zip(*both, strict=True))
            assert of >= 10, kind
            assert caught / of >= LEAST_CAUGHT[kind], (part, kind)
        alarms, of = found["alarms"]
        assert alarms / of <= MOST_ALARMS


def test_what_does_not_hold_of_an_answer_of_a_real_server() -> None:
    def check(row: Row) -> None:
        claims = [
            {
                "verdict": verdict,
                "checked_by": by,
                "citations": [1] * cited,
                "text": text[0] if text else "",
            }
            for verdict, by, cited, *text in row["answer"].get("claims", [])
        ]
        answer = {**row["answer"], "claims": claims}
        one_sentence = row.get("one_sentence", False)
        assert misses(answer, row["exit"], one_sentence=one_sentence) == row.get("misses", [])

    for_each(table(__file__, "real_server_misses.jsonl"), check)
