"""Asking a question again with another model, for that one answer."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from textual.worker import Worker

from tui.controllers.opened import Failure
from tui.presenters import connect, status
from tui.screens.connect import AgainWith
from tui.screens.dialogs import Confirm

if TYPE_CHECKING:
    from assistant.wiring.chat_models import ModelChoice
    from assistant.workspace.chat_models import ChatModels
    from tui.controllers.ask import AskController
    from tui.screens.main import MainScreen
    from tui.service import Service
    from tui.widgets.turn import TurnView


class AgainController:
    """Lets the reader choose the model; the one that answers otherwise stays."""

    def __init__(
        self, screen: MainScreen, service: Service, models: ChatModels, answers: AskController
    ) -> None:
        self._screen = screen
        self._service = service
        self._models = models
        self._answers = answers
        self._agreed: set[str] = set()
        self._worker: Worker[None] | None = None

    def offer(self, turn: TurnView) -> None:
        """Show the models that may answer the question of a turn, which is answered."""
        answer = turn.page.answer
        if answer is None:
            return
        if not self._answers.may_begin:
            self._screen.status.say(
                f"One question at a time: {self._screen.keys['back']} stops the answer."
            )
            return
        by = answer.model
        dialog = AgainWith(by, lambda one: self._do(dialog, self._ask(dialog, turn, by, one)))
        mounted = self._screen.app.push_screen(dialog, lambda _: self._stop())

        async def fill() -> None:
            await mounted
            dialog.fill(await self._models.choices(self._service.model))

        self._do(dialog, fill())

    async def _ask(self, dialog: AgainWith, turn: TurnView, by: str, choice: ModelChoice) -> None:
        if line := connect.again_refusal(choice, by):
            dialog.say(line, is_wrong=True)
            return
        settings = await self._models.settings()
        if not await self._may_send(choice):
            return
        # What follows the answer is no part of the dialog, whose end gives up what it began.
        self._worker = None
        dialog.dismiss()
        await self._answers.ask_with(self._service, turn, choice.name, settings)

    async def _may_send(self, choice: ModelChoice) -> bool:
        """Whether the question may go where a model is; asked once for each host that is new."""
        host = choice.sends_to
        if host in (None, self._service.sends_to, *self._agreed):
            return True
        if await self._screen.app.push_screen_wait(Confirm(*connect.again_consent(choice))):
            self._agreed.add(str(host))
            return True
        return False

    def _do(self, dialog: AgainWith, work: Coroutine[Any, Any, object]) -> None:
        """Do one thing at a time; a failure is said in the dialog."""

        async def noticing() -> None:
            try:
                await work
            except Failure as error:
                dialog.say(status.failure(error), is_wrong=True)

        self._worker = self._screen.app.run_worker(noticing(), group="again", exclusive=True)

    def _stop(self) -> None:
        """Give up what is under way: the dialog is closed."""
        if self._worker is not None:
            self._worker.cancel()
