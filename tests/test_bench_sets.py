"""The question sets of the bench: their form, and that no question gives its paper away."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tables import Row, for_each, table

from tests.bench.calibration_data import read_pages
from tests.bench.half_remembered import problems, read_half_remembered, read_sample

UNANSWERABLE = Path(__file__).parent / "bench" / "unanswerable.jsonl"
NAMED = "named thing: "
"""How the reason of a question begins that asks about a name; the name follows."""

TITLE = "ParaSnow: A Generative Adversarial Network (GAN) for Snowfall"
ABSTRACT = "We draw flakes of snow from a small set of photographs."
FAIR = "that work with two rivals where winter weather was painted by a machine"


def _check(collection: str, papers: dict[str, str]) -> None:
    for one in read_half_remembered():
        if one.collection == collection:
            assert problems(one.text, one.title, papers[one.title]) == [], one.id


def test_half_remembered_questions_on_the_sample() -> None:
    _check("sample", dict(read_sample()))


def test_half_remembered_questions_on_the_pages(shared: Path) -> None:
    _check("pages", dict(read_pages(shared / "pages")))


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


def _unanswerable() -> list[dict[str, str]]:
    return [json.loads(line) for line in UNANSWERABLE.read_text("utf-8").splitlines()]


def test_unanswerable_form() -> None:
    questions = _unanswerable()
    assert [one["id"] for one in questions] == [f"u{at:02}" for at in range(1, 61)]
    assert all(set(one) == {"id", "text", "kind", "why"} for one in questions)
    assert all(one["text"].strip() and one["why"].strip() for one in questions)
    assert len({one["text"] for one in questions}) == len(questions)
    assert Counter(one["kind"] for one in questions) == {"answerable": 30, "unanswerable": 30}
    reasons = [one["why"] for one in questions if one["kind"] == "unanswerable"]
    assert Counter(reason.split(":")[0] for reason in reasons) == {
        "off-topic": 10,
        "near-topic": 10,
        "named thing": 10,
    }


def test_unanswerable_against_the_pages(shared: Path) -> None:
    papers = dict(read_pages(shared / "pages"))
    everything = " ".join(f"{title} {abstract}" for title, abstract in papers.items()).lower()
    for one in _unanswerable():
        if one["kind"] == "answerable":
            assert one["why"] in papers, one["id"]
        elif one["why"].startswith(NAMED):
            name = one["why"].removeprefix(NAMED)
            assert name in one["text"], one["id"]
            assert name.lower() not in everything, one["id"]
