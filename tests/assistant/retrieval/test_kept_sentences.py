"""Sentences that sum papers up, by the vectors that are kept: the same ones, sooner."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from corpus_statistics import FlatStatistics

from assistant.generation.extractive.selection import select_summary
from assistant.retrieval.kept_sentences import KeptSentences, told_apart
from assistant.text.reading import TextReader
from assistant.text.sentences import source_sentences
from assistant.types.evidence import Source
from store.embedders.wordllama import built_in_embedder
from store.types import Paper, Ranks

ABSTRACT = (
    "Owls are birds of the night. We propose OwlNet, a network that hears owls in recordings."
    " It finds 94 % of the calls that experts mark. Code is available."
)


def source(abstract: str) -> Source:
    fields = {"id": "p1", "title": "OwlNet: a network that hears owls", "abstract": abstract}
    paper = Paper.model_validate({**fields, "content_hash": "", "added_at": ""})
    sentences = source_sentences(paper.title, paper.abstract)
    return Source(number=1, paper=paper, sentences=sentences, score=1.0, ranks=Ranks())


def test_what_is_kept_spares_the_embedder_where_it_tells() -> None:
    embedder = built_in_embedder()
    if embedder is None:
        pytest.skip("no built-in embedder for this Python")
    asked: list[int] = []

    def similarity(left: Sequence[str], right: Sequence[str]) -> list[list[float]]:
        asked.append(len(right))
        vectors = embedder.embed([*left, *right])
        found: list[list[float]] = (vectors[: len(left)] @ vectors[len(left) :].T).tolist()
        return found

    one = source(ABSTRACT)
    kept = KeptSentences(TextReader(embedder).read([("p1", one.paper.title, ABSTRACT)]))
    statistics = FlatStatistics()
    exact = select_summary("", [one], statistics, similarity, 1)
    assert asked
    asked.clear()
    assert select_summary("", [one], statistics, similarity, 1, kept) == exact
    assert not asked
    likeness = kept.likeness(one)
    assert likeness is not None
    true = similarity(
        [each.text for each in one.sentences], [each.text for each in one.sentences[1:]]
    )
    for row, right in zip(likeness, true, strict=True):
        assert row == pytest.approx(right, abs=0.05)

    other = source(f"{ABSTRACT} Another sentence.")
    assert kept.likeness(other) is None, "a text that has changed is not told by what was kept"
    asked.clear()
    select_summary("", [other], statistics, similarity, 1, kept)
    assert asked


def test_scores_that_lie_close_are_not_told_apart() -> None:
    assert told_apart([0.5])
    assert told_apart([0.9, 0.8, 0.1])
    assert not told_apart([0.9, 0.87, 0.1])
