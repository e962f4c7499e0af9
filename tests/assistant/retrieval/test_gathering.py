"""What is gathered for a question: how many sources, whether they answer, and what came near."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fault_fixture import Endpoints
from growth import grows_in_proportion
from library_fixture import Shelf, pages_library
from tables import Row, compare, naming, table

from assistant.answers.ask import Assistant
from assistant.answers.check import NEAREST_ONLY
from assistant.answers.context import keep_nothing
from assistant.evaluation.asking import ask_all
from assistant.evaluation.questions import read_questions
from assistant.generation.base import ChatModel
from assistant.generation.extractive.model import NEAREST
from assistant.prompting.prompts import REFUSAL
from assistant.query.breadth import budget_for, has_sides, level_papers, sources_needed
from assistant.query.question import asks_for_number
from assistant.retrieval.retriever import Retriever
from assistant.retrieval.sentence_vectors import SentenceVectors
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone
from assistant.types.questions import Question
from assistant.wiring.models import BuiltInModel
from store.library.library import Library
from store.types import Filter, Record
from tests.bench.answers.asking import PromptCounter

SCORES = {
    "steep": [9.0, 3.0, 2.9, 2.8, *[2.0] * 40],
    "slope": [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, *[1.0] * 30],
    "flat": [5.0 - 0.05 * at for at in range(40)],
    "none": [],
}
PAPERS = table(__file__, "gathered_papers.jsonl")
STOCK = [
    Record(title=row["title"], abstract=row["abstract"], source="t", reader="t", record=number)
    for number, row in enumerate(PAPERS, 1)
]
ASKED, NEAR, FOREIGN = (
    "How many epochs was Heron trained for?",
    "which rival does heron trounce by counting",
    "Who won the chess match in Reykjavik?",
)


def test_how_many_sources_a_question_gets() -> None:
    def came(row: Row) -> list[int]:
        scores = SCORES[row["scores"]]
        needed = sources_needed(row["question"], scores)
        return [needed, level_papers(scores), budget_for(needed, asked_for=False)]

    compare(table(__file__, "breadth.jsonl"), came)
    assert sources_needed("What is it?", SCORES["steep"], sides=True) == 8
    assert budget_for(3, asked_for=True) == budget_for(20, asked_for=False)


@pytest.mark.parametrize("read", [has_sides, asks_for_number])
def test_a_long_question_is_read_in_time_in_proportion(read: Callable[[str], bool]) -> None:
    grows_in_proportion(read, ["which ", "or"])


@pytest.fixture(scope="module")
def stock(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library of five papers, which is only read."""
    with Library.open(shelf.library_of(STOCK, tmp_path_factory.mktemp("stock"))) as library:
        # The first question starts a process that the library keeps until it is closed.
        Retriever(library).gather(ASKED, None, Filter())
        yield library


def test_similarities_are_those_of_the_embedder_whatever_is_kept(stock: Library) -> None:
    texts = [f"Heron counts {number} birds" for number in range(3000)]
    kept = SentenceVectors(stock)
    for some in (texts[:50], texts[40:], texts[:2000], [*texts, *map(str, range(3000))], texts):
        vectors = stock.embed(some)
        assert vectors is not None
        assert kept.similarity(some[:1], some)[0] == pytest.approx(vectors @ vectors[0], abs=1e-5)


def test_what_is_gathered_for_a_question_and_for_its_other_side(stock: Library) -> None:
    def came(row: Row) -> list[object]:
        found = Retriever(stock).gather(row["question"], None, Filter())
        zone = "refused" if not found.answerable else "sure" if found.sure else "nearest"
        miss = found.near_misses[0]
        return [zone, miss.title.split(":")[0], miss.why, miss.sentence, list(found.notes)]

    compare(table(__file__, "gathered.jsonl"), came)

    def first(**others: str) -> list[str]:
        found = Retriever(stock).gather("Who hears birds by calls?", 2, Filter(), **others)
        return [one.paper.title.split(":")[0] for one in found.sources]

    assert "Ice" not in first()
    for name in ("opposite", "worded"):
        assert sorted(first(**{name: "Ice melts in the Alps"})) == ["Heron", "Ice"]


async def answered(library: Library, model: ChatModel, question: str) -> Answer:
    assistant = Assistant(library, model, keep_nothing)
    *_, last = [event async for event in assistant.ask(Question(text=question))]
    assert isinstance(last, AnswerDone)
    return last.answer


async def test_the_built_in_model_answers_shows_what_is_nearest_or_refuses(stock: Library) -> None:
    model = BuiltInModel(stock)
    told = await answered(stock, model, ASKED)
    assert (told.outcome, told.sure) == ("answered", True)
    assert "12 epochs" in told.text
    assert (told.usage.input_tokens, told.usage.output_tokens) == (0, 0)
    assert {one.verdict for one in told.claims} == {"matched"}
    near = await answered(stock, model, NEAR)
    assert (near.outcome, near.sure) == ("answered", False)
    assert near.text.startswith(f"{NEAREST}\n\n")
    assert NEAREST_ONLY in near.note
    assert 1 <= len(near.claims) <= 3
    assert {one.verdict for one in near.claims} == {"matched"}, "the heading is no claim"
    refused = await answered(stock, model, FOREIGN)
    assert (refused.outcome, refused.text, refused.sure) == ("not_in_collection", REFUSAL, True)
    turned = await answered(stock, model, "How are birds not counted by sound?")
    assert "does not read “not”" in turned.note


async def test_what_a_chat_model_answers_is_sure_and_a_refusal_has_near_misses(
    stock: Library, endpoints: Endpoints
) -> None:
    for row in table(__file__, "replied.jsonl"):
        endpoint = endpoints.scripted(row["reply"])
        with naming(row):
            answer = await answered(stock, endpoints.model(endpoint.base_url), row["question"])
            assert len(endpoint.requests) == 1
            assert [answer.outcome, answer.sure, len(answer.claims)] == row["right"]
            assert NEAREST_ONLY not in answer.note
            near = [one.title.split(":")[0] for one in answer.near_misses]
            assert ("near" not in row and near == []) or row["near"] in near


async def test_prompts_over_the_pages_stay_in_their_budgets(
    shelf: Shelf, shared: Path, tmp_path: Path
) -> None:
    path = Path(__file__).parents[2] / "bench" / "questions_dev.jsonl"
    questions = [one for one in read_questions(path) if one.gold_papers and not one.history]
    with Library.open(pages_library(shelf, shared, tmp_path / "library")) as library:
        asker = Assistant(library, PromptCounter(), keep_nothing)
        earlier = Assistant(library, BuiltInModel(library), keep_nothing)
        records = [one async for one in ask_all(asker, questions, earlier)]
    # A question that a model plans takes a request for that, whose tokens count too.
    alone = [one for one in records if one.calls == 1]
    assert len(alone) > len(records) / 2
    single = [one for one in records if one.kind == "single"]
    assert max(one.input_tokens for one in alone) <= 9_000
    assert all(one.gold_shown == len(one.gold) for one in single)
    many = [one.gold_shown / len(one.gold) for one in records if one.kind == "multi"]
    assert sum(many) / len(many) >= 0.83
    # A constant of 8 or 20 took 5 600 tokens for a fact on average.
    assert sum(one.input_tokens for one in single) / len(single) < 2_500
