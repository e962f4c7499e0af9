"""How many sources a question gets, and what a prompt takes with them."""

from __future__ import annotations

from pathlib import Path

from library_fixture import Shelf
from saved_pages import pages_library
from tables import compare, table

from assistant.answers.ask import Assistant
from assistant.query.breadth import (
    BUDGET_FEW,
    BUDGET_MANY,
    FEW_SOURCES,
    LEAST_FEW,
    LEAST_MANY,
    MANY_SOURCES,
    asks_for_many,
    budget_for,
    sources_needed,
)
from assistant.wiring.models import BuiltInModel
from store.library.library import Library
from tests.bench.answers.asking import PromptCounter, ask_all
from tests.bench.answers.questions import read_questions

FACT = "How many parameters does FoxNet have?"
MANY = "Which methods prune networks?"
OPEN = "Does FoxNet need labels?"
STEEP = [9.0, 3.0, 2.9, 2.8, *[2.0] * 40]
FLAT = [5.0 - 0.05 * at for at in range(40)]
SLOPE = [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, *[1.0] * 30]


def test_the_number_follows_question_and_scores() -> None:
    def numbers(question: str) -> list[int]:
        return [sources_needed(question, scores) for scores in (STEEP, SLOPE, FLAT)]

    assert numbers(FACT) == [LEAST_FEW, 5, FEW_SOURCES]
    assert numbers(OPEN) == [LEAST_FEW, 5, MANY_SOURCES], "of a flat list none stands out"
    assert numbers(MANY) == [LEAST_MANY, 6, MANY_SOURCES]
    assert sources_needed(FACT, []) == LEAST_FEW


def test_what_asks_for_several_papers() -> None:
    rows = table(__file__, "several_papers.jsonl")
    compare(rows, lambda row: asks_for_many(row["question"]))


def test_the_budget_follows_the_number() -> None:
    assert budget_for(FACT, 3, asked_for=False) == BUDGET_FEW
    assert budget_for(OPEN, 15, asked_for=False) == BUDGET_MANY
    assert budget_for(MANY, 6, asked_for=False) == BUDGET_MANY
    assert budget_for(FACT, 3, asked_for=True) == BUDGET_MANY


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
