"""What is said of old answers in a chat that is gone on with."""

from __future__ import annotations

from desk import Desk
from fake_service import FakeService, make_session
from textual.widgets import Static
from waiting import until

from store.errors import LibraryBusy
from tui.controllers.since import MOST_TURNS
from tui.widgets.turn import TurnView


def said(desk: Desk) -> list[str]:
    """What stands below each turn."""
    views = desk.main.conversation.query(TurnView)
    return [str(one.query_one(".since", Static).render()) for one in views]


async def test_new_papers_are_told_and_the_question_asked_again(
    desk: Desk, service: FakeService
) -> None:
    session = make_session(MOST_TURNS + 2)
    service.saved[session.id] = session
    names = [one.question for one in session.turns]
    service.since = {names[0]: 7, names[-2]: 4, names[-1]: 1}
    async with desk.opened(100, 30):
        await desk.press("ctrl+r", "enter")
        await until(lambda: said(desk)[-1:] == ["1 new abstract matches since · a asks again"])
        await until(lambda: said(desk)[-2].startswith("4 new abstracts match"))
        assert said(desk)[0] == "", "so many answers are not looked at"
        await desk.press("escape", "a")
        await until(lambda: len(said(desk)) == MOST_TURNS + 3)
        await desk.idle()
        assert [one.text for one in service.questions] == [names[-1]]
        assert said(desk)[-2:] == ["", ""]


async def test_what_fails_there_is_not_said(desk: Desk, service: FakeService) -> None:
    session = make_session(2)
    service.saved[session.id] = session
    service.since = {"Question 1?": 3, "Question 2?": 3}
    service.fails["new_matches"] = LibraryBusy("another quire writes", "wait")
    async with desk.opened(100, 30):
        await desk.press("ctrl+r", "enter")
        await until(lambda: desk.main.conversation.session == session.id)
        await desk.sees("Going on with")
        assert said(desk) == ["", ""]
