"""The conversation: turns one below the other, one of them current."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui.presenters.chat_turns import SavedPages
from tui.presenters.key_names import AS_THEY_COME
from tui.widgets.laid_out import LaidOutTurns
from tui.widgets.openings import OpeningList, Openings
from tui.widgets.reader import SCROLLING
from tui.widgets.turn import TurnView

if TYPE_CHECKING:
    from tui.presenters.openings import Opening
    from tui.widgets.claim_block import SignedBlock

WELCOME = "Ask a question below. Every sentence of the answer is cited and checked."
"""What stands where there is no turn yet."""
BEGINNING = (
    "There are no papers yet. %s adds some: a file or folder (BibTeX, RIS, CSV, JSON, PDF, a saved "
    "page and others), an id such as arxiv:2403.01234, or an address. Then ask a question below; "
    "every sentence of the answer is cited and checked.\n\n"
    "To look round first: quire demo, in the shell, asks a sample of well-known papers."
)
"""What stands there while the library is empty."""


class Conversation(LaidOutTurns, can_focus=True):
    """Shows the turns of a conversation; `current` is the one whose sources are listed.

    `session` is the id of the saved conversation, None for a new one, which is called `begins`
    where that is given. `box` takes a letter that
    is no key here, and all keys behind it: a question begins.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "claim(1)", "claim", key_display="j k", id="claim.next"),
        Binding("k", "claim(-1)", "claim before", show=False, id="claim.previous"),
        Binding("enter", "read", "paper", key_display="Enter", id="claim.read"),
        *SCROLLING,
        Binding("p", "step(-1)", "Answer before", show=False, id="conversation.previous"),
        Binding("n", "step(1)", "Answer after", show=False, id="conversation.next"),
    ]

    class CurrentChanged(Message):
        """Another turn, or none, is current, or the current one has other sources."""

    class ClaimPassed(Message):
        """The cursor came to a claim of a turn, by its place there."""

        def __init__(self, turn: TurnView, place: int) -> None:
            super().__init__()
            self.turn = turn
            self.place = place

    class ReadWanted(Message):
        """The reader wants to read the paper that the claim at hand cites."""

    def __init__(self, box: Widget, id: str | None = None) -> None:
        super().__init__(id=id)
        self.session: str | None = None
        self.begins = ""
        self.current: TurnView | None = None
        self._is_following = False
        self._is_growing = False
        self._box = box
        self._rows: Sequence[Opening] = ()
        self._model = ""
        self._welcome = WELCOME
        self.keys = AS_THEY_COME
        self._held: list[events.Key] | None = None
        self.claim: tuple[TurnView, int] | None = None
        self._at_cursor: SignedBlock | None = None

    @property
    def is_whole(self) -> bool:
        """True when the current turn has its answer."""
        return self.current is not None and self.current.page.is_answered

    @property
    def is_checking(self) -> bool:
        """True while a model judges an answer that is there."""
        return any(one.page.judge for one in self.turns)

    def compose(self) -> ComposeResult:
        """How to begin."""
        yield Openings(self._welcome, self._rows, self._model)

    @property
    def openings(self) -> Openings | None:
        """What may be asked and gone on with, where nothing is asked yet."""
        # Asked of every key and whenever the focus moves: no looking through what turns hold.
        for one in self.children:
            if isinstance(one, (Openings, TurnView)):
                return one if isinstance(one, Openings) else None
        return None

    @property
    def offered(self) -> OpeningList | None:
        """The list of that, where there is something in it."""
        openings = self.openings
        return openings.listed if openings is not None and openings.listed.choices else None

    def welcome(self, *, is_empty: bool) -> None:
        """Say how to begin: with papers, or with a question."""
        self._welcome = BEGINNING % self.keys["add"] if is_empty else WELCOME
        if (openings := self.openings) is not None:
            openings.welcome(self._welcome)

    def offer(self, rows: Sequence[Opening]) -> None:
        """Offer these rows wherever nothing is asked yet."""
        self._rows = rows
        if (openings := self.openings) is not None:
            openings.show(rows)

    def tell_model(self, line: str) -> None:
        """Say there which model answers."""
        self._model = line
        if (openings := self.openings) is not None:
            openings.tell_model(line)

    async def hint(self, line: str) -> None:
        """Add a line to the welcome, where that still stands."""
        if self.openings is not None:
            await self.mount(Static(Content(line), classes="hint"))

    async def begin(self, turn: TurnView) -> None:
        """Add a turn that is to be answered and make it current."""
        async with self.laying_out:
            await self.lay_out_last()
            await self.query(".hint, Openings").remove()
            await self.mount(turn)
            self.select(turn)
            self._is_growing = True
            self._follow()
            self.settle_soon()

    async def on_key(self, event: events.Key) -> None:
        """Run the keys of the answer in their order; a letter that is none begins a question."""
        if self.app.screen is not self.screen:
            # The key before it opened a dialog, whose key this is.
            event.stop()
            self.app.post_message(events.Key(event.key, event.character))
            return
        if self._held is None and self._is_text(event):
            self.hand_over()
        if self._held is not None:
            event.stop()
            key = events.Key(event.key, event.character)
            key.time = event.time
            self._held.append(key)
        # Now, and not when the key has risen to the app: the box may have the focus by then.
        elif await self.app._check_bindings(event.key):
            event.stop()

    def hand_over(self) -> None:
        """Give the focus to the box, and the keys that still come here as well, in their order."""
        if self._held is None:
            self._held = []
            self.call_later(self._let_go)

    def _is_text(self, event: events.Key) -> bool:
        text = event.character or ""
        is_letter = text.isprintable() and text.strip() != ""
        return is_letter and event.key not in self.screen.active_bindings

    def _let_go(self) -> None:
        # From then on the app sends keys to the box: one that waits here would come behind them.
        if self.message_queue_size or self._pending_message is not None:
            self.call_later(self._let_go)
            return
        held, self._held = self._held or [], None
        self.screen.set_focus(self._box)
        for key in held:
            self._box._forward_event(key)

    def watch_virtual_size(self) -> None:
        """Follow the answer down once it is higher than the pane."""
        fits = self.virtual_size.height <= self.container_size.height
        if self._is_following and not fits:
            self._is_following = False
            self.anchor()
        elif fits and self._is_growing and not self._is_following:
            self._follow()
        elif fits and self.scroll_y < 0:
            # What an anchor leaves of a long answer, where the pane has grown.
            self.scroll_to(y=0, animate=False, force=True, immediate=True)

    def on_resize(self) -> None:
        """What has room now stands at the top."""
        self.call_after_refresh(self.watch_virtual_size)
        self.call_after_refresh(self.fill)

    def _follow(self) -> None:
        # An anchor would push what is lower than the pane to its bottom.
        self.anchor(False)
        if self.scroll_y < 0:
            self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self._is_following = True
        self.watch_virtual_size()

    def to_question(self) -> None:
        """Scroll the question of the current turn to the top, unless the reader is elsewhere."""
        turn, self._is_growing = self.current, False
        if turn is not None and self.is_vertical_scroll_end:
            self._is_following = False
            self.anchor(False)
            self.call_after_refresh(turn.scroll_visible, animate=False, top=True)

    async def clear(self) -> None:
        """Start a new conversation."""
        async with self.laying_out:
            await self._begin(None, SavedPages(), None)
            self.select(None)
            self.settle_soon()

    async def _begin(self, session: str | None, pages: SavedPages, number: int | None) -> None:
        self.session, self.begins, self.claim = session, "", None
        # What an anchor leaves of a long answer would push the welcome to the bottom.
        self._is_following = False
        self.anchor(False)
        await self.lay_out(pages, number)
        if not pages:
            await self.mount_all(self.compose())

    async def load(self, session: str, pages: SavedPages, number: int | None = None) -> None:
        """Show a saved conversation by its id; of many turns the others come with the scrolling.

        The current one is the last, or the one of this number, counted from 0.
        """
        async with self.laying_out:
            await self._begin(session, pages, number)
            turn = dict(self.placed).get(len(pages) - 1 if number is None else number)
            self.select(turn)
            if number is None:
                self._follow()
            elif turn is not None:
                self.call_after_refresh(turn.scroll_visible, animate=False, top=True)
            self.settle_soon()

    async def say(self, line: str) -> None:
        """Show a line that belongs to no turn."""
        await self.mount(Static(Content(line), classes="ending error"))

    async def note(self, lines: tuple[str, ...], is_error: bool = False) -> None:
        """Show lines that belong to no turn, below what there is."""
        follows = self.is_vertical_scroll_end
        await self.mount(
            Static(Content("\n".join(lines)), classes="ending error" if is_error else "noted")
        )
        if follows:
            self.scroll_end(animate=False)

    def touch(self, turn: TurnView) -> None:
        """Tell that a turn has other sources now."""
        if turn is self.current:
            self.post_message(self.CurrentChanged())

    def select(self, turn: TurnView | None) -> None:
        """Make a turn the current one."""
        self.current = turn
        if turn is not None and (again := turn.page.again) is not None:
            former = dict(self.placed).get(again.of)
            if former is not None:
                turn.stand_beside(former)
        for one in self.turns:
            one.set_class(one is turn, "current")
        self.post_message(self.CurrentChanged())

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor is where the focus is: at the claim it was at, or at the first one."""
        # No look of what a turn holds hangs on it: of a long chat that would take seconds.
        if self.is_attached:
            self.app.stylesheet.update_nodes([self])
        turn = self.current
        if turn is not None and turn.claims and (self.claim is None or self.claim[0] is not turn):
            found = turn.claims[0].margin
            self.claim = (turn, found.place) if found else None
        self._show_cursor()

    async def action_claim(self, by: int) -> None:
        """Go to the next claim, or to the one before; where there is none, scroll."""
        turns = self.turns
        turn, place = self.claim if self.claim and self.claim[0] in turns else (self.current, None)
        if turn not in turns:
            return
        blocks = turn.claims
        places = [one.margin.place for one in blocks if one.margin]
        at = places.index(place) + by if place in places else 0
        if 0 <= at < len(blocks):
            self._go_to(turn, blocks[at])
            return
        # Only the turns on the way are looked through: there may be a thousand.
        beside = turns.index(turn) + by
        for other in turns[beside:] if by > 0 else reversed(turns[: max(beside + 1, 0)]):
            if found := other.claims:
                self._go_to(other, found[0 if by > 0 else -1])
                return
        if await self.grow(by):
            await self.action_claim(by)
        elif not blocks:
            self.scroll_relative(y=by, animate=False)

    def action_read(self) -> None:
        """Read the paper that the claim at hand cites."""
        self.post_message(self.ReadWanted())

    def on_signed_block_clicked(self, event: SignedBlock.Clicked) -> None:
        """Go to the claim that was clicked."""
        event.stop()
        turn, block = event.block.query_ancestor(TurnView), event.block
        if turn.former is not None and event.block not in turn.claims:
            place, turn = block.margin and block.margin.place, turn.former
            same = (one for one in turn.claims if one.margin and one.margin.place == place)
            block = next(same, block)
        self._go_to(turn, block)

    def _go_to(self, turn: TurnView, block: SignedBlock) -> None:
        if block.margin is None:
            return
        self.claim = turn, block.margin.place
        if turn is not self.current:
            self.select(turn)
        self.release_anchor()
        self._show_cursor()
        block.scroll_visible(animate=False)
        self.post_message(self.ClaimPassed(turn, block.margin.place))

    def _show_cursor(self) -> None:
        """Draw the cursor at the claim at hand while the answer has the focus, and nowhere else."""
        if self._at_cursor is not None:
            self._at_cursor.remove_class("-current")
        self._at_cursor = None
        if self.has_focus and self.claim is not None:
            turn, place = self.claim
            found = (one for one in turn.claims if one.margin and one.margin.place == place)
            self._at_cursor = next(found, None)
        if self._at_cursor is not None:
            self._at_cursor.add_class("-current")

    async def action_step(self, by: int) -> None:
        """Make the turn before or after the current one."""
        if self.current in (self.turns[-1:] if by > 0 else self.turns[:1]):
            await self.grow(by)
        turns = self.turns
        if self.current not in turns:
            return
        turn = turns[max(0, min(turns.index(self.current) + by, len(turns) - 1))]
        self.select(turn)
        self.release_anchor()
        turn.scroll_visible(animate=False, top=True)
