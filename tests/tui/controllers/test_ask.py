"""Asking in the app: the stream, its end, what stops it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fake_service import (
    FakeService,
    make_answer,
    make_evidence,
    opener,
    pieces,
    whole_answer,
)
from real_app import said
from textual.pilot import Pilot
from textual.widgets import Static
from waiting import Until

from assistant.errors import EndpointUnreachable
from assistant.types.events import AnswerDone, ClaimChecked, EvidenceFound, Progress
from assistant.types.usage import Estimate
from store.errors import LibraryMissing
from tui.app import QuireApp
from tui.widgets.turn import TurnView
from tui.widgets.virtual_list import LineList

SIZES = [(80, 24), (120, 40), (60, 20)]
See = Callable[[QuireApp], str]


async def send(pilot: Pilot[Any], text: str = "What lives in kelp?") -> None:
    app = pilot.app
    assert isinstance(app, QuireApp)
    app.main.box.load_text(text)
    await pilot.press("enter")


@pytest.mark.parametrize("size", SIZES)
async def test_an_answer_streams_and_is_checked(
    app: QuireApp, service: FakeService, until: Until, screen_text: See, size: tuple[int, int]
) -> None:
    half, sent, rest = asyncio.Event(), asyncio.Event(), asyncio.Event()
    text = make_answer().text
    service.scripts = [
        [
            Progress(text="waking the model"),
            half,
            EvidenceFound(
                evidence=make_evidence(),
                estimate=Estimate(calls=1, input_tokens=812, output_tokens=1200, cost=0.01),
            ),
            sent,
            *pieces(text[:40]),
            rest,
            *pieces(text[40:]),
            AnswerDone(answer=make_answer()),
        ]
    ]
    async with app.run_test(size=size) as pilot:
        await send(pilot)
        await until(lambda: "waking the model" in screen_text(app))
        half.set()
        turn = app.main.conversation.current
        assert turn is not None
        await until(lambda: "812 tokens, at most 0.0100 USD" in said(app, "progress"))
        sent.set()
        await until(lambda: "Rockfish were counted" in screen_text(app))
        assert "Nobody asked why" not in screen_text(app)
        assert [one.kind for one in app.main.pane.listed.items] == ["candidate", "candidate"]
        rest.set()
        await until(lambda: not app.main.busy)
        await pilot.pause()
        shown = screen_text(app)
        assert "reefs [1]✓." in shown
        assert "[2]~." in shown
        assert "why.○" in shown
        assert "words and numbers, not meaning" in " ".join(shown.replace("│", " ").split())
        assert [one.number for one in app.main.pane.listed.items] == [1, 2]
        assert app.main.box.text == ""


async def test_verdicts_come_while_the_answer_is_written(
    app: QuireApp, service: FakeService, until: Until
) -> None:
    wait = asyncio.Event()
    answer = make_answer()
    service.scripts = [
        [
            EvidenceFound(evidence=make_evidence()),
            *pieces(answer.text[:50]),
            ClaimChecked(claim=answer.claims[0]),
            wait,
            *pieces(answer.text[50:]),
            AnswerDone(answer=answer),
        ]
    ]
    async with app.run_test(size=(120, 40)) as pilot:
        await send(pilot)
        listed = app.main.pane.listed
        await until(lambda: [one.number for one in listed.items] == [1, None])
        turn = app.main.conversation.current
        assert turn is not None
        assert "✓ 1" in said(app, "progress")
        await pilot.press("alt+1")
        await until(lambda: app.main.pane.reader.page)
        wait.set()
        await until(lambda: not app.main.busy)


async def test_esc_closes_the_stream_and_gives_the_question_back(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    """Case 71."""
    never = asyncio.Event()
    claim = make_answer().claims[0]
    text = make_answer().text
    service.scripts = [
        [
            EvidenceFound(evidence=make_evidence()),
            *pieces(text[:60]),
            ClaimChecked(claim=claim),
            never,
        ]
    ]
    async with app.run_test(size=(80, 24)) as pilot:
        await send(pilot, "What lives in kelp?")
        await until(lambda: "Surges" in screen_text(app))
        await pilot.press("escape")
        await until(lambda: not app.main.busy)
        assert service.closed == ["What lives in kelp?"]
        assert service.running == 0
        assert app.main.box.text == "What lives in kelp?"
        assert app.main.box.has_focus
        await pilot.pause()
        shown = screen_text(app)
        assert "Stopped." in shown
        assert "reefs [1]✓. Surges" in shown
        # what was cited before the stop can still be read
        assert [one.id for one in app.main.pane.listed.items] == ["pkelp"]
        # and the next question works
        await pilot.press("enter")
        await until(lambda: not app.main.busy and len(service.questions) == 2)
        assert app.main.box.text == ""


async def test_a_stopped_answer_that_was_saved_belongs_to_its_conversation(
    app: QuireApp, service: FakeService, until: Until
) -> None:
    """Case 71."""
    service.stops_with = make_answer(
        text="Rockfish were counted on eight reefs [1].",
        claims=make_answer().claims[:1],
        references=make_answer().references[:1],
        outcome="interrupted",
        note="stopped by the reader",
        session="s7",
    )
    service.scripts = [[*pieces("Rockfish were"), asyncio.Event()]]
    async with app.run_test(size=(100, 30)) as pilot:
        await send(pilot)
        await until(lambda: service.running)
        await pilot.press("escape")
        await until(lambda: not app.main.busy)
        assert app.main.box.text == "What lives in kelp?"
        turn = app.query_one(TurnView)
        assert said(app, "ending") == "stopped by the reader"
        assert [one.number for one in turn.page.items] == [1]
        await pilot.press("enter")
        await until(lambda: len(service.questions) == 2 and not app.main.busy)
        assert service.questions[1].session == "s7"


async def test_esc_twice_stops_once(app: QuireApp, service: FakeService, until: Until) -> None:
    service.scripts = [[asyncio.Event()]]
    async with app.run_test() as pilot:
        await send(pilot)
        await until(lambda: service.running)
        await pilot.press("escape", "escape")
        await until(lambda: not app.main.busy)
        assert service.closed == ["What lives in kelp?"]


async def test_a_failure_is_a_line_and_the_question_stays(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    error = EndpointUnreachable("Nobody answers at localhost:1", "Start it.")
    service.scripts = [[*pieces("Some text came."), error]]
    async with app.run_test(size=(100, 30)) as pilot:
        await send(pilot)
        await until(lambda: not app.main.busy)
        await pilot.pause()
        shown = screen_text(app)
        assert "Nobody answers at localhost:1. Start it." in shown
        assert "Some text came." in shown
        assert app.main.box.text == "What lives in kelp?"


async def test_a_stream_without_an_end_is_said_to_be_cut(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    service.scripts = [pieces("Half of it")]
    async with app.run_test() as pilot:
        await send(pilot)
        await until(lambda: not app.main.busy)
        await pilot.pause()
        assert "ended before it was complete" in screen_text(app)


async def test_two_questions_do_not_mix(app: QuireApp, service: FakeService, until: Until) -> None:
    """Case 72."""
    wait = asyncio.Event()
    answer = make_answer()
    service.scripts = [[*pieces("First "), wait, AnswerDone(answer=answer)]]
    async with app.run_test() as pilot:
        await send(pilot, "one?")
        await until(lambda: service.running)
        await send(pilot, "two?")
        await pilot.pause()
        assert app.main.status.notice.startswith("One question at a time")
        assert app.main.box.text == "two?"
        wait.set()
        await until(lambda: not app.main.busy)
        await pilot.press("enter")
        await until(lambda: not app.main.busy and len(service.questions) == 2)
        assert service.most_running == 1
        assert [turn.page.question for turn in app.query(TurnView)] == ["one?", "two?"]


async def test_a_follow_up_belongs_to_the_conversation(
    app: QuireApp, service: FakeService, until: Until
) -> None:
    async with app.run_test() as pilot:
        for _ in range(2):
            await send(pilot)
            await until(lambda: not app.main.busy)
        await pilot.press("ctrl+n")
        await send(pilot)
        await until(lambda: not app.main.busy)
        assert [question.session for question in service.questions] == [None, "s1", None]
        assert len(app.query(TurnView)) == 1


async def test_a_question_waits_for_the_service(
    service: FakeService, until: Until, screen_text: See
) -> None:
    opened = asyncio.Event()

    async def open_slowly() -> FakeService:
        await opened.wait()
        return service

    app = QuireApp(open_slowly)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*"abc")
        assert app.main.box.text == "abc"
        assert "opening the library" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "still opening" in screen_text(app)
        assert not service.questions
        opened.set()
        await until(lambda: service.questions and not app.main.busy)
        assert service.questions[0].text == "abc"
        await pilot.pause()
        assert "nothing leaves this machine" in screen_text(app)
        assert "2 papers" in screen_text(app)


async def test_a_library_that_does_not_open_is_said(until: Until, screen_text: See) -> None:
    async def refuse() -> FakeService:
        raise LibraryMissing("No library stands at /x", "Run quire add FILE.")

    app = QuireApp(refuse, question="kept?")
    async with app.run_test(size=(100, 30)) as pilot:
        await until(lambda: "No library stands at /x. Run quire add FILE." in screen_text(app))
        assert app.main.box.text == "kept?"
        await pilot.press("enter", "ctrl+q")
    assert app.return_code == 3


async def test_the_first_question_may_come_from_outside(service: FakeService, until: Until) -> None:
    app = QuireApp(opener(service), question="From the shell?")
    async with app.run_test():
        await until(lambda: service.questions and not app.main.busy)
        assert service.questions[0].text == "From the shell?"


async def test_the_extractive_model_says_so_once(
    app: QuireApp, service: FakeService, until: Until
) -> None:
    service.model = "extractive"
    service.scripts = [whole_answer(make_answer(model="extractive")) for _ in range(2)]
    async with app.run_test() as pilot:
        for count in (1, 2):
            await send(pilot)
            await until(lambda: not app.main.busy)
            turns = list(app.query(TurnView))
            assert len(turns) == count
            assert ("word for word" in said(app, "ending")) == (count == 1)


async def test_what_others_change_is_caught_up_with(
    app: QuireApp, service: FakeService, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.app.POLL_SECONDS", 0.05)
    service.narration = ("indexing 1 of 2", "indexing 2 of 2")
    async with app.run_test(size=(100, 30)) as pilot:
        await until(lambda: service.catch_ups == 1)
        await pilot.press("f2")
        papers = app.query_one("#paper-list", LineList)
        await until(lambda: len(papers.items) == 2)
        service.known.append(service.known[0].model_copy(update={"id": "pnew"}))
        service.changes = [True]
        await until(lambda: service.catch_ups == 2 and len(papers.items) == 3)
        right = app.query_one("#status-right", Static)
        await until(lambda: "3 papers" in str(right.render()))


async def test_digits_in_the_box_are_text(
    app: QuireApp, service: FakeService, until: Until
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await send(pilot)
        await until(lambda: not app.main.busy)
        await pilot.press("1", "2", "question_mark", "y", "o", "slash")
        assert app.main.box.text == "12?yo/"
        await pilot.press("ctrl+j", "x")
        assert app.main.box.text == "12?yo/\nx"
        assert len(service.questions) == 1


async def test_a_paste_that_is_too_long_is_refused(
    app: QuireApp, service: FakeService, screen_text: See
) -> None:
    """Case 86."""
    from textual.events import Paste

    async with app.run_test(size=(80, 24)) as pilot:
        app.main.box.post_message(Paste("x" * 1_000_000))
        await pilot.pause()
        assert app.main.box.text == ""
        assert "at most 20,000 characters" in screen_text(app)
        app.main.box.post_message(Paste("line\r\none\x1b]52;c;eA==\x07\u202e"))
        await pilot.pause()
        assert app.main.box.text == "line\none"


async def test_what_is_typed_right_after_enter_is_kept(
    app: QuireApp, service: FakeService, until: Until
) -> None:
    """Keys may come faster than a question is taken."""
    async with app.run_test() as pilot:
        await until(lambda: app._library)
        app.main.box.load_text("  What lives in kelp?\n")
        app.main.box.action_send()
        app.main.box.insert("and then", app.main.box.document.end)
        await until(lambda: service.questions and not app.main.busy)
        await pilot.pause()
        assert service.questions[0].text == "What lives in kelp?"
        assert app.main.box.text == "and then"
