"""Questions that lean on the one before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from endpoint_fixture import Asked
from fault_fixture import Endpoints
from library_fixture import Shelf
from tables import Row, compare, table

from assistant.answers.ask import Assistant
from assistant.query.follow_up import carry_over
from assistant.query.standing_alone import FollowUp
from assistant.text.words import terms
from assistant.types.answers import Answer, Reference
from assistant.types.events import AnswerDone, Event, Progress
from assistant.types.questions import Question
from assistant.types.sessions import Turn
from store.library.library import Library
from store.types import Record

OWL = "OwlCodec for Night Recordings"
FOX = "FoxCodec: One Quantizer Is Enough"
BEFORE = "Which codecs use one quantizer?"
STANDING = "How many tokens a second does OwlCodec need?"
KEEPS = "OwlCodec keeps clean speech clean, at night too. It supports two sampling rates."
PAPERS = {
    "fox": (FOX, "FoxCodec needs 50 tokens a second.", "Ida Noor", 2023),
    "owl": (OWL, KEEPS, "Jon Ek", 2024),
    "kelp": ("Kelp Grows Faster in Cold Water", "Kelp forests were filmed.", "Ana Ruiz", 2020),
}
ELSEWHERE = "The president of France. Batch normalization in the training of diffusion models."


def turn(question: str, *keys: str, standalone: str | None = None) -> Turn:
    """A question, and an answer that cites these papers, or a refusal."""
    outcome = "answered" if keys else "not_in_collection"
    references = tuple(reference(number, key) for number, key in enumerate(keys, 1))
    said = {"outcome": outcome, "references": references, "standalone": standalone}
    values = {"question": question, "text": "x", "model": "m", **said}
    return Turn(question=question, answer=Answer.model_validate(values))


def reference(number: int, key: str) -> Reference:
    title, abstract, author, year = PAPERS[key]
    return Reference(
        number=number, id=key, title=title, abstract=abstract, authors=(author,), year=year
    )


HISTORY = (turn(BEFORE, "fox", "owl"),)


def lead(question: str, ids: Sequence[str]) -> float:
    """How many words of a question these papers have, of what another text has."""
    asked = set(terms(question))
    own = max(len(asked & set(terms(" ".join(PAPERS[one][:2])))) for one in ids)
    other = len(asked & set(terms(ELSEWHERE)))
    return own / other if other else 1.0


def test_what_a_follow_up_is_understood_as() -> None:
    def came(row: Row) -> list[object]:
        history = [turn(one, *keys, standalone=as_) for one, keys, as_ in row.get("after", [])]
        found = carry_over(row["question"], history or HISTORY, lead)
        if not found.leans:
            return [found.question] if found.papers or found.question != row["question"] else []
        return [found.question, " ".join(found.papers), *["only"] * found.is_certain]

    compare(table(__file__, "followed.jsonl"), came)
    assert carry_over("And on music?", ()) == FollowUp("And on music?")


def reply(body: dict[str, Any]) -> str:
    """The model plans a question, then answers it."""
    asked = str(body["messages"][-1]["content"])
    return STANDING if "Last question:" in asked else "OwlCodec needs 80 tokens a second [1.1]."


async def answered(
    library: Library, endpoints: Endpoints, text: str
) -> tuple[list[Event], list[Asked]]:
    """What comes of a question after the history, and what the model was asked."""
    endpoint = endpoints.scripted(reply)
    model = endpoints.model(endpoint.base_url)
    question = Question(text=text, history=HISTORY)
    asking = Assistant(library, model, lambda answer, _: answer).ask(question)
    return [event async for event in asking], endpoint.requests


async def test_a_model_plans_a_follow_up_in_one_short_call(
    shelf: Shelf, tmp_path: Path, endpoints: Endpoints
) -> None:
    abstract = "OwlCodec needs 80 tokens a second at night."
    paper = Record(title=OWL, abstract=abstract, source="t", reader="t", record=1)
    asked = "How many tokens does the second one need?"
    with Library.open(shelf.library_of([paper], tmp_path / "library")) as library:
        events, (planning, answering) = await answered(library, endpoints, asked)
    lines = [event.text for event in events if isinstance(event, Progress)]
    assert lines == [f"read as: {STANDING}"]
    assert f"[2] {OWL}" in planning.prompt
    assert f"Last question: {asked}" in planning.prompt
    assert f"Question: {STANDING}" in answering.prompt
    last = events[-1]
    assert isinstance(last, AnswerDone)
    assert (last.answer.standalone, last.answer.usage.calls) == (STANDING, 2)


async def test_within_a_conversation_each_question_is_planned(
    library: Library, endpoints: Endpoints
) -> None:
    text = "Which methods reduce catastrophic forgetting in class-incremental learning?"
    events, requests = await answered(library, endpoints, text)
    assert "Last question: " in requests[0].prompt
    (done,) = [event.answer for event in events if isinstance(event, AnswerDone)]
    assert (done.standalone, len(requests)) == (None, 1), "it begins another topic"
    assert "did not make it stand alone" in done.note
