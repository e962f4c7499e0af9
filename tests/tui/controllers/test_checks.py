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
from fake_service import KELP, KELP_PAPER, FakeService, make_answer, whole_answer
from textual.widgets import Static
from waiting import Until

from assistant.config.settings import Settings
from assistant.sessions import Conversations
from assistant.types.answers import Answer
from assistant.types.claims import NearSentence
from assistant.types.events import AnswerDone, Progress
from assistant.types.questions import Question
from assistant.types.usage import Estimate
from assistant.workspace import Workspace, open_workspace
from store.errors import LibraryDamaged
from store.library.library import Library
from store.types import Record
from tui.app import QuireApp
from tui.screens.dialogs import Confirm

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


def fox(tmp_path: Path) -> Path:
    """A library of one paper."""
    folder = tmp_path / "quire-home"
    abstract = "Codecs make tokens. FoxCodec needs a quantizer and 40 tokens."
    with Library.open(folder, create=True) as library:
        record = Record(title="FoxCodec", abstract=abstract, source="own.jsonl", reader="jsonl")
        library.ingest().run([record])
        library.catch_up()
    return folder


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
        said = str(turn.query_one(".ending", Static).render())
        assert said.startswith("✗ Contradicted by its sources, says the model: Surges reshape")
        account = str(turn.query_one(".account", Static).render())
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


async def test_what_a_free_check_takes_is_told_while_it_runs(
    app: QuireApp, service: FakeService, until: Until
) -> None:
    never = asyncio.Event()
    service.takes = Estimate(calls=1, input_tokens=1234, output_tokens=400, cost=0.0)
    service.scripts = [whole_answer(), [never]]
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, until)
        await pilot.press("ctrl+g", "c")
        await until(lambda: service.running)
        turn = app.main.conversation.current
        assert turn is not None
        said = str(turn.query_one(".progress", Static).render())
        assert said == "the model checks the answer, about 1,234 tokens · Esc stops"
        await pilot.press("escape")
        await until(lambda: not app.main.busy)


async def test_a_check_above_the_cap_is_refused_in_full(
    tmp_path: Path,
    until: Until,
    scripted_endpoint: Callable[..., ScriptedEndpoint],
) -> None:
    endpoint = scripted_endpoint("FoxCodec needs a quantizer and 40 tokens [1.2].")
    folder = fox(tmp_path)
    model = {"base_url": endpoint.base_url, "model": "scripted", "price_in": 2, "price_out": 8}

    async def opened() -> Workspace:
        settings = Settings.model_validate({"models": {"own": model}, "model": "own"})
        return await open_workspace(folder, None, settings, lambda line: None)

    service = await opened()
    try:
        events = [one async for one in service.ask(Question(text="How many tokens in FoxCodec?"))]
    finally:
        await service.aclose()
    answer = events[-1]
    assert isinstance(answer, AnswerDone)
    app = QuireApp(opened, session=answer.answer.session, max_cost=0.0001)
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

    folder = fox(tmp_path)
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


async def test_a_sentence_that_holds_uncited_words_is_marked_in_the_paper_shown(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    near = NearSentence(id="pkelp", title=KELP_PAPER.title, sentence=4, quote=KELP[3])
    answer = make_answer()
    claims = (*answer.claims[:2], answer.claims[2].model_copy(update={"nearest": near}))
    service.scripts = [whole_answer(answer.model_copy(update={"claims": claims}))]
    async with app.run_test(size=(120, 40)) as pilot:
        await asked(pilot, until)
        await until(lambda: app.query(".passage.held"))
        await pilot.pause()
        assert f"○ {KELP[3]}" in screen_text(app)
        assert len(app.query(".passage.cited")) == 1
        assert "○ holds uncited words" in screen_text(app)
