"""What a question asks for: how many sources it gets, and details that an abstract may lack."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from corpus_statistics import CorpusStatistics
from fault_fixture import Endpoints
from growth import grows_in_proportion
from library_fixture import Shelf, pages_library
from made_sources import made_source
from tables import Row, compare, for_each, table

from assistant.answers.ask import Assistant
from assistant.generation.base import ChatModel
from assistant.generation.extractive.detail_selection import giving
from assistant.generation.extractive.several_papers import asks_to_weigh
from assistant.prompting.prompts import REFUSAL
from assistant.query.breadth import asks_for_many, budget_for, sources_needed
from assistant.query.detail_forms import _FORMS, _filled, _table, detail_of
from assistant.query.details import Given, absent_names, given, missing_details, unknown_names
from assistant.query.question import kind_of
from assistant.retrieval.retriever import Retriever
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone
from assistant.types.questions import Question
from assistant.wiring.models import BuiltInModel
from store.library.library import Library
from store.types import Filter, Record
from tests.bench.answers.asking import PromptCounter, ask_all
from tests.bench.answers.questions import read_questions

PAPERS = {row["name"]: (row["title"], row["abstract"]) for row in table(__file__, "papers.jsonl")}
HERON, OWLNET, LISTED, ICE, WREN = PAPERS.values()
SOURCES = (
    made_source(1, *HERON, score=1.0),
    made_source(2, *OWLNET, score=0.5, authors=("Ada Lovelace",), year=2021),
)
STATISTICS = CorpusStatistics.from_texts(
    [" ".join(HERON), " ".join(OWLNET), "A network for images.", "Ice melts in the Alps."]
)
SCORES = {
    "steep": [9.0, 3.0, 2.9, 2.8, *[2.0] * 40],
    "slope": [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, *[1.0] * 30],
    "flat": [5.0 - 0.05 * at for at in range(40)],
    "none": [],
}


def lacking(row: Row) -> str:
    """The names that the abstract of a named paper lacks."""
    whys = [one.why for one in absent_names(row["question"], SOURCES)]
    return " and ".join(whys).removeprefix("the abstract does not speak of ").strip("“”")


@pytest.mark.parametrize(
    ("name", "read"),
    {
        "several_papers": lambda row: asks_for_many(row["question"]),
        "breadth": lambda row: sources_needed(row["question"], SCORES[row["scores"]]),
        "budgets": lambda row: budget_for(
            row["question"], row["sources"], asked_for=row["asked_for"]
        ),
        "absent_names": lacking,
    }.items(),
)
def test_what_is_read_of_a_question(name: str, read: Callable[[Row], object]) -> None:
    """As the first remark of each table says."""
    compare(table(__file__, f"{name}.jsonl"), read)


def looked_for(question: str) -> Given:
    """Where the detail that a question asks for is given; it asks for one."""
    there = given(question, SOURCES, STATISTICS)
    assert there is not None
    return there


def test_whether_an_abstract_gives_what_is_asked() -> None:
    def check(row: Row) -> None:
        question, what, index = row["question"], row["what"], row.get("index")
        if what is None:
            assert detail_of(question) is None
            return
        there = looked_for(question)
        assert there.detail.what == what
        (about,) = there.sources
        assert about.paper.title.split(":")[0] in question
        assert there.places[about.number] == (() if index is None else (index,))
        assert there.found is (index is not None)
        if index is None:
            misses = missing_details(there, SOURCES)
            assert f"the abstract does not give {what}" in misses[0].why
            assert misses[0].id == about.paper.id
        else:
            (chosen,) = giving(there, question, STATISTICS, None, 3)
            assert index in chosen.indices

    for_each(table(__file__, "details.jsonl"), check)


def test_the_papers_that_are_named_are_looked_into() -> None:
    one = looked_for("How many parameters does OwlNet have?")
    assert ([source.number for source in one.sources], one.found) == ([2], False)
    both = looked_for("How many parameters do Heron and OwlNet have?")
    assert ({source.number for source in both.sources}, both.found) == ({1, 2}, True)
    assert unknown_names("What does LoRA-Shear report?", STATISTICS) == ("LoRA-Shear",)
    for question in ("Is Heron better than BirdGPT?", "What is known of birds?"):
        assert unknown_names(question, STATISTICS) == ()


def test_what_the_record_knows_is_said() -> None:
    known = {"Who wrote OwlNet?": "Ada Lovelace", "When was OwlNet published?": "2021"}
    for question, said in known.items():
        (miss,) = missing_details(looked_for(question), SOURCES)
        assert miss.why.endswith(said)


def test_a_figure_without_the_name_of_its_measure_may_answer() -> None:
    known = CorpusStatistics.from_texts([" ".join(one) for one in (WREN, HERON, OWLNET)])
    question = "What accuracy does the small BirdNet-18 of Wren get?"
    found = given(question, (made_source(1, *WREN),), known)
    assert found is not None
    assert found.places[1] == (1, 2), "both per cents, not the farms"
    (chosen,) = giving(found, question, known, None, 1)
    assert chosen.indices == (2,)


def test_the_table_of_details_is_whole() -> None:
    for kind in _table()["kinds"]:
        re.compile(_filled("|".join(kind["asks"])))
        assert kind.get("form") in _FORMS or kind["what"], kind
        for one in kind.get("gives", ()):
            re.compile(_filled(one.get("pattern", "")))
            assert set(one) <= {"pattern", "number", "case"} or set(one) == {"units"}, kind
    for pattern in (*_table()["metrics"], *_table()["metrics"].values()):
        re.compile(pattern)
    for one in _table()["doing"]:
        re.compile(f"{one['forms']}{one.get('gives', '')}")


GPUS = "How many GPUs were used to train OwlNet?"
NO_GPUS = "the abstract does not give the number of GPUs"
STOCK = [
    Record(title=title, abstract=abstract, source="t", reader="t", record=number)
    for number, (title, abstract) in enumerate((HERON, OWLNET, LISTED, ICE), 1)
]


@pytest.fixture(scope="module")
def stock(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library of four papers, which is only read."""
    with Library.open(shelf.library_of(STOCK, tmp_path_factory.mktemp("stock"))) as library:
        # The first question starts a process that the library keeps until it is closed.
        Retriever(library).gather(GPUS, None, Filter())
        yield library


def test_what_is_gathered_for_a_question(stock: Library) -> None:
    def came(row: Row) -> list[object] | None:
        found = Retriever(stock).gather(row["question"], None, Filter())
        misses = [[one.title, one.why, one.quote, one.sentence] for one in found.near_misses]
        return None if found.answerable else [list(found.notes), *misses]

    compare(table(__file__, "gathered.jsonl"), came)


async def answered(library: Library, model: ChatModel, question: str) -> Answer:
    assistant = Assistant(library, model, lambda answer, _: answer)
    *_, last = [event async for event in assistant.ask(Question(text=question))]
    assert isinstance(last, AnswerDone)
    return last.answer


async def test_the_built_in_model_refuses_or_gives_the_sentence(stock: Library) -> None:
    model = BuiltInModel(stock)
    refused = await answered(stock, model, GPUS)
    assert (refused.outcome, refused.text) == ("not_in_collection", REFUSAL)
    assert refused.near_misses[0].why == NO_GPUS
    told = await answered(stock, model, "How many epochs was Heron trained for?")
    assert told.outcome == "answered"
    assert "12 epochs" in told.text
    assert (told.usage.input_tokens, told.usage.output_tokens) == (0, 0)
    assert [one.verdict for one in told.claims] == ["matched"]
    assert "does not read" not in told.note
    turned = await answered(stock, model, "How are birds not counted by sound?")
    assert turned.claims
    assert "does not read “not”" in turned.note


@pytest.mark.parametrize("reply", ["**NOT_ANSWERED**", "No abstract mentions the number of GPUs."])
async def test_a_model_that_refuses_comes_with_near_misses(
    stock: Library, endpoints: Endpoints, reply: str
) -> None:
    endpoint = endpoints.scripted(reply)
    answer = await answered(stock, endpoints.model(endpoint.base_url), GPUS)
    assert len(endpoint.requests) == 1, "a model is asked: it may read what rules cannot"
    assert (answer.outcome, answer.claims) == ("not_in_collection", ())
    nearest = answer.near_misses[0]
    assert (nearest.title, nearest.why) == (OWLNET[0], NO_GPUS)


def test_a_long_question_is_read_for_its_kind_in_time_in_proportion() -> None:
    assert detail_of("which " * 1_000) is None
    for read in (detail_of, asks_to_weigh, kind_of):
        grows_in_proportion(read, ["which "])


async def test_prompts_over_the_pages_stay_in_their_budgets(
    shelf: Shelf, shared: Path, tmp_path: Path
) -> None:
    path = Path(__file__).parents[2] / "bench" / "questions_dev.jsonl"
    questions = [one for one in read_questions(path) if one.gold_papers and one.history is None]
    with Library.open(pages_library(shelf, shared, tmp_path / "library")) as library:
        asker = Assistant(library, PromptCounter(), lambda answer, _: answer)
        earlier = Assistant(library, BuiltInModel(library), lambda answer, _: answer)
        records = await ask_all(asker, questions, lambda _: None, earlier)
    assert all(one.calls == 1 for one in records)
    single = [one for one in records if one.kind == "single"]
    assert max(one.input_tokens for one in single) <= 4_000
    assert max(one.input_tokens for one in records) <= 9_000
    assert all(one.gold_shown == len(one.gold) for one in single)
    many = [one.gold_shown / len(one.gold) for one in records if one.kind == "multi"]
    assert sum(many) / len(many) >= 0.87
    # A constant of 8 or 20 took 5 600 tokens for a fact on average.
    assert sum(one.input_tokens for one in single) / len(single) < 2_500
