"""Asking in the app: the stream, its end, what stops it, a check of the answer by the model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import fake_service as fake
import pytest
from desk import QUESTION, Desk, app_over, conversations, stock, walks
from textual.events import Paste
from waiting import until

from assistant.checking.model_check import CHECK_STOPPED, noted
from assistant.errors import EndpointUnreachable
from assistant.types import events
from assistant.types.sessions import SessionChoice
from assistant.types.usage import Estimate
from store.errors import LibraryDamaged, LibraryMissing, UnknownSession
from store.library.library import Library
from tui.app import QuireApp

ANSWER = fake.make_answer()
CHECKED = events.ClaimChecked(claim=ANSWER.claims[0])
WALKS = walks(__file__)


async def test_an_answer_streams_and_is_checked(desk: Desk) -> None:
    """What is waited for, what it costs, text, the first verdict, the rest."""
    woken, sent, half, checked = (asyncio.Event() for _ in range(4))
    cost = Estimate(calls=1, input_tokens=812, output_tokens=1200, cost=0.01)
    found = events.EvidenceFound(evidence=fake.make_evidence(), estimate=cost)
    begin = [
        events.Progress(text="waking the model"),
        woken,
        found,
        sent,
        *fake.pieces(ANSWER.text[:50]),
    ]
    rest = [*fake.pieces(ANSWER.text[50:]), events.AnswerDone(answer=ANSWER)]
    desk.service.scripts = [[*begin, half, CHECKED, checked, *rest]]
    gates = {"woken": woken, "sent": sent, "half": half, "checked": checked}
    await desk.walk(WALKS["an answer streams"], **{name: one.set for name, one in gates.items()})


async def test_esc_closes_the_stream_once_and_gives_the_question_back(desk: Desk) -> None:
    def closed_once() -> None:
        assert desk.service.closed == [QUESTION]

    found = events.EvidenceFound(evidence=fake.make_evidence())
    desk.service.scripts = [[found, *fake.pieces(ANSWER.text[:60]), CHECKED, asyncio.Event()]]
    await desk.walk(WALKS["Esc stops an answer"], closed_once=closed_once)


async def test_a_stopped_answer_that_was_saved_belongs_to_its_conversation(desk: Desk) -> None:
    desk.service.stops_with = fake.make_answer(
        text="Rockfish were counted on eight reefs [1].",
        claims=ANSWER.claims[:1],
        references=ANSWER.references[:1],
        outcome="interrupted",
        note="stopped by the reader",
        session="s7",
    )
    desk.service.scripts = [[*fake.pieces("Rockfish were"), asyncio.Event()]]
    await desk.walk(WALKS["a stopped answer is saved"])
    assert desk.service.questions[1].session == "s7"


async def test_a_failure_or_a_cut_is_a_line_and_the_question_stays(desk: Desk) -> None:
    error = EndpointUnreachable("Nobody answers at localhost:1", "Start it.")
    desk.service.scripts = [[*fake.pieces("Some text came."), error], fake.pieces("Half of it")]
    await desk.walk(WALKS["an answer fails, the next one is cut"])


async def test_thoughts_are_shown_until_the_answer_comes(desk: Desk) -> None:
    thought = "the reader asks\nof\x1b[31m kelp [@click=app.quit]and "
    come, rest = asyncio.Event(), asyncio.Event()
    spoken = [events.Thinking(text=thought * 30), come, *fake.pieces(ANSWER.text), rest]
    desk.service.scripts = [[*spoken, events.AnswerDone(answer=ANSWER)]]

    async def unfold() -> None:
        await desk.pilot.click(".thoughts")

    walk = WALKS["a model thinks aloud"]
    await desk.walk(walk, come=come.set, rest=rest.set, unfold=unfold)


async def test_an_answer_that_is_asked_again_begins_anew(desk: Desk) -> None:
    """The text of the first try goes, the reason stands in the note of the second."""
    void, again, why = asyncio.Event(), asyncio.Event(), "asking again with 2 sources"
    first = [*fake.pieces("All of it is void."), void, events.AskedAgain(why=why), again]
    second = [*fake.pieces(ANSWER.text), events.AnswerDone(answer=fake.make_answer(note=why))]
    desk.service.scripts = [[*first, *second]]
    await desk.walk(WALKS["an answer is asked again"], void=void.set, again=again.set)


async def test_questions_of_a_conversation_come_one_after_the_other(desk: Desk) -> None:
    wait = asyncio.Event()
    desk.service.scripts = [[*fake.pieces("First "), wait, events.AnswerDone(answer=ANSWER)]]
    await desk.walk(WALKS["one question after the other"], go_on=wait.set)
    assert desk.service.most_running == 1
    assert [one.session for one in desk.service.questions] == [None, "s1", None]


async def test_a_conversation_removed_meanwhile_is_said_and_the_next_question_begins_one(
    service: fake.FakeService,
) -> None:
    service.scripts = [[UnknownSession("s1", ())]]
    service.saved = {"s1": fake.make_session()}
    desk = Desk(QuireApp(fake.opener(service), going=SessionChoice(id="s1")), service)
    async with desk.opened():
        await until(lambda: desk.main.conversation.session == "s1")
        await desk.ask("And now?")
        await desk.sees("removed meanwhile")
        assert desk.main.box.text == "And now?"
        await desk.ask("And now?")
        assert [one.session for one in service.questions] == ["s1", None]


async def test_a_conversation_is_begun_under_a_name(service: fake.FakeService) -> None:
    going = SessionChoice(name="owls")
    desk = Desk(QuireApp(fake.opener(service), going=going, question="What sings?"), service)
    async with desk.opened():
        await until(lambda: service.questions)
        await desk.idle()
        assert (service.questions[0].session, service.questions[0].begins) == (None, "owls")


async def test_a_question_waits_for_the_service(service: fake.FakeService) -> None:
    opened = asyncio.Event()

    async def open_slowly() -> fake.FakeService:
        await opened.wait()
        return service

    desk = Desk(QuireApp(open_slowly), service)
    async with desk.app.run_test(size=(100, 30)) as desk.pilot:
        await desk.press(*"abc")
        assert desk.main.box.text == "abc"
        assert "opening the library" in desk.text
        await desk.press("f6")
        assert desk.notice == "The library is still opening."
        for key in ("T", "s", "e", "u"):
            desk.main.status.quieten()
            await desk.press("f2", key)
            await desk.told("The library is still opening.")
        await desk.press("f3")
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
    async def refuse() -> fake.FakeService:
        raise LibraryMissing("No library stands at /x", "Run quire add FILE.")

    desk = Desk(QuireApp(refuse, question="kept?"))
    async with desk.app.run_test(size=(100, 30)) as desk.pilot:
        await desk.sees("No library stands at /x. Run quire add FILE.")
        assert desk.main.box.text == "kept?"
        await desk.pilot.press("enter", "ctrl+q")
    assert desk.app.return_code == 3


async def test_the_extractive_model_says_so_once(desk: Desk) -> None:
    desk.service.model = "extractive"
    desk.service.scripts = [
        fake.whole_answer(fake.make_answer(model="extractive")) for _ in range(2)
    ]
    await desk.walk(WALKS["the extractive model"])


async def test_changes_of_others_are_seen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    service = desk.service

    def another_adds() -> None:
        service.known.append(service.known[0].model_copy(update={"id": "pnew"}))
        service.changes = [True]

    monkeypatch.setattr("tui.app.POLL_SECONDS", 0.05)
    service.narration = ("indexing 1 of 2", "indexing 2 of 2")
    await desk.walk(WALKS["others change the library"], another_adds=another_adds)


async def test_what_is_typed_or_pasted_into_the_box_is_text(desk: Desk) -> None:
    """Case 86: also digits and the keys of an answer; what is too long is refused."""

    def paste_much() -> None:
        desk.main.box.post_message(Paste("x" * 1_000_000))

    await desk.walk(WALKS["typed and pasted"], paste_much=paste_much)


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


async def test_a_question_a_neighbours_paper_and_a_saved_conversation(codecs: Path) -> None:
    desk = Desk(app_over(codecs))
    async with desk.opened(120, 40):
        await desk.sees("2 papers")
        await desk.ask("how many tokens does FoxCodec need?")
        assert not [word for word in ("[1]", "40 tokens") if word not in desk.text]
        assert "nothing leaves this machine" in desk.text
        zebras = ("Zebra stripes", "Zebra stripes confuse flies.")
        await asyncio.to_thread(stock, codecs, [zebras])
        await desk.sees("3 papers")
        await desk.ask("what do zebra stripes confuse?")
        assert "confuse flies" in desk.text
    assert desk.app.return_code in (0, None)
    (saved,) = conversations(codecs)
    assert [turn.answer.outcome for turn in saved.turns] == ["answered", "answered"]
    with Library.open(codecs) as library:
        library.catch_up()
        assert library.status().pending == 0


# A check.


JUDGED = fake.with_verdicts(fake.make_answer(), "supported", "contradicted", "uncited").model_copy(
    update={"check": "done"}
)


async def test_a_check_marks_the_sentences_and_tells_contradictions_first(desk: Desk) -> None:
    def answers_with(model: str) -> Callable[[], None]:
        return lambda: setattr(desk.service, "model", model)

    desk.service.scripts = [
        fake.whole_answer(),
        [events.Progress(text="checks"), events.AnswerDone(answer=JUDGED)],
    ]
    models = {"extractive": answers_with("extractive"), "scripted": answers_with("tiny-model")}
    await desk.walk(WALKS["an answer is checked"], **models)
    assert desk.service.checks == [fake.make_answer()]


async def test_a_check_that_is_stopped_or_fails_leaves_the_answer(desk: Desk) -> None:
    def as_before() -> None:
        assert desk.turn.page.answer == fake.make_answer()

    failure = LibraryDamaged("the ledger is damaged", "see: quire doctor")
    checking = [events.Progress(text="checks"), asyncio.Event()]
    desk.service.scripts = [fake.whole_answer(), checking, [failure]]
    await desk.walk(WALKS["a check is stopped, the next one fails"], as_before=as_before)


async def test_a_check_of_an_answer_is_stopped_or_gives_way_to_a_question(desk: Desk) -> None:
    """That belongs to the conversation in which the answer was saved when its check stopped."""
    *text, _ = fake.whole_answer()
    unsaved = ANSWER.model_copy(update={"session": None})
    news = events.ClaimJudged(index=1, claim=JUDGED.claims[1])
    judging = [*text, events.AnswerWhole(answer=unsaved, judge="tiny-model"), news, asyncio.Event()]
    go_on = asyncio.Event()
    last = [*fake.pieces("First "), go_on, events.AnswerDone(answer=ANSWER)]
    desk.service.scripts = [judging, judging, [asyncio.Event()], last]
    desk.service.stops_with = noted(JUDGED, CHECK_STOPPED, "in_part")
    await desk.walk(WALKS["a check is stopped, or gives way"], go_on=go_on.set)
    assert [one.session for one in desk.service.questions] == [None, "s1", "s1"]
    assert desk.service.most_running == 1


async def test_what_a_check_costs_is_told_first_and_capped(service: fake.FakeService) -> None:
    desk = Desk(QuireApp(fake.opener(service), max_cost=0.5), service)
    service.takes = Estimate(calls=1, input_tokens=1234, output_tokens=400, cost=0.0125)
    service.sends_to = "models.example"
    service.scripts = [fake.whole_answer(), [events.AnswerDone(answer=JUDGED)]]
    await desk.walk(WALKS["what a check costs"])
    assert (service.questions[0].max_cost, service.caps) == (0.5, [0.5])


async def test_an_answer_on_the_screen_is_judged_in_place(codecs: Path, tmp_path: Path) -> None:
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
            assert ("[1]. contradicted" in desk.text) != misses
            assert ("no record of the stage check" in desk.text) == misses
            assert "40 tokens" in desk.text
        file.write_text("\n".join(lines))
    judged, unjudged = (one.turns for one in conversations(codecs))
    assert [one.answer.claims[0].verdict for one in judged] == ["contradicted"]
    assert [one.answer.claims[0].checked_by for one in unjudged] == ["text"]
