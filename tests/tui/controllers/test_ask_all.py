"""Putting a question to every paper from the app: real library, scripted endpoint on loopback."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asked_app import copied
from endpoint_fixture import ScriptedEndpoint
from fake_service import FakeService
from judging_model import judge, papers_in
from real_app import app_over, said, stock
from textual import events
from textual.pilot import Pilot
from textual.widgets import Static
from waiting import Until

from assistant.config.settings import Settings
from assistant.sessions import Conversations
from store.library.library import Library
from tui.app import QuireApp
from tui.screens.dialogs import Confirm
from tui.widgets.turn import TurnView

Endpoint = Callable[..., ScriptedEndpoint]
See = Callable[[QuireApp], str]
QUESTION = "Is it about codecs?"
PRICES = {"price_in": 2.0, "price_out": 8.0}


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A library of 72 papers; every third speaks of codecs, the first ten of owls."""
    papers = [
        (
            f"Study {number} of {'owls' if number < 10 else 'things'}",
            f"Thing number {number} is studied. "
            + (f"We build codec {number} for it. " if number % 3 == 0 else "It is a stone. ")
            + "It works well in the field and in the laboratory. " * 4,
        )
        for number in range(72)
    ]
    return stock(tmp_path / "quire-home", papers)


def asking_app(
    folder: Path,
    endpoint: ScriptedEndpoint | None = None,
    cap: float | None = None,
    **prices: float,
) -> QuireApp:
    """The app whose model is an endpoint, or the built-in one."""
    if endpoint is None:
        return app_over(folder, max_cost=cap)
    model = {"base_url": endpoint.base_url, "model": "scripted", **prices}
    settings = Settings.model_validate({"models": {"own": model}, "model": "own"})
    return app_over(folder, settings=settings, max_cost=cap)


async def put(pilot: Pilot[Any], until: Until, *first: str) -> QuireApp:
    """Type the question and put it to every paper."""
    app = pilot.app
    assert isinstance(app, QuireApp)
    await until(lambda: app._library)
    await pilot.press(*first)
    await again(pilot)
    return app


async def next_turn(app: QuireApp, until: Until, before: TurnView | None = None) -> TurnView:
    """The turn that follows another one, or none, once its answer has ended."""
    main = app.main
    await until(lambda: main.conversation.current is not before and not main.busy)
    assert main.conversation.current is not None
    return main.conversation.current


async def again(pilot: Pilot[Any]) -> None:
    app = pilot.app
    assert isinstance(app, QuireApp)
    app.main.box.focus()
    app.main.box.load_text(QUESTION)
    await pilot.press("f6")


async def test_the_built_in_model_asks_every_paper_at_once(
    many: Path, until: Until, screen_text: See
) -> None:
    app = asking_app(many)
    async with app.run_test(size=(80, 24)) as pilot:
        await put(pilot, until)
        turn = await next_turn(app, until)
        assert turn.page.answer is not None
        assert turn.page.answer.coverage is not None
        assert turn.page.answer.coverage.asked == 72
        assert re.match(r"\d+ of 72 papers, \d+ unclear, 0 failed", turn.page.answer.text)
        assert turn.page.question == f"To every paper: {QUESTION}"
        assert "not that it affirms it" in said(app, "ending")
        assert app.main.box.text == ""
        await pilot.press("escape", "c")
        assert app.main.status.notice.startswith("Nothing to check")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 20)])
async def test_cost_is_told_first_and_the_answer_is_browsed_and_kept(
    many: Path,
    until: Until,
    screen_text: See,
    scripted_endpoint: Endpoint,
    size: tuple[int, int],
) -> None:
    endpoint = scripted_endpoint(judge)
    app = asking_app(many, endpoint, **PRICES)
    async with app.run_test(size=size) as pilot:
        await put(pilot, until)
        await until(lambda: isinstance(app.screen, Confirm))
        await pilot.pause()
        shown = " ".join(re.sub("[│╭╮╰╯─]", " ", screen_text(app)).split())
        assert "72 papers in 6 requests." in shown
        assert re.search(r"To own: about [\d,]+ tokens in, at most [\d,]+ out; it costs at", shown)
        assert not endpoint.requests
        await pilot.press("n")
        await until(lambda: not app.main.busy)
        assert app.main.status.notice == "Not asked; nothing was sent."
        assert app.main.box.text == QUESTION
        assert not endpoint.requests
        await pilot.press("f6")
        await until(lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        turn = await next_turn(app, until)
        await pilot.pause()
        assert copied(turn).startswith(
            "24 of 72 papers, 0 unclear, 0 failed; the best 20 of the 24:"
        )
        assert len(endpoint.requests) == 6
        assert [one.kind for one in turn.page.items] == ["cited"] * 20 + ["yes"] * 4
        last = turn.page.items[-1]
        assert re.fullmatch(r"says yes: We build codec \d+ for it\.", last.detail)
        await pilot.press("f4", "G")
        await until(lambda: app.main.pane.reader.query(".passage.cited"))
        cited = app.main.pane.reader.query(".passage.cited").first(Static)
        assert str(cited.render()) == last.quotes[0]
        assert "Sources: 20 cited · 4 more yes" in screen_text(app)
        await pilot.press("escape", "alt+2")
        await pilot.pause()
        page = app.main.pane.reader.page
        assert page is not None
        assert page.number == 2
        await pilot.press("f3", "enter")
        await until(lambda: app.main.conversation.current not in (None, turn))
        reopened = app.main.conversation.current
        assert reopened is not None
        assert reopened.page.question == f"To 72 papers: {QUESTION}"
        assert [one.id for one in reopened.page.items] == [one.id for one in turn.page.items]
    with Library.open(many) as library:
        kept = Conversations(library)
        answer = kept.open(kept.lines()[0].id).turns[0].answer
    assert answer.coverage is not None
    assert (answer.coverage.yes, answer.coverage.asked) == (24, 72)
    assert len(answer.references) == 20
    assert sum(one.verdict == "yes" for one in answer.papers) == 24


async def test_esc_keeps_what_came_and_the_same_again_goes_on(
    many: Path, until: Until, scripted_endpoint: Endpoint
) -> None:
    endpoint = scripted_endpoint(judge, delay=0.04)
    app = asking_app(many, endpoint)
    async with app.run_test(size=(80, 24)) as pilot:
        await put(pilot, until)
        await until(lambda: re.match(r"asked \d+ of 72 papers: ", said(app, "progress")))
        assert said(app, "progress").endswith("· Esc stops")
        await pilot.press("f2")
        await until(lambda: re.search(r"\d+ of 72 papers asked", app.main.status._job))
        await pilot.press("escape")
        await until(lambda: not app.main.busy)
        assert app.main.status._job == ""
        assert app.main.box.text == QUESTION
        first = app.main.conversation.current
        assert first is not None
        assert first.page.answer is not None
        assert first.page.answer.outcome == "interrupted"
        coverage = first.page.answer.coverage
        assert coverage is not None
        heard = coverage.yes + coverage.no
        assert 0 < heard < 72
        assert f"{72 - heard} papers were not asked; the same question goes on" in said(
            app, "ending"
        )
        endpoint.delay, sent = 0.0, len(endpoint.requests)
        await pilot.press("escape", "f6")
        turn = await next_turn(app, until, first)
        assert turn.page.answer is not None
        assert turn.page.answer.text.startswith("24 of 72 papers")
        rest = [one for request in endpoint.requests[sent:] for one in papers_in(request.body)]
        assert len(rest) == 72 - heard
        assert app.main.box.text == ""
    with Library.open(many) as library:
        kept = Conversations(library)
        (line,) = kept.lines()
        assert line.turns == 2


async def test_the_filter_in_papers_narrows_it(
    many: Path, until: Until, scripted_endpoint: Endpoint
) -> None:
    endpoint = scripted_endpoint(judge)
    app = asking_app(many, endpoint)
    async with app.run_test(size=(120, 40)) as pilot:
        await put(pilot, until, "f2", "slash", *"owls", "escape")
        turn = await next_turn(app, until)
        assert turn.page.question == f"To every paper of the filter “owls”: {QUESTION}"
        assert copied(turn).startswith("4 of 10 papers, 0 unclear, 0 failed:")
        assert len(turn.page.items) == 4
        # What Enter ranks is the list as well.
        await pilot.press("f2", "slash", "end", *" stone", "enter")
        await until(lambda: app.main.papers.shows_ranking)
        ranked = len(app.main.papers.ranking)
        await again(pilot)
        turn = await next_turn(app, until, turn)
        assert turn.page.answer is not None
        assert turn.page.answer.coverage is not None
        assert turn.page.answer.coverage.asked == ranked > 10
        sent = len(endpoint.requests)
        await pilot.press("f2", "slash", *" zebra")
        await until(lambda: len(app.main.papers.listed.items) == 0)
        await again(pilot)
        await until(lambda: not app.main.busy and app.main.status.notice)
        assert app.main.status.notice == "The filter in Papers (F2) leaves no paper to ask."
        assert len(endpoint.requests) == sent


async def test_failures_are_counted_and_asked_again(
    many: Path, until: Until, scripted_endpoint: Endpoint
) -> None:
    broken = {"on": True}

    def reply(body: dict[str, Any]) -> str | tuple[int, Any]:
        if broken["on"] and any("Study 5 " in one[0] for one in papers_in(body).values()):
            return 400, {"error": {"message": "no"}}
        return judge(body)

    endpoint = scripted_endpoint(reply)
    app = asking_app(many, endpoint)
    async with app.run_test(size=(80, 24)) as pilot:
        await put(pilot, until)
        turn = await next_turn(app, until)
        assert turn.page.answer is not None
        assert turn.page.answer.coverage is not None
        failed = turn.page.answer.coverage.failed
        assert failed > 0
        assert f"{failed} failed" in copied(turn)
        assert [one.kind for one in turn.page.items].count("failed") == failed
        assert "F6 with the same question asks those that failed" in said(app, "ending")
        assert app.main.box.text == QUESTION
        await pilot.press("f6")
        await until(lambda: app.main.conversation.current is not turn and not app.main.busy)
        assert "nothing was sent" not in said(app, "ending"), "it was, and failed again"
        turn = app.main.conversation.current
        broken["on"], sent = False, len(endpoint.requests)
        await again(pilot)
        second = await next_turn(app, until, turn)
        assert "24 of 72 papers, 0 unclear, 0 failed" in copied(second)
        assert sum(len(papers_in(one.body)) for one in endpoint.requests[sent:]) == failed


async def test_the_cap_refuses_before_anything_is_sent(
    many: Path, until: Until, scripted_endpoint: Endpoint
) -> None:
    endpoint = scripted_endpoint(judge)
    app = asking_app(many, endpoint, 0.0001, **PRICES)
    async with app.run_test(size=(80, 24)) as pilot:
        await put(pilot, until)
        await until(lambda: app.main.conversation.current and not app.main.busy)
        ending = said(app, "ending")
        assert re.match(r"It may cost 0\.\d+ USD, more than the 0\.0001 allowed", ending)
        assert "max_cost in the configuration" in ending
        assert app.main.box.text == QUESTION
        await pilot.press("enter")
        await until(lambda: len(app.main.conversation.children) > 1 and not app.main.busy)
        assert "more than the 0.0001 allowed" in said(app, "ending")
    assert not endpoint.requests


async def test_no_endpoint_gives_the_question_back(
    many: Path, until: Until, scripted_endpoint: Endpoint
) -> None:
    endpoint = scripted_endpoint(lambda body: (401, {"error": {"message": "who are you?"}}))
    app = asking_app(many, endpoint)
    async with app.run_test(size=(80, 24)) as pilot:
        await put(pilot, until)
        await until(lambda: app.main.conversation.current and not app.main.busy)
        assert "who are you?" in said(app, "ending")
        assert app.main.box.text == QUESTION


async def test_an_empty_box_and_a_second_question_are_told(
    app: QuireApp, service: FakeService, until: Until
) -> None:
    waits = asyncio.Event()
    service.scripts = [[waits]]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app._library)
        await pilot.press("f6")
        assert app.main.status.notice.startswith("Type the question first")
        await pilot.press("f1")
        await pilot.press("f6")
        await pilot.press("escape")
        await pilot.press(*"x?", "enter")
        await until(lambda: service.running)
        await pilot.press(*"y?", "f6")
        assert app.main.status.notice == "One question at a time: Esc stops the answer."
        assert app.main.box.text == "y?"
        await pilot.press("escape")
        await until(lambda: not app.main.busy)


@pytest.mark.parametrize("turns", [0, 1, 3, 8, 15, 30])
async def test_esc_right_after_f6_leaves_the_app_free(
    app: QuireApp, until: Until, turns: int
) -> None:
    """At whatever moment it comes, the question is there again and the next one is taken."""
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app.main.box.has_focus)
        app.main.box.load_text(QUESTION)
        app.post_message(events.Key("f6", None))
        for _ in range(turns):
            await asyncio.sleep(0)
        app.post_message(events.Key("escape", None))
        await until(lambda: not app.main.busy)
        await pilot.pause()
        assert not app.main.busy
        assert "Stopping" not in app.main.status.notice
