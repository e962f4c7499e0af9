"""Keys: what they do from where the focus is, and that what is advertised holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asked_app import asked
from fake_service import FakeService, make_answer, whole_answer
from textual import events
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets._footer import FooterKey
from waiting import Until
from walks import naming

from assistant.types.events import Progress
from assistant.types.usage import Estimate
from tui.app import QuireApp
from tui.screens.dialogs import AddPapers, Confirm, Help
from tui.screens.main import MainScreen

See = Callable[[QuireApp], str]
SIZES = [(120, 40), (60, 20)]
"""One with both panes and all keys, one with neither."""
PLACES: dict[str, tuple[tuple[str, ...], Callable[[MainScreen], Widget]]] = {
    "box": ((), lambda main: main.box),
    "answer": (("escape",), lambda main: main.conversation),
    "sources": (("f4",), lambda main: main.pane.listed),
    "reader": (("f4", "enter"), lambda main: main.pane.reader),
    "papers": (("f2",), lambda main: main.papers.listed),
    "filter": (("f2", "slash"), lambda main: main.query_one("#filter")),
    "chats": (("f3",), lambda main: main.sessions.lines),
}
"""Where the focus may be: the keys that lead there from the box, and what has it then."""


async def go(pilot: Pilot[Any], app: QuireApp, place: str, until: Until) -> None:
    """Ask in a new conversation, and put the focus somewhere, as a reader would."""
    if app.main.conversation.current:
        await pilot.press("ctrl+n")
        await until(lambda: not app.main.conversation.current)
    await asked(pilot, until)
    keys, wanted = PLACES[place]
    await pilot.press(*keys)
    await until(lambda: wanted(app.main).has_focus)


@pytest.mark.parametrize("size", SIZES)
async def test_esc_in_the_empty_box_goes_to_the_answer_and_back(
    app: QuireApp, service: FakeService, until: Until, size: tuple[int, int]
) -> None:
    service.takes = Estimate(calls=1, input_tokens=9, output_tokens=9, cost=0.1)
    async with app.run_test(size=size) as pilot:
        await pilot.press("escape")
        assert app.main.box.has_focus, "there is no answer to go to"
        await asked(pilot, until)
        assert app.main.box.has_focus
        await pilot.press("escape")
        assert app.main.conversation.has_focus
        await pilot.press("2")
        await until(lambda: app.main.pane.reader.page and app.main.pane.reader.page.number == 2)
        await pilot.press("escape")
        await pilot.press("escape")
        assert app.main.conversation.has_focus
        await pilot.press("c")
        await until(lambda: isinstance(app.screen, Confirm))
        await pilot.press("n")
        await until(lambda: not app.main.busy)
        assert app.main.conversation.has_focus
        await pilot.press("y")
        assert app.clipboard.startswith("Rockfish were counted")
        await pilot.press("escape")
        assert app.main.box.has_focus
        await pilot.press(*"c?")
        assert app.main.box.text == "c?"
        await pilot.press("escape")
        assert app.main.box.has_focus, "there is a text: Esc leaves it where it is"
        assert app.main.box.text == "c?"


async def test_the_answer_has_keys_of_its_own_and_another_letter_begins_a_question(
    app: QuireApp, service: FakeService, until: Until
) -> None:
    text = "\n\n".join(f"Line {n} is here [1]." for n in range(60))
    service.scripts = [whole_answer(make_answer(text=text, claims=()))]
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, until)
        app.main.working = True
        await pilot.press("escape")
        assert app.main.box.has_focus, "a long job is stopped first"
        app.main.working = False
        conversation = app.main.conversation
        await until(lambda: conversation.scroll_y > 0)
        await pilot.press("escape", "g")
        await until(lambda: conversation.scroll_y == 0)
        await pilot.press("j", "j")
        await until(lambda: conversation.scroll_y == 2)
        await pilot.press("k")
        await until(lambda: conversation.scroll_y == 1)
        await pilot.press("space")
        assert conversation.has_focus
        await pilot.press("d")
        await until(lambda: app.main.box.has_focus)
        await pilot.press(*"oes it?")
        assert app.main.box.text == "does it?"
        assert service.checks == []


@pytest.mark.parametrize("size", SIZES)
async def test_the_keys_of_the_footer_do_what_they_say_from_everywhere(
    app: QuireApp, service: FakeService, until: Until, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        for place in PLACES:
            with naming(place):
                await go(pilot, app, place, until)
                await press_the_keys_of_the_footer(pilot, app, until)
                await go(pilot, app, place, until)
                if app.main.is_wide:
                    await ask_every_paper(pilot, app, service, until)
                else:
                    await begin_anew_and_type(app, until)


async def press_the_keys_of_the_footer(pilot: Pilot[Any], app: QuireApp, until: Until) -> None:
    main = app.main
    shown = [one.key_display for one in app.query(FooterKey) if one.display]
    always = ["F1", "F2", "F3", "F4", "F5", "^q"]
    assert shown == ([*always[:5], "F6", "^n", "^q"] if main.is_wide else always)
    await pilot.press("f1")
    assert isinstance(app.screen, Help)
    await pilot.press("escape", "f5")
    await until(lambda: isinstance(app.screen, AddPapers))
    await pilot.press("escape")
    before = main.pane.has_focus_within or (not main.is_wide and main.has_class("-reading"))
    await pilot.press("f4")
    assert main.pane.has_focus_within is not before
    for key, view in (("f2", "papers"), ("f3", "sessions")):
        other = main.view != view
        await pilot.press(key)
        assert main.view == (view if other else "conversation")
    await pilot.press("f6")
    assert main.status.notice.startswith("Type the question first")


async def ask_every_paper(
    pilot: Pilot[Any], app: QuireApp, service: FakeService, until: Until
) -> None:
    before = len(service.questions)
    app.main.box.load_text("And what eats them?")
    await pilot.press("f6")
    await until(lambda: len(service.questions) > before and not app.main.busy)
    assert service.questions[-1].text == "And what eats them?"
    assert app.main.box.text == ""
    assert app.main.view == "conversation"


async def begin_anew_and_type(app: QuireApp, until: Until) -> None:
    """A letter must not be taken for the key of a pane: c would ask for a check."""
    main = app.main
    for key in ("ctrl+n", *"can"):
        app.post_message(_key(key))
    await until(lambda: main.box.text == "can")
    assert not isinstance(app.screen, Confirm)
    await until(lambda: main.view == "conversation" and not main.conversation.current)


@pytest.mark.parametrize("key", ["enter", "f6"])
async def test_a_question_holds_what_was_typed_before_its_key(
    app: QuireApp, service: FakeService, until: Until, key: str
) -> None:
    """Keys may come faster than they are taken."""
    async with app.run_test(size=(80, 24)):
        await until(lambda: app._library)
        for one in [*"eels", "question_mark", key, *"now"]:
            app.post_message(_key(one))
        await until(lambda: service.questions and app.main.box.text == "now")
        assert service.questions[0].text == "eels?"
        await until(lambda: not app.main.busy)


def _key(name: str) -> events.Key:
    characters = {"question_mark": "?"}
    return events.Key(name, characters.get(name, name if len(name) == 1 else None))


async def test_a_short_turn_stays_at_the_top_while_the_size_changes(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    waits = asyncio.Event()
    service.scripts = [[Progress(text="asked 1 of 2", done=1, total=2, unit="papers"), waits]]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app._library)
        app.main.box.load_text("What lives in kelp?")
        await pilot.press("enter")
        await until(lambda: "asked 1 of 2" in screen_text(app))
        for step in range(1, 7):
            await pilot.resize_terminal(60 + 12 * step, 16 + 3 * step)
            await until(lambda: "What lives" in screen_text(app).splitlines()[1])
        await pilot.resize_terminal(80, 24)
        await until(lambda: "What lives" in screen_text(app).splitlines()[1])
        await pilot.press("escape")
        await until(lambda: not app.main.busy)


async def test_what_has_room_after_a_resize_stands_at_the_top(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    text = "\n\n".join(f"Line {n} is here [1]." for n in range(14))
    service.scripts = [whole_answer(make_answer(text=text, claims=()))]
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, until)
        assert "Line 13" in screen_text(app)
        await pilot.resize_terminal(120, 60)
        await until(lambda: "What lives" in screen_text(app).splitlines()[1])
        await pilot.resize_terminal(80, 24)
        await until(lambda: "Line 13" in screen_text(app))
        await pilot.press("ctrl+n")
        await until(lambda: "Ask a question" in screen_text(app).splitlines()[1])
