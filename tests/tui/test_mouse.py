"""What a mouse does: what stands as a key with words is clicked, columns are sorted by."""

from __future__ import annotations

import pytest
from desk import Desk
from fake_service import make_session
from tables import compare, table
from textual.events import MouseScrollDown, MouseScrollUp
from textual.geometry import Offset
from waiting import until

from tui.presenters.key_words import told_keys
from tui.screens.chats import Chats
from tui.screens.dialogs import Confirm
from tui.screens.help import Help
from tui.screens.paper_dialogs import ChooseOrder, CopyAs, TagPapers


def test_keys_in_the_words_of_a_dialog() -> None:
    def came(row: dict[str, str]) -> list[list[str]]:
        return [[row["text"][start:end], key] for start, end, key in told_keys(row["text"])]

    compare(table(__file__, "told_keys.jsonl"), came)


async def click(desk: Desk, words: str) -> None:
    """Click on words that are on the screen."""
    await until(lambda: words in desk.screen)
    at = desk.place_of(words)
    await desk.pilot.click(offset=Offset(at.x + 1, at.y))
    await desk.pilot.pause()


@pytest.mark.asyncio
async def test_the_words_of_dialogs_are_clicked(desk: Desk) -> None:
    async with desk.opened(120, 36):
        await click(desk, "Library")
        await until(lambda: desk.main.papers.listed.is_loaded)
        await click(desk, "y copy")
        await desk.met(CopyAs)
        await click(desk, "b  BibTeX")
        await desk.told("BibTeX")
        await click(desk, "s sort")
        await desk.met(ChooseOrder)
        await click(desk, "Esc  cancel")
        await until(lambda: desk.app.screen is desk.main)
        await click(desk, "t tag")
        await desk.met(TagPapers)
        await desk.press("s", "e", "a")
        await click(desk, "Enter  tag")
        await desk.told("Tagged 1 paper: sea")
        await click(desk, "? keys")
        await desk.met(Help)
        await click(desk, "Tab  all keys")
        await click(desk, "Tab  keys here")
        await click(desk, "Esc  close")
        await until(lambda: desk.app.screen is desk.main)
        await click(desk, "^r chats") if "^r chats" in desk.text else await desk.press("ctrl+r")
        await desk.met(Chats)
        await click(desk, "Esc close")
        await until(lambda: desk.app.screen is desk.main)
        yes: list[bool | None] = []
        desk.app.push_screen(Confirm("Really?", "It is a question."), yes.append)
        await desk.met(Confirm)
        await click(desk, "y  yes")
        await until(lambda: yes == [True])


@pytest.mark.asyncio
async def test_a_drag_selects_and_ctrl_c_copies_that_and_does_nothing_else(desk: Desk) -> None:
    async with desk.opened(120, 36):
        await desk.ask()
        for words in ("Surges reshape", "We counted", "Ada Moreno"):
            at = desk.place_of(words)
            desk.main.clear_selection()
            await desk.pilot.mouse_down(offset=at)
            end = desk.place_of(words, 5)
            await desk.pilot.hover(offset=end)
            await desk.pilot.mouse_up(offset=end)
            await desk.press("ctrl+c")
            assert desk.app.clipboard.strip() == words[:6].strip()
        desk.main.clear_selection()
        desk.main.asking.to_answer()
        desk.app.copy_to_clipboard("before")
        await desk.press("ctrl+c")
        assert (desk.app.clipboard, len(desk.app._notifications)) == ("before", 0)


@pytest.mark.asyncio
async def test_a_click_on_a_column_head_sorts_by_it(desk: Desk) -> None:
    async with desk.opened(120, 36):
        await click(desk, "Library")
        await until(lambda: desk.main.papers.listed.is_loaded)
        for head, order in [
            ("Year", "newest ▾"),
            ("Year", "oldest ▾"),
            ("Author", "author ▾"),
            ("Title", "title ▾"),
        ]:
            await click(desk, f" {head}")
            await desk.sees(order)


@pytest.mark.asyncio
async def test_rows_and_claims_are_clicked(desk: Desk) -> None:
    desk.service.suggested = ("What grazes kelp?", "Why do surges come?")
    desk.service.saved["s1"] = make_session(2)
    async with desk.opened(120, 36):
        # what is offered where one may ask
        await click(desk, "Why do surges come?")
        await until(lambda: [one.text for one in desk.service.questions] == ["Why do surges come?"])
        await desk.idle()
        # a claim, whose source comes beside it; a row of the sources
        turn = desk.turn
        for place in (1, 0):
            block = turn.claims[place]
            await desk.pilot.click(block, offset=(8, 0))
            await until(lambda at=place: desk.main.conversation.claim == (turn, at))
        listed = desk.main.pane.listed
        await desk.pilot.click(listed, offset=(8, 1))
        await until(lambda: desk.main.pane.shown and desk.main.pane.shown.id == "ptide")
        # a row of the chats
        await desk.press("ctrl+r")
        await desk.met(Chats)
        await desk.sees("Question 2?")
        await desk.pilot.click("#chat-list", offset=(8, 0))
        await until(lambda: desk.main.conversation.session == "s1")


@pytest.mark.asyncio
async def test_the_wheel_scrolls_the_pane_below_it(desk: Desk) -> None:
    desk.service.saved["s1"] = make_session(30)
    async with desk.opened(80, 14):
        await desk.press("ctrl+r", "enter")
        await until(lambda: desk.main.conversation.session == "s1")
        conversation = desk.main.conversation
        await until(lambda: conversation.scroll_y > 5)
        at = conversation.scroll_y
        await desk.pilot._post_mouse_events([MouseScrollUp], conversation, (10, 2))
        await until(lambda: conversation.scroll_y < at)
        await desk.pilot._post_mouse_events([MouseScrollDown], conversation, (10, 2))
        await until(lambda: conversation.scroll_y == at)
