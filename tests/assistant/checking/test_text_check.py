"""Checking claims against the sentences they cite."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from corpus_statistics import CorpusStatistics, FlatStatistics
from made_sources import made_source, shared_terms
from tables import Row, compare, table

from assistant.checking.text_check import check_claims, is_absence
from assistant.citations.parser import CitationReader
from assistant.retrieval.evidence_similarity import Similarity, rank_sentences, recall, weights
from assistant.text.sentences import source_sentences
from assistant.types.claims import Claim
from assistant.types.evidence import Evidence, Sentence

PAPERS = [
    (
        "OwlNet: night vision for bird counting",
        "Counting birds at night is hard. We propose OwlNet, a detector for infrared video. "
        "OwlNet finds 91.4% of the birds with 3.0M parameters. It runs 24x faster than a human "
        "annotator. The recordings come from eleven marshes.",
    ),
    (
        "Heron: counting birds by sound",
        "Birds can be counted by their calls. Heron is a recurrent network trained on 1,200 hours "
        "of recordings. It finds 78% of the birds. Wind noise is its main source of errors.",
    ),
    (
        "A survey of glaciers from orbit",
        "Glaciers shrink in most ranges. We review satellite methods for measuring ice loss. "
        "Stereo images give the smallest errors.",
    ),
]


EVIDENCE = Evidence(
    sources=tuple(
        made_source(number, title, abstract, year=2020 + number)
        for number, (title, abstract) in enumerate(PAPERS, 1)
    )
)
STATISTICS = CorpusStatistics.from_texts(f"{title}. {abstract}" for title, abstract in PAPERS)


def check(written: str, similarity: Similarity | None = shared_terms) -> tuple[Claim, ...]:
    reader = CitationReader(EVIDENCE)
    reader.feed(written)
    reader.finish()
    return check_claims(reader.claims(), EVIDENCE, STATISTICS, similarity)


@pytest.mark.parametrize("similarity", [shared_terms, None], ids=["vectors", "words"])
def test_the_verdict_of_a_claim(similarity: Similarity | None) -> None:
    def verdict(row: Row) -> str:
        (claim,) = check(row["written"], similarity)
        assert claim.checked_by == "text"
        assert is_absence(row["written"]) is row.get("absence", False)
        return claim.verdict

    compare(table(__file__, "verdicts.jsonl"), verdict)


def test_a_citation_quotes_its_sentences() -> None:
    (claim,) = check("OwlNet finds 91.4% of the birds in eleven marshes [1.3, 1.5].")
    (citation,) = claim.citations
    assert (citation.number, citation.id, citation.sentences) == (1, "p1", (3, 5))
    assert citation.quote == (
        "OwlNet finds 91.4% of the birds with 3.0M parameters. "
        "The recordings come from eleven marshes."
    )
    assert citation.verdict == "matched"


def test_each_paper_has_its_own_citation_and_verdict() -> None:
    (claim,) = check("OwlNet finds 91.4% of the birds with 3.0M parameters [3.1, 1.3].")
    assert claim.verdict == "matched"
    assert [(one.number, one.id, one.verdict) for one in claim.citations] == [
        (1, "p3", "weak"),
        (2, "p1", "matched"),
    ]


@pytest.mark.parametrize("similarity", [shared_terms, None], ids=["vectors", "words"])
def test_a_whole_source_is_pointed_at_its_best_sentence(similarity: Similarity | None) -> None:
    (claim,) = check("OwlNet is 24 times faster than a human annotator [1].", similarity)
    assert claim.verdict == "matched"
    assert claim.citations[0].sentences == (4,)
    assert "24x faster" in claim.citations[0].quote


def test_a_number_in_another_sentence_of_a_whole_source_is_pointed_at() -> None:
    (claim,) = check("Heron finds 78% of the birds after 1,200 hours of recordings [2].")
    assert claim.verdict == "matched"
    assert claim.citations[0].sentences == (2, 3)


def test_a_number_that_a_whole_source_lacks_is_missed() -> None:
    (claim,) = check("Heron finds 79% of the birds [2].")
    assert claim.verdict == "number_not_found"
    assert claim.citations[0].verdict == "number_not_found"


@pytest.mark.parametrize(
    "written", ["In summary:", "Here is a short answer.", "Overall, yes.", "The papers say:", ""]
)
def test_a_sentence_without_content_is_no_claim(written: str) -> None:
    assert check(written) == ()


def test_claims_keep_their_place_in_the_text() -> None:
    written = "In short. OwlNet finds 91.4% of the birds [1.3]. It is sold in shops."
    reader = CitationReader(EVIDENCE)
    text = reader.feed(written) + reader.finish()
    claims = check_claims(reader.claims(), EVIDENCE, STATISTICS, None)
    assert [text[one.start : one.end] for one in claims] == [
        "OwlNet finds 91.4% of the birds [1].",
        "It is sold in shops.",
    ]
    assert [one.text for one in claims] == [
        "OwlNet finds 91.4% of the birds.",
        "It is sold in shops.",
    ]


def test_nothing_to_check() -> None:
    assert check_claims((), Evidence(), FlatStatistics(), shared_terms) == ()


def test_similarities_are_asked_for_once() -> None:
    calls: list[tuple[int, int]] = []

    def counted(one: Sequence[str], other: Sequence[str]) -> list[list[float]]:
        calls.append((len(one), len(other)))
        return shared_terms(one, other)

    check("OwlNet finds birds [1.3]. Heron finds birds [2]. Ice is lost [3.2].", counted)
    assert calls == [(3, 2 + 5 + 2)]


def best_sentences(
    query: str, sentences: Sequence[Sentence], similarity: Similarity | None
) -> tuple[tuple[int, float], ...]:
    """The ranking of sentences for a query."""
    similar = similarity([query], [one.text for one in sentences])[0] if similarity else None
    return rank_sentences(weights(query, STATISTICS), sentences, similar)


@pytest.mark.parametrize("similarity", [shared_terms, None], ids=["vectors", "words"])
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("How many parameters does OwlNet have?", 3),
        ("Where were the recordings of OwlNet made?", 5),
        ("speed against annotators", 4),
    ],
)
def test_the_best_sentence_for_a_query(
    query: str, index: int, similarity: Similarity | None
) -> None:
    sentences = EVIDENCE.sources[0].sentences
    ranked = best_sentences(query, sentences, similarity)
    assert ranked[0][0] == index
    assert 1.0 >= ranked[0][1] >= ranked[1][1] >= 0.0


def test_a_source_of_a_title_alone_has_its_title_for_best_sentence() -> None:
    assert best_sentences("owls", source_sentences("Owls", ""), None) == ((0, 1 / 1.1),)
    assert best_sentences("owls", (), shared_terms) == ()


def test_sentences_without_their_title_are_all_ranked() -> None:
    sentences = EVIDENCE.sources[0].sentences[1:]
    ranked = best_sentences("counting at night", sentences, shared_terms)
    assert sorted(index for index, _ in ranked) == [1, 2, 3, 4, 5]
    assert ranked[0][0] == 1


def test_recall_weighs_terms_by_their_idf_and_counts_likeness_in_part() -> None:
    weighted = {"retriev": 3.0, "owl": 1.0}
    assert recall(weighted, {"owl"}) == 0.25
    assert recall(weighted, {"retriev"}) == 0.75
    assert recall(weighted, {"retriever"}) == pytest.approx(0.75 * 7 / 9)
    assert recall(weighted, {"retina"}) == 0.0
    assert recall({}, {"owl"}) == 0.0
    assert weights("The owl of the owls", FlatStatistics()) == {"owl": 1.0}
