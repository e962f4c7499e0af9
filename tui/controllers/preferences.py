"""What the reader may choose: the model, the embedder, the settings, the theme."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tui import themes
from tui.controllers.library import LibraryController
from tui.controllers.opened import Failure
from tui.presenters import status
from tui.screens.looks import ChooseTheme

if TYPE_CHECKING:
    from assistant.config.file import ConfigFile
    from tui.controllers.again import AgainController
    from tui.controllers.ask import AskController
    from tui.controllers.jobs import JobController
    from tui.controllers.library_jobs import LibraryJobs
    from tui.controllers.models import ModelController
    from tui.controllers.opened import Opened
    from tui.screens.main import MainScreen
    from tui.widgets.turn import TurnView


class Preferences:
    """Opens the dialog of each; what they need is imported once one is asked for.

    `config` is the configuration in which what is chosen is kept, `keep_theme` keeps the name of
    a theme there and raises WrongUse.
    """

    def __init__(
        self,
        screen: MainScreen,
        opened: Opened,
        work: LibraryJobs,
        *,
        config: ConfigFile,
        keep_theme: Callable[[str], object],
    ) -> None:
        self._screen = screen
        self._opened = opened
        self._work = work
        self._config = config
        self._keep_theme = keep_theme
        self._models: ModelController | None = None
        self._again: AgainController | None = None

    def choose_model(self) -> None:
        """Show the models that may answer."""
        service = self._opened.or_told()
        if service is None or not self._screen.is_current:
            return  # chosen in the palette, or pressed twice
        if self._models is None:
            from assistant.workspace.chat_models import ChatModels
            from tui.controllers.models import ModelController

            models = ChatModels(self._config)
            self._models = ModelController(self._screen, service, models, self._recount)
        self._models.offer()

    def choose_again(self, turn: TurnView, answers: AskController) -> None:
        """Show the models that the question of a turn may be asked again with."""
        service = self._opened.or_told()
        if service is None or not self._screen.is_current:
            return
        if self._again is None:
            from assistant.workspace.chat_models import ChatModels
            from tui.controllers.again import AgainController

            models = ChatModels(self._config)
            self._again = AgainController(self._screen, service, models, answers)
        self._again.offer(turn)

    def choose_embedder(self, jobs: JobController) -> None:
        """Show what may find papers by their meaning, unless a long job runs."""
        if jobs.is_running:
            self._screen.status.say(jobs.under_way)
        elif (service := self._opened.or_told()) is not None:
            use = partial(jobs.change_embedder, service)
            self._work.do(lambda library: library.offer_embedders(use), "embedders")

    def change_settings(self, answers: AskController) -> None:
        """Show the settings."""
        service = self._opened.or_told()
        if service is None or not self._screen.is_current:
            return
        from assistant.workspace.configuration import Configuration
        from tui.controllers.settings import SettingsController

        SettingsController(
            self._screen,
            Configuration(self._config),
            service,
            answers,
            self._recount,
            self.choose_theme,
        ).show()

    def choose_theme(self) -> None:
        """Ask for a theme: each that is passed is seen, the one chosen is kept."""
        app = self._screen.app
        before = app.theme

        def preview(name: str) -> None:
            app.theme = name

        def chosen(name: str | None) -> None:
            app.theme = name or before
            if name and name != before:
                app.run_worker(self._keep(name), group="theme")

        if not isinstance(app.screen, ChooseTheme):
            app.push_screen(ChooseTheme(themes.offered(), before, preview), chosen)

    async def _keep(self, theme: str) -> None:
        try:
            await asyncio.to_thread(self._keep_theme, theme)
        except Failure as error:
            self._screen.status.say(f"The theme is not kept. {status.failure(error)}")

    def _recount(self) -> None:
        """Say anew where text goes."""
        self._work.do(LibraryController.count, "count")
