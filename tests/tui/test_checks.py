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
from fake_desk import FakeDesk, Until, make_answer, whole_answer
from textual.widgets import Static

from assistant.conversations import Conversations
from assistant.desk import open_desk
from assistant.settings import Settings
from assistant.values import Answer, AnswerDone, Progress, Question
from store.errors import LibraryDamaged
from store.library import Library
from store.model import Record
from tui.app import QuireApp

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
    app: QuireApp, desk: FakeDesk, until: Until, screen_text: See
) -> None:
    desk.scripts = [whole_answer(), [Progress(text="checks"), AnswerDone(answer=judged())]]
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+g", "c")
        assert app.main.status.notice == "There is no answer to check yet."
        await asked(pilot, until)
        await pilot.press("ctrl+g", "c")
        await until(lambda: desk.checks and not app.main.busy)
        await pilot.pause()
        assert desk.checks == [make_answer()]
        turn = app.main.conversation.current
        assert turn is not None
        said = str(turn.query_one(".ending", Static).render())
        assert said.startswith("✗ Contradicted by its sources, says the model: Surges reshape")
        account = str(turn.query_one(".account", Static).render())
        assert "✔ 1" in account
        assert "checked: 2 by the model, the others by words and numbers" in account
        assert "✔" in screen_text(app)


async def test_a_check_that_is_stopped_or_fails_leaves_the_answer(
    app: QuireApp, desk: FakeDesk, until: Until, screen_text: See
) -> None:
    never = asyncio.Event()
    failure = LibraryDamaged("the ledger is damaged", "see: quire doctor")
    desk.scripts = [whole_answer(), [Progress(text="checks"), never], [failure]]
    async with app.run_test(size=(120, 40)) as pilot:
        await asked(pilot, until)
        await pilot.press("ctrl+g", "c")
        await until(lambda: desk.running)
        assert app.main.busy
        await pilot.press("escape")
        await until(lambda: not app.main.busy)
        turn = app.main.conversation.current
        assert turn is not None
        assert turn.answer == make_answer()
        await pilot.press("ctrl+g", "c")
        await until(lambda: "damaged" in app.main.status.notice)
        assert turn.answer == make_answer()
        assert "words and numbers, not meaning" in screen_text(app)


async def test_the_built_in_model_cannot_check(app: QuireApp, desk: FakeDesk, until: Until) -> None:
    desk.model = "extractive"
    async with app.run_test(size=(120, 40)) as pilot:
        await asked(pilot, until)
        await pilot.press("ctrl+g", "c")
        await pilot.pause()
        assert app.main.status.notice.startswith("A check needs a model")
        assert desk.checks == []


async def test_a_checked_answer_takes_the_place_of_the_saved_one(
    tmp_path: Path,
    scripted_endpoint: Callable[..., ScriptedEndpoint],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def reply(body: dict[str, Any]) -> str:
        check = json.dumps(body).count("You compare")
        return "1: contradicted 1.2" if check else "FoxCodec needs a quantizer and 40 tokens [1.2]."

    folder = tmp_path / "quire-home"
    abstract = "Codecs make tokens. FoxCodec needs a quantizer and 40 tokens."
    with Library.open(folder, create=True) as library:
        record = Record(title="FoxCodec", abstract=abstract, source="own.jsonl", reader="jsonl")
        library.ingest().run([record])
        library.catch_up()
    endpoint = scripted_endpoint(reply)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    desk = await open_desk(folder, "scripted", Settings(), lambda line: None)
    try:
        events = [one async for one in desk.ask(Question(text="How many tokens in FoxCodec?"))]
        answer = events[-1]
        assert isinstance(answer, AnswerDone)
        assert answer.answer.claims[0].verdict == "matched"
        checked = [one async for one in desk.check(answer.answer)][-1]
        assert isinstance(checked, AnswerDone)
        session = await desk.session(checked.answer.session or "")
    finally:
        await desk.aclose()
    assert [turn.answer.claims[0].verdict for turn in session.turns] == ["contradicted"]
    with Library.open(folder) as library:
        kept = Conversations(library)
        assert len(kept.lines()) == 1
