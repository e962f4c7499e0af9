"""Connecting a model: what the dialog wants, asked of the configuration and the service."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.worker import Worker

from tui.controllers.opened import Failure
from tui.presenters import connect, status
from tui.screens.connect import Act, ChooseModel, ModelForm, NameModel, Saying
from tui.screens.dialogs import Confirm

if TYPE_CHECKING:
    from assistant.wiring.chat_models import ModelChoice
    from assistant.workspace.chat_models import ChatModels
    from tui.screens.main import MainScreen
    from tui.service import Service


class ModelController:
    """Lets the reader choose the model; `on_used` is called when another one answers."""

    def __init__(
        self,
        screen: MainScreen,
        service: Service,
        models: ChatModels,
        on_used: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._service = service
        self._models = models
        self._on_used = on_used
        self._agreed: set[str] = set()
        self._untested: ModelChoice | None = None
        self._worker: Worker[None] | None = None

    def offer(self) -> None:
        """Show the models that may answer."""
        self._untested = None
        dialog = ChooseModel(lambda act, one: self._want(dialog, act, one))
        # First of all: what is typed from now on is meant for it.
        mounted = self._screen.app.push_screen(dialog, lambda _: self._stop())

        async def fill() -> None:
            await mounted
            dialog.fill(await self._models.choices(self._service.model))

        self._do(dialog, fill())

    def _want(self, dialog: ChooseModel, act: Act, choice: ModelChoice | None) -> None:
        match act:
            case "look":
                dialog.say(connect.LOOKING)
                self._do(dialog, self._look(dialog))
            case "type":
                self._offer_form(dialog)
            case "test" if choice is not None:
                self._do(dialog, self._test(dialog, choice))
            case "use" if choice is not None:
                self._do(dialog, self._use(dialog, choice))

    async def _look(self, dialog: ChooseModel) -> None:
        local = await self._models.found()
        dialog.add(local.choices)
        dialog.say(connect.found(local), is_wrong=not local.servers)

    async def _test(self, dialog: Saying, choice: ModelChoice) -> bool:
        """Test a model and tell what came of it; False where nothing was sent."""
        if not await self._may_send(choice):
            return False
        dialog.say(connect.testing(choice))
        test = await self._models.test(choice)
        dialog.say(connect.tested(choice, test), is_wrong=test.cites is False)
        return True

    async def _use(self, dialog: Saying, choice: ModelChoice) -> None:
        """Have a model answer; one that is new is tested first, unless that failed before."""
        if line := connect.refusal(choice):
            dialog.say(line, is_wrong=True)
            return
        if not await self._may_send(choice):
            return
        if choice.table is not None and choice != self._untested:
            try:
                await self._test(dialog, choice)
            except Failure as error:
                self._untested = choice
                dialog.say(connect.failed(choice, error), is_wrong=True)
                return
        settings = await self._models.keep(choice)
        await self._service.use_model(choice.name, settings)
        self._close()
        self._screen.status.say(connect.used(choice, self._models.overriding))
        self._on_used()

    async def _may_send(self, choice: ModelChoice) -> bool:
        """Whether texts may go where a model is; the reader is asked once for each host."""
        host = choice.sends_to
        if host is None or host in self._agreed:
            return True
        if await self._screen.app.push_screen_wait(Confirm(*connect.consent(choice))):
            self._agreed.add(host)
            return True
        return False

    def _offer_form(self, dialog: ChooseModel) -> None:
        def ask(form: ModelForm) -> None:
            named.say(connect.asking(form.address))
            self._do(named, self._ask(named, form))

        def done(form: ModelForm) -> None:
            self._do(named, self._use_typed(named, form))

        named = NameModel(ask, done)
        self._screen.app.push_screen(named, lambda _: self._stop())

    async def _ask(self, named: NameModel, form: ModelForm) -> None:
        named.offer(await self._models.offered(form.address, form.key_variable))

    async def _use_typed(self, named: NameModel, form: ModelForm) -> None:
        choice = await self._models.drafted(form.address, form.model, form.key_variable)
        await self._use(named, choice)

    def _do(self, dialog: Saying, work: Coroutine[Any, Any, object]) -> None:
        self._run(work, lambda line: dialog.say(line, is_wrong=True))

    def _run(self, work: Coroutine[Any, Any, object], say: Callable[[str], None]) -> None:
        """Do one thing at a time: what was begun before is given up."""

        async def noticing() -> None:
            try:
                await work
            except Failure as error:
                say(status.failure(error))

        self._worker = self._screen.app.run_worker(noticing(), group="models", exclusive=True)

    def _stop(self) -> None:
        """Give up what is under way: its dialog is closed."""
        if self._worker is not None:
            self._worker.cancel()

    def _close(self) -> None:
        """Close the dialogs; what runs now goes on to its end."""
        self._worker = None
        app = self._screen.app
        while isinstance(app.screen, ChooseModel | NameModel):
            app.pop_screen()
