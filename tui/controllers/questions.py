"""What the reader wants asked: taken when it can be, else told why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.controllers.opened import OPENING, Opened
from tui.controllers.paper import noticing
from tui.presenters.places import Scope

if TYPE_CHECKING:
    from tui.controllers.ask import AskController
    from tui.presenters.sources import Item
    from tui.screens.main import MainScreen
    from tui.widgets.turn import TurnView


class Questions:
    """Takes questions for `answers`, one at a time.

    `waiting` is the question that waits for the library to open. `look` looks whether a neighbour
    changed the library, which an answer should be of as it is.
    """

    def __init__(
        self,
        screen: MainScreen,
        opened: Opened,
        answers: AskController,
        look: Callable[[], None],
        waiting: str | None,
    ) -> None:
        self._screen = screen
        self._opened = opened
        self._answers = answers
        self._look = look
        self.waiting = waiting

    async def send(self, text: str) -> None:
        """Ask what was sent from the box, which lets go of it then."""
        if not self._answers.may_begin:
            self._screen.status.say(self._one("question", " the answer"))
        elif self._opened.failure:
            self._screen.status.say(self._opened.failure)
        elif self._opened.service is None and self.waiting:
            self._screen.status.say(f"{OPENING} One question waits already.")
        else:
            self._screen.box.let_go(text)
            await self.ask(text)

    async def ask(self, text: str) -> None:
        """Ask a question; before the library is open it waits."""
        if self._opened.service is None:
            self.waiting = text
            self._screen.status.say(f"{OPENING} Then your question goes out.")
            return
        self.waiting = None
        self._look()
        await self._answers.ask(self._opened.service, text)

    async def ask_again(self, turn: TurnView) -> None:
        """Ask again what an answer was asked, of the papers of its filter that are here now."""
        if not self._answers.may_begin:
            self._screen.status.say(self._one("question", " the answer"))
        elif (service := self._opened.or_told()) is not None:
            self._look()
            async with noticing(self._screen):
                await self._answers.ask_again(service, turn)

    def ask_all(self, text: str) -> None:
        """Put a question to every paper that is asked at present."""
        if not self._answers.may_begin:
            self._screen.status.say(self._one("question", " the answer"))
        elif (service := self._opened.or_told()) is not None:
            self._look()
            self._answers.ask_all(service, text)

    def ask_about(self, item: Item) -> None:
        """Ask this paper alone from now on, at once where a question stands in the box."""
        self._screen.asking.narrow(Scope((item.id,), item.title))
        self._screen.action_ask_all()

    async def summarize(self, item: Item) -> None:
        """Summarize a paper."""
        if not self._answers.may_begin or self._opened.service is None:
            self._screen.status.say(self._one("answer", " it"))
        else:
            await self._answers.summarize(self._opened.service, item)

    def check(self, turn: TurnView) -> None:
        """Have the model check an answer."""
        answer, service = turn.page.answer, self._opened.service
        if self._screen.busy or service is None or answer is None:
            self._screen.status.say(self._one("answer", " it"))
        elif not service.judge:
            self._screen.status.say("A check needs a model; the built-in one cannot judge.")
        else:
            self._answers.check(service, turn, answer)

    async def begin_anew(self) -> None:
        """Leave the conversation for a new one, of the whole library."""
        if self._screen.busy:
            self._screen.status.say(f"{self._screen.keys['back']} stops the answer first.")
            return
        await self._screen.conversation.clear()
        if not self._screen.is_leaving:
            self._screen.asking.narrow(None)
            self._screen.show_place("ask")

    def _one(self, what: str, stops: str) -> str:
        return f"One {what} at a time: {self._screen.keys['back']} stops{stops}."
