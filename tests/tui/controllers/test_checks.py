"""Having the model check an answer that stands on the screen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asked_app import asked
from endpoint_fixture import ScriptedEndpoint
from fake_service import FakeService, make_answer, whole_answer
from real_app import app_over, said, stock
from textual.widgets import Static
from waiting import Until

from assistant.config.settings import Settings
from assistant.sessions import Conversations
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, Progress
from assistant.types.questions import Question
from assistant.types.usage import Estimate
from assistant.workspace import open_workspace
from store.errors import LibraryDamaged
from store.library.library import Library
from tui.app import QuireApp
from tui.screens.dialogs import Confirm

FOX = ("FoxCodec", "Codecs make tokens. FoxCodec needs a quantizer and 40 tokens.")
See = Callable[[QuireApp], str]


def judged() -> Answer:
    answer = make_answer()
    verdicts = ("supported", "contradicted", "uncited")
    claims = tuple(
        one.model_copy(
            update={"verdict": verdict, "checked_by": "text" if verdict == "uncited" else "model"}
        )
        for one, verdict in zip(answer.claims, verdicts, strict=True)
    )
    return answer.model_copy(update={"claims": claims, "check": "done"})


async def test_a_check_marks_the_sentences_and_tells_contradictions_first(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    service.scripts = [whole_answer(), [Progress(text="checks"), AnswerDone(answer=judged())]]
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+g", "c")
        assert app.main.status.notice == "There is no answer to check yet."
        await asked(pilot, until)
        await pilot.press("ctrl+g", "c")
        await until(lambda: service.checks and not app.main.busy)
        await pilot.pause()
        assert service.checks == [make_answer()]
        turn = app.main.conversation.current
        assert turn is not None
        assert said(app, "ending").startswith(
            "✗ Contradicted by its sources, says the model: Surges reshape"
        )
        account = said(app, "account")
        assert "✔ 1" in account
        assert "checked: 2 by the model, the others by words and numbers" in account
        assert "✔" in screen_text(app)


async def test_a_check_that_is_stopped_or_fails_leaves_the_answer(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    never = asyncio.Event()
    failure = LibraryDamaged("the ledger is damaged", "see: quire doctor")
    service.scripts = [whole_answer(), [Progress(text="checks"), never], [failure]]
    async with app.run_test(size=(120, 40)) as pilot:
        await asked(pilot, until)
        await pilot.press("ctrl+g", "c")
        await until(lambda: service.running)
        assert app.main.busy
        await pilot.press("escape")
        await until(lambda: not app.main.busy)
        turn = app.main.conversation.current
        assert turn is not None
        assert turn.page.answer == make_answer()
        await pilot.press("ctrl+g", "c")
        await until(lambda: "damaged" in app.main.status.notice)
        assert turn.page.answer == make_answer()
        assert "words and numbers, not meaning" in screen_text(app)


async def test_what_a_check_costs_is_told_first(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    service.takes = Estimate(calls=1, input_tokens=1234, output_tokens=400, cost=0.0125)
    service.sends_to = "models.example"
    service.scripts = [whole_answer(), [AnswerDone(answer=judged())]]
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, until)
        await pilot.press("ctrl+g", "c")
        await until(lambda: isinstance(app.screen, Confirm))
        await pilot.pause()
        shown = " ".join(screen_text(app).replace("│", " ").split())
        assert "1 request to tiny-model at models.example: about 1,234 tokens in" in shown
        assert "at most 400 out; it costs at most 0.0125 USD." in shown
        await pilot.press("enter", "escape")
        await until(lambda: not app.main.busy)
        assert app.main.status.notice == "Not checked; nothing was sent."
        assert service.checks == []
        await pilot.press("ctrl+g", "c")
        await until(lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(lambda: service.checks and not app.main.busy)
        turn = app.main.conversation.current
        assert turn is not None
        assert turn.page.answer == judged()


async def test_a_check_above_the_cap_is_refused_in_full(
    tmp_path: Path,
    until: Until,
    scripted_endpoint: Callable[..., ScriptedEndpoint],
) -> None:
    endpoint = scripted_endpoint("FoxCodec needs a quantizer and 40 tokens [1.2].")
    folder = stock(tmp_path / "quire-home", [FOX])
    model = {"base_url": endpoint.base_url, "model": "scripted", "price_in": 2, "price_out": 8}

    settings = Settings.model_validate({"models": {"own": model}, "model": "own"})
    service = await open_workspace(folder, None, settings, lambda line: None)
    try:
        events = [one async for one in service.ask(Question(text="How many tokens in FoxCodec?"))]
    finally:
        await service.aclose()
    answer = events[-1]
    assert isinstance(answer, AnswerDone)
    app = app_over(folder, settings=settings, session=answer.answer.session, max_cost=0.0001)
    async with app.run_test(size=(60, 20)) as pilot:
        await until(lambda: app.main.conversation.current)
        turn = app.main.conversation.current
        assert turn is not None
        await pilot.press("ctrl+g", "c")
        await until(lambda: app.query("Conversation > .error"))
        said = str(app.query("Conversation > .error").first(Static).render())
        assert said.startswith("The check was not sent: with it the cost may come to 0.0")
        assert "more than the 0.0001 allowed" in said
        assert said.endswith("or max_cost in the configuration, or have less sent.")
        assert turn.page.answer == answer.answer
        await until(lambda: not app.main.busy)
    assert len(endpoint.requests) == 1


async def test_the_built_in_model_cannot_check(
    app: QuireApp, service: FakeService, until: Until
) -> None:
    service.model = "extractive"
    async with app.run_test(size=(120, 40)) as pilot:
        await asked(pilot, until)
        await pilot.press("ctrl+g", "c")
        await pilot.pause()
        assert app.main.status.notice.startswith("A check needs a model")
        assert service.checks == []


async def test_a_checked_answer_takes_the_place_of_the_saved_one(
    tmp_path: Path,
    scripted_endpoint: Callable[..., ScriptedEndpoint],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def reply(body: dict[str, Any]) -> str:
        check = json.dumps(body).count("You compare")
        return "1: contradicted 1.2" if check else "FoxCodec needs a quantizer and 40 tokens [1.2]."

    folder = stock(tmp_path / "quire-home", [FOX])
    endpoint = scripted_endpoint(reply)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    service = await open_workspace(folder, "scripted", Settings(), lambda line: None)
    try:
        events = [one async for one in service.ask(Question(text="How many tokens in FoxCodec?"))]
        answer = events[-1]
        assert isinstance(answer, AnswerDone)
        assert answer.answer.claims[0].verdict == "matched"
        checked = [one async for one in service.check(answer.answer)][-1]
        assert isinstance(checked, AnswerDone)
        session = await service.session(checked.answer.session or "")
    finally:
        await service.aclose()
    assert [turn.answer.claims[0].verdict for turn in session.turns] == ["contradicted"]
    with Library.open(folder) as library:
        kept = Conversations(library)
        assert len(kept.lines()) == 1
