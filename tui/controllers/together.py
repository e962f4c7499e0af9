"""All controllers of the app, made together: each has the others that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.controllers.ask import AskController
from tui.controllers.chats import SavedChats
from tui.controllers.jobs import JobController
from tui.controllers.library import LibraryController
from tui.controllers.library_jobs import LibraryJobs
from tui.controllers.opened import OPENING, Failure
from tui.controllers.palette import PaletteCommands
from tui.controllers.preferences import Preferences
from tui.controllers.questions import Questions
from tui.controllers.upkeep import Upkeep
from tui.presenters import status
from tui.screens import messages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.worker import Worker

    from assistant.config.file import ConfigFile
    from assistant.types.sessions import SessionChoice
    from store.types import Narrate
    from tui.controllers.opened import Opened
    from tui.screens.main import MainScreen
    from tui.service import Service


class Controllers:
    """What answers, lists, marks, adds and keeps, on one screen and over one library.

    `question` waits for the library to open. `max_cost` caps what an answer, or its check, may
    cost, in USD. `config` is the configuration in which what is chosen is kept, `keep_theme` keeps
    a theme there and raises WrongUse. `narrate` tells of long work, from any thread; `settle` and
    `tidy` are called when something was loaded for good, and when nothing runs.
    """

    def __init__(
        self,
        main: MainScreen,
        opened: Opened,
        *,
        question: str | None,
        max_cost: float | None,
        config: ConfigFile,
        keep_theme: Callable[[str], object],
        narrate: Narrate,
        settle: Callable[[], None],
        tidy: Callable[[], None],
    ) -> None:
        self._main = main
        self._opened = opened
        self.work = LibraryJobs(main, opened)
        self.answers = AskController(main, max_cost, settle)
        self.jobs = JobController(main, opened, narrate, lambda: self.upkeep.follow_job())
        self.upkeep = Upkeep(
            main, opened, self.work, self.jobs, narrate=narrate, settle=settle, tidy=tidy
        )
        self.questions = Questions(main, opened, self.answers, self.upkeep.look, question)
        self.chats = SavedChats(main, opened, self.upkeep.offer)
        self.preferences = Preferences(
            main, opened, self.work, config=config, keep_theme=keep_theme
        )
        self.commands = PaletteCommands(main, self.answers, self.jobs, self.preferences)

    @property
    def running(self) -> list[Worker[None]]:
        """What runs now: an answer, a long job."""
        return [one for one in (self.answers.worker, self.jobs.worker) if one]

    async def open(
        self, open_workspace: Callable[[], Awaitable[Service]], going: SessionChoice | None
    ) -> None:
        """Open the service, go on with a conversation, and ask what waits; a failure is told."""
        main = self._main
        try:
            self._opened.service = service = await open_workspace()
        except Failure as error:
            self._opened.failure = why = status.failure(error)
            main.tell_state("no library")
            await main.conversation.say(why)
            if self.questions.waiting:
                main.box.take(self.questions.waiting)
            return
        self.work.library = library = LibraryController(service, main)
        if main.status.notice.startswith(OPENING):
            main.status.quieten()
        main.tell_state("")
        await library.count()
        if going is not None:
            await library.go_on(going)
        waits = self.questions.waiting
        if main.papers.is_beginning and not (going or waits or main.box.text):
            main.show_place("library")
        else:
            main.post_message(messages.PlaceShown(main.place))
        if self.questions.waiting:
            await self.questions.ask(self.questions.waiting)
        self.upkeep.begin()
