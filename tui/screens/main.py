"""The one screen: conversation, papers or saved conversations left, sources right, box below."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from tui.presenters import reader
from tui.presenters import turn as turns
from tui.screens.dialogs import Confirm, Help
from tui.screens.messages import (
    AddWanted,
    AgainWanted,
    AskAllWanted,
    ChatsWanted,
    CheckWanted,
    CopyWanted,
    JobStopWanted,
    NewWanted,
    SessionWanted,
    StopWanted,
    View,
    ViewShown,
)
from tui.widgets.answer_text import AnswerText
from tui.widgets.conversation import Conversation
from tui.widgets.footer import KeyLine, StatusLine
from tui.widgets.inputs import MAX_QUESTION, AskBox
from tui.widgets.papers import PapersView
from tui.widgets.sessions import SessionsView
from tui.widgets.sources import SourcesPane
from tui.widgets.turn import TurnView
from tui.widgets.virtual_list import LineList

WIDE = 100
"""Columns from which conversation and sources stand side by side."""

_STOPPING = "Stopping…"


class MainScreen(Screen[None]):
    """Lays out the panes and moves between them; what needs the library goes up as a message.

    `busy` is True while an answer is written, `working` while a long job runs beside it.
    """

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (12, "-short"), (18, "-tall"), (22, "-roomy")]  # noqa: RUF012
    AUTO_FOCUS = "#ask"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help", key_display="F1", id="help"),
        Binding("f2", "view('papers')", "Papers", key_display="F2", id="view.papers"),
        Binding("f3", "view('sessions')", "Chats", key_display="F3", id="view.sessions"),
        Binding("f4", "sources", "Sources", key_display="F4", id="view.sources"),
        Binding("f5", "add", "Add", key_display="F5", id="add"),
        Binding("f6", "ask_all", "Ask all", key_display="F6", id="ask.every"),
        # Before anything else sees it: what is typed right after it belongs to the box.
        Binding("ctrl+n", "new", "New", priority=True, id="conversation.new"),
        Binding("ctrl+r", "chats", "Chats", show=False, priority=True, id="chats"),
        Binding("escape", "back", "Back", show=False, id="back", key_display="Esc"),
        Binding("question_mark", "help", "Help", show=False, id="help.typed"),
        Binding("y", "copy", "Copy", show=False, id="copy"),
        Binding("c", "check", "Check", show=False, id="check"),
        Binding("a", "again", "Ask again", show=False, id="again"),
        Binding("o", "open_address", "Open", show=False, id="open"),
        Binding("ctrl+g", "go", "Source by number", show=False, priority=True, id="cite.go"),
        *(
            Binding(f"{n},alt+{n}", f"cite({n})", f"Source {n}", show=False, id=f"cite.{n}")
            for n in range(1, 10)
        ),
    ]

    def __init__(self, is_leaving: Callable[[], bool]) -> None:
        super().__init__()
        self._app_is_leaving = is_leaving
        self.busy = False
        self.working = False
        self.box = AskBox(id="ask")
        self.conversation = Conversation(self.box, id="conversation")
        self.papers = PapersView(id="papers")
        self.sessions = SessionsView(id="sessions")
        self.pane = SourcesPane(id="right")
        self.status = StatusLine(id="status")

    def compose(self) -> ComposeResult:
        """The panes, the box, the status line, the keys."""
        with Horizontal(id="panes"):
            with ContentSwitcher(initial="conversation", id="left"):
                yield self.conversation
                yield self.papers
                yield self.sessions
            yield self.pane
        yield self.box
        yield self.status
        yield KeyLine(show_command_palette=False, compact=True)

    @property
    def view(self) -> View:
        """What the left pane shows."""
        match self.query_one("#left", ContentSwitcher).current:
            case "papers":
                return "papers"
            case "sessions":
                return "sessions"
            case _:
                return "conversation"

    @property
    def is_leaving(self) -> bool:
        """True while the app is left: its widgets are gone, or may go under our hands."""
        return self._app_is_leaving() or not (self.query("#left") and self.query("#reader"))

    @property
    def is_wide(self) -> bool:
        """True when both panes are in view."""
        return self.size.width >= WIDE

    def show_view(self, view: View) -> None:
        """Show something else in the left pane."""
        self.query_one("#left", ContentSwitcher).current = view
        self.set_class(view != "conversation", "-browsing")
        self._read(False)
        self._focus_left()
        if view == "conversation":
            self._list_sources()
        self.post_message(ViewShown(view))

    def be_free(self) -> None:
        """Take the next question from now on."""
        self.busy = False
        if self.status.notice == _STOPPING:
            self.status.quieten()
        if not self.working:
            self.status.job("")

    async def end_answer(self) -> None:
        """List the sources of the answer that ended, and show the first cited one beside it."""
        self.be_free()
        self._list_sources()
        await self.show_source()

    async def show_source(self) -> None:
        """Show the first cited source of the current answer, unless one of its sources is read."""
        turn = self.conversation.current
        item = turns.item(turn.page, 1) if turn else None
        is_beside = self.is_wide and self.view == "conversation"
        if is_beside and turn and item is not None and not self.pane.reads_one_of(turn.page):
            await self.pane.choose(item)

    def action_help(self) -> None:
        """Show the keys and the legend, which comes first where an answer may stand."""
        self.app.push_screen(Help(signs_first=self.view == "conversation"))

    def action_view(self, view: View) -> None:
        """Go to a view, or from it back to the conversation."""
        self.show_view("conversation" if self.view == view else view)

    def action_sources(self) -> None:
        """Go to the sources, or from them back."""
        if self._in_sources:
            self._leave_sources()
            return
        self._read(True)
        (self.pane.listed if self.view == "conversation" else self.pane.reader).focus()

    def action_add(self) -> None:
        """Add papers, or stop that."""
        self.post_message(AddWanted(or_stop=True))

    def action_ask_all(self) -> None:
        """Put the question in the box to every paper."""
        if text := self.box.text.strip():
            self.post_message(AskAllWanted(text))
        else:
            among = self.papers.among if self.view == "papers" else ""
            if self.view != "conversation":
                self.show_view("conversation")
            self.status.say(f"Type the question first: F6 puts it to {among or 'every paper'}.")

    def action_chats(self) -> None:
        """Show the saved chats over what is here."""
        self.post_message(ChatsWanted())

    def action_new(self) -> None:
        """Start a new conversation, the focus in the box at once: what is typed next is text."""
        if not self.busy:
            if self.view != "conversation":
                self.show_view("conversation")
            self.set_focus(self.box)
        self.post_message(NewWanted())

    def action_back(self) -> None:
        """Stop the answer; else go one step back towards the box.

        Who is elsewhere while an answer is checked goes back before that is stopped. In the box,
        stop the long job; in the empty box go to the answer, whose keys hold there.
        """
        is_elsewhere = self._in_sources or self.view != "conversation"
        if self.busy and not (self.conversation.is_checking and is_elsewhere):
            self.status.say(_STOPPING)
            self.post_message(StopWanted())
        elif self._in_sources:
            self._leave_sources()
        elif self.view == "papers" and self.papers.unselect():
            return
        elif self.view != "conversation":
            self.show_view("conversation")
        elif self.working and self.box.has_focus:
            self.post_message(JobStopWanted())
        elif self.box.has_focus and not self.box.text.strip() and self.conversation.is_whole:
            self._to_answer()
        else:
            self._leave_sources()
            self.status.quieten()

    def action_go(self) -> None:
        """Leave the box, so that a digit is a source and not text."""
        if self.view != "conversation":
            self.show_view("conversation")
        self._to_answer()

    def _to_answer(self) -> None:
        self._read(False)
        self.conversation.focus()
        self.status.say("1 … 9 source, c check, y copy; Esc: question")

    async def action_cite(self, number: int) -> None:
        """Show a source of the current answer by its number."""
        turn = self.conversation.current
        if turn is not None and self.view == "conversation":
            await self._cite(turn, number, None, focus=not self.box.has_focus)

    def action_copy(self) -> None:
        """Copy the answer with its signs and references, or in the list of papers the paper."""
        ids = self.papers.meant if self.view == "papers" else ()
        turn = self.conversation.current
        if ids:
            self.post_message(CopyWanted(ids))
        elif turn is not None:
            self.app.copy_to_clipboard(turns.copied(turn.page, turn.shown))
            self.status.say("Copied the answer with its signs and references.")
        else:
            self.status.say("There is nothing to copy yet.")

    def action_check(self) -> None:
        """Have the model check the current answer, claim by claim."""
        turn = self.conversation.current
        if refusal := turns.check_refusal(turn.page if turn else None):
            self.status.say(refusal)
        elif turn is not None:
            self.post_message(CheckWanted(turn))

    async def action_again(self) -> None:
        """Ask the question of the current turn again."""
        turn = self.conversation.current
        text = turns.asked_again(turn.page if turn else None)
        if self.busy:
            self.status.say("One question at a time: Esc stops the answer.")
        elif turn is None or not text:
            self.status.say("There is no answer whose question could be asked again.")
        else:
            await turn.show(turns.overtaken(turn.page, 0))
            self.post_message(AgainWanted(text))

    def action_open_address(self) -> None:
        """Open the address of the paper that is shown, after a question."""
        page = self.pane.reader.page
        if page is not None and page.address:
            self._ask_to_open(page.address)
        else:
            self.status.say(reader.no_address(page))

    def _ask_to_open(self, address: str) -> None:
        def opened(yes: bool | None) -> None:
            if yes:
                self.app.open_url(address)

        self.app.push_screen(Confirm("Open this address in the browser?", address), opened)

    @property
    def _in_sources(self) -> bool:
        return self.has_class("-reading") and (not self.is_wide or self.pane.has_focus_within)

    def _leave_sources(self) -> None:
        self._read(False)
        self._focus_left()

    def _focus_left(self) -> None:
        match self.view:
            case "papers":
                self.papers.listed.focus()
            case "sessions":
                self.sessions.lines.focus()
            case _ if self.conversation.has_focus:
                self.conversation.hand_over()
            case _:
                self.box.focus()

    def _read(self, reading: bool) -> None:
        """Give a narrow screen to the sources, or back."""
        self.set_class(reading, "-reading")

    async def _cite(self, turn: TurnView, number: int, claim: int | None, focus: bool) -> None:
        if turn is not self.conversation.current:
            self.conversation.select(turn)
            self._list_sources()
        if await self.pane.cite(turn.page, number, claim):
            self._read(True)
            if focus:
                self.pane.reader.focus()
        else:
            self.status.say(turns.no_source(turn.page, number))

    @on(Conversation.CurrentChanged)
    def _list_sources(self) -> None:
        turn = self.conversation.current
        page = turn.page if turn else None
        self.pane.list_turn(page, self.busy, keep=self.view != "conversation")

    @on(TurnView.CitationChosen)
    async def _citation_clicked(self, event: TurnView.CitationChosen) -> None:
        await self._cite(event.turn, event.number, event.claim, focus=False)

    @on(AnswerText.AddressChosen)
    def _address_clicked(self, event: AnswerText.AddressChosen) -> None:
        self._ask_to_open(event.address)

    @on(LineList.Highlighted, "#paper-list")
    async def _paper_passed(self, event: LineList.Highlighted) -> None:
        await self.pane.choose(event.item)

    @on(LineList.Chosen, "#paper-list")
    async def _paper_chosen(self, event: LineList.Chosen) -> None:
        await self.pane.choose(event.item)
        self._read(True)
        self.pane.reader.focus()

    @on(PapersView.AddWanted)
    def _add(self) -> None:
        self.post_message(AddWanted(or_stop=False))

    @on(LineList.Chosen, "#session-list")
    def _session_chosen(self, event: LineList.Chosen) -> None:
        self.post_message(SessionWanted(event.item))

    @on(AskBox.TooLong)
    def _too_long(self) -> None:
        self.status.say(f"A question has at most {MAX_QUESTION:,} characters; not taken.")
