"""Having the model check an answer that stands on the screen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from desk import Desk, app_over, conversations, walks
from fake_service import FakeService, make_answer, opener, whole_answer, with_verdicts

from assistant.types.events import AnswerDone, Progress
from assistant.types.usage import Estimate
from store.errors import LibraryDamaged
from tui.app import QuireApp

WALKS = walks(__file__)
JUDGED = with_verdicts(make_answer(), "supported", "contradicted", "uncited").model_copy(
    update={"check": "done"}
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


async def test_the_answer_on_the_screen_is_judged_in_its_place(
    codecs: Path, tmp_path: Path
) -> None:
    """By a recorded model; a miss is said, and the answer stays."""
    asked = "How many tokens does FoxCodec need?"
    said = {"answer": "FoxCodec needs 40 tokens [1.1].", "check": "1: contradicted 1.1"}
    file = tmp_path / "recorded.jsonl"
    record = {"quire_recording": 1, "question": asked}
    lines = [json.dumps({**record, "stage": stage, "text": said[stage]}) for stage in said]
    file.write_text(lines[0])
    for misses in (True, False):
        desk = Desk(app_over(codecs, f"recorded:{file}"))
        async with desk.opened(120, 40):
            await desk.ask(asked)
            await desk.press("escape", "c")
            await desk.idle()
            assert ("✗ Contradicted by its sources" in desk.text) != misses
            assert ("no record of the stage check" in desk.text) == misses
            assert "40 tokens" in desk.text
        file.write_text("\n".join(lines))
    judged, unjudged = (one.turns for one in conversations(codecs))
    assert [one.answer.claims[0].verdict for one in judged] == ["contradicted"]
    assert [one.answer.claims[0].checked_by for one in unjudged] == ["text"]
