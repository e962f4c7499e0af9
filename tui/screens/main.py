"""The screen below all dialogs: three places, and the rows around them that every place has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.presenters import places, reader
from tui.presenters.key_names import AS_THEY_COME, KeyNames
from tui.screens.messages import (
    AddWanted,
    AskAllWanted,
    ChatsWanted,
    JobStopWanted,
    NewWanted,
    PlaceShown,
    SampleWanted,
    ScopeWanted,
    SessionWanted,
    StopWanted,
)
from tui.widgets.addresses import AddressChosen
from tui.widgets.ask_place import AskPlace
from tui.widgets.beginning import Beginning
from tui.widgets.conversation import Conversation
from tui.widgets.footer import KeyLine, StatusLine
from tui.widgets.inputs import MAX_QUESTION, AskBox
from tui.widgets.openings import Openings
from tui.widgets.paper_place import PaperPlace
from tui.widgets.papers import PapersView
from tui.widgets.place_bar import PlaceBar
from tui.widgets.places import Places
from tui.widgets.sources import SourcesPane

if TYPE_CHECKING:
    from store.types import Status
    from tui.presenters.places import Place
    from tui.presenters.sources import Item
    from tui.widgets.paper_pane import PaperPane

WIDE = 100
"""Columns from which two panes stand side by side."""

_STOPPING = "Stopping…"


class MainScreen(Screen[None]):
    """Lays out the places and moves between them; what needs the library goes up as a message.

    `busy` is True while an answer is written, `working` while a long job runs beside it.
    """

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (12, "-short"), (18, "-tall"), (22, "-roomy")]  # noqa: RUF012
    AUTO_FOCUS = "#ask"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "keys", key_display="F1", show=False, id="help"),
        *(
            Binding(
                one.key.lower(),
                f"place({one.place!r})",
                one.name,
                key_display=one.key,
                show=False,
                id=f"place.{one.place}",
            )
            for one in places.PLACES
        ),
        Binding("f5", "add", "add", key_display="F5", show=False, id="add"),
        Binding("f6", "ask_all", "ask every paper", key_display="F6", show=False, id="ask.every"),
        Binding("ctrl+r", "chats", "chats", priority=True, id="chats"),
        # Before anything else sees it: what is typed right after it belongs to the box.
        Binding("ctrl+n", "new", "new", priority=True, id="conversation.new"),
        Binding("escape,q", "back", "back", show=False, id="back", key_display="Esc"),
        Binding("question_mark", "help", "keys", show=False, key_display="?", id="help.typed"),
        Binding("o", "open_address", "open", show=False, id="open"),
        Binding("ctrl+g", "go", "Source by number", show=False, priority=True, id="cite.go"),
    ]

    def __init__(self, is_leaving: Callable[[], bool]) -> None:
        super().__init__()
        self._app_is_leaving = is_leaving
        self.busy = False
        self.working = False
        self._places = Places()
        self.asking = self._places.asking
        self.papers = self._places.papers
        self.reading = self._places.reading
        self.status = StatusLine(id="status", classes="-asking")
        self._bar = PlaceBar(id="places-bar")
        self._state = ""
        self._papers: int | None = None
        self.keys = AS_THEY_COME
        self._marked: Mapping[Status, int] = {}

    def compose(self) -> ComposeResult:
        """The names of the places, the place, the status line, the keys."""
        yield self._bar
        yield self._places
        yield self.status
        yield KeyLine()

    def on_mount(self) -> None:
        """Say where the reader is."""
        self.show_state()

    async def complete(self) -> None:
        """Lay out what the first paint does not need."""
        await self._places.complete()

    @property
    def box(self) -> AskBox:
        """The box for questions."""
        return self.asking.box

    @property
    def conversation(self) -> Conversation:
        """The conversation."""
        return self.asking.conversation

    @property
    def pane(self) -> SourcesPane:
        """The sources beside the conversation."""
        return self.asking.pane

    @property
    def place(self) -> Place:
        """Where the reader is."""
        return self._places.place

    @property
    def page(self) -> PaperPane:
        """The pane of this place in which a paper stands."""
        return self._places.pane

    @property
    def is_leaving(self) -> bool:
        """True while the app is left: its widgets are gone, or may go under our hands."""
        return self._app_is_leaving() or not (self.query("#places") and self.query("#sources"))

    @property
    def is_wide(self) -> bool:
        """True when two panes are in view."""
        return self.size.width >= WIDE

    def show_place(self, place: Place) -> None:
        """Go to a place, where it was left; from then on its keys hold."""
        self._places.go(place)
        # A class of the screen would have all that is below it styled anew.
        self.status.set_class(place == "ask", "-asking")
        self.show_state()
        self.post_message(PlaceShown(place))

    async def read(self, item: Item, came_from: Place) -> None:
        """Show a paper as a place of its own; Esc leads back to where it was opened."""
        await self._places.read(item, came_from)
        self.show_place("paper")

    def name_keys(self, keys: KeyNames) -> None:
        """Name these keys in what is said from now on."""
        self.keys = self.asking.keys = self.reading.keys = keys
        self.conversation.keys = self.papers.listed.keys = keys

    def count_marks(self, marked: Mapping[Status, int]) -> None:
        """Take how many papers have which mark."""
        self._marked = marked
        self.show_state()

    def count(self, papers: int) -> None:
        """Take how many papers there are."""
        self._papers = papers
        self.asking.count(papers)
        self.papers.begin(is_empty=not papers)
        self.show_state()

    def stand(self, destination: str, *, is_extractive: bool, takes: str) -> None:
        """Take which model answers, where text goes, and what a question usually takes."""
        self.papers.beginning.tell_model(self.keys, is_extractive=is_extractive)
        self.status.stand(destination)
        self.asking.stand(self.status.standing, is_extractive=is_extractive, takes=takes)

    def tell_state(self, line: str) -> None:
        """Say how things stand in the first row for as long as it is so; "" ends it."""
        self._state = line
        self.show_state()

    def show_state(self) -> None:
        """Mark the place in the first row, and say how things stand there."""
        if not self.query("#places"):
            return
        told = self._state or self._places.state(self._papers, self._marked)
        self._bar.show(self.place, told)

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
        self.show_state()
        self._list_sources()
        await self.asking.show_source()
        self.conversation.to_question()

    def action_help(self) -> None:
        """Tell of the pane in focus: what it is for, its keys, its marks."""
        from tui.screens.help import Help

        self.app.push_screen(Help(self))

    async def action_place(self, place: Place) -> None:
        """Go to a place."""
        if place != "paper" or self.reading.item is not None:
            self.show_place(place)
        elif (item := self._places.at_hand) is not None:
            await self.read(item, self.place)
        else:
            self.status.say(places.NO_PAPER)

    def action_add(self) -> None:
        """Add papers, or stop that."""
        self.post_message(AddWanted(or_stop=True))

    def action_ask_all(self) -> None:
        """Put the question in the box to every paper."""
        if text := self.box.text.strip():
            self.post_message(AskAllWanted(text))
        else:
            self._to_box()
            scope = self.asking.scope
            among = f"the {scope.title}" if scope else "every paper"
            self.status.say(
                f"Type the question first: {self.keys['ask.every']} puts it to {among}."
            )

    def action_chats(self) -> None:
        """Show the saved chats over what is here."""
        self.post_message(ChatsWanted())

    def action_new(self) -> None:
        """Start a new conversation, the focus in the box at once: what is typed next is text."""
        if not self.busy:
            self._to_box()
        self.post_message(NewWanted())

    async def action_back(self) -> None:
        """Stop the answer; else go one step back towards the box.

        Who is elsewhere while an answer is checked goes back before that is stopped. In the box,
        stop the long job; in the empty box go to the answer, whose keys hold there.
        """
        in_sources = self.place == "ask" and self.pane.has_focus_within
        is_elsewhere = in_sources or self.place != "ask"
        if self.busy and not (self.conversation.is_checking and is_elsewhere):
            self.status.say(_STOPPING)
            self.post_message(StopWanted())
        elif self.place != "ask":
            if (place := await self._places.back()) is not None:
                self.show_place(place)
        elif in_sources:
            self.asking.to_answer()
        elif self.working and self.box.has_focus:
            self.post_message(JobStopWanted())
        elif self.box.has_focus and not self.box.text.strip() and self.asking.has_above:
            self.asking.to_answer()
        else:
            self.asking.to_box()
            self.status.quieten()

    def action_go(self) -> None:
        """Leave the box, so that a digit is a source and not text."""
        if self.place != "ask":
            self.show_place("ask")
        self.asking.to_answer()

    def action_copy(self) -> None:
        """Ask as what the papers meant, the source shown, or the answer is to be copied."""
        from tui.screens.copying import Copying

        Copying(self._places, self.status.say).ask()

    def action_open_address(self) -> None:
        """Open the address of the paper that is shown, after a question."""
        page = self.page.reader.page
        if page is not None and page.address:
            self._ask_to_open(page.address)
        else:
            self.status.say(reader.no_address(page))

    def _ask_to_open(self, address: str) -> None:
        from tui.screens.dialogs import Confirm

        def opened(yes: bool | None) -> None:
            if yes:
                self.app.open_url(address)

        self.app.push_screen(Confirm("Open this address in the browser?", address), opened)

    def _to_box(self) -> None:
        if self.place != "ask":
            self.show_place("ask")
        self.set_focus(self.box)

    @on(Conversation.CurrentChanged)
    def _list_sources(self) -> None:
        self.asking.list_sources(is_busy=self.busy)
        self.refresh_bindings()

    @on(AskPlace.Said)
    def _say(self, event: AskPlace.Said) -> None:
        self.status.say(event.line)

    @on(AddressChosen)
    def _address_clicked(self, event: AddressChosen) -> None:
        self._ask_to_open(event.address)

    @on(PlaceBar.Chosen)
    async def _place_clicked(self, event: PlaceBar.Chosen) -> None:
        await self.action_place(event.place)

    @on(PapersView.OpenWanted)
    async def _paper_chosen(self, event: PapersView.OpenWanted) -> None:
        await self.read(event.item, "library")

    @on(Openings.Chosen)
    def _opening_chosen(self, event: Openings.Chosen) -> None:
        one = event.opening
        self.post_message(SessionWanted(one.chat) if one.chat else AskBox.Sent(one.text))

    @on(SourcesPane.OpenWanted)
    async def _source_chosen(self, event: SourcesPane.OpenWanted) -> None:
        await self.read(event.item, "ask")

    @on(PaperPlace.StepWanted)
    async def _step(self, event: PaperPlace.StepWanted) -> None:
        """Read the next paper of the list that this one was opened from."""
        if why := await self._places.step(event.by):
            self.status.say(why)
        else:
            self.show_state()

    @on(PapersView.AddWanted)
    def _add(self) -> None:
        self.post_message(AddWanted(or_stop=False))

    @on(Beginning.Wanted)
    def _begin(self, event: Beginning.Wanted) -> None:
        match event.act:
            case "add":
                self.post_message(AddWanted(or_stop=False))
            case "sample":
                self.post_message(SampleWanted())
            case "how":
                from tui.screens.add_papers import HowToSave

                self.app.push_screen(HowToSave())

    @on(PapersView.AskWanted)
    def _ask_these(self) -> None:
        self.post_message(ScopeWanted())

    @on(AskBox.TooLong)
    def _too_long(self) -> None:
        self.status.say(f"A question has at most {MAX_QUESTION:,} characters; not taken.")
