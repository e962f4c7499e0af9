"""Keys: what they do from where the focus is, and that what is advertised holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from desk import Desk, walks
from fake_service import Step, make_answer, whole_answer
from tables import naming
from textual.widget import Widget
from textual.widgets import Input
from textual.widgets._footer import FooterKey
from waiting import until

from assistant.types.events import Progress
from assistant.types.usage import Estimate
from tui.screens.add_papers import AddPapers
from tui.screens.chats import Chats
from tui.screens.dialogs import Confirm
from tui.screens.help import Help
from tui.screens.main import MainScreen
from tui.widgets.inputs import AskBox

WALKS = walks(__file__)
SIZES = [(120, 40), (60, 20)]
"""One with both panes and all keys, one with neither."""
PLACES: dict[str, tuple[tuple[str, ...], Callable[[MainScreen], Widget]]] = {
    "box": ((), lambda main: main.box),
    "answer": (("escape",), lambda main: main.conversation),
    "sources": (("escape", "s"), lambda main: main.pane.listed),
    "source": (("escape", "2"), lambda main: main.pane.reader),
    "library": (("f2",), lambda main: main.papers.listed),
    "filter": (("f2", "slash"), lambda main: main.query_one("#filter")),
    "paper": (("f2", "enter"), lambda main: main.reading.pane.reader),
}
"""Where the focus may be: the keys that lead there from the box, and what has it then."""


async def go(desk: Desk, place: str) -> None:
    """Ask in a new conversation, and put the focus somewhere, as a reader would."""
    if desk.main.conversation.current:
        await desk.press("ctrl+n")
        await until(lambda: not desk.main.conversation.current)
    await desk.ask()
    keys, wanted = PLACES[place]
    await desk.press(*keys)
    await until(lambda: wanted(desk.main).has_focus)


def lines(number: int) -> list[Step]:
    """The script of an answer of so many lines."""
    text = "\n\n".join(f"Line {at} is here [1]." for at in range(number))
    return whole_answer(make_answer(text=text, claims=()))


@pytest.mark.parametrize("size", SIZES)
async def test_esc_in_an_empty_box_is_the_answer_and_back(
    desk: Desk, size: tuple[int, int]
) -> None:
    desk.service.takes = Estimate(calls=1, input_tokens=9, output_tokens=9, cost=0.1)
    first, *rest = WALKS["Esc goes to the answer and back"]
    await desk.walk([{"opens": size, **first}, *rest])
    assert desk.app.clipboard.startswith("Rockfish were counted")


async def test_an_answer_has_keys_and_another_letter_begins_a_question(desk: Desk) -> None:
    async def work() -> None:
        await until(lambda: desk.main.conversation.virtual_size.height > 60)
        desk.main.working = True

    def end_work() -> None:
        desk.main.working = False

    desk.service.scripts = [lines(60)]
    await desk.walk(WALKS["an answer has keys of its own"], work=work, end_work=end_work)
    assert desk.service.checks == []


@pytest.mark.parametrize("size", SIZES)
async def test_the_keys_of_the_footer_work_from_everywhere(
    desk: Desk, size: tuple[int, int]
) -> None:
    async with desk.opened(*size):
        for place in PLACES:
            with naming(place):
                await go(desk, place)
                await press_the_keys_of_the_footer(desk)
                await go(desk, place)
                await (ask_every_paper if desk.main.is_wide else begin_anew_and_type)(desk)


async def press_the_keys_of_the_footer(desk: Desk) -> None:
    main = desk.main
    shown = [one.key_display for one in desk.app.query(FooterKey) if one.display]
    in_box = isinstance(main.focused, (AskBox, Input))
    assert shown[-2:] == ["F1" if in_box else "?", "^p"]
    assert len(shown) > 3
    line = desk.screen.splitlines()[-1]
    assert all(f" {key} " in f" {line}" for key in shown), line
    for key, dialog in (("f1", Help), ("f5", AddPapers), ("ctrl+r", Chats)):
        await desk.press(key)
        await desk.met(dialog)
        await desk.press("escape")
    for key, place in (("f2", "library"), ("f3", "ask"), ("f4", "paper"), ("f3", "ask")):
        await desk.press(key)
        await until(lambda place=place: main.place == place)  # type: ignore[misc]
    await desk.press("f6")
    await desk.told("Type the question first")
    assert main.box.has_focus


async def ask_every_paper(desk: Desk) -> None:
    before = len(desk.service.questions)
    desk.main.box.load_text("And what eats them?")
    await desk.press("f6")
    await until(lambda: len(desk.service.questions) > before and not desk.main.busy)
    assert desk.service.questions[-1].text == "And what eats them?"
    assert (desk.main.box.text, desk.main.place) == ("", "ask")


async def begin_anew_and_type(desk: Desk) -> None:
    """A letter must not be taken for the key of a pane: c would ask for a check."""
    main = desk.main
    desk.type_at_once("<ctrl+n>can")
    await until(lambda: main.box.text == "can")
    assert not isinstance(desk.app.screen, Confirm)
    await until(lambda: main.place == "ask" and not main.conversation.current)


@pytest.mark.parametrize("left_from", ["answer", "sources"])
async def test_a_new_conversation_has_the_focus_in_the_box(desk: Desk, left_from: str) -> None:
    """Also where the reader once left something else of this place for another."""
    async with desk.opened():
        await go(desk, left_from)
        await desk.press("f2", "f3", "ctrl+n")
        await until(lambda: not desk.main.conversation.current)
        await desk.pilot.pause()
        assert desk.main.box.has_focus


async def test_up_puts_earlier_questions_into_an_empty_box(desk: Desk) -> None:
    desk.service.scripts = [lines(1), lines(2)]
    await desk.walk(WALKS["questions are put in again"])


@pytest.mark.parametrize("key", ["enter", "f6"])
async def test_a_question_holds_what_was_typed_before_its_key(desk: Desk, key: str) -> None:
    async with desk.opened():
        desk.type_at_once(f"eels?<{key}>now")
        await until(lambda: desk.service.questions and desk.main.box.text == "now")
        assert desk.service.questions[0].text == "eels?"
        await desk.idle()


async def test_a_turn_that_has_room_stands_at_the_top_while_the_size_changes(desk: Desk) -> None:
    unfinished = [Progress(text="asked 1 of 2", done=1, total=2, unit="papers"), asyncio.Event()]
    desk.service.scripts = [unfinished, lines(14)]
    await desk.walk(WALKS["the size changes"])
