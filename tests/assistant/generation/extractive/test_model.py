"""The built-in model, the sentences it chooses, and whether sources speak to a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pytest
from corpus_statistics import CorpusStatistics
from made_sources import made_source, shared_terms
from tables import Row, compare, for_each, table

from assistant.checking.text_check import check_claims
from assistant.citations.parser import CitationReader
from assistant.generation.base import ModelTask
from assistant.generation.extractive.model import extracted, verbatim
from assistant.generation.extractive.selection import select_answer, select_summary
from assistant.query.question import core_words, joined_names, kind_of, named_words
from assistant.retrieval.answerability import AskedTerms, Reading, measure, near_misses, readings
from assistant.retrieval.evidence_similarity import Similarity
from assistant.text.discourse_cues import is_background, is_dangling
from assistant.types.evidence import Evidence

PAPERS = [(row["title"], row["abstract"]) for row in table(__file__, "papers.jsonl")]
BACKGROUND = [
    "We propose a network for images and show results on a benchmark.",
    "A detector of objects in video is presented; it finds most of the objects.",
    "Sound and speech recordings are separated by a recurrent model.",
    "We review methods for measuring and counting in large collections.",
    "What is the use of labels? Experiments show errors of annotators.",
    "Wind power and the price of electricity in winter.",
]
SCORES = (0.9, 0.8, 0.2)
SIMILARITIES = [shared_terms, None]
STATISTICS = CorpusStatistics.from_texts([*(f"{one}. {two}" for one, two in PAPERS), *BACKGROUND])


def make_evidence(papers: Sequence[tuple[str, str]] = PAPERS) -> Evidence:
    return Evidence(
        sources=tuple(
            made_source(number, title, abstract, score=SCORES[number - 1])
            for number, (title, abstract) in enumerate(papers, 1)
        )
    )


def written(
    question: str,
    kind: Literal["answer", "summary", "rewrite"] = "answer",
    evidence: Evidence | None = None,
    similarity: Similarity | None = shared_terms,
    max_sentences: int = 5,
) -> tuple[str, ...]:
    """The paragraphs of an answer."""
    evidence = make_evidence() if evidence is None else evidence
    task = ModelTask(kind=kind, question=question, evidence=evidence, max_sentences=max_sentences)
    return extracted(task, STATISTICS, similarity)


@pytest.mark.parametrize("similarity", SIMILARITIES, ids=["vectors", "words"])
def test_a_question_is_answered_by_the_sentence_that_speaks_to_it(
    similarity: Similarity | None,
) -> None:
    def check(row: Row) -> None:
        assert row["right"] in written(row["question"], similarity=similarity)[0]

    for_each(table(__file__, "addresses.jsonl"), check)


@pytest.mark.parametrize("similarity", SIMILARITIES, ids=["vectors", "words"])
def test_a_question_for_several_gets_one_sentence_a_paper(
    similarity: Similarity | None,
) -> None:
    pieces = written("Which papers count birds?", similarity=similarity)
    text = "".join(pieces)
    assert [text.count(f"[{number}.") for number in (1, 2, 3)] == [1, 1, 0]
    assert "Code is available" not in text


@pytest.mark.parametrize("kind", ["answer", "summary"])
@pytest.mark.parametrize(
    "question", ["Which papers count birds?", "How many birds does OwlNet find?", ""]
)
def test_every_sentence_is_verbatim_cited_and_matched(
    kind: Literal["answer", "summary"], question: str
) -> None:
    evidence = make_evidence()
    pieces = written(question, kind)
    reader = CitationReader(evidence)
    text = reader.feed("\n\n".join(pieces)) + reader.finish()
    claims = check_claims(reader.claims(), evidence, STATISTICS, shared_terms)
    sentences = {one.text for source in evidence.sources for one in source.sentences}
    assert claims
    assert {claim.verdict for claim in claims} == {"matched"}
    assert {claim.text for claim in claims} <= sentences
    assert [claim.citations[0].quote for claim in claims] == [claim.text for claim in claims]
    assert text.count("[") == len(claims) + sum(one.text.count("[") for one in claims)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_the_number_of_sentences_is_kept(most: int) -> None:
    pieces = written("Which papers count birds?", max_sentences=most)
    assert sum(piece.count(".") for piece in pieces) >= 1
    assert sum(piece.count("[") - piece.count("\\[") for piece in pieces) <= most


def test_no_evidence_gives_no_text_and_a_rewrite_the_question() -> None:
    assert written("Which papers?", "answer", Evidence()) == ()
    assert written("Which papers?", "summary", Evidence()) == ()
    assert written("And Heron?", "rewrite") == ("And Heron?",)


@pytest.mark.parametrize(
    ("abstract", "indices"),
    [
        (
            "Snow is cold. We present Heron, which is trained on marsh calls. It finds 78% of "
            "the birds in recordings.",
            (2, 3),
        ),
        (
            "Snow is cold. This finds 78% of the birds in recordings. "
            "Heron finds 78% of all the birds in recordings.",
            (3,),
        ),
    ],
    ids=["comes with it", "gives way to one as good"],
)
def test_a_sentence_that_leans_on_another(abstract: str, indices: tuple[int, ...]) -> None:
    question = "How many of the birds in recordings are found?"
    sources = make_evidence([("Heron: counting birds by sound", abstract)]).sources
    (chosen,) = select_answer(question, sources, STATISTICS, None, 5)
    assert chosen.indices == indices


def test_what_leans_on_the_sentence_before() -> None:
    compare(table(__file__, "leaning.jsonl"), lambda row: is_dangling(row["text"]))


@pytest.mark.parametrize("similarity", SIMILARITIES, ids=["vectors", "words"])
def test_a_paper_in_one_sentence_is_what_it_proposes(similarity: Similarity | None) -> None:
    sources = make_evidence().sources
    for source, index in ((sources[0], 2), (sources[1], 2), (sources[2], 2)):
        (chosen,) = select_summary("", (source,), STATISTICS, similarity, 1)
        assert chosen.indices == (index,)


def test_a_paper_in_three_sentences_begins_with_the_one_that_says_most() -> None:
    (chosen,) = select_summary("", make_evidence().sources[:1], STATISTICS, shared_terms, 3)
    assert chosen.indices == (2, 4, 5)
    (chosen,) = select_summary("", make_evidence().sources[:1], STATISTICS, shared_terms, 9)
    assert chosen.indices == (2, 1, 3, 4, 5, 6)


def test_several_papers_get_a_sentence_each_in_the_order_of_the_evidence() -> None:
    chosen = select_summary("birds", make_evidence().sources, STATISTICS, shared_terms, 5)
    assert [(one.source.number, one.indices) for one in chosen] == [(1, (2,)), (2, (2,)), (3, (2,))]
    assert len(select_summary("", make_evidence().sources, STATISTICS, None, 2)) == 2


def test_a_paper_without_an_abstract_is_its_title() -> None:
    sources = make_evidence([("Owls at night", "")]).sources
    (chosen,) = select_summary("", sources, STATISTICS, shared_terms, 3)
    assert chosen.indices == (0,)
    (chosen,) = select_answer("owls?", sources, STATISTICS, shared_terms, 3)
    assert chosen.indices == (0,)


def test_sentences_are_escaped_to_one_line() -> None:
    assert verbatim(" a [x] (1.2)\n 【3】 b ") == r"a \[x\] \(1.2\) \【3\】 b"
    assert verbatim("[2] Title: x [1.3, 2]") == r"\(2\) Title: x \(1.3, 2\)"


def test_kinds_of_questions() -> None:
    compare(table(__file__, "question_kinds.jsonl"), lambda row: kind_of(row["question"]))


def test_names_that_the_collection_writes_in_one() -> None:
    known = CorpusStatistics.from_texts(["CIFAR100 and CIFAR-100", "a ResNet-50"])
    rows = table(__file__, "joined_names.jsonl")
    compare(rows, lambda row: joined_names(row["question"], known))


BLACKBIRD = (
    "Blackbird: waking at dawn",
    "Recent work on Blackbird models has shown that birds sing to wake. In this paper, we propose "
    "Blackbird, an alarm that wakes people by song. To keep them awake, a lamp is lit for one "
    "minute. Blackbird cuts the snoozing to 1% of the mornings. It is a box.",
)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How does Blackbird keep people awake?", "a lamp is lit"),
        ("What snoozing saving does Blackbird bring?", "1%"),
        ("What is Blackbird?", "we propose Blackbird"),
        ("On one percent of what do people snooze with Blackbird?", "1%"),
    ],
)
def test_the_sentence_that_answers_beats_those_that_name_the_paper(
    question: str, said: str
) -> None:
    known = CorpusStatistics.from_texts([" ".join(BLACKBIRD), *BACKGROUND])
    evidence = make_evidence([BLACKBIRD])
    (chosen,) = select_answer(question, evidence.sources, known, None, 1)
    assert said in evidence.sources[0].sentences[chosen.indices[-1]].text


def test_sentences_on_the_work_of_others() -> None:
    compare(table(__file__, "background.jsonl"), lambda row: is_background(row["text"]))


def test_the_telling_words_of_a_question() -> None:
    assert list(core_words("Which papers report how HiFi-Codec counts birds?").values()) == [
        "HiFi-Codec",
        "HiFi-Codec",
        "counts",
        "birds",
    ]
    assert named_words("What is the capital of Mongolia, and GPT-4?") == {"Mongolia", "GPT-4"}


def read(question: str, similarity: Similarity | None) -> tuple[Reading, ...]:
    """How each source of the evidence speaks to a question."""
    sources = make_evidence().sources
    rows = None
    if similarity is not None:
        rows = [
            similarity([question], [one.text for one in source.sentences])[0] for source in sources
        ]
    return readings(AskedTerms.of(question, STATISTICS), sources, rows)


@pytest.mark.parametrize("similarity", SIMILARITIES, ids=["vectors", "words"])
def test_whether_sources_speak_to_a_question(similarity: Similarity | None) -> None:
    def came(row: Row) -> bool:
        asked = AskedTerms.of(row["question"], STATISTICS)
        measured = measure(asked, read(row["question"], similarity))
        assert 0.0 <= measured <= 1.0
        return measured >= 0.42

    compare(table(__file__, "answerable.jsonl"), came)


def test_near_misses_say_what_is_there_and_what_is_not() -> None:
    question = "Does wind change the flight of Mongolian birds?"
    misses = near_misses(AskedTerms.of(question, STATISTICS), read(question, shared_terms))
    assert misses[0].id == "p2"
    assert misses[0].title == "Heron: counting birds by sound"
    assert misses[0].why == "speaks of “wind” and “birds”, not of “Mongolian” and “change”"
    assert misses[-1].why.startswith("does not speak of “Mongolian”")
    assert [miss.score for miss in misses] == sorted((miss.score for miss in misses), reverse=True)


def test_nothing_retrieved_speaks_to_nothing() -> None:
    asked = AskedTerms.of("birds?", STATISTICS)
    assert measure(asked, readings(asked, (), None)) == 0.0
    assert read("", None) == ()
    assert near_misses(asked, ()) == ()
