"""The app: puts what the reader wants to the service, and what the service says on the screen."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.worker import WorkerCancelled, WorkerFailed, WorkType

from assistant.config.file import ConfigFile
from assistant.config.settings import config_file
from assistant.errors import Exit
from assistant.types.sessions import SessionChoice, SessionLine
from tui import themes
from tui.controllers.ask import AskController
from tui.controllers.chats import ChatsController
from tui.controllers.jobs import JobController
from tui.controllers.library import LibraryController
from tui.controllers.stream import Failure
from tui.lifecycle import Shell
from tui.presenters import looks, status
from tui.presenters import turn as turns
from tui.presenters.help import Action, bound_title, commands
from tui.presenters.pane_help import key_name
from tui.presenters.places import Scope
from tui.screens import messages
from tui.screens.chats import Chats
from tui.screens.dialogs import Palette
from tui.screens.looks import ChooseTheme
from tui.screens.main import MainScreen
from tui.service import Service
from tui.widgets.ask_place import AskPlace
from tui.widgets.inputs import AskBox
from tui.widgets.paper_acts import MarkWanted, SummaryWanted, TagWanted, UndoWanted
from tui.widgets.paper_pane import PaperPane
from tui.widgets.paper_place import PaperPlace
from tui.widgets.papers import PapersView

if TYPE_CHECKING:
    from tui.controllers.models import ModelController

POLL_SECONDS = 2.0
"""How often the library is asked whether another process changed it."""

CLOSE_SECONDS = 5.0
"""How long an answer may take to stop, and the service to close."""

_OPENING = "The library is still opening."


class QuireApp(Shell):
    """The reading assistant in a terminal.

    `open_workspace` is called once, after the first paint. `question` is asked as soon as the
    service is open, in the conversation `going` where that is given. `state` is the folder of the
    log. `max_cost` caps what an answer, or its check, may cost, in USD. `theme` is the one to
    begin with, "" for the usual one, and what keeps another that is chosen; that raises WrongUse.
    `config` is the configuration that models are kept in, the usual one where none is given.
    """

    TITLE = "quire"
    CSS_PATH = "styles.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
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
    ) -> None:
        super().__init__(state)
        self._config = config or ConfigFile(config_file(None, os.environ))
        self._models: ModelController | None = None
        self._begins_as, self._keep_theme = theme
        for one in themes.OWN:
            self.register_theme(one)
        # Before the first paint, which would be made twice else.
        self.set_reactive(QuireApp.theme, themes.USUAL)
        self.stylesheet.set_variables(self.get_css_variables())
        self._open_workspace = open_workspace
        self._service: Service | None = None
        self._library: LibraryController | None = None
        self._unopened = ""
        self._waiting = question
        self._going = going
        self._main = MainScreen(lambda: self.is_leaving)
        self._answers = AskController(self._main, max_cost, self.settle)
        self._jobs = JobController(self._main, self._narrate, self._follow_job)

    @property
    def main(self) -> MainScreen:
        """The screen below all dialogs."""
        return self._main

    def get_default_screen(self) -> Screen[Any]:
        """The one screen."""
        return self._main

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette offers."""
        main, jobs = self._main, self._jobs
        acts: dict[Action, Callable[[], object]] = {
            "new": main.action_new,
            "library": lambda: main.show_place("library"),
            "ask": lambda: main.show_place("ask"),
            "paper": lambda: main.run_action("place('paper')"),
            "chats": main.action_chats,
            "add": main.action_add,
            "stop_job": jobs.stop,
            "embedders": self._offer_embedders,
            "model": self.action_model,
            "ask_all": main.action_ask_all,
            "check": main.asking.action_check,
            "copy": main.action_copy,
            "open_address": main.action_open_address,
            "help": main.action_help,
            "theme": self.action_change_theme,
            "settings": self.action_settings,
            "quit": self.action_quit,
        }
        for one in commands(is_adding=jobs.is_adding, is_changing=jobs.is_changing):
            yield SystemCommand(f"{one.group}: {one.title}", one.about, acts[one.action])
        yield from self._bound_commands(screen)

    def _bound_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the keys of the focus and its place do, where no command of its own does it."""
        main = self._main
        if screen is not main:
            return
        for active in list(main.active_bindings.values()):
            binding = active.binding
            title = bound_title(binding.id or "", binding.description)
            if title and active.enabled and active.node not in (main, self):
                act = partial(self.run_action, binding.action, active.node)
                yield SystemCommand(title, self.get_key_display(binding), act)

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
        self._take_theme()
        self._main.tell_state("opening the library…")
        self.set_interval(POLL_SECONDS, self._poll)
        self.call_after_refresh(self._open)
        self.call_after_refresh(self._take_keys)

    def _take_theme(self) -> None:
        """Look as configured."""
        name = self._begins_as
        if name in self.available_themes:
            self.theme = name
        elif name:
            self._main.status.say(looks.unknown(name))

    def action_change_theme(self) -> None:
        """Ask for a theme: each that is passed is seen, the one chosen is kept."""
        before = self.theme

        def preview(name: str) -> None:
            self.theme = name

        def chosen(name: str | None) -> None:
            self.theme = name or before
            if name and name != before:
                self.run_worker(self._keep(name), group="theme")

        if not isinstance(self.screen, ChooseTheme):
            self.push_screen(ChooseTheme(themes.offered(), before, preview), chosen)

    async def _keep(self, theme: str) -> None:
        try:
            await asyncio.to_thread(self._keep_theme, theme)
        except Failure as error:
            self._main.status.say(f"The theme is not kept. {status.failure(error)}")

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
                if self._service:
                    await self._service.aclose()
        except (*Failure, TimeoutError):
            pass

    async def action_quit(self) -> None:
        """Leave; whatever runs is stopped on the way."""
        code = Exit.STORE if self._unopened else Exit.DONE
        self.exit(code, return_code=code)

    @work(group="open")
    async def _open(self) -> None:
        main = self._main
        try:
            self._service = service = await self._open_workspace()
        except Failure as error:
            self._unopened = status.failure(error)
            main.tell_state("no library")
            await main.conversation.say(self._unopened)
            if self._waiting:
                main.box.take(self._waiting)
            return
        self._library = library = LibraryController(service, main)
        if main.status.notice.startswith(_OPENING):
            main.status.quieten()
        main.tell_state("")
        await library.count()
        if self._going is not None:
            await library.go_on(self._going)
        if main.papers.is_beginning and not (self._going or self._waiting or main.box.text):
            main.show_place("library")
        else:
            main.post_message(messages.PlaceShown(main.place))
        if self._waiting:
            await self._ask(self._waiting)
        self._do(self._begin, "catch up")

    async def _begin(self, library: LibraryController) -> None:
        await library.offer_better()
        self.settle()
        await library.catch_up(self._narrate)
        self.settle()
        await self._make_wanted(library)

    async def _make_wanted(self, library: LibraryController) -> None:
        """Make what papers wait for by an embedder, beside what the reader does."""
        if self._service is not None and not self.is_leaving:
            await library.make_wanted(partial(self._jobs.make_wanted, self._service))

    @on(AskBox.Sent)
    async def _sent(self, event: AskBox.Sent) -> None:
        if not self._answers.may_begin:
            self._main.status.say("One question at a time: Esc stops the answer.")
        elif self._unopened:
            self._main.status.say(self._unopened)
        elif self._service is None and self._waiting:
            self._main.status.say(f"{_OPENING} One question waits already.")
        else:
            self._main.box.let_go(event.text)
            await self._ask(event.text)

    @on(AskPlace.AgainWanted)
    async def _ask_again(self, event: AskPlace.AgainWanted) -> None:
        if not self._answers.may_begin:
            self._main.status.say("One question at a time: Esc stops the answer.")
            return
        await event.turn.show(turns.overtaken(event.turn.page, 0))
        await self._ask(event.text)

    @on(SummaryWanted)
    async def _summarize(self, event: SummaryWanted) -> None:
        if not self._answers.may_begin or self._service is None:
            self._main.status.say("One answer at a time: Esc stops it.")
            return
        await self._answers.summarize(self._service, event.item)

    @on(messages.AskAllWanted)
    def _ask_all(self, event: messages.AskAllWanted) -> None:
        if not self._answers.may_begin:
            self._main.status.say("One question at a time: Esc stops the answer.")
        elif self._service is None:
            self._main.status.say(self._unopened or _OPENING)
        else:
            self._poll()
            self._answers.ask_all(self._service, event.text)

    @on(AskPlace.CheckWanted)
    def _check(self, event: AskPlace.CheckWanted) -> None:
        answer = event.turn.page.answer
        if self._main.busy or self._service is None or answer is None:
            self._main.status.say("One answer at a time: Esc stops it.")
        elif not self._service.judge:
            self._main.status.say("A check needs a model; the built-in one cannot judge.")
        else:
            self._answers.check(self._service, event.turn, answer)

    async def _ask(self, text: str) -> None:
        if self._service is None:
            self._waiting = text
            self._main.status.say(f"{_OPENING} Then your question goes out.")
            return
        self._waiting = None
        self._poll()
        await self._answers.ask(self._service, text)

    @on(messages.StopWanted)
    def _stop(self) -> None:
        self._answers.stop()

    @on(messages.AddWanted)
    def _ask_what_to_add(self, event: messages.AddWanted) -> None:
        if self._jobs.is_adding and event.or_stop:
            self._jobs.stop()
        elif (service := self._able_to_add()) is not None:
            self._jobs.ask_what_to_add(service)

    @on(messages.SampleWanted)
    def _offer_sample(self) -> None:
        if (service := self._able_to_add()) is not None:
            self._jobs.offer_sample(service)

    def _able_to_add(self) -> Service | None:
        """The service where papers may be added now; else it is said why not."""
        if self._jobs.is_running and not self._jobs.gives_way:
            self._main.status.say(self._jobs.under_way)
            return None
        if self._service is None:
            self._main.status.say(self._unopened or _OPENING)
        return self._service

    def action_model(self) -> None:
        """Show the models that may answer."""
        if self._service is None:
            self._main.status.say(self._unopened or _OPENING)
            return
        if not self._main.is_current:
            return  # chosen in the palette, or pressed twice
        if self._models is None:
            from assistant.workspace.chat_models import ChatModels
            from tui.controllers.models import ModelController

            models = ChatModels(self._config)
            self._models = ModelController(self._main, self._service, models, self._recount)
        self._models.offer()

    def action_settings(self) -> None:
        """Show the settings."""
        if self._service is None:
            self._main.status.say(self._unopened or _OPENING)
        elif self._main.is_current:
            from assistant.workspace.configuration import Configuration
            from tui.controllers.settings import SettingsController

            SettingsController(
                self._main,
                Configuration(self._config),
                self._service,
                self._answers,
                self._recount,
                self.action_change_theme,
            ).show()

    def _recount(self) -> None:
        """Say anew where text goes."""
        self._do(LibraryController.count, "count")

    def _offer_embedders(self) -> None:
        service = self._service
        if self._jobs.is_running:
            self._main.status.say(self._jobs.under_way)
        elif service is None or self._library is None:
            self._main.status.say(self._unopened or _OPENING)
        else:
            use = partial(self._jobs.change_embedder, service)
            self._do(lambda library: library.offer_embedders(use), "embedders")

    def _follow_job(self) -> None:
        self._do(self._keep_up, "keep up")

    async def _keep_up(self, library: LibraryController) -> None:
        await library.keep_up(self._narrate)
        await self._make_wanted(library)

    @on(messages.JobStopWanted)
    def _stop_job(self) -> None:
        self._jobs.stop()

    @on(messages.NewWanted)
    async def _new(self) -> None:
        if self._main.busy:
            self._main.status.say("Esc stops the answer first.")
            return
        await self._main.conversation.clear()
        if not self.is_leaving:
            self._main.asking.narrow(None)
            self._main.show_place("ask")

    @on(messages.PlaceShown)
    def _place_shown(self, event: messages.PlaceShown) -> None:
        if event.place == "library" and not self._main.papers.is_loaded:
            self._do(LibraryController.list_papers, "papers")

    @on(messages.ScopeWanted)
    def _narrow(self) -> None:
        self._do(LibraryController.narrow, "scope")

    @on(PaperPlace.AskWanted)
    def _ask_about(self, event: PaperPlace.AskWanted) -> None:
        self._main.asking.narrow(Scope((event.item.id,), event.item.title))
        self._main.action_ask_all()

    @on(PaperPlace.Opened)
    def _read(self, event: PaperPlace.Opened) -> None:
        self._do(lambda library: library.reading.read(event.place, event.item), "reading")

    @on(PaperPlace.NoteWanted)
    def _edit_note(self, event: PaperPlace.NoteWanted) -> None:
        self._do(
            lambda library: library.reading.edit_note(event.paper, library.show_changed), "note"
        )

    @on(PaperPlace.ChatWanted)
    def _open_chat(self, event: PaperPlace.ChatWanted) -> None:
        self._open_session(event.citing.session, event.citing.turn)

    @on(AskBox.Widened)
    def _ask_all_again(self) -> None:
        self._main.asking.narrow(None)

    @on(messages.SessionWanted)
    def _reopen(self, event: messages.SessionWanted) -> None:
        self._open_session(event.line.id)

    def _open_session(self, session: str, turn: int | None = None) -> None:
        if self._main.busy:
            self._main.status.say("Esc stops the answer first.")
        else:
            self._do(lambda library: library.reopen(session, turn), "sessions")

    @on(messages.ChatsWanted)
    def _show_chats(self) -> None:
        if self._service is None:
            self._main.status.say(self._unopened or _OPENING)
        elif self.screen is self._main:
            keeper = ChatsController(self._service, self._forget)
            self.push_screen(Chats(keeper), self._chat_chosen)

    def _chat_chosen(self, line: SessionLine | None) -> None:
        if line is not None:
            self._main.post_message(messages.SessionWanted(line))

    async def _forget(self, session: str) -> None:
        """Show a chat no more that was deleted."""
        if self._main.conversation.session == session and not self._main.busy:
            await self._main.conversation.clear()

    @on(PaperPane.PaperWanted)
    def _complete(self, event: PaperPane.PaperWanted) -> None:
        self._do(lambda library: library.complete(event.pane, event.item), f"{event.pane.id}")

    @on(PapersView.ListingWanted)
    def _list(self) -> None:
        self._do(LibraryController.list_papers, "papers")

    @on(MarkWanted)
    def _mark(self, event: MarkWanted) -> None:
        self._do(lambda library: library.mark(event.ids, event.status), "marks", exclusive=False)

    @on(TagWanted)
    def _tag(self, event: TagWanted) -> None:
        self._do(lambda library: library.offer_tags(event.ids), "marks", exclusive=False)

    @on(UndoWanted)
    def _take_back(self) -> None:
        self._do(LibraryController.take_back, "marks", exclusive=False)

    @on(PapersView.SortWanted)
    def _sort(self) -> None:
        self._do(LibraryController.offer_orders, "papers")

    @on(PapersView.PageWanted)
    def _page(self, event: PapersView.PageWanted) -> None:
        job = lambda library: library.page(event.listing, event.page)  # noqa: E731
        self._do(job, "page", exclusive=False)

    @on(messages.CopyWanted)
    def _copy(self, event: messages.CopyWanted) -> None:
        self._do(lambda library: library.copy(event.ids, event.form), "copy")

    @on(messages.CitedCopyWanted)
    def _copy_cited(self, event: messages.CitedCopyWanted) -> None:
        self._do(lambda library: library.copy_cited(event.answer), "copy")

    @on(PapersView.SearchWanted)
    def _rank(self, event: PapersView.SearchWanted) -> None:
        self._do(lambda library: library.rank(event.text), "papers")

    def _poll(self) -> None:
        indexing = self._library is not None and self._library.is_catching_up
        if not (self._main.busy or self._main.working or indexing):
            self.tidy()
        if not self._main.busy:
            self._do(lambda library: library.look(self._narrate), "look", exclusive=False)

    def _narrate(self, line: str) -> None:
        # The long work may speak from any thread; posting is safe from all of them.
        self.post_message(self.Narrated(line))

    @on(Narrated)
    def _narrated(self, event: Narrated) -> None:
        # A line may come late, when the count of papers stands there again.
        if self._library and self._library.is_catching_up:
            self._main.tell_state(event.line)

    def _do(
        self,
        job: Callable[[LibraryController], Coroutine[Any, Any, None]],
        group: str,
        exclusive: bool = True,
    ) -> None:
        """Run a job of the library in a worker; one of a group at a time."""
        if library := self._library:

            async def do() -> None:
                # Made in the worker: one that is cancelled before its first step would else be
                # a coroutine that nothing awaits.
                await job(library)

            work: WorkType[None] = do
            self.run_worker(work, group=group, exclusive=exclusive)
