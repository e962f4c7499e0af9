"""Untrusted text in every place of the app: nothing ends it, nothing reaches the terminal."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence

import fake_service as fake
import pytest
from desk import Desk
from tables import naming, table
from waiting import until

from assistant.errors import EndpointRefused
from assistant.types import events
from assistant.types.answers import Answer
from assistant.types.claims import Citation, Claim
from assistant.types.evidence import Evidence, NearMiss
from assistant.types.sessions import Session, Turn
from store.types import Paper, Provenance
from tui.app import QuireApp
from tui.presenters import status
from tui.presenters.markdown import MAX_LINES
from tui.screens.dialogs import Confirm
from tui.screens.paper_dialogs import CopyAs
from tui.widgets.answer_text import AnswerMarkdown
from tui.widgets.inputs import AskBox

MARKS = "a" + "\u0301" * 5_000


def paper_of(name: str, text: str) -> Paper:
    """A paper of which everything that can be text is this text."""
    place = Provenance(source=f"/x/{text}", reader=text, page_date=text, added_at="2025-01-01")
    lines = dict.fromkeys(("venue", "doi", "url"), text)
    lists = dict.fromkeys(("tags", "notes"), (text,))
    more = {"authors": (text, name), "provenance": (place,)}
    return fake.make_paper(name, text, [text, "Plain end."], **lines, **lists, **more)


def answer_of(paper: Paper, text: str) -> Answer:
    """An answer of which everything that can be text is this text."""
    quote, body = f"{text} {text}", f"So it is {text} [1]."
    citation = Citation(number=1, id=paper.id, sentences=(0, 1), quote=quote, verdict="weak")
    claim = Claim(text=body, start=0, end=len(body), verdict="weak", citations=(citation,))
    return fake.make_answer(
        question=text,
        standalone=f"{text} alone",
        text=body,
        claims=(claim,),
        references=(fake.make_reference(1, paper, (0, 1)),),
        near_misses=(NearMiss(id=paper.id, title=text, score=0.1, why=text),),
        model=text or "m",
        note=text,
        session=paper.id,
    )


def script_of(paper: Paper, text: str) -> list[fake.Step]:
    """A stream that shows the text as everything that a stream may hold."""
    answer = answer_of(paper, text)
    source = fake.make_evidence().sources[0].model_copy(update={"paper": paper})
    return [
        events.Progress(text=text),
        events.EvidenceFound(evidence=Evidence(sources=(source,), considered=1)),
        *(events.Thinking(text=char) for char in text[:200]),
        events.Thinking(text=text),
        events.TextDelta(text=text[:200]),
        events.AskedAgain(why=text),
        *fake.pieces(answer.text[:200], 1),
        events.TextDelta(text=answer.text[200:]),
        events.ClaimChecked(claim=answer.claims[0]),
        events.AnswerDone(answer=answer),
    ]


def service_of(strings: Sequence[str]) -> fake.FakeService:
    """A service all of whose papers, answers, failures and saved conversations hold a string."""
    service = fake.FakeService(known=[paper_of(f"p{n}", text) for n, text in enumerate(strings)])
    for paper, text in zip(service.known, strings, strict=True):
        failing: list[fake.Step] = [
            events.TextDelta(text=text),
            EndpointRefused(f"refused: {text}", text),
        ]
        service.scripts += [script_of(paper, text), failing]
        turn = Turn(question=text, answer=answer_of(paper, text))
        service.saved[paper.id] = Session(
            id=paper.id, title=text, created_at=text, updated_at=text, turns=(turn,)
        )
    service.narration = tuple(strings)
    return service


async def look(desk: Desk, *keys: str) -> None:
    """Press keys; no control character may be on the screen or on the way to the clipboard."""
    await desk.press(*keys)
    assert desk.screen
    assert "\x1b" not in desk.app.clipboard


async def show(desk: Desk, text: str) -> None:
    """Show a string in the box, the lines below, an answer, a failure, a citation, a dialog."""
    main = desk.main
    main.box.take(text)
    main.status.say(text)
    main.tell_state(text)
    main.status.stand(status.destination(text, text))
    await look(desk)
    main.box.load_text("")
    for _ in range(2):
        asked = len(desk.service.questions)
        main.post_message(AskBox.Sent("and this?"))
        await until(lambda asked=asked: len(desk.service.questions) > asked and not main.busy)
    await look(desk)
    await main.conversation.action_step(-1)
    await main.asking.action_cite(1)
    main.action_copy()
    await look(desk)
    if isinstance(desk.app.screen, CopyAs):
        await look(desk, "a")
    main.action_open_address()
    await look(desk)
    if isinstance(desk.app.screen, Confirm):
        await look(desk, "n")
    await main.conversation.clear()


@pytest.mark.parametrize("whose", ["own", "known"])
async def test_hostile_text_does_nothing(whose: str, request: pytest.FixtureRequest) -> None:
    """Cases 12, 78, 79, 80; of those that are known, five of different kinds are one text."""
    strings = [*(one["text"] for one in table(__file__, "hostile.jsonl")), MARKS]
    if whose == "known":
        file = request.getfixturevalue("shared") / "faults" / "hostile_strings.json"
        known = list(json.loads(file.read_text("utf-8")).values())
        strings = ["\n".join(known[at::10]) for at in range(10)]
    service = service_of(strings)
    desk = Desk(QuireApp(fake.opener(service)), service)
    main = desk.main
    async with desk.opened(104, 24):
        await until(lambda: not desk.app._library.is_catching_up)
        for text in strings:
            with naming(repr(text[:200])):
                await show(desk, text)
        await look(desk, "f2")
        for _ in strings:
            for form in ("y", "c"):
                main.action_copy()
                await desk.met(CopyAs)
                await look(desk, form)
            await look(desk, "down")
        await look(desk, "enter")
        await look(desk, "ctrl+r")
        for _ in service.saved:
            await look(desk, "down")
        await look(desk, "enter")
        await until(lambda: main.conversation.session)
        for x, y in ((10, 1), (10, 4), (80, 3), (80, 9)):
            await desk.pilot.hover(offset=(x, y))
            await desk.pilot.click(offset=(x, y))
            await look(desk)
        assert desk.app.is_running
    assert desk.app.return_code in (None, 0)


HUGE = {
    row["name"]: row.get("before", "") + row["unit"] * row["times"] + row.get("after", "")
    for row in table(__file__, "huge.jsonl")
}
HUGE |= {"nested": "\n".join("  " * (n % 60) + "- x" for n in range(2_000)), "marks": MARKS}


@pytest.mark.slow
async def test_huge_answers_do_not_freeze_the_app(desk: Desk) -> None:
    """Case 82: what is drawn is limited, and the loop stays free."""
    for text in HUGE.values():
        done = events.AnswerDone(answer=fake.make_answer(text=text, claims=()))
        found = events.EvidenceFound(evidence=fake.make_evidence())
        desk.service.scripts.append([found, *fake.pieces(text, 5_000), done])
    gap = 0.0
    is_done = False

    async def watch() -> None:
        nonlocal gap
        while not is_done:
            began = time.process_time()
            await asyncio.sleep(0.005)
            gap = max(gap, time.process_time() - began)

    async with desk.opened(120, 40):
        watcher = asyncio.create_task(watch())
        for name, text in HUGE.items():
            with naming(name):
                gap = 0.0
                await desk.ask("x?")
                assert desk.screen
                assert gap < 2, f"the loop was held for {gap:.1f} s of CPU time"
                assert len(desk.app.query("AnswerText *")) < MAX_LINES * 8
                await desk.press("ctrl+g", "y")
                if isinstance(desk.app.screen, CopyAs):
                    await desk.press("a")
                assert len(desk.app.clipboard) >= len(text) or name == "marks"
                assert desk.app.query_one(AnswerMarkdown).source
                await desk.press("ctrl+n")
                await until(lambda: not desk.main.conversation.current)
        is_done = True
        await watcher


async def test_markup_in_data_is_no_button(desk: Desk) -> None:
    """Case 80: shown literally; a click on it does nothing."""
    title = "[@click=app.quit]free PDF[/]"
    desk.service.known = [fake.make_paper("p1", title, [title])]
    async with desk.opened(120, 40):
        await desk.press("f2")
        await until(lambda: desk.main.papers.listed.items)
        await desk.press("enter")
        await until(lambda: desk.screen.count(title) >= 2)
        for y, line in enumerate(desk.screen.splitlines()):
            if title in line:
                await desk.pilot.click(offset=(line.index(title) + 20, y))
        await desk.pilot.pause()
        assert (desk.app.is_running, desk.app.return_code) == (True, None)
        assert not isinstance(desk.app.screen, Confirm)
