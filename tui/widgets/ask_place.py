"""Where questions are asked: the conversation, the sources beside it, the box below."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message

from store.clean import shorten
from tui.presenters import asked_again, copies
from tui.presenters import turn as turns
from tui.presenters.key_names import AS_THEY_COME
from tui.presenters.openings import model_told
from tui.presenters.places import Scope, box_title
from tui.widgets.conversation import Conversation
from tui.widgets.inputs import AskBox
from tui.widgets.openings import Openings
from tui.widgets.sources import SourcesPane
from tui.widgets.turn import TurnView

if TYPE_CHECKING:
    from tui.presenters.copies import AnswerForm

_OF_ANSWER = ("sources", "check", "again", "again_with", "unfold")


class AskPlace(Vertical):
    """Lays out the conversation and its sources, and moves between them and the box.

    `scope` are the papers that a question is put to, None for all.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "sources", "sources", id="answer.sources"),
        Binding("y", "screen.copy", "copy", id="copy"),
        Binding("c", "check", "check", id="check"),
        Binding("a", "again", "ask again", id="again"),
        Binding("m", "again_with", "another model", id="answer.again_with"),
        Binding("i", "unfold", "account", id="unfold"),
        *(
            Binding(f"{n},alt+{n}", f"cite({n})", f"Source {n}", show=False, id=f"cite.{n}")
            for n in range(1, 10)
        ),
    ]

    class Said(Message):
        """What the reader is told."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    class CheckWanted(Message):
        """The reader wants a model to check the answer of a turn."""

        def __init__(self, turn: TurnView) -> None:
            super().__init__()
            self.turn = turn

    class AgainWanted(Message):
        """The reader wants the question of a turn asked again."""

        def __init__(self, turn: TurnView) -> None:
            super().__init__()
            self.turn = turn

    class OtherModelWanted(Message):
        """The reader wants the question of a turn that is answered put to another model."""

        def __init__(self, turn: TurnView) -> None:
            super().__init__()
            self.turn = turn

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.box = AskBox(id="ask")
        self.conversation = Conversation(self.box, id="conversation")
        self.pane = SourcesPane(id="sources-pane")
        self.box.asked = lambda: self.conversation.questions
        self.scope: Scope | None = None
        self.keys = AS_THEY_COME
        self._papers: int | None = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """False for what is done with an answer where it is chosen what to ask: keys are text."""
        if action not in _OF_ANSWER:
            return True
        offered = self.conversation.offered
        return offered is None or not offered.has_focus

    def compose(self) -> ComposeResult:
        """The conversation, the sources, the box."""
        with Horizontal(id="ask-panes"):
            yield self.conversation
            yield self.pane
        yield self.box

    def count(self, papers: int) -> None:
        """Take how many papers there are to ask."""
        self._papers = papers
        self._title()

    def narrow(self, scope: Scope | None) -> None:
        """Ask these papers alone from now on; None: all."""
        self.scope = scope
        self._title()

    def stand(self, destination: str, *, is_extractive: bool, takes: str) -> None:
        """Say which model answers, where text goes, and what a question usually takes."""
        self.box.border_subtitle = " · ".join(one for one in (destination, takes) if one)
        self.conversation.tell_model(
            model_told(destination, self.keys, is_extractive=is_extractive)
        )

    def list_sources(self, *, is_busy: bool) -> None:
        """List the sources of the current answer."""
        turn = self.conversation.current
        self.set_class(turn is not None and turn.former is not None, "-beside")
        self.pane.list_turn(turn.page if turn else None, is_busy)

    async def show_source(self) -> None:
        """Show the first cited source of the current answer, unless one of its sources is read."""
        turn = self.conversation.current
        if turn and turns.item(turn.page, 1) is not None and not self.pane.reads_one_of(turn.page):
            await self.pane.cite(turn.page, 1, None)

    async def cite(self, turn: TurnView, number: int, claim: int | None, *, focus: bool) -> None:
        """Show a source of an answer by its number, as a claim of it cites it."""
        if turn is not self.conversation.current:
            self.conversation.select(turn)
            self.list_sources(is_busy=False)
        if not await self.pane.cite(turn.page, number, claim):
            self.post_message(self.Said(turns.no_source(turn.page, number)))
        elif focus:
            self.pane.reader.focus()

    def to_answer(self) -> None:
        """Leave the box, so that a digit is a source, or what is offered, and not text."""
        (self.conversation.offered or self.conversation).focus()

    @property
    def has_above(self) -> bool:
        """True where something above the box can be gone to: a whole answer, or what is offered."""
        return self.conversation.is_whole or self.conversation.offered is not None

    def to_box(self) -> None:
        """Go to the box; what was typed in the answer comes there first."""
        if self.conversation.has_focus:
            self.conversation.hand_over()
        else:
            self.box.focus()

    async def action_cite(self, number: int) -> None:
        """Show a source of the current answer by its number; without one choose what is offered."""
        if (openings := self.conversation.openings) is not None:
            # From here: what the list sends for a key of the conversation would end there.
            if (one := openings.numbered(number)) is not None:
                self.post_message(Openings.Chosen(one))
        elif (turn := self.conversation.current) is not None:
            await self.cite(turn, number, None, focus=not self.box.has_focus)

    def action_sources(self) -> None:
        """Go to the list of sources, or from it back."""
        if self.pane.has_focus_within:
            self.to_answer()
        else:
            self.pane.to_list()

    @property
    def claim(self) -> int | None:
        """The place of the claim at hand in the current answer; None where none is."""
        claim = self.conversation.claim
        return claim[1] if claim and claim[0] is self.conversation.current else None

    def copy(self, turn: TurnView, place: int | None, form: AnswerForm) -> None:
        """Copy an answer with its signs and references, or a claim of it by its place."""
        answer = turn.page.answer
        if answer is None or place is None or form == "answer":
            self.app.copy_to_clipboard(turns.copied(turn.page, turn.shown))
            self.post_message(self.Said("Copied the answer with its signs and references."))
        elif text := copies.of_claim(answer, place, form):
            self.app.copy_to_clipboard(text)
            self.post_message(self.Said(f"Copied: {shorten(text, 50)}"))
        else:
            self.post_message(self.Said("Nothing copied: this claim cites nothing."))

    def action_check(self) -> None:
        """Have the model check the current answer, claim by claim."""
        turn = self.conversation.current
        if refusal := turns.check_refusal(turn.page if turn else None):
            self.post_message(self.Said(refusal))
        elif turn is not None:
            self.post_message(self.CheckWanted(turn))

    def action_unfold(self) -> None:
        """Show the whole account of the current answer, or what its model thinks; or less again."""
        if (turn := self.conversation.current) is not None:
            turn.unfold()

    def action_again(self) -> None:
        """Ask the question of the current turn again."""
        turn = self.conversation.current
        if turn is not None and asked_again.asked_again(turn.page):
            self.post_message(self.AgainWanted(turn))
        else:
            self.post_message(self.Said(asked_again.NOT_AGAIN))

    def action_again_with(self) -> None:
        """Ask the question of the current turn again with another model.

        Where that turn has no answer of its own, as its model failed, it is that of the earlier.
        """
        turn = self.conversation.current
        if turn is not None and turn.former is not None and not turn.page.is_answered:
            turn = turn.former
        if refusal := asked_again.other_model_refusal(turn.page if turn else None, self.keys):
            self.post_message(self.Said(refusal))
        elif turn is not None:
            self.post_message(self.OtherModelWanted(turn))

    @on(AskBox.Risen)
    def _rise(self) -> None:
        """Go from the empty box to what stands above it."""
        if (offered := self.conversation.offered) is not None:
            offered.action_last()
            offered.focus()

    def _title(self) -> None:
        self.box.border_title = box_title(self._papers, self.scope)

    @on(Conversation.ClaimPassed)
    async def _claim_passed(self, event: Conversation.ClaimPassed) -> None:
        """Show the source of the claim at hand, as the claim cites it."""
        if (item := turns.claim_item(event.turn.page, event.place)) is not None:
            await self.pane.point(event.turn.page, item)

    @on(Conversation.ReadWanted)
    def _read_claim(self) -> None:
        claim = self.conversation.claim
        item = turns.claim_item(claim[0].page, claim[1]) if claim else None
        if item := item or self.pane.shown:
            self.post_message(SourcesPane.OpenWanted(item))
        else:
            self.post_message(self.Said("This answer has no source to read."))

    @on(TurnView.CitationChosen)
    async def _citation_clicked(self, event: TurnView.CitationChosen) -> None:
        await self.cite(event.turn, event.number, event.claim, focus=False)
