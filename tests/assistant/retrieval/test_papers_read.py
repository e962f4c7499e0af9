"""What was read of papers, held against a query: the same for many at once as for each alone."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from corpus_statistics import FlatStatistics

from assistant.retrieval.answerability import AskedTerms, Relevance
from assistant.retrieval.evidence_similarity import (
    coverages,
    covered,
    rank_sentences,
    weights,
)
from assistant.retrieval.papers_read import PapersRead
from assistant.retrieval.sentence_coverage import SentenceCoverage
from assistant.text.reading import TextReader
from assistant.text.sentences import source_sentences, source_texts
from assistant.text.words import terms
from store.embedders.wordllama import built_in_embedder
from store.types import Paper

WORDS = (
    *("retrieval", "retriever", "retrieve", "retro", "basalt", "basalts", "Basaltic", "zażółć"),
    *("łąkami", "łąkach", "łąka", "CIFAR-100", "cifar", "IL-6", "dna", "rna", "88.53", "24x"),
    *("three", "rain", "rainfall", "rainy", "U-Net", "naïve", "α-helix", "雪", "雪国", "x"),
)
ASKED = "Do retrievers of łąkami rainfall in CIFAR-100 raise basaltic dna by 88.53 or 雪 alone?"


def made_papers(seed: int, number: int) -> list[Paper]:
    """Papers of sentences that share many beginnings of words; some have no abstract."""
    draw = random.Random(seed)

    def sentence() -> str:
        return " ".join(draw.choices(WORDS, k=draw.randint(1, 7))).capitalize() + "."

    return [
        Paper.model_validate(
            {
                "id": f"p{at}",
                "title": sentence().rstrip("."),
                "abstract": " ".join(sentence() for _ in range(draw.randint(0, 5))),
                "content_hash": "",
                "added_at": "",
            }
        )
        for at in range(number)
    ]


def read(papers: Sequence[Paper], asked: AskedTerms) -> PapersRead:
    readings = TextReader(None).read([(one.id, one.title, one.abstract) for one in papers])
    return PapersRead.of(readings, tuple(asked.every), None)


def plain_cover(core: Mapping[str, float], texts: Sequence[str]) -> tuple[float, float]:
    """The shares of a weight that a paper and its best sentence, read beside the title, hold."""
    shares = coverages(core, [frozenset(terms(text)) for text in texts])
    beside = [{term: max(one[term], shares[0][term]) for term in core} for one in shares]
    whole = {term: max(one[term] for one in shares) for term in core}
    return covered(core, whole), max(covered(core, one) for one in beside)


@pytest.mark.parametrize("seed", range(6))
def test_many_papers_are_read_as_each_is_by_itself(seed: int) -> None:
    papers = made_papers(seed, 30)
    asked = AskedTerms.of(ASKED, FlatStatistics())
    found = read(papers, asked)
    each = [source_texts(one.title, one.abstract) for one in papers]
    assert found.texts(np.arange(len(found.starts)), papers) == [one for own in each for one in own]
    assert list(found.sentence_texts(papers)) == list(map(list, each))
    every = [text for own in each for text in own]
    shares = coverages(asked.every, [frozenset(terms(text)) for text in every])
    for term, row in found.coverage.terms.items():
        assert found.coverage.shares[row] == pytest.approx([one[term] for one in shares]), term
    assert found.coverage.shares.any(axis=1).sum() > 5, "most of what is asked stands there"
    whole, sentence = found.coverage.held(asked.core)
    plain = [plain_cover(asked.core, own) for own in each]
    assert whole == pytest.approx([one for one, _ in plain])
    assert sentence == pytest.approx([one for _, one in plain])
    few = ["p7", "p2", "p20"]
    alone, _ = found.chosen(few).coverage.held(asked.core)
    assert alone == pytest.approx([whole[7], whole[2], whole[20]])


@pytest.mark.parametrize("by", ["words", "vectors"])
@pytest.mark.parametrize("titled", [True, False])
def test_sentences_are_ranked_as_those_of_one_source(by: str, titled: bool) -> None:
    papers = made_papers(9, 40)
    asked = AskedTerms.of(ASKED, FlatStatistics())
    found = read(papers, asked)
    draw = np.random.default_rng(3)
    similar = draw.uniform(-0.2, 1, len(found.starts)) if by == "vectors" else None
    scores = found.coverage.scores(asked.core, similar, titled=titled)
    best = found.coverage.best(scores)
    first = found.coverage.first
    for at, one in enumerate(papers):
        part = slice(first[at] + (not titled), first[at + 1])
        row = None if similar is None else similar[part].tolist()
        sentences = source_sentences(one.title, one.abstract)[0 if titled else 1 :]
        ranked = rank_sentences(asked.core, sentences, row)
        own = {index: float(scores[first[at] + index]) for index, _ in ranked}
        assert own == pytest.approx(dict(ranked))
        assert found.index(best[at]) == (ranked[0][0] if ranked else 0)
        if len(sentences) > 1 and titled:
            assert scores[first[at]] == -1, "a title is none of the sentences"


def test_what_nothing_was_read_of() -> None:
    asked = AskedTerms.of(ASKED, FlatStatistics())
    nothing = read([], asked)
    assert Relevance.of(asked, nothing).measures().tolist() == []
    assert Relevance.of(asked, nothing).together(8) == 0.0
    blank = read([written("", "")], asked)
    assert Relevance.of(asked, blank).measures().tolist() == [0.0]
    assert blank.coverage.best(blank.coverage.scores(asked.core, None, titled=True)).tolist() == [0]
    wordless = AskedTerms.of("", FlatStatistics())
    assert read(made_papers(1, 3), wordless).coverage.held({})[0].tolist() == [0.0] * 3


def written(title: str, abstract: str) -> Paper:
    """A paper with this text."""
    return made_papers(1, 1)[0].model_copy({"title": title, "abstract": abstract})


def test_sentences_of_a_paper_that_was_changed_meanwhile_are_cut_anew() -> None:
    paper = written("Rain", "Rain falls on basalt. It is wet.")
    found = read([paper], AskedTerms.of(ASKED, FlatStatistics()))
    assert found.sentences(0, paper) == source_sentences(paper.title, paper.abstract)
    changed = written("Rain", "Snow falls. Rain falls on basalt, it is said. It is wet.")
    assert found.sentences(0, changed) == source_sentences(changed.title, changed.abstract)
    (texts,) = found.sentence_texts([changed])
    assert texts == list(source_texts(changed.title, changed.abstract))


def test_the_best_sentence_is_told_by_true_similarities() -> None:
    """Quantised vectors are off by some hundredths; what is shown is not."""
    embedder = built_in_embedder()
    if embedder is None:
        pytest.skip("the built-in embedder is not installed")
    papers = made_papers(4, 25)
    asked = AskedTerms.of(ASKED, FlatStatistics())
    texts = [(one.id, one.title, one.abstract) for one in papers]
    vector = embedder.embed([ASKED])[0]
    found = PapersRead.of(TextReader(embedder).read(texts), tuple(asked.every), vector)

    def similar_to(some: Sequence[str]) -> list[float]:
        return (embedder.embed(some) @ vector).tolist()

    every = found.texts(np.arange(len(found.starts)), papers)
    true = replace(found, similar=np.array(similar_to(every)))
    refined = found.refined_nearest(papers, similar_to)
    assert refined.nearest() == pytest.approx(true.nearest(), abs=1e-6)
    assert found.nearest() != pytest.approx(true.nearest(), abs=1e-6), "or nothing was quantised"
    weighted = weights(ASKED, FlatStatistics())
    scores = found.refined_scores(papers, weighted, similar_to, titled=True)
    exact = true.coverage.scores(weighted, true.similar, titled=True)
    rows = found.coverage.best(scores)
    assert rows.tolist() == found.coverage.best(exact).tolist()
    assert scores[rows] == pytest.approx(exact[rows], abs=1e-6)
    told: list[str] = []

    def noted(some: Sequence[str]) -> list[float]:
        told.extend(some)
        return similar_to(some)

    best = found.best_rows(papers, weighted, noted, titled=True)
    assert best.tolist() == rows.tolist()
    assert len(told) < len(papers), "most papers have one sentence that may be the best"


def test_a_term_covers_nothing_that_only_looks_like_it_in_bytes() -> None:
    """ł and ŧ share their first byte, and no letter."""
    asked, paper = ("łakami", "ab"), written("ŧakami", "Ŧakami ab abc. Łakach.")
    found = SentenceCoverage.of(asked, TextReader(None).read([("p", paper.title, paper.abstract)]))
    texts = source_texts(paper.title, paper.abstract)
    plain = coverages(asked, [frozenset(terms(text)) for text in texts])
    for row, term in enumerate(asked):
        assert found.shares[row] == pytest.approx([one[term] for one in plain])
    assert found.shares[:, 0].tolist() == [0.0, 0.0]
