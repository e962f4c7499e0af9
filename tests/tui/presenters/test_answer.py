"""The lines around an answer."""

from __future__ import annotations

from fake_service import make_answer, with_verdicts
from tables import Row, compare, table

from assistant.types.answers import Answer
from tui.presenters import answer as lines

ROWS = table(__file__, "answers.jsonl")


def answer_of(row: Row) -> Answer:
    answer = make_answer(**row["changes"])
    return with_verdicts(answer, *row["verdicts"]) if "verdicts" in row else answer


def test_the_account_says_what_was_done() -> None:
    rows = [row for row in ROWS if "account" in row]
    compare(rows, lambda row: lines.account(answer_of(row)), "account")


def test_how_an_answer_ended_is_said_what_is_contradicted_first() -> None:
    rows = [row for row in ROWS if "ending" in row]
    compare(rows, lambda row: list(lines.ending(answer_of(row))), "ending")


def test_a_copied_answer_carries_its_references() -> None:
    assert lines.copied(make_answer()) == (
        "Rockfish were counted on eight reefs [1]. Surges reshape the spit [2]. Nobody asked why.\n"
        "\n"
        "References\n"
        "[1] Rockfish in kelp forests. Ada Moreno, Jon Blum, Kim Ito and 1 more · 2021. "
        "https://reef.example/papers/1\n"
        "[2] Surges on a sandy spit. no authors · no year.\n"
    )
    assert "References" not in lines.copied(make_answer(references=()))


def test_the_built_in_model_is_explained() -> None:
    asked = [
        ("extractive", "answered"),
        ("extractive", "not_in_collection"),
        ("tiny-model", "answered"),
    ]
    said = [lines.explanation(make_answer(model=one, outcome=outcome)) for one, outcome in asked]
    assert "word for word" in said[0]
    assert said[1:] == ["", ""]
