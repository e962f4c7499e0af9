"""Having the model check an answer that stands on the screen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, walks
from endpoint_fixture import ScriptedEndpoint
from fake_service import FakeService, make_answer, opener, whole_answer, with_verdicts
from library_fixture import Shelf

from assistant.config.settings import Settings
from assistant.sessions import Conversations
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, Progress
from assistant.types.questions import Question
from assistant.types.usage import Estimate
from assistant.workspace import open_workspace
from store.errors import LibraryDamaged
from store.library.library import Library
from store.types import Record
from tui.app import QuireApp

WALKS = walks(__file__)
JUDGED = with_verdicts(make_answer(), "supported", "contradicted", "uncited").model_copy(
    update={"check": "done"}
)
FOX = Record(
    title="FoxCodec",
    abstract="Codecs make tokens. FoxCodec needs a quantizer and 40 tokens.",
    source="own.jsonl",
    reader="jsonl",
)


async def test_a_check_marks_the_sentences_and_tells_contradictions_first(desk: Desk) -> None:
    def answers_with(model: str) -> Callable[[], None]:
        return lambda: setattr(desk.service, "model", model)

    desk.service.scripts = [whole_answer(), [Progress(text="checks"), AnswerDone(answer=JUDGED)]]
    models = {"extractive": answers_with("extractive"), "scripted": answers_with("tiny-model")}
    await desk.walk(WALKS["an answer is checked"], **models)
    assert desk.service.checks == [make_answer()]


async def test_a_check_that_is_stopped_or_fails_leaves_the_answer(desk: Desk) -> None:
    def as_before() -> None:
        assert desk.turn.page.answer == make_answer()

    failure = LibraryDamaged("the ledger is damaged", "see: quire doctor")
    checking = [Progress(text="checks"), asyncio.Event()]
    desk.service.scripts = [whole_answer(), checking, [failure]]
    await desk.walk(WALKS["a check is stopped, the next one fails"], as_before=as_before)


async def test_what_a_check_costs_is_told_first_and_capped(service: FakeService) -> None:
    desk = Desk(QuireApp(opener(service), max_cost=0.5), service)
    service.takes = Estimate(calls=1, input_tokens=1234, output_tokens=400, cost=0.0125)
    service.sends_to = "models.example"
    service.scripts = [whole_answer(), [AnswerDone(answer=JUDGED)]]
    await desk.walk(WALKS["what a check costs"])
    assert (service.questions[0].max_cost, service.caps) == (0.5, [0.5])


async def last(events: AsyncIterator[Any]) -> Answer:
    return [one async for one in events][-1].answer


async def test_a_checked_answer_takes_the_place_of_the_saved_one(
    shelf: Shelf,
    tmp_path: Path,
    scripted_endpoint: Callable[..., ScriptedEndpoint],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def reply(body: dict[str, Any]) -> str:
        is_check = "You compare" in json.dumps(body)
        return "1: contradicted 1.2" if is_check else "FoxCodec needs 40 tokens [1.2]."

    folder = shelf.library_of([FOX], tmp_path / "library")
    monkeypatch.setenv("OPENAI_BASE_URL", scripted_endpoint(reply).base_url)
    async with aclosing(await open_workspace(folder, "scripted", Settings(), print)) as workspace:
        answer = await last(workspace.ask(Question(text="How many tokens in FoxCodec?")))
        assert answer.claims[0].verdict == "matched"
        checked = await last(workspace.check(answer))
        session = await workspace.session(checked.session or "")
    assert [turn.answer.claims[0].verdict for turn in session.turns] == ["contradicted"]
    with Library.open(folder) as library:
        assert len(Conversations(library).lines()) == 1
