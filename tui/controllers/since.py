"""Tells of the turns of a chat that is gone on with which papers came since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.types.sessions import Session, Turn
from tui.controllers.opened import Failure
from tui.presenters import asked_again

if TYPE_CHECKING:
    from tui.screens.main import MainScreen
    from tui.service import Service

MOST_TURNS = 10
"""So many of the last answers are looked at: each takes as long as its question took to search."""


async def tell_what_came_since(service: Service, screen: MainScreen, session: Session) -> None:
    """Say below each of the last answers how many new papers belong to it, the last one first.

    It ends where another chat is shown, or something is asked: an answer goes before.
    """
    turns_saved = session.in_order
    await screen.conversation.have(MOST_TURNS)
    pairs = [
        (view, one)
        for place, view in screen.conversation.placed
        if place < len(turns_saved) and isinstance(one := turns_saved[place], Turn)
    ]
    for view, one in pairs[: -MOST_TURNS - 1 : -1]:
        try:
            number = await service.new_matches(one)
        except Failure:
            return  # nobody asked for it
        if screen.busy or screen.conversation.session != session.id or not view.is_mounted:
            return
        if number:
            await view.show(asked_again.overtaken(view.page, number, screen.keys))
