"""Papers set side by side: which questions ask for it, and which sentences stand there."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from corpus_statistics import CorpusStatistics
from made_sources import made_source, shared_terms
from tables import Row, compare, table

from assistant.generation.base import ModelTask
from assistant.generation.extractive.model import extracted
from assistant.generation.extractive.side_by_side import NOT_JUDGED, asks_for_sides, side_by_side
from assistant.retrieval.evidence_similarity import Similarity
from assistant.text.words import terms
from assistant.types.evidence import Evidence, Source

PAPERS = (
    (
        "OwlNet: hearing at night",
        "Owls are birds. At night owls hear well, we conclude. OwlNet reaches a recall of 91%.",
    ),
    (
        "HeronNet: hearing by day",
        "We find that at night owls hear badly. HeronNet reaches a recall of 78%.",
    ),
    ("Nests of owls", "Nests are warm. Owls hear as well at night as by day."),
)
SOURCES = tuple(made_source(number, *paper) for number, paper in enumerate(PAPERS, 1))


@dataclass(frozen=True)
class Scored:
    """A sentence that scores by the terms it shares with a question."""

    source: Source
    index: int
    score: float
    text: str


def ranked(question: str) -> list[Scored]:
    asked = frozenset(terms(question))
    found = [
        Scored(source, one.index, len(asked & frozenset(terms(one.text))), one.text)
        for source in SOURCES
        for one in source.sentences[1:]
    ]
    return sorted(found, key=lambda one: (-one.score, one.source.number))


@pytest.mark.parametrize("similarity", [shared_terms, None])
def test_what_stands_side_by_side(similarity: Similarity | None) -> None:
    def chosen(row: Row) -> list[str]:
        question = row["question"]
        if not asks_for_sides(question):
            return []
        found = side_by_side(question, ranked(question), similarity, 8)
        return [f"{one.source.number}.{one.index}" for one in found]

    compare(table(__file__, "sides.jsonl"), chosen)
    assert side_by_side("Do they agree?", ranked("owls")[:1], similarity, 8) == ()


def test_a_line_that_is_no_claim_says_that_nothing_is_judged() -> None:
    asked = ModelTask("answer", "Do they agree on owls?", evidence=Evidence(sources=SOURCES))
    statistics = CorpusStatistics.from_texts(". ".join(paper) for paper in PAPERS)
    heading, *papers = extracted(asked, statistics, shared_terms)
    assert heading == NOT_JUDGED
    assert {one.split(" [")[0] for one in papers} == {one[0] for one in PAPERS[:3]}
