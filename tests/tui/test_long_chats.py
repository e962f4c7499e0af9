"""A chat of many turns: the last ones at once, the others with the scrolling."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk, app_over
from fake_service import make_answer
from textual.widgets import Static
from waiting import until

from assistant.sessions import Conversations
from store.library.library import Library
from tui.presenters.chat_turns import MORE, SHOWN
from tui.screens.chats import Chats

MANY = SHOWN + 2 * MORE + 5


def talk(folder: Path, more: str = "") -> None:
    """Save a chat of many turns; `more` follows in each answer."""
    with Library.open(folder) as library:
        answers = [
            make_answer(f"Question {number}?", text=f"Owl {number} hoots.{more}", claims=())
            for number in range(1, MANY + 1)
        ]
        Conversations(library).keep_all(answers, None)


@pytest.fixture
def desk(codecs: Path, tmp_path: Path) -> Desk:
    """A reader of a library with one chat of many turns, five of which are higher than a pane."""
    talk(codecs, " It was heard from afar." * 25)
    return Desk(app_over(codecs, "extractive", state=tmp_path / "state"))


async def opened_chat(desk: Desk) -> None:
    await desk.press("ctrl+r")
    await desk.met(Chats)
    await desk.sees(f"Owl {MANY} hoots.")
    await desk.press("enter")
    await until(lambda: desk.app.screen is desk.main)
    await desk.sees(f"Owl {MANY} hoots.")


def laid_out(desk: Desk) -> list[str]:
    return [one.page.question for one in desk.main.conversation.turns]


def numbers(begin: int, end: int) -> list[str]:
    return [f"Question {number}?" for number in range(begin, end + 1)]


async def test_a_long_chat_opens_at_its_end_and_the_rest_comes_with_the_scrolling(
    desk: Desk,
) -> None:
    async with desk.opened(100, 30):
        await opened_chat(desk)
        conversation = desk.main.conversation
        # Those of which new papers are told are laid out behind the first paint.
        await until(lambda: laid_out(desk) == numbers(MANY - SHOWN - MORE + 1, MANY))
        assert conversation.asked == MANY
        await desk.sees(f"Owl {MANY} hoots.")
        await desk.sees(f"{MANY} questions")
        await desk.press("up")  # in the box: the questions asked before, all of them
        assert desk.main.box.text == f"Question {MANY}?"
        assert conversation.questions == numbers(1, MANY)
        await desk.press("down", "escape")
        await until(lambda: conversation.has_focus)
        await desk.press("home")
        # What stood at the top stays there, with others above it.
        await until(lambda: laid_out(desk) == numbers(MANY - SHOWN - 2 * MORE + 1, MANY))
        await desk.sees(f"Question {MANY - SHOWN - MORE + 1}?")
        await until(lambda: conversation.scroll_y > 0)
        while len(laid_out(desk)) < MANY:
            before = len(laid_out(desk))
            await until(lambda: conversation.scroll_y > 0)
            await desk.press("home")
            await until(lambda before=before: len(laid_out(desk)) > before)
        assert laid_out(desk) == numbers(1, MANY)
        await until(lambda: conversation.scroll_y > 0)
        await desk.press("home")
        await desk.sees("Question 1?")
        assert "earlier question" not in desk.text


async def test_steps_go_on_beyond_what_is_laid_out(desk: Desk) -> None:
    async with desk.opened(100, 30):
        await opened_chat(desk)
        earlier = desk.main.conversation.query_one(".earlier", Static)
        left = MANY - SHOWN - MORE
        await until(lambda: str(earlier.render()).startswith(f"{left} earlier questions"))
        await desk.press("escape")
        await until(lambda: desk.main.conversation.has_focus)
        for _ in range(MANY - left + 1):
            await desk.press("p")
        await until(lambda: desk.turn.page.question == f"Question {left - 1}?")
        await desk.sees(f"Owl {left - 1} hoots.")


async def test_a_turn_in_the_middle_is_shown_and_a_new_one_comes_behind_the_last(
    desk: Desk,
) -> None:
    async with desk.opened(100, 30):
        conversation = desk.main.conversation
        library = desk.app._library
        session = (await desk.app._service.sessions())[0].id
        await library.reopen(session, 10)
        await until(lambda: desk.turn.page.question == "Question 10?")
        await desk.sees("Owl 10 hoots.")
        first = laid_out(desk)
        assert (len(first), first[-1] != f"Question {MANY}?") == (SHOWN, True)
        await desk.press("escape")
        await until(lambda: conversation.has_focus)
        await desk.press("end")
        await until(lambda: len(laid_out(desk)) == SHOWN + MORE)
        await desk.press("escape")
        await until(lambda: desk.main.box.has_focus)
        await desk.press(*"codec?", "enter")
        await until(lambda: not desk.main.busy and laid_out(desk)[-1] == "codec?")
        assert laid_out(desk)[:-1] == numbers(MANY - SHOWN + 1, MANY)
        assert conversation.asked == MANY + 1


async def test_a_high_pane_is_filled_with_short_turns(codecs: Path, tmp_path: Path) -> None:
    talk(codecs)
    desk = Desk(app_over(codecs, "extractive", state=tmp_path / "state"))
    async with desk.opened(100, 80):
        await opened_chat(desk)
        await until(lambda: len(laid_out(desk)) >= SHOWN + MORE)
        conversation = desk.main.conversation
        await until(lambda: conversation.max_scroll_y > 0 or len(laid_out(desk)) == MANY)
        await desk.sees(f"Question {MANY - SHOWN - 1}?")
        await desk.sees(f"Owl {MANY} hoots.")
