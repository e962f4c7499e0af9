"""What a conversation without a question offers, asked of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.controllers.opened import Failure
from tui.presenters.openings import CHATS_SHOWN, openings

if TYPE_CHECKING:
    from assistant.types.sessions import SessionLine
    from tui.screens.main import MainScreen
    from tui.service import Service


class OpeningsController:
    """Offers questions that the papers can answer, and the last chats.

    Nobody asked for them: a failure leaves out what it kept from coming.
    """

    def __init__(self, service: Service, screen: MainScreen) -> None:
        self._service = service
        self._screen = screen
        self._chats: tuple[SessionLine, ...] = ()
        self._questions: tuple[str, ...] | None = None

    async def offer_chats(self) -> None:
        """Offer the chats used last, and the questions as far as they are known."""
        try:
            self._chats = (await self._service.sessions())[:CHATS_SHOWN]
        except Failure:
            self._chats = ()
        self._show()

    async def offer(self) -> None:
        """Offer both, where nothing is asked yet; questions are searched for once."""
        await self.offer_chats()
        if self._questions is not None or self._screen.conversation.openings is None:
            return
        try:
            self._questions = await self._service.suggested_questions()
        except Failure:
            return
        self._show()

    async def offer_anew(self) -> None:
        """Offer what the papers can answer now: there are others than before."""
        self._questions = None
        await self.offer()

    def _show(self) -> None:
        if not self._screen.is_leaving:
            self._screen.conversation.offer(openings(self._questions or (), self._chats))
