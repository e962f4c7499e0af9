"""The app: puts what the reader wants to the service, and what the service says on the screen."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from textual import on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import WorkerCancelled, WorkerFailed

from assistant.config.file import ConfigFile
from assistant.config.settings import config_file
from assistant.errors import Exit
from assistant.types.sessions import SessionChoice
from tui import themes
from tui.controllers.ask import AskController
from tui.controllers.chats import SavedChats
from tui.controllers.jobs import JobController
from tui.controllers.library import LibraryController
from tui.controllers.library_jobs import LibraryJobs
from tui.controllers.opened import OPENING, Opened
from tui.controllers.own_keys import OwnKeys
from tui.controllers.palette import PaletteCommands
from tui.controllers.preferences import Preferences
from tui.controllers.questions import Questions
from tui.controllers.stream import Failure
from tui.controllers.upkeep import Upkeep
from tui.lifecycle import Shell
from tui.presenters import status
from tui.presenters.pane_help import key_name
from tui.screens import messages
from tui.screens.dialogs import Palette
from tui.screens.main import MainScreen
from tui.service import Service
from tui.widgets.ask_place import AskPlace
from tui.widgets.going_through import SentenceWanted, ThroughWanted
from tui.widgets.inputs import AskBox
from tui.widgets.paper_acts import (
    ExportWanted,
    MarkWanted,
    RemoveWanted,
    SummaryWanted,
    TagWanted,
    UndoWanted,
)
from tui.widgets.paper_list import PaperList
from tui.widgets.paper_pane import PaperPane
from tui.widgets.paper_place import PaperPlace
from tui.widgets.papers import PapersView

POLL_SECONDS = 2.0
"""How often the library is asked whether another process changed it."""

CLOSE_SECONDS = 5.0
"""How long an answer may take to stop, and the service to close."""


class QuireApp(Shell):
    """The reading assistant in a terminal.

    `open_workspace` is called once, after the first paint. `question` is asked as soon as the
    service is open, in the conversation `going` where that is given. `state` is the folder of the
    log. `max_cost` caps what an answer, or its check, may cost, in USD. `theme` is the one to
    begin with, "" for the usual one, and what keeps another that is chosen; that raises WrongUse.
    `config` is the configuration that models are kept in, the usual one where none is given;
    `keys` are the reader's own keys, by the ids of bindings.
    """

    TITLE = "quire"
    CSS_PATH = "styles.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+p", "command_palette", "all commands", show=False, priority=True, id="palette"
        ),
        Binding("ctrl+q", "quit", "Quit", priority=True, id="quit"),
        Binding("f7", "model", "Model", show=False, key_display="F7", id="model"),
    ]

    class Narrated(Message):
        """A line on the long work of the library."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    def __init__(
        self,
        open_workspace: Callable[[], Awaitable[Service]],
        *,
        question: str | None = None,
        going: SessionChoice | None = None,
        state: Path | None = None,
        max_cost: float | None = None,
        theme: tuple[str, Callable[[str], object]] = ("", lambda name: None),
        config: ConfigFile | None = None,
        keys: Mapping[str, str | tuple[str, ...]] | None = None,
    ) -> None:
        super().__init__(state)
        self._own_keys = OwnKeys(keys or {})
        self._begins_as, keep_theme = theme
        for one in themes.OWN:
            self.register_theme(one)
        # Before the first paint, which would be made twice else.
        self.set_reactive(QuireApp.theme, themes.USUAL)
        self.stylesheet.set_variables(self.get_css_variables())
        self._open_workspace = open_workspace
        self._going = going
        self._main = main = MainScreen(lambda: self.is_leaving)
        self._opened = Opened(main.status.say)
        self._work = LibraryJobs(main, self._opened)
        self._answers = AskController(main, max_cost, self.settle)
        self._questions = Questions(
            main, self._opened, self._answers, lambda: self._poll(), question
        )
        self._jobs = JobController(
            main, self._opened, self._narrate, lambda: self._upkeep.follow_job()
        )
        self._upkeep = Upkeep(
            main,
            self._opened,
            self._work,
            self._jobs,
            narrate=self._narrate,
            settle=self.settle,
            tidy=self.tidy,
        )
        self._chats = SavedChats(main, self._opened, self._upkeep.offer)
        self._preferences = Preferences(
            main,
            self._opened,
            self._work,
            config=config or ConfigFile(config_file(None, os.environ)),
            keep_theme=keep_theme,
        )
        self._commands = PaletteCommands(main, self._answers, self._jobs, self._preferences)

    @property
    def _service(self) -> Service | None:
        return self._opened.service

    @property
    def _library(self) -> LibraryController | None:
        return self._work.library

    @property
    def main(self) -> MainScreen:
        """The screen below all dialogs."""
        return self._main

    def get_default_screen(self) -> Screen[Any]:
        """The one screen."""
        return self._main

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette offers."""
        return self._commands.offered(screen)

    def get_key_display(self, binding: Binding) -> str:
        """A key as it is spelt everywhere."""
        return binding.key_display or key_name(binding.key) or super().get_key_display(binding)

    def action_command_palette(self) -> None:
        """Show the palette."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def on_mount(self) -> None:
        """Open the service once the app has painted itself."""
        self.catch_signals()
        self._preferences.take_theme(self._begins_as)
        self._main.tell_state("opening the library…")
        self.set_interval(POLL_SECONDS, self._poll)
        self.call_after_refresh(self._take_own_keys)
        self.call_after_refresh(self._open)
        self.call_after_refresh(self._take_keys)

    def action_help_quit(self) -> None:
        """Do nothing: ^c copies what is selected; Textual would tell how to quit."""

    def action_change_theme(self) -> None:
        """Ask for a theme."""
        self._preferences.choose_theme()

    async def _take_own_keys(self) -> None:
        """Have the reader's own keys hold, and tell what is wrong with some."""
        if told := self._own_keys.settle(self._main):
            self._main.status.say(" · ".join(told))
            await self._main.conversation.note(tuple(told), is_error=True)

    def _register_child(
        self, parent: DOMNode, child: Widget, before: int | None, after: int | None
    ) -> None:
        self._own_keys.bind(child)
        super()._register_child(parent, child, before, after)

    def _take_keys(self) -> None:
        """Let what was typed so far into the box, which is there now."""
        if self._main.focused is None:
            self._main.set_focus(self._main.box)
        self.take_keys()

    async def on_unmount(self) -> None:
        """Stop what runs and close the service; the terminal is restored already."""
        self.release_signals()
        running = [one for one in (self._answers.worker, self._jobs.worker) if one]
        for worker in running:
            worker.cancel()
        for worker in running:
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await worker.wait()
            except (WorkerCancelled, WorkerFailed, TimeoutError):
                pass
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                if self._opened.service:
                    await self._opened.service.aclose()
        except (*Failure, TimeoutError):
            pass

    async def action_quit(self) -> None:
        """Leave; whatever runs is stopped on the way."""
        code = Exit.STORE if self._opened.failure else Exit.DONE
        self.exit(code, return_code=code)

    @work(group="open")
    async def _open(self) -> None:
        main = self._main
        try:
            self._opened.service = service = await self._open_workspace()
        except Failure as error:
            self._opened.failure = why = status.failure(error)
            main.tell_state("no library")
            await main.conversation.say(why)
            if self._questions.waiting:
                main.box.take(self._questions.waiting)
            return
        self._work.library = library = LibraryController(service, main)
        if main.status.notice.startswith(OPENING):
            main.status.quieten()
        main.tell_state("")
        await library.count()
        if self._going is not None:
            await library.go_on(self._going)
        waits = self._questions.waiting
        if main.papers.is_beginning and not (self._going or waits or main.box.text):
            main.show_place("library")
        else:
            main.post_message(messages.PlaceShown(main.place))
        if self._questions.waiting:
            await self._questions.ask(self._questions.waiting)
        self._upkeep.begin()

    @on(AskBox.Sent)
    async def _sent(self, event: AskBox.Sent) -> None:
        await self._questions.send(event.text)

    @on(AskPlace.AgainWanted)
    async def _ask_again(self, event: AskPlace.AgainWanted) -> None:
        await self._questions.ask_again(event.turn, event.text)

    @on(AskPlace.OtherModelWanted)
    def _ask_with(self, event: AskPlace.OtherModelWanted) -> None:
        self._preferences.choose_again(event.turn, self._answers)

    @on(SummaryWanted)
    async def _summarize(self, event: SummaryWanted) -> None:
        await self._questions.summarize(event.item)

    @on(messages.AskAllWanted)
    def _ask_all(self, event: messages.AskAllWanted) -> None:
        self._questions.ask_all(event.text)

    @on(PaperPlace.AskWanted)
    def _ask_about(self, event: PaperPlace.AskWanted) -> None:
        self._questions.ask_about(event.item)

    @on(AskPlace.CheckWanted)
    def _check(self, event: AskPlace.CheckWanted) -> None:
        self._questions.check(event.turn)

    @on(messages.StopWanted)
    def _stop(self) -> None:
        self._answers.stop()

    @on(messages.AddWanted)
    def _add(self, event: messages.AddWanted) -> None:
        self._jobs.add(or_stop=event.or_stop)

    @on(messages.SampleWanted)
    def _offer_sample(self) -> None:
        self._jobs.offer_sample()

    def action_model(self) -> None:
        """Show the models that may answer."""
        self._preferences.choose_model()

    def action_settings(self) -> None:
        """Show the settings."""
        self._preferences.change_settings(self._answers)

    @on(messages.JobStopWanted)
    def _stop_job(self) -> None:
        self._jobs.stop()

    @on(messages.NewWanted)
    async def _new(self) -> None:
        await self._questions.begin_anew()
        self._upkeep.offer()

    @on(messages.PlaceShown)
    @on(messages.ScopeWanted)
    @on(messages.SessionWanted)
    @on(messages.CopyWanted)
    @on(messages.CitedCopyWanted)
    @on(PapersView.ListingWanted)
    @on(PaperList.PageWanted)
    @on(PapersView.SearchWanted)
    @on(PapersView.SortWanted)
    @on(PaperPane.PaperWanted)
    @on(PaperPlace.Opened)
    @on(PaperPlace.NoteWanted)
    @on(PaperPlace.ChatWanted)
    @on(MarkWanted)
    @on(TagWanted)
    @on(ExportWanted)
    @on(RemoveWanted)
    @on(UndoWanted)
    @on(ThroughWanted)
    @on(SentenceWanted)
    def _want_of_library(self, wanted: Message) -> None:
        self._work.take(wanted)

    @on(AskBox.Widened)
    def _ask_all_again(self) -> None:
        self._main.asking.narrow(None)

    @on(messages.ChatsWanted)
    def _show_chats(self) -> None:
        self._chats.show()

    def _poll(self) -> None:
        self._upkeep.look()

    def _narrate(self, line: str) -> None:
        # The long work may speak from any thread; posting is safe from all of them.
        self.post_message(self.Narrated(line))

    @on(Narrated)
    def _narrated(self, event: Narrated) -> None:
        self._upkeep.tell(event.line)
