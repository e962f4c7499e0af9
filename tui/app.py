"""The app: puts what the reader wants to the service, and what the service says on the screen."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import WorkerCancelled, WorkerFailed

from assistant.errors import Exit
from tui import themes
from tui.controllers.opened import Failure, Opened
from tui.controllers.own_keys import OwnKeys
from tui.lifecycle import Shell
from tui.presenters.pane_help import key_name
from tui.screens import messages
from tui.screens.main import MainScreen
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
from tui.widgets.preview import Preview

if TYPE_CHECKING:
    from assistant.config.file import ConfigFile
    from assistant.types.sessions import SessionChoice
    from tui.controllers.library import LibraryController
    from tui.controllers.together import Controllers
    from tui.service import Service

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
        self._question = question
        self._max_cost = max_cost
        self._keep_theme = keep_theme
        self._config = config

    @cached_property
    def _controllers(self) -> Controllers:
        """What does the work; imported after the first paint, for it takes as long again."""
        from assistant.config.file import ConfigFile
        from assistant.config.settings import config_file
        from tui.controllers.together import Controllers

        return Controllers(
            self._main,
            self._opened,
            question=self._question,
            max_cost=self._max_cost,
            config=self._config or ConfigFile(config_file(None, os.environ)),
            keep_theme=self._keep_theme,
            narrate=self._narrate,
            settle=self.settle,
            tidy=self.tidy,
        )

    @property
    def _service(self) -> Service | None:
        return self._opened.service

    @property
    def _library(self) -> LibraryController | None:
        return self._controllers.work.library

    @property
    def main(self) -> MainScreen:
        """The screen below all dialogs."""
        return self._main

    def get_default_screen(self) -> Screen[Any]:
        """The one screen."""
        return self._main

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette offers."""
        return self._controllers.commands.offered(screen)

    def get_key_display(self, binding: Binding) -> str:
        """A key as it is spelt everywhere."""
        return binding.key_display or key_name(binding.key) or super().get_key_display(binding)

    def action_command_palette(self) -> None:
        """Show the palette."""
        from tui.screens.dialogs import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def on_mount(self) -> None:
        """Open the service once the app has painted itself."""
        self.catch_signals()
        self._take_theme(self._begins_as)
        self._main.tell_state("opening the library…")
        self.set_interval(POLL_SECONDS, self._poll)
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        """Lay out the rest, take the keys typed so far, open the library."""
        await self._main.complete()
        await self._take_own_keys()
        self._take_keys()
        self._open()

    def action_help_quit(self) -> None:
        """Do nothing: ^c copies what is selected; Textual would tell how to quit."""

    def action_change_theme(self) -> None:
        """Ask for a theme."""
        self._controllers.preferences.choose_theme()

    def _take_theme(self, name: str) -> None:
        """Look as configured, "" for the usual; a theme that there is not is told."""
        if name in self.available_themes:
            self.theme = name
        elif name:
            from tui.presenters import looks

            self._main.status.say(looks.unknown(name))

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
        running = self._controllers.running if "_controllers" in vars(self) else []
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
        # In a thread, so that what is typed meanwhile is seen.
        await asyncio.to_thread(import_module, "tui.controllers.together")
        await self._controllers.open(self._open_workspace, self._going)

    @on(AskBox.Sent)
    async def _sent(self, event: AskBox.Sent) -> None:
        await self._controllers.questions.send(event.text)

    @on(AskPlace.AgainWanted)
    async def _ask_again(self, event: AskPlace.AgainWanted) -> None:
        await self._controllers.questions.ask_again(event.turn)

    @on(AskPlace.OtherModelWanted)
    def _ask_with(self, event: AskPlace.OtherModelWanted) -> None:
        self._controllers.preferences.choose_again(event.turn, self._controllers.answers)

    @on(SummaryWanted)
    async def _summarize(self, event: SummaryWanted) -> None:
        await self._controllers.questions.summarize(event.item)

    @on(messages.AskAllWanted)
    def _ask_all(self, event: messages.AskAllWanted) -> None:
        self._controllers.questions.ask_all(event.text)

    @on(PaperPlace.AskWanted)
    def _ask_about(self, event: PaperPlace.AskWanted) -> None:
        self._controllers.questions.ask_about(event.item)

    @on(AskPlace.CheckWanted)
    def _check(self, event: AskPlace.CheckWanted) -> None:
        self._controllers.questions.check(event.turn)

    @on(messages.StopWanted)
    def _stop(self) -> None:
        self._controllers.answers.stop()

    @on(messages.AddWanted)
    def _add(self, event: messages.AddWanted) -> None:
        self._controllers.jobs.add(or_stop=event.or_stop)

    @on(messages.SampleWanted)
    def _offer_sample(self) -> None:
        self._controllers.jobs.offer_sample()

    def action_model(self) -> None:
        """Show the models that may answer."""
        self._controllers.preferences.choose_model()

    def action_settings(self) -> None:
        """Show the settings."""
        self._controllers.preferences.change_settings(self._controllers.answers)

    @on(messages.JobStopWanted)
    def _stop_job(self) -> None:
        self._controllers.jobs.stop()

    @on(messages.NewWanted)
    async def _new(self) -> None:
        await self._controllers.questions.begin_anew()
        self._controllers.upkeep.offer()

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
    @on(Preview.LeadsWanted)
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
        self._controllers.work.take(wanted)

    @on(AskBox.Widened)
    def _ask_all_again(self) -> None:
        self._main.asking.narrow(None)

    @on(messages.ChatsWanted)
    def _show_chats(self) -> None:
        self._controllers.chats.show()

    def _poll(self) -> None:
        self._controllers.upkeep.look()

    def _narrate(self, line: str) -> None:
        # The long work may speak from any thread; posting is safe from all of them.
        self.post_message(self.Narrated(line))

    @on(Narrated)
    def _narrated(self, event: Narrated) -> None:
        self._controllers.upkeep.tell(event.line)
