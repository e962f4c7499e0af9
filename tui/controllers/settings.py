"""Changing settings: what the dialog wants, written to the configuration and put into force."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from assistant.config.model_choice import EXTRACTIVE
from tui import themes
from tui.controllers.opened import Failure
from tui.presenters import settings, status
from tui.screens.settings import ChangeSetting, ShowSettings

if TYPE_CHECKING:
    from assistant.config.settings import Settings
    from assistant.workspace.configuration import Configuration, SettingLine
    from tui.controllers.ask import AskController
    from tui.screens.connect import Saying
    from tui.screens.main import MainScreen
    from tui.service import Service


class SettingsController:
    """Shows the settings and changes them; those that hold at once are put into force.

    `on_used` is called when another model may answer. A theme is not typed: `choose_theme` asks
    for one.
    """

    def __init__(
        self,
        screen: MainScreen,
        configuration: Configuration,
        service: Service,
        answers: AskController,
        on_used: Callable[[], None],
        choose_theme: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._configuration = configuration
        self._service = service
        self._answers = answers
        self._on_used = on_used
        self._choose_theme = choose_theme

    def show(self) -> None:
        """Show the settings."""
        shown = ShowSettings(
            self._configuration.path,
            lambda line: self._offer(shown, line),
            lambda line: self._reset(shown, line),
        )
        mounted = self._screen.app.push_screen(shown)

        async def fill() -> None:
            await mounted
            await self._fill(shown)

        self._do(shown, fill())

    async def _fill(self, shown: ShowSettings) -> None:
        shown.fill(await self._configuration.lines())

    def _offer(self, shown: ShowSettings, line: SettingLine) -> None:
        if why := settings.refusal(line):
            shown.say(why, is_wrong=True)
        elif line.name == "theme":
            shown.dismiss()
            self._screen.app.call_later(self._choose_theme)
        else:
            asked = ChangeSetting(
                line, lambda text: self._do(asked, self._set(shown, asked, line, text))
            )
            self._screen.app.push_screen(asked)

    async def _set(
        self, shown: ShowSettings, asked: ChangeSetting, line: SettingLine, text: str
    ) -> None:
        """Set what was typed; nothing typed is the default."""
        if text:
            await self._configuration.change(line.name, text)
        else:
            await self._configuration.reset(line.name)
        asked.dismiss()
        self._do(shown, self._tell(shown, line, text or None))

    def _reset(self, shown: ShowSettings, line: SettingLine) -> None:
        why = settings.refusal(line)
        if why or line.origin == "default":
            shown.say(why or settings.unchanged(line), is_wrong=True)
        else:
            self._do(shown, self._set_back(shown, line))

    async def _set_back(self, shown: ShowSettings, line: SettingLine) -> None:
        await self._configuration.reset(line.name)
        await self._tell(shown, line, None)

    async def _tell(self, shown: ShowSettings, line: SettingLine, text: str | None) -> None:
        """Put a setting into force, list all anew, and say what was done."""
        await self._fill(shown)
        hides = line.name.endswith((".key_command", ".key_variable"))
        shown.say(settings.changed(line, "set" if hides and text else text))
        if line.at_once:
            await self._put_into_force(line.name, await self._configuration.settings())

    async def _put_into_force(self, name: str, now: Settings) -> None:
        if name == "theme":
            self._screen.app.theme = now.theme or themes.USUAL
        elif name == "max_cost":
            self._answers.cap_at(now.max_cost)
        else:
            used = (now.model or EXTRACTIVE) if name == "model" else self._service.model
            await self._service.use_model(used, now)
            self._on_used()

    def _do(self, dialog: Saying, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside what is shown; what is wrong is said in the dialog."""

        async def noticing() -> None:
            try:
                await work
            except Failure as error:
                dialog.say(status.failure(error), is_wrong=True)

        self._screen.app.run_worker(noticing(), group="settings")
