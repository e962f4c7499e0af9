"""Putting a question to every paper from the app: real library, scripted endpoint on loopback."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, app_over, conversations, copied, walks
from endpoint_fixture import ScriptedEndpoint
from library_fixture import Shelf
from scripted_models import codecs_and_owls, judge, papers_in
from tables import naming
from textual import events
from waiting import until

from assistant.config.settings import Settings
from assistant.types.answers import Answer, Coverage
from assistant.types.sessions import Session
from tui.widgets.turn import TurnView

WALKS = walks(__file__)
QUESTION = "Is it about codecs?"


@pytest.fixture
def many(shelf: Shelf, tmp_path: Path) -> Path:
    """A library of 72 papers: 24 speak of codecs, ten of owls."""
    return shelf.library_of(codecs_and_owls(72), tmp_path / "library")


@pytest.fixture
def endpoint(scripted_endpoint: Callable[..., ScriptedEndpoint]) -> ScriptedEndpoint:
    """A model that says of every paper whether it speaks of codecs."""
    return scripted_endpoint(judge)


def asking(folder: Path, endpoint: ScriptedEndpoint, **prices: float) -> Desk:
    """The app whose model is an endpoint."""
    model = {"base_url": endpoint.base_url, "model": "scripted", **prices}
    settings = Settings.model_validate({"models": {"own": model}, "model": "own"})
    return Desk(app_over(folder, settings=settings))


async def put(desk: Desk) -> None:
    """Type the question, and put it to every paper."""
    await desk.send(QUESTION, "f6")


async def next_turn(desk: Desk, before: TurnView | None = None) -> TurnView:
    """The turn that follows another one, or none, once its answer has ended."""
    await until(lambda: desk.main.conversation.current is not before and not desk.main.busy)
    await desk.pilot.pause()
    return desk.turn


def answer_of(turn: TurnView) -> Answer:
    assert turn.page.answer is not None
    return turn.page.answer


def coverage_of(turn: TurnView) -> Coverage:
    coverage = answer_of(turn).coverage
    assert coverage is not None
    return coverage


def kept(folder: Path) -> Session:
    """The one conversation that is saved."""
    (saved,) = conversations(folder)
    return saved


async def test_cost_is_told_and_the_answer_kept(many: Path, endpoint: ScriptedEndpoint) -> None:
    desk = asking(many, endpoint, price_in=2.0, price_out=8.0)
    turns: list[TurnView] = []

    def nothing_sent() -> None:
        assert not endpoint.requests

    def counted() -> None:
        turns.append(desk.turn)
        begin = "24 of 72 papers, 0 unclear, 0 failed; the best 20 of the 24:"
        assert copied(desk.turn).startswith(begin)
        assert len(endpoint.requests) == 6
        assert [one.kind for one in desk.turn.page.items] == ["cited"] * 20 + ["yes"] * 4

    async def last_said_yes() -> None:
        last = turns[0].page.items[-1]
        assert re.fullmatch(r"says yes: We build codec \d+ for it\.", last.detail)
        await until(lambda: desk.cited() == [last.quotes[0]])

    async def the_same() -> None:
        await until(lambda: desk.main.conversation.current)
        ids = [[one.id for one in turn.page.items] for turn in (desk.turn, turns[0])]
        assert ids[0] == ids[1]

    walk, acts = WALKS["every paper is asked"], (nothing_sent, counted, last_said_yes, the_same)
    await desk.walk(walk, **{act.__name__: act for act in acts})
    answer = kept(many).turns[0].answer
    assert answer.coverage == Coverage(asked=72, yes=24, no=48)
    assert len(answer.references) == 20
    assert sum(one.verdict == "yes" for one in answer.papers) == 24


async def test_esc_keeps_what_came_the_same_goes_on(many: Path, endpoint: ScriptedEndpoint) -> None:
    endpoint.delay = 0.04
    desk = asking(many, endpoint)
    async with desk.opened():
        await put(desk)
        await until(lambda: re.match(r"asked \d+ of 72 papers: ", desk.says("progress")))
        assert desk.says("progress").endswith("· Esc stops")
        await desk.press("f2")
        await until(lambda: re.search(r"\d+ of 72 papers asked", desk.main.status._job))
        await desk.press("escape")
        await desk.idle()
        assert desk.main.status._job == ""
        assert desk.main.box.text == QUESTION
        first = desk.turn
        assert answer_of(first).outcome == "interrupted"
        heard = coverage_of(first).yes + coverage_of(first).no
        assert 0 < heard < 72
        line = f"{72 - heard} papers were not asked; the same question goes on"
        assert line in desk.says("ending")
        endpoint.delay, sent = 0.0, len(endpoint.requests)
        await desk.press("escape", "f6")
        turn = await next_turn(desk, first)
        assert answer_of(turn).text.startswith("24 of 72 papers")
        rest = [one for request in endpoint.requests[sent:] for one in papers_in(request.body)]
        assert len(rest) == 72 - heard
        assert desk.main.box.text == ""
    assert len(kept(many).turns) == 2


async def test_what_papers_lists_narrows_it(many: Path, endpoint: ScriptedEndpoint) -> None:
    desk = asking(many, endpoint)
    async with desk.opened(120, 40):
        await desk.press("f2", "slash", *"owls", "escape")
        await desk.sees("10 of 72 papers")
        await desk.press("f6")
        await desk.sees("Ask 10 papers (owls)")
        await put(desk)
        turn = await next_turn(desk)
        assert turn.page.question == f"To the 10 papers (owls): {QUESTION}"
        assert copied(turn).startswith("4 of 10 papers, 0 unclear, 0 failed:")
        assert len(turn.page.items) == 4
        # What Enter ranks is the list as well.
        await desk.press("f2", "slash", "end", *" stone", "enter")
        await until(lambda: desk.main.papers.listed.is_ranked)
        ranked = len(desk.main.papers.listed.ranking)
        await desk.press("f6")
        await desk.sees(f"Ask {ranked} papers (ranked for owls stone)")
        await put(desk)
        assert coverage_of(await next_turn(desk, turn)).asked == ranked > 10
        sent = len(endpoint.requests)
        await desk.press("f2", "slash", *" zebra")
        await until(lambda: len(desk.main.papers.listed.items) == 0)
        await desk.press("down", "f6")
        await desk.told("The list holds no paper to ask.")
        assert desk.main.place == "library"
        assert len(endpoint.requests) == sent


async def test_failures_are_counted_and_asked_again(many: Path, endpoint: ScriptedEndpoint) -> None:
    def stumble(body: dict[str, Any]) -> str | tuple[int, Any]:
        fails = any("Study 5 " in one[0] for one in papers_in(body).values())
        return (400, {"error": {"message": "no"}}) if fails else judge(body)

    desk = asking(many, endpoint)
    async with desk.opened():
        endpoint.reply = (401, {"error": {"message": "who are you?"}})
        await put(desk)
        refused = await next_turn(desk)
        assert "who are you?" in desk.says("ending")
        assert desk.main.box.text == QUESTION
        endpoint.reply = stumble
        await desk.press("f6")
        turn = await next_turn(desk, refused)
        failed = coverage_of(turn).failed
        assert failed > 0
        assert f"{failed} failed" in copied(turn)
        assert [one.kind for one in turn.page.items].count("failed") == failed
        assert "F6 with the same question asks those that failed" in desk.says("ending")
        assert desk.main.box.text == QUESTION
        await desk.press("f6")
        turn = await next_turn(desk, turn)
        assert "nothing was sent" not in desk.says("ending"), "it was, and failed again"
        endpoint.reply, sent = judge, len(endpoint.requests)
        await put(desk)
        assert "24 of 72 papers, 0 unclear, 0 failed" in copied(await next_turn(desk, turn))
        assert sum(len(papers_in(one.body)) for one in endpoint.requests[sent:]) == failed


async def test_an_empty_box_and_a_second_question_are_told(desk: Desk) -> None:
    desk.service.scripts = [[asyncio.Event()]]
    await desk.walk(WALKS["F6 asks nothing"])


async def test_esc_right_after_f6_leaves_the_app_free(desk: Desk) -> None:
    """At whatever moment it comes, the question is there again and the next one is taken."""
    async with desk.opened():
        for moments in (0, 1, 3, 8, 15, 30):
            desk.main.box.focus()
            desk.main.box.load_text(QUESTION)
            desk.app.post_message(events.Key("f6", None))
            for _ in range(moments):
                await asyncio.sleep(0)
            desk.app.post_message(events.Key("escape", None))
            await desk.idle()
            with naming(f"{moments} moments after F6"):
                await desk.idle()  # by now the keys have arrived
            assert "Stopping" not in desk.notice, f"{moments} moments after F6"
