"""The built-in model: the sentences it chooses, and whether sources speak to a question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
from corpus_statistics import CorpusStatistics, FlatStatistics
from made_sources import made_source, shared_terms
from tables import Row, compare, for_each, table

from assistant.answers.ask_all.measure import best_sentence
from assistant.checking.text_check import check_claims
from assistant.citations.parser import CitationReader
from assistant.generation.base import ModelTask
from assistant.generation.extractive.model import extracted
from assistant.generation.extractive.selection import select_answer, select_summary
from assistant.generation.extractive.side_by_side import NOT_JUDGED, asks_for_sides, side_by_side
from assistant.generation.extractive.verbatim import addressed, verbatim
from assistant.query.named_systems import coined_name, coined_names, is_own_part, named_in
from assistant.query.question import asks_for_number, core_words, named_words
from assistant.replies.claims import draft_claims
from assistant.retrieval.answerability import AskedTerms, Relevance, near_misses
from assistant.retrieval.evidence_similarity import weights
from assistant.retrieval.papers_read import PapersRead
from assistant.retrieval.sentence_measure import Candidate
from assistant.text.discourse_cues import is_dangling
from assistant.text.reading import TextReader
from assistant.text.words import terms
from assistant.types.evidence import Evidence, Source
from store.types import Paper

PAPERS = {row["name"]: (row["title"], row["abstract"]) for row in table(__file__, "papers.jsonl")}
THREE = ("owl", "heron", "glaciers")
OTHERS = [row["text"] for row in table(__file__, "others.jsonl")]
SIMILARITIES = {"vectors": shared_terms, "words": None}
STATISTICS = CorpusStatistics.from_texts([*(". ".join(PAPERS[name]) for name in THREE), *OTHERS])
either_way = pytest.mark.parametrize("by", SIMILARITIES)


def sources(*papers: tuple[str, str], scores: Sequence[float] = ()) -> tuple[Source, ...]:
    """Papers as sources; where no scores are told all are alike."""
    return tuple(
        made_source(number, *paper, score=scores[number - 1] if scores else 1.0)
        for number, paper in enumerate(papers, 1)
    )


def make_evidence(names: Sequence[str] = THREE) -> Evidence:
    return Evidence(sources=sources(*(PAPERS[name] for name in names), scores=(0.9, 0.8, 0.45)))


def written(
    question: str,
    kind: Literal["answer", "summary", "plan"] = "answer",
    evidence: Evidence | None = None,
    by: str = "vectors",
    max_sentences: int = 5,
) -> tuple[str, ...]:
    """The paragraphs of an answer."""
    evidence = make_evidence() if evidence is None else evidence
    task = ModelTask(kind=kind, question=question, evidence=evidence, max_sentences=max_sentences)
    return extracted(task, STATISTICS, SIMILARITIES[by])


@either_way
def test_a_question_is_answered_by_what_speaks_to_it_for_several_from_each_paper(by: str) -> None:
    def check(row: Row) -> None:
        assert row["right"] in written(row["question"], by=by)[0]

    for_each(table(__file__, "addresses.jsonl"), check)
    text = "".join(written("Which papers count birds?", by=by))
    assert [bool(text.count(f"[{number}.")) for number in (1, 2, 3)] == [True, True, False]
    assert "Code is available" not in text


@pytest.mark.parametrize("kind", ["answer", "summary"])
@pytest.mark.parametrize(
    "question", ["Which papers count birds?", "How many birds does OwlNet find?", ""]
)
def test_sentences_are_verbatim_and_matched(
    kind: Literal["answer", "summary"], question: str
) -> None:
    evidence = make_evidence()
    reader = CitationReader(evidence)
    text = reader.feed("\n\n".join(written(question, kind))) + reader.finish()
    claims = check_claims(
        draft_claims(reader.text, reader.marks), evidence, STATISTICS, shared_terms
    )
    assert claims
    assert {claim.verdict for claim in claims} == {"matched"}
    sentences = {one.text for source in evidence.sources for one in source.sentences}
    quotes = [claim.citations[0].quote for claim in claims]
    assert set(quotes) <= sentences
    # A title before a sentence ends with a full stop of its own.
    assert quotes == [
        claim.text.removesuffix("." * (claim.text[:-1] in sentences)) for claim in claims
    ]
    assert text.count("[") == len(claims) + sum(one.text.count("[") for one in claims)


def test_the_number_of_sentences_is_kept_and_no_evidence_gives_no_text() -> None:
    for most in (1, 2, 3):
        pieces = written("Which papers count birds?", max_sentences=most)
        assert sum(piece.count(".") for piece in pieces) >= 1
        assert sum(piece.count(". [") for piece in pieces) <= most, "titles beside them"
    assert written("Which papers?", "answer", Evidence()) == ()
    assert written("Which papers?", "summary", Evidence()) == ()
    assert written("And Heron?", "plan") == (), "a question is no plan"


def chosen_of(chosen: Any) -> list[list[object]]:
    """The numbers of the sources that are chosen from, and their sentences."""
    return [[one.source.number, list(one.indices)] for one in chosen]


def test_the_sentences_that_are_chosen() -> None:
    def came(row: Row) -> list[list[object]]:
        select = select_answer if row["kind"] == "answer" else select_summary
        found, by = make_evidence(row["papers"]).sources, SIMILARITIES[row["way"]]
        return chosen_of(select(row["question"], found, STATISTICS, by, row["most"]))

    rows = table(__file__, "selections.jsonl")
    compare([{**row, "way": way} for row in rows for way in row["by"]], came)


def test_the_papers_and_sentences_that_are_listed() -> None:
    def came(row: Row) -> list[list[object]]:
        found = sources(*(PAPERS[name] for name in row["papers"]), scores=row.get("scores", ()))
        most = row.get("most", 8)
        return chosen_of(select_answer(row["question"], found, FlatStatistics(), None, most))

    compare(table(__file__, "lists.jsonl"), came)


SIDES = sources(*(PAPERS[name] for name in ("hears", "by day", "nests")))


def by_shared_terms(question: str) -> list[Candidate]:
    """The sentences of papers on owls by the terms they share with a question."""
    asked = frozenset(terms(question))
    found = [
        Candidate(source, one.index, len(asked & frozenset(terms(one.text))))
        for source in SIDES
        for one in source.sentences[1:]
    ]
    return sorted(found, key=lambda one: (-one.score, one.source.number))


@either_way
def test_what_stands_side_by_side(by: str) -> None:
    def chosen(row: Row) -> list[str]:
        question = row["question"]
        if not asks_for_sides(question):
            return []
        found = side_by_side(question, by_shared_terms(question), SIMILARITIES[by], 8)
        return [f"{one.source.number}.{one.index}" for one in found]

    compare(table(__file__, "sides.jsonl"), chosen)
    assert side_by_side("Do they agree?", by_shared_terms("owls")[:1], SIMILARITIES[by], 8) == ()
    # The heading says that nothing is judged.
    heading, *papers = written("Do they agree on owls?", evidence=Evidence(sources=SIDES), by=by)
    assert heading == NOT_JUDGED
    assert {one.split(" [")[0] for one in papers} == {one.paper.title for one in SIDES}


FID = ("On faces", "We report the distance of faces (FID). It is 3.")
NAMED = sources(PAPERS["fox"], FID, ("On hands", "The FID of hands is 4."))


@pytest.mark.parametrize(
    ("name", "read"),
    {
        "leaning": lambda row: is_dangling(row["text"]),
        "asks_for_number": lambda row: asks_for_number(row["question"]),
        "named_in": lambda row: [one.number for one in named_in(row["question"], NAMED)],
        "verbatim": lambda row: verbatim(row["text"]),
        "addressed": lambda row: addressed(row["text"], 2, 0),
        "core_words": lambda row: list(core_words(row["question"]).values()),
        "named_words": lambda row: sorted(named_words(row["question"])),
        "coined_names": lambda row: list(coined_names(*sources(("On trees", row["abstract"])))),
    }.items(),
)
def test_what_is_read_of_sentences_and_questions(name: str, read: Callable[[Row], object]) -> None:
    """As the first remark of each table says."""
    compare(table(__file__, f"{name}.jsonl"), read)


def test_the_name_of_a_title() -> None:
    fox, survey = sources(PAPERS["fox"], ("Counting: a survey", "x."))
    assert (coined_name(fox.paper), coined_name(survey.paper)) == ("FoxCodec", "")
    assert not is_own_part("We release our code, available at https://x.example.", fox.paper)


def read(question: str, by: str, papers: Sequence[Paper]) -> Relevance:
    """How papers speak to a question."""
    asked = AskedTerms.of(question, STATISTICS)
    readings = TextReader(None).read([(one.id, one.title, one.abstract) for one in papers])
    found = PapersRead.of(readings, tuple(asked.every), None)
    texts = found.texts(np.arange(len(readings.starts)), papers)
    similar = np.array(shared_terms([question], texts)[0]) if by == "vectors" else None
    return Relevance.of(asked, replace(found, similar=similar))


def the_papers() -> list[Paper]:
    return [one.paper for one in make_evidence().sources]


@either_way
def test_whether_sources_speak_to_a_question(by: str) -> None:
    def came(row: Row) -> bool:
        measured = read(row["question"], by, the_papers()).together(8)
        assert 0.0 <= measured <= 1.0
        return measured >= 0.42

    compare(table(__file__, "answerable.jsonl"), came)


def test_near_misses_say_what_is_there_and_what_is_not() -> None:
    question = "Does wind change the flight of Mongolian birds?"
    papers = the_papers()
    asked = AskedTerms.of(question, STATISTICS)
    misses = near_misses(asked, read(question, "vectors", papers), papers)
    assert (misses[0].id, misses[0].title) == ("p2", "Heron: counting birds by sound")
    assert (
        misses[0].why == "has the words “wind” and “birds”, not the words “Mongolian” and “change”"
    )
    assert misses[-1].why.startswith("does not have the words “Mongolian”")
    assert [miss.score for miss in misses] == sorted((miss.score for miss in misses), reverse=True)
    assert read("birds?", "words", ()).together(8) == 0.0
    wordless = AskedTerms.of("", STATISTICS)
    assert near_misses(wordless, read("", "words", papers), papers) == ()


def test_a_paper_that_is_asked_speaks_of_its_own_work_where_that_comes_near() -> None:
    (asked,) = sources(PAPERS["cameras"])
    known = CorpusStatistics.from_texts([asked.paper.abstract, "A network.", "A stone."])
    for question, index in (("machine forgetting", 2), ("what field has many methods", 1)):
        assert best_sentence(weights(question, known), asked, None) == index
