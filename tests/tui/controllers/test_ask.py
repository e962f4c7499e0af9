"""Asking in the app: the stream, its end, what stops it."""

from __future__ import annotations

import asyncio

import pytest
from desk import QUESTION, Desk
from fake_service import FakeService, make_answer, make_evidence, pieces, whole_answer
from textual.events import Paste
from textual.widgets import Static
from waiting import until

from assistant.errors import EndpointUnreachable
from assistant.types.events import AnswerDone, ClaimChecked, EvidenceFound, Progress
from assistant.types.usage import Estimate
from store.errors import LibraryMissing
from tui.app import QuireApp
from tui.widgets.turn import TurnView

ANSWER = make_answer()


def numbers(desk: Desk) -> list[int | None]:
    return [one.number for one in desk.main.pane.listed.items]


async def test_an_answer_streams_and_is_checked(desk: Desk) -> None:
    """What is waited for, what it costs, text, the first verdict, the rest."""
    woken, sent, half, checked = (asyncio.Event() for _ in range(4))
    cost = Estimate(calls=1, input_tokens=812, output_tokens=1200, cost=0.01)
    desk.service.scripts = [
        [
            Progress(text="waking the model"),
            woken,
            EvidenceFound(evidence=make_evidence(), estimate=cost),
            sent,
            *pieces(ANSWER.text[:50]),
            half,
            ClaimChecked(claim=ANSWER.claims[0]),
            checked,
            *pieces(ANSWER.text[50:]),
            AnswerDone(answer=ANSWER),
        ]
    ]
    async with desk.opened(120, 40):
        await desk.send()
        await desk.sees("waking the model")
        woken.set()
        await until(lambda: "812 tokens, at most 0.0100 USD" in desk.says("progress"))
        sent.set()
        await desk.sees("Rockfish were counted")
        assert "Nobody asked why" not in desk.text
        assert [one.kind for one in desk.main.pane.listed.items] == ["candidate", "candidate"]
        half.set()
        await until(lambda: numbers(desk) == [1, None])
        assert "✓ 1" in desk.says("progress")
        await desk.press("alt+1")
        await until(lambda: desk.main.pane.reader.page)
        checked.set()
        await desk.idle()
        for part in ("reefs [1]✓.", "[2]~.", "why.○", "words and numbers, not meaning"):
            assert part in desk.text
        assert numbers(desk) == [1, 2]
        assert desk.main.box.text == ""


async def test_esc_closes_the_stream_once_and_gives_the_question_back(desk: Desk) -> None:
    """Case 71."""
    found = EvidenceFound(evidence=make_evidence())
    checked = ClaimChecked(claim=ANSWER.claims[0])
    desk.service.scripts = [[found, *pieces(ANSWER.text[:60]), checked, asyncio.Event()]]
    async with desk.opened():
        await desk.send()
        await desk.sees("Surges")
        await until(lambda: "✓ 1" in desk.says("progress"))
        await desk.press("escape", "escape")
        await desk.idle()
        assert desk.service.closed == [QUESTION]
        assert desk.service.running == 0
        assert desk.main.box.text == QUESTION
        assert desk.main.box.has_focus
        assert "Stopped." in desk.text
        assert "reefs [1]✓. Surges" in desk.text
        # what was cited before the stop can still be read
        assert [one.id for one in desk.main.pane.listed.items] == ["pkelp"]
        # and the next question works
        await desk.press("enter")
        await until(lambda: len(desk.service.questions) == 2)
        await desk.idle()
        assert desk.main.box.text == ""


async def test_a_stopped_answer_that_was_saved_belongs_to_its_conversation(desk: Desk) -> None:
    """Case 71."""
    desk.service.stops_with = make_answer(
        text="Rockfish were counted on eight reefs [1].",
        claims=ANSWER.claims[:1],
        references=ANSWER.references[:1],
        outcome="interrupted",
        note="stopped by the reader",
        session="s7",
    )
    desk.service.scripts = [[*pieces("Rockfish were"), asyncio.Event()]]
    async with desk.opened():
        await desk.send()
        await until(lambda: desk.service.running)
        await desk.press("escape")
        await desk.idle()
        assert desk.main.box.text == QUESTION
        assert desk.says("ending") == "stopped by the reader"
        assert numbers(desk) == [1]
        await desk.ask()
        assert desk.service.questions[1].session == "s7"


async def test_a_failure_or_a_cut_is_a_line_and_the_question_stays(desk: Desk) -> None:
    error = EndpointUnreachable("Nobody answers at localhost:1", "Start it.")
    desk.service.scripts = [[*pieces("Some text came."), error], pieces("Half of it")]
    async with desk.opened(100, 30):
        await desk.ask()
        assert "Nobody answers at localhost:1. Start it." in desk.text
        assert "Some text came." in desk.text
        assert desk.main.box.text == QUESTION
        await desk.ask()
        assert "Half of it" in desk.text
        assert "ended before it was complete" in desk.text


async def test_questions_of_a_conversation_come_one_after_the_other(desk: Desk) -> None:
    """Case 72."""
    wait = asyncio.Event()
    desk.service.scripts = [[*pieces("First "), wait, AnswerDone(answer=ANSWER)]]
    async with desk.opened():
        await desk.send("one?")
        await until(lambda: desk.service.running)
        await desk.press("ctrl+n")
        assert desk.notice == "Esc stops the answer first."
        await desk.send("two?")
        await desk.told("One question at a time")
        assert desk.main.box.text == "two?"
        wait.set()
        await desk.idle()
        await desk.press("enter")
        await until(lambda: len(desk.service.questions) == 2)
        await desk.idle()
        assert desk.service.most_running == 1
        assert [one.page.question for one in desk.app.query(TurnView)] == ["one?", "two?"]
        await desk.press("ctrl+n")
        await until(lambda: not desk.app.query(TurnView))
        assert desk.main.pane.listed.items == ()
        await desk.ask("three?")
        assert [one.session for one in desk.service.questions] == [None, "s1", None]


async def test_a_question_waits_for_the_service(service: FakeService) -> None:
    opened = asyncio.Event()

    async def open_slowly() -> FakeService:
        await opened.wait()
        return service

    desk = Desk(QuireApp(open_slowly), service)
    async with desk.app.run_test(size=(100, 30)) as desk.pilot:
        await desk.press(*"abc")
        assert desk.main.box.text == "abc"
        assert "opening the library" in desk.text
        await desk.press("f6")
        assert desk.notice == "The library is still opening."
        await desk.press("enter")
        assert "still opening. Then your question goes out" in desk.text
        assert not service.questions
        opened.set()
        await until(lambda: service.questions)
        await desk.idle()
        assert service.questions[0].text == "abc"
        assert "nothing leaves this machine" in desk.text
        assert "2 papers" in desk.text


async def test_a_library_that_does_not_open_is_said() -> None:
    async def refuse() -> FakeService:
        raise LibraryMissing("No library stands at /x", "Run quire add FILE.")

    desk = Desk(QuireApp(refuse, question="kept?"))
    async with desk.app.run_test(size=(100, 30)) as desk.pilot:
        await desk.sees("No library stands at /x. Run quire add FILE.")
        assert desk.main.box.text == "kept?"
        await desk.pilot.press("enter", "ctrl+q")
    assert desk.app.return_code == 3


async def test_the_extractive_model_says_so_once(desk: Desk) -> None:
    desk.service.model = "extractive"
    desk.service.scripts = [whole_answer(make_answer(model="extractive")) for _ in range(2)]
    async with desk.opened():
        await desk.ask()
        assert "word for word" in desk.says("ending")
        await desk.ask()
        assert "word for word" not in desk.says("ending")


async def test_what_others_change_is_caught_up_with(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.app.POLL_SECONDS", 0.05)
    service = desk.service
    service.narration = ("indexing 1 of 2", "indexing 2 of 2")
    async with desk.opened(100, 30):
        await until(lambda: service.catch_ups == 1)
        await desk.press("f2")
        papers = desk.main.papers.listed
        await until(lambda: len(papers.items) == 2)
        service.known.append(service.known[0].model_copy(update={"id": "pnew"}))
        service.changes = [True]
        await until(lambda: service.catch_ups == 2 and len(papers.items) == 3)
        right = desk.app.query_one("#status-right", Static)
        await until(lambda: "3 papers" in str(right.render()))


async def test_what_is_typed_or_pasted_into_the_box_is_text(desk: Desk) -> None:
    """Case 86: also digits and the keys of an answer; what is too long is refused."""
    async with desk.opened():
        await desk.ask()
        await desk.press("1", "2", "question_mark", "y", "o", "slash")
        assert desk.main.box.text == "12?yo/"
        await desk.press("ctrl+j", "x")
        assert desk.main.box.text == "12?yo/\nx"
        assert len(desk.service.questions) == 1
        desk.main.box.load_text("")
        desk.main.box.post_message(Paste("x" * 1_000_000))
        await desk.told("at most 20,000 characters")
        assert desk.main.box.text == ""
        desk.main.box.post_message(Paste("line\r\none\x1b]52;c;eA==\x07\u202e"))
        await until(lambda: desk.main.box.text)
        assert desk.main.box.text == "line\none"


async def test_what_is_typed_right_after_enter_is_kept(desk: Desk) -> None:
    """Keys may come faster than a question is taken."""
    async with desk.opened():
        box = desk.main.box
        box.load_text("  What lives in kelp?\n")
        box.action_send()
        box.insert("and then", box.document.end)
        await until(lambda: desk.service.questions)
        await desk.idle()
        assert desk.service.questions[0].text == "What lives in kelp?"
        assert box.text == "and then"
