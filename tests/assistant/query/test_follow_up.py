"""Questions that lean on the one before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from endpoint_fixture import Asked
from fault_fixture import Endpoints
from library_fixture import Shelf
from tables import Row, compare, table

from assistant.answers.ask import Assistant
from assistant.query.follow_up import carry_over, leans, pointed_at
from assistant.types.answers import Answer, Reference
from assistant.types.events import AnswerDone, Event, Progress
from assistant.types.questions import Question
from assistant.types.sessions import Turn
from store.library.library import Library
from store.types import Record

OWL = "OwlCodec for Night Recordings"
FOX = "FoxCodec: One Quantizer Is Enough"
BEFORE = "Which codecs use one quantizer?"
REWRITTEN = "How many tokens a second does OwlCodec need?"
KEEPS = "OwlCodec keeps clean speech clean, at night too."


def turn(question: str, *references: Reference, standalone: str | None = None) -> Turn:
    """A question, and an answer that cites these references, or a refusal."""
    outcome = "answered" if references else "not_in_collection"
    said = {"outcome": outcome, "references": references, "standalone": standalone}
    values = {"question": question, "text": "x", "model": "m", **said}
    return Turn(question=question, answer=Answer.model_validate(values))


def reference(number: int, title: str, abstract: str = "") -> Reference:
    return Reference(number=number, id=f"p{number}", title=title, abstract=abstract)


HISTORY = (turn(BEFORE, reference(1, FOX), reference(2, OWL, KEEPS)),)


def test_which_questions_lean_on_the_one_before() -> None:
    compare(table(__file__, "leans.jsonl"), lambda row: leans(row["question"]))
    older = turn("What is HeronCodec?", reference(1, "HeronCodec"))
    assert "Heron" not in carry_over("How fast is it?", (older, *HISTORY))
    assert carry_over("And on music?", ()) == "And on music?"
    answer = HISTORY[0].answer
    for text in ("What does [7] say?", "the fifth one?", "In the first second of audio, what?"):
        assert pointed_at(text, answer) == ()
    assert [one.number for one in pointed_at("[2], then [1], then [2]", answer)] == [2, 1]


def test_what_is_carried_over() -> None:
    names = {"before": BEFORE, "fox": FOX, "owl": OWL}

    def with_what_is_carried(row: Row) -> str:
        carried = "; ".join(names[one] for one in row["right"])
        return f"{row['question']} ({carried})" if carried else row["question"]

    rows = table(__file__, "carried.jsonl")
    wanted = [{**row, "right": with_what_is_carried(row)} for row in rows]
    compare(wanted, lambda row: carry_over(row["question"], HISTORY))


def test_what_is_carried_from_other_questions() -> None:
    def came(row: Row) -> str:
        references = [
            reference(number, title, f"{title} is good.")
            for number, title in enumerate(row["titles"], 1)
        ]
        before = turn(row["before"], *references, standalone=row.get("standalone"))
        return carry_over(row["question"], (before,)).removeprefix(row["question"]).strip()

    compare(table(__file__, "chains.jsonl"), came)


def reply(body: dict[str, Any]) -> str:
    """The model rewrites a question, then answers it."""
    asked = str(body["messages"][-1]["content"])
    return REWRITTEN if "Last question:" in asked else "OwlCodec needs 80 tokens a second [1.1]."


async def answered(
    library: Library, endpoints: Endpoints, text: str
) -> tuple[list[Event], list[Asked]]:
    """What comes of a question after the history, and what the model was asked."""
    endpoint = endpoints.scripted(reply)
    model = endpoints.model(endpoint.base_url)
    question = Question(text=text, history=HISTORY)
    asking = Assistant(library, model, lambda answer, _: answer).ask(question)
    return [event async for event in asking], endpoint.requests


async def test_a_model_rewrites_a_follow_up_in_one_short_call(
    shelf: Shelf, tmp_path: Path, endpoints: Endpoints
) -> None:
    abstract = "OwlCodec needs 80 tokens a second at night."
    paper = Record(title=OWL, abstract=abstract, source="t", reader="t", record=1)
    asked = "How many tokens does the second one need?"
    with Library.open(shelf.library_of([paper], tmp_path / "library")) as library:
        events, (rewriting, answering) = await answered(library, endpoints, asked)
    lines = [event.text for event in events if isinstance(event, Progress)]
    assert lines == [f"read as: {REWRITTEN}"]
    assert f"[2] {OWL}" in rewriting.prompt
    assert f"Last question: {asked}" in rewriting.prompt
    assert f"Question: {REWRITTEN}" in answering.prompt
    last = events[-1]
    assert isinstance(last, AnswerDone)
    assert (last.answer.standalone, last.answer.usage.calls) == (REWRITTEN, 2)


async def test_a_question_that_stands_alone_is_not_rewritten(
    library: Library, endpoints: Endpoints
) -> None:
    text = "Which methods reduce catastrophic forgetting in class-incremental learning?"
    events, requests = await answered(library, endpoints, text)
    assert not [event for event in events if isinstance(event, Progress)]
    assert requests == []
