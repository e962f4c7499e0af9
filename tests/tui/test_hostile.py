"""Untrusted text in every place of the app: nothing ends it, nothing reaches the terminal."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from fake_service import (
    FakeService,
    Step,
    make_answer,
    make_evidence,
    make_paper,
    make_reference,
    opener,
)
from waiting import Until
from walks import naming

from assistant.errors import EndpointRefused
from assistant.types.answers import Answer
from assistant.types.claims import Citation, Claim
from assistant.types.events import (
    AnswerDone,
    AskedAgain,
    ClaimChecked,
    EvidenceFound,
    Progress,
    TextDelta,
    Thinking,
)
from assistant.types.evidence import Evidence, NearMiss
from assistant.types.sessions import Session, Turn
from store.types import Paper, Provenance
from tui.app import QuireApp
from tui.presenters import status
from tui.presenters.markdown import MAX_LINES
from tui.screens.dialogs import Confirm
from tui.widgets.answer_text import AnswerMarkdown
from tui.widgets.inputs import AskBox
from tui.widgets.sessions import SessionsView
from tui.widgets.virtual_list import LineList

See = Callable[[QuireApp], str]

OWN = [
    "end of it [/b] and [/] [@click=app.quit]press me[/] [a=\"b] [on='c",
    "[@click=screen.new]or me[/] x\x1b]52;c;c3RvbGVu\x07y\x1b]52;c;c3RvbGVu\x1b\\z\x1b[",
    "\x1b]2;owned\x07title \x9b2J\x9d0;t\x9c\x90q\x9cx\x85y \x1b[6n\x1b[c\x1b[?1049l\x1bc",
    "a\u202ecba\u2066\u200b\u200d\ufeff\U000e0041 a\ud83db\udc00c\ufffe safe\revil\x08\x0b\x0c",
    "Z" + "\u0301" * 5000,
]
"""Markup, a cut escape last, what a terminal obeys, what is not seen, and marks on one letter."""


def paper_of(name: str, text: str) -> Paper:
    """A paper of which everything that can be text is this text."""
    place = Provenance(source=f"/x/{text}", reader=text, page_date=text, added_at="2025-01-01")
    return make_paper(
        name,
        text,
        [text, "Plain end."],
        authors=(text, name),
        venue=text,
        tags=(text,),
        notes=(text,),
        doi=text,
        url=text,
        provenance=(place,),
    )


def answer_of(paper: Paper, text: str) -> Answer:
    """An answer of which everything that can be text is this text."""
    citation = Citation(
        number=1, id=paper.id, sentences=(0, 1), quote=f"{text} {text}", verdict="weak"
    )
    body = f"So it is {text} [1]."
    claim = Claim(text=body, start=0, end=len(body), verdict="weak", citations=(citation,))
    return Answer(
        question=text,
        standalone=f"{text} alone",
        outcome="answered",
        text=body,
        claims=(claim,),
        references=(make_reference(1, paper, (0, 1)),),
        near_misses=(NearMiss(id=paper.id, title=text, score=0.1, why=text),),
        model=text or "m",
        note=text,
        session=paper.id,
    )


def script_of(paper: Paper, text: str) -> list[Step]:
    """A stream that shows the text as everything that a stream may hold."""
    answer = answer_of(paper, text)
    source = make_evidence().sources[0].model_copy(update={"paper": paper})
    return [
        Progress(text=text),
        EvidenceFound(evidence=Evidence(sources=(source,), considered=1)),
        *(Thinking(text=char) for char in text[:200]),
        Thinking(text=text),
        TextDelta(text=text[:200]),
        AskedAgain(why=text),
        *(TextDelta(text=char) for char in answer.text[:200]),
        TextDelta(text=answer.text[200:]),
        ClaimChecked(claim=answer.claims[0]),
        AnswerDone(answer=answer),
    ]


async def walk(strings: Sequence[str], until: Until, screen_text: See) -> None:
    """Show each string in every place; the screen is checked for control characters each time."""
    service = FakeService(known=[paper_of(f"p{n}", text) for n, text in enumerate(strings)])
    for paper, text in zip(service.known, strings, strict=True):
        service.scripts += [
            script_of(paper, text),
            [TextDelta(text=text), EndpointRefused(f"refused: {text}", text)],
        ]
        turn = Turn(question=text, answer=answer_of(paper, text))
        service.saved[paper.id] = Session(
            id=paper.id, title=text, created_at=text, updated_at=text, turns=(turn,)
        )
    service.narration = tuple(strings)
    app = QuireApp(opener(service))

    main = app.main

    async def look(*keys: str) -> None:
        if keys:
            await pilot.press(*keys)
        await pilot.pause()
        screen_text(app)

    async def show(text: str) -> None:
        main.box.take(text)
        main.status.say(text)
        main.status.library(text)
        main.status.stand(status.destination(text, text))
        await look()
        main.box.load_text("")
        for _ in range(2):
            asked = len(service.questions)
            main.post_message(AskBox.Sent("and this?"))
            await until(lambda asked=asked: len(service.questions) > asked and not main.busy)
        await look()
        main.conversation.action_step(-1)
        await main.action_cite(1)
        main.action_copy()
        await look()
        assert "\x1b" not in app.clipboard
        main.action_open_address()
        await pilot.pause()
        if isinstance(app.screen, Confirm):
            await look("n")
        await main.conversation.clear()

    async with app.run_test(size=(104, 24), tooltips=True, notifications=True) as pilot:
        await until(lambda: app._library and not app._library.is_catching_up)
        for text in strings:
            with naming(repr(text[:200])):
                await show(text)
        await look("f2")
        for _ in strings:
            main.action_copy()
            assert "\x1b" not in app.clipboard
            await look("down")
        await look("f3")
        for line in main.sessions.lines.items:
            main.sessions.post_message(SessionsView.DeleteWanted(line))
            await look()
            await look("n")
        await look("enter")
        await until(lambda: main.conversation.session)
        for x, y in ((10, 1), (10, 4), (80, 3), (80, 9)):
            await pilot.hover(offset=(x, y))
            await pilot.click(offset=(x, y))
            await look()
        assert app.is_running
    assert app.return_code in (None, 0)


async def test_hostile_text_does_nothing(until: Until, screen_text: See) -> None:
    """Cases 12, 78, 79, 80."""
    await walk(OWN, until, screen_text)


async def test_the_known_hostile_strings_do_nothing(
    shared: Path, until: Until, screen_text: See
) -> None:
    """Cases 78, 79, 80: five strings of different kinds are the lines of one text."""
    strings = json.loads((shared / "faults" / "hostile_strings.json").read_text("utf-8"))
    texts = ["\n".join(list(strings.values())[at::10]) for at in range(10)]
    await walk(texts, until, screen_text)


HUGE = {
    "long line": "x" * 1_000_000,
    "many lines": "line\n\n" * 10_000,
    "brackets": "[" * 50_000,
    "table": "|a|b|c|\n|-|-|-|\n" + "|x [1]|y|z|\n" * 600,
    "quotes": "> " * 2_000 + "deep",
    "list": "- item [1]\n" * 5_000,
    "nested list": "\n".join("  " * (n % 60) + "- x" for n in range(2_000)),
    "marks": "a" + "\u0301" * 5_000,
    "citations": "a [1] " * 20_000,
    "links": "[a](https://evil.example/x) " * 4_000,
}


@pytest.mark.slow
async def test_huge_answers_do_not_freeze_the_app(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    """Case 82: what is drawn is limited, and the loop stays free."""
    for text in HUGE.values():
        answer = make_answer(text=text, claims=())
        chunks = [TextDelta(text=text[at : at + 5_000]) for at in range(0, len(text), 5_000)]
        service.scripts.append(
            [EvidenceFound(evidence=make_evidence()), *chunks, AnswerDone(answer=answer)]
        )
    gap = 0.0
    is_done = False

    async def watch() -> None:
        nonlocal gap
        while not is_done:
            began = time.process_time()
            await asyncio.sleep(0.005)
            gap = max(gap, time.process_time() - began)

    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: app._library)
        watcher = asyncio.create_task(watch())
        for name, text in HUGE.items():
            with naming(name):
                gap = 0.0
                app.main.box.load_text("x?")
                await pilot.press("enter")
                await until(lambda: app.main.conversation.current and not app.main.busy)
                await pilot.pause()
                screen_text(app)
                assert gap < 2, f"the loop was held for {gap:.1f} s of CPU time"
                assert len(app.query("AnswerText *")) < MAX_LINES * 8
                await pilot.press("ctrl+g", "y")
                assert len(app.clipboard) >= len(text) or name == "marks"
                assert app.query_one(AnswerMarkdown).source
                await pilot.press("ctrl+n")
                await until(lambda: not app.main.conversation.current)
        is_done = True
        await watcher


async def test_markup_in_data_is_no_button(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    """Case 80: shown literally; a click on it does nothing."""
    title = "[@click=app.quit]free PDF[/]"
    service.known = [make_paper("p1", title, [title])]
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: app._library)
        await pilot.press("f2")
        await until(lambda: app.query_one("#paper-list", LineList).items)
        await pilot.press("enter")
        await until(lambda: screen_text(app).count(title) >= 2)
        for y, line in enumerate(screen_text(app).splitlines()):
            if title in line:
                await pilot.click(offset=(line.index(title) + 20, y))
        await pilot.pause()
        assert app.is_running
        assert app.return_code is None
        assert not isinstance(app.screen, Confirm)
