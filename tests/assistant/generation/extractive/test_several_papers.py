"""Answers to questions for several papers, and the names that papers give what they propose."""

from __future__ import annotations

import pytest
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

CODECS = {row["name"]: (row["title"], row["abstract"]) for row in table(__file__, "codecs.jsonl")}
FOX, HARE, CROW, ICE = (CODECS[name] for name in ("fox", "hare", "crow", "ice"))


def sources(*papers: tuple[str, str], scores: tuple[float, ...] = ()) -> tuple[Source, ...]:
    return tuple(
        made_source(number, title, abstract, score=scores[number - 1] if scores else 1.0)
        for number, (title, abstract) in enumerate(papers, 1)
    )


def places(question: str, found: tuple[Source, ...], most: int = 8) -> list[tuple[int, list[int]]]:
    """The source number and the sentences of each entry."""
    chosen = select_list(question, found, FlatStatistics(), None, most)
    return [(one.source.number, list(one.indices)) for one in chosen]


def answered(question: str, found: tuple[Source, ...]) -> str:
    task = ModelTask(kind="answer", question=question, evidence=Evidence(sources=found))
    return "\n\n".join(extracted(task, FlatStatistics(), None))


def test_papers_say_what_they_propose_not_what_was_known_before() -> None:
    assert places("Which codecs have few quantizers?", sources(FOX)) == [(1, [3])]
    assert places("Which codecs need no quantizers?", sources(HARE)) == [(1, [2])]


def test_a_title_is_quoted_where_only_it_names_what_is_proposed() -> None:
    assert places("Which papers train quantizers?", sources(CROW)) == [(1, [0, 2])]


def test_papers_are_listed_in_the_order_of_retrieval_down_to_a_share_of_the_best() -> None:
    found = sources(HARE, FOX, ICE, scores=(5.0, 4.0, 1.0))
    question = "Which codecs have few quantizers?"
    assert [number for number, _ in places(question, found)] == [1, 2]
    assert [number for number, _ in places(question, found, most=1)] == [1]


def test_where_claims_are_weighed_a_paper_must_come_nearer_to_the_best() -> None:
    found = sources(HARE, FOX, scores=(5.0, 3.5))
    assert len(places("Which codecs have few quantizers?", found)) == 2
    assert len(places("Do codecs need quantizers?", found)) == 1


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which is smaller, FoxCodec or HareCodec?", [(1, [4]), (2, [3])]),
        ("How do HareCodec and FoxCodec differ in size?", [(2, [3]), (1, [4])]),
        ("FoxCodec or HareCodec: which is faster?", [(1, [5]), (2, None)]),
    ],
)
def test_systems_that_are_named_each_get_the_sentence_with_the_figure(
    question: str, expected: list[tuple[int, list[int] | None]]
) -> None:
    found = places(question, sources(FOX, HARE, ICE, scores=(9.0, 1.0, 0.5)))
    assert [one[0] for one in found] == [one[0] for one in expected]
    for (_, indices), (_, wanted) in zip(found, expected, strict=True):
        assert wanted is None or set(wanted) <= set(indices)


def test_a_comparison_of_named_systems_is_answered_by_both_papers() -> None:
    found = sources(FOX, HARE, scores=(9.0, 1.0))
    for question in (
        "Which is smaller, FoxCodec or HareCodec?",
        "FoxCodec and HareCodec: how many parameters has each?",
    ):
        text = answered(question, found)
        assert "2.5M parameters. [1.4]" in text
        assert "1.8M parameters" in text
        assert "[2.3]" in text


def test_questions_that_papers_answer_differently() -> None:
    compare(table(__file__, "weighing.jsonl"), lambda row: asks_to_weigh(row["question"]))


def test_names_that_papers_coin() -> None:
    def came(row: Row) -> list[str]:
        (found,) = sources(("On trees", row["abstract"]))
        return list(coined_names(found))

    compare(table(__file__, "coined_names.jsonl"), came)


def test_the_name_of_a_title() -> None:
    assert coined_name(sources(FOX)[0]) == "FoxCodec"
    assert coined_name(sources(("Counting: a survey", "x."))[0]) == ""
    assert not is_own_part("We release our code, available at https://x.example.", sources(FOX)[0])


def test_a_metric_is_no_system_of_any_paper() -> None:
    fid = ("On faces", "We report the distance of faces (FID). It is 3.")
    also = ("On hands", "The FID of hands is 4.")
    found = sources(FOX, fid, also)
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
