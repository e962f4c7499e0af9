"""Answers to questions for several papers, and the names that papers give what they propose."""

from __future__ import annotations

from corpus_statistics import CorpusStatistics, FlatStatistics
from made_sources import made_source
from tables import Row, compare, table

from assistant.answers.ask_all.measure import best_sentence
from assistant.generation.base import ModelTask
from assistant.generation.extractive.model import extracted
from assistant.generation.extractive.several_papers import asks_to_weigh, is_own_part, select_list
from assistant.query.named_systems import coined_name, coined_names, named_in
from assistant.retrieval.evidence_similarity import weights
from assistant.types.evidence import Evidence, Source

PAPERS = {row["name"]: (row["title"], row["abstract"]) for row in table(__file__, "papers.jsonl")}


def sources(*papers: tuple[str, str], scores: tuple[float, ...] = ()) -> tuple[Source, ...]:
    return tuple(
        made_source(number, title, abstract, score=scores[number - 1] if scores else 1.0)
        for number, (title, abstract) in enumerate(papers, 1)
    )


def test_the_papers_and_sentences_that_are_listed() -> None:
    def came(row: Row) -> list[list[object]]:
        papers = (PAPERS[name] for name in row["papers"])
        found = sources(*papers, scores=tuple(row.get("scores", ())))
        most = row.get("most", 8)
        chosen = select_list(row["question"], found, FlatStatistics(), None, most)
        return [[one.source.number, list(one.indices)] for one in chosen]

    compare(table(__file__, "lists.jsonl"), came)


def test_a_comparison_of_named_systems_is_answered_by_both_papers() -> None:
    found = sources(PAPERS["fox"], PAPERS["hare"], scores=(9.0, 1.0))
    question = "FoxCodec and HareCodec: how many parameters has each?"
    task = ModelTask(kind="answer", question=question, evidence=Evidence(sources=found))
    text = "\n\n".join(extracted(task, FlatStatistics(), None))
    for said in ("2.5M parameters. [1.4]", "1.8M parameters", "[2.3]"):
        assert said in text


def test_questions_that_papers_answer_differently() -> None:
    compare(table(__file__, "weighing.jsonl"), lambda row: asks_to_weigh(row["question"]))


def test_names_that_papers_coin() -> None:
    def came(row: Row) -> list[str]:
        (found,) = sources(("On trees", row["abstract"]))
        return list(coined_names(found))

    compare(table(__file__, "coined_names.jsonl"), came)


def test_the_name_of_a_title() -> None:
    assert coined_name(sources(PAPERS["fox"])[0]) == "FoxCodec"
    assert coined_name(sources(("Counting: a survey", "x."))[0]) == ""
    assert not is_own_part(
        "We release our code, available at https://x.example.", sources(PAPERS["fox"])[0]
    )


def test_a_metric_is_no_system_of_any_paper() -> None:
    fid = ("On faces", "We report the distance of faces (FID). It is 3.")
    also = ("On hands", "The FID of hands is 4.")
    found = sources(PAPERS["fox"], fid, also)
    assert named_in("Which FID has FoxCodec?", found) == (found[0],)
    assert named_in("Which FID has fox codec?", found) == ()
    # Written without its hyphen, or in small letters inside, a name is the same.
    assert named_in("Is FoxCODEC small?", found) == (found[0],)


def test_a_paper_that_is_asked_speaks_of_its_own_work_where_that_comes_near() -> None:
    abstract = (
        "Machine forgetting has become a field with many methods of machine forgetting. "
        "We introduce a method of machine forgetting for cameras. It rains."
    )
    (asked,) = sources(("Cameras that forget", abstract))
    known = CorpusStatistics.from_texts([asked.paper.abstract, "A network.", "A stone."])
    for question, index in (("machine forgetting", 2), ("what field has many methods", 1)):
        assert best_sentence(weights(question, known), asked, None) == index
