"""A question asked again with another model: over a real library and endpoints on loopback."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import CODECS, Desk, app_over, conversations
from endpoint_fixture import Endpoints, ScriptedEndpoint
from fake_service import FakeService, opener
from waiting import until

from assistant.config.file import ConfigFile
from tui.app import QuireApp
from tui.presenters.places import Scope
from tui.screens.connect import AgainWith
from tui.screens.dialogs import Confirm
from tui.widgets.turn import FormerAnswer

pytestmark = pytest.mark.asyncio
QUESTION = "How many quantizers does FoxCodec need?"
FIRST = "FoxCodec needs a single quantizer [1.2]."
SECOND = "One quantizer is enough, and 40 tokens [1.2]."


@pytest.fixture
def first(scripted_endpoint: Endpoints) -> ScriptedEndpoint:
    """The model that answers in the app."""
    return scripted_endpoint(FIRST)


@pytest.fixture
def second(scripted_endpoint: Endpoints) -> ScriptedEndpoint:
    """Another one, which answers differently."""
    return scripted_endpoint(SECOND)


@pytest.fixture
def desk(codecs: Path, tmp_path: Path, first: ScriptedEndpoint, second: ScriptedEndpoint) -> Desk:
    """A reader before a library of two papers, with two models of which `fox` answers."""
    path = tmp_path / "config.toml"
    path.write_text('model = "fox"\ncheck = "off"\n', "utf-8")
    config = ConfigFile(path)
    config.set_model("fox", {"base_url": first.base_url, "model": "fox-1"})
    config.set_model("owl", {"base_url": second.base_url, "model": "owl-1"})
    config.set_model("away", {"base_url": "https://models.invalid/v1", "model": "big"})
    return Desk(app_over(codecs, "fox", config.settings(), config=config))


async def answered_twice(desk: Desk) -> None:
    """Have the question answered by one model, then by the other."""
    await desk.ask(QUESTION)
    await choose(desk, "owl")
    await until(lambda: len(desk.main.conversation.turns) == 2)
    await desk.idle()


async def choose(desk: Desk, name: str) -> None:
    """Open the list from the answer, and choose a model in it."""
    desk.main.conversation.focus()
    await desk.press("m")
    await desk.met(AgainWith)
    await desk.sees("built in")
    names = ["extractive", "fox", "owl", "away"]
    await desk.press("g", *["j"] * names.index(name), "enter")


async def test_another_model_answers_once_and_the_model_of_the_app_stays(
    desk: Desk, codecs: Path, first: ScriptedEndpoint, second: ScriptedEndpoint
) -> None:
    async with desk.opened(120, 40):
        await answered_twice(desk)
        await desk.sees(f"{QUESTION} · again with owl")
        earlier, later = desk.main.conversation.turns
        assert [one.page.answer and one.page.answer.model for one in (earlier, later)] == [
            "fox",
            "owl",
        ]
        assert [one.verdict for one in later.page.claims] == ["matched"], "checked like any other"
        assert desk.main.conversation.current is later
        assert "fox · nothing leaves this machine" in desk.text
        await desk.ask("And how many tokens?")
    assert len(second.requests) == 1, "the next question is for the model of the app"
    asked_first, asked_second = first.requests[0], second.requests[0]
    assert len(asked_first.body["messages"]) == len(asked_second.body["messages"])
    assert FIRST not in asked_second.prompt, "it does not see the earlier answer"
    for _, abstract in CODECS:
        assert abstract.partition(". ")[2] in asked_second.prompt, "the same papers"
    (saved,) = conversations(codecs)
    assert [(one.question, one.answer.model) for one in saved.turns[:2]] == [
        (QUESTION, "fox"),
        (QUESTION, "owl"),
    ]


async def test_both_stand_beside_each_other_where_there_is_room(desk: Desk) -> None:
    def places() -> tuple[int, int]:
        """The columns where the two answers begin in one row of the screen; -1 for none."""
        rows = [one for one in desk.screen.splitlines() if "a single quantizer" in one]
        row = next((one for one in rows if "One quantizer" in one), "")
        return row.find("FoxCodec"), row.find("One quantizer")

    async with desk.opened(120, 40):
        await answered_twice(desk)
        await until(lambda: -1 < places()[0] < 30 and 55 < places()[1] < 75)
        await desk.press("p")
        await until(lambda: places() == (-1, -1))
        await desk.press("n")
        await until(lambda: places()[0] > -1)
        await desk.pilot.resize_terminal(80, 24)
        await until(lambda: places() == (-1, -1))
        assert "One quantizer is enough" in desk.text
        assert desk.turn.query_one(FormerAnswer).region.area == 0


async def test_keys_and_clicks_tell_the_two_answers_apart(desk: Desk) -> None:
    async with desk.opened(120, 40):
        await answered_twice(desk)
        earlier, later = desk.main.conversation.turns
        await desk.sees("a single quantizer")
        desk.main.conversation.focus()
        await desk.press("j")
        assert desk.main.conversation.claim == (later, 0)
        former = later.query_one(FormerAnswer)
        await desk.pilot.click(former, offset=(10, 2))
        await until(lambda: desk.main.conversation.claim == (earlier, 0))
        assert desk.main.conversation.current is earlier
        await desk.press("n", "i")
        assert later.has_class("-unfolded")


async def test_the_papers_are_those_of_the_earlier_answer(
    desk: Desk, first: ScriptedEndpoint, second: ScriptedEndpoint
) -> None:
    async with desk.opened(120, 40):
        service = desk.app._opened.service
        assert service is not None
        owl = Scope(await service.holding("OwlCodec"), "OwlCodec")
        desk.main.asking.narrow(owl)
        await desk.ask(QUESTION)
        desk.main.asking.narrow(None)
        await choose(desk, "owl")
        await until(lambda: len(desk.main.conversation.turns) == 2)
        await desk.idle()
    assert "OwlCodec needs two" in second.requests[0].prompt
    assert "FoxCodec needs a single" not in second.requests[0].prompt


async def test_esc_stops_it_and_leaves_the_first_answer(
    desk: Desk, second: ScriptedEndpoint
) -> None:
    second.delay = 0.2
    async with desk.opened(120, 40):
        await desk.ask(QUESTION)
        before = desk.turn.page
        await choose(desk, "owl")
        await until(lambda: second.requests and desk.main.busy)
        await until(lambda: "One" in desk.turn.raw)
        await desk.press("escape")
        await desk.idle()
        earlier, later = desk.main.conversation.turns
        assert earlier.page == before
        assert later.page.answer is None or later.page.answer.outcome == "interrupted"
        assert desk.main.box.text == "", "the question stands in the chat, answered"
    await until(lambda: len(second.closed_early) == 1)


async def test_an_error_says_what_to_do_and_leaves_the_first_answer(
    desk: Desk, second: ScriptedEndpoint
) -> None:
    second.reply = (401, {"error": {"message": "no such key"}})
    async with desk.opened(120, 40):
        await desk.ask(QUESTION)
        before = desk.turn.page
        await choose(desk, "owl")
        await until(lambda: len(desk.main.conversation.turns) == 2)
        await desk.idle()
        await until(lambda: "key" in desk.says("ending"))
        assert desk.turn.page.is_error
        assert desk.main.conversation.turns[0].page == before
        # and from there the question goes to a third one
        await choose(desk, "extractive")
        await until(lambda: len(desk.main.conversation.turns) == 3)
        await desk.idle()
        assert desk.turn.page.answer is not None
        assert desk.turn.page.answer.model == "extractive"
        assert desk.turn.former is desk.main.conversation.turns[0]


async def test_another_machine_is_named_first_and_the_one_that_answered_refused(
    desk: Desk, second: ScriptedEndpoint
) -> None:
    async with desk.opened(120, 40):
        await desk.press("escape", "m")
        await desk.ask(QUESTION)
        await choose(desk, "fox")
        await desk.sees("fox gave this answer.")
        await desk.press("escape")
        await until(lambda: desk.app.screen is desk.main)
        await choose(desk, "away")
        await desk.met(Confirm)
        await desk.sees("Send this question and its abstracts to models.invalid?")
        await desk.press("n")
        await desk.met(AgainWith)
        assert len(desk.main.conversation.turns) == 1
        await desk.press("escape")
        await until(lambda: desk.app.screen is desk.main)
    assert not second.requests


async def test_a_chat_that_is_opened_again_tells_it_too(desk: Desk, codecs: Path) -> None:
    async with desk.opened(120, 40):
        await answered_twice(desk)
        await desk.press("ctrl+n")
        await until(lambda: not desk.main.conversation.turns)
        await desk.press("ctrl+r")
        await desk.sees("1 chat")
        await desk.press("enter")
        await desk.sees(f"{QUESTION} · again with owl")
        await until(lambda: desk.turn.former is desk.main.conversation.turns[0])


async def test_there_is_nothing_to_ask_again_before_an_answer(
    service: FakeService, tmp_path: Path
) -> None:
    desk = Desk(QuireApp(opener(service), state=tmp_path / "state"), service)
    async with desk.opened(100, 30):
        desk.main.asking.action_again_with()
        await desk.told("There is no answer whose question could be asked again.")
