"""One turn of a conversation on the screen: the question, the answer as it comes, its account."""

from __future__ import annotations

from dataclasses import replace

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from store.clean import clean_line
from tui.presenters.turn import TurnPage, begun
from tui.widgets.answer_text import AnswerText
from tui.widgets.claim_block import SignedBlock

_LINES = ("progress", "thoughts", "ending", "account", "since")


class FormerAnswer(Vertical):
    """An earlier answer to the same question, which stands beside that of another model."""

    def compose(self) -> ComposeResult:
        """Which model gave it, its text, how it ended, its account."""
        yield Static(classes="by")
        yield AnswerText()
        yield Static(classes="former-ending")
        yield Static(classes="former-account")

    async def show(self, page: TurnPage) -> None:
        """Show the answer of a turn."""
        if not self.is_mounted or page.answer is None:
            return  # left meanwhile
        by = clean_line(page.answer.model)
        lines = {"by": by, "former-ending": page.ending, "former-account": page.account}
        for place, line in lines.items():
            _tell(self.query_one(f".{place}", Static), line)
        text = self.query_one(AnswerText)
        text.trust(page.addresses)
        text.tell(page.seen)
        await text.show(page.text or "")


class TurnView(Vertical):
    """Shows a turn; the pieces of its text are added as they come.

    `former` is the turn of the same question that another model answered, None where there is none.
    """

    class CitationChosen(Message):
        """The reader chose a citation mark of this turn; `claim` is None where it is of none."""

        def __init__(self, turn: TurnView, number: int, claim: int | None) -> None:
            super().__init__()
            self.turn = turn
            self.number = number
            self.claim = claim

    def __init__(self, page: TurnPage) -> None:
        super().__init__(classes="turn")
        self.page = page
        self.former: TurnView | None = None
        self._text = AnswerText()
        self._drawn = begun("")
        self._raw: list[str] = []
        self._is_ready = False
        self._open = ""

    @property
    def raw(self) -> str:
        """The pieces of the text as they came, since it last stood whole."""
        return "".join(self._raw)

    @property
    def shown(self) -> str:
        """The annotated text as far as it is shown."""
        return self._text.text

    def compose(self) -> ComposeResult:
        """The question, and below it the answer, the earlier one beside it where there is one."""
        yield Static(Content(self.page.heading), classes="question")
        if self.page.again is None:
            yield from self._parts()
            return
        with Horizontal(classes="pair"):
            yield FormerAnswer()
            with Vertical(classes="own"):
                yield Static(Content(clean_line(self.page.again.model)), classes="by")
                yield from self._parts()

    def _parts(self) -> ComposeResult:
        """What is waited for, the answer, how it ended, its account, what came since."""
        yield Static(classes="progress")
        yield Static(classes="thoughts")
        yield self._text
        yield Static(classes="ending")
        yield Static(classes="account")
        yield Static(classes="since")

    async def on_mount(self) -> None:
        """Show what is there by now."""
        while self.page is not self._drawn:
            await self._draw()
        self._is_ready = True

    @property
    def claims(self) -> list[SignedBlock]:
        """The claims that stand in paragraphs of their own, in their order."""
        return [one for one in self._text.query(SignedBlock) if one.margin is not None]

    def stand_beside(self, former: TurnView) -> None:
        """Show the answer of an earlier turn beside this one, as it is now."""
        self.former = former
        for one in self.query(FormerAnswer):
            self.call_later(one.show, former.page)

    def unfold(self) -> None:
        """Show the whole account, and while the model thinks what it thinks; or a line of each."""
        self.toggle_class("-unfolded")
        self._open = "thoughts" if self.has_class("-unfolded") else ""
        self._say("thoughts", self.page.thoughts_unfolded if self._open else self.page.thoughts)
        shown = ".thoughts" if self.page.thinking else ".account"
        self.call_after_refresh(self.query_one(shown).scroll_visible, animate=False)

    @on(events.Click, ".thoughts")
    def _thoughts_clicked(self) -> None:
        self.unfold()

    def on_answer_text_citation_chosen(self, event: AnswerText.CitationChosen) -> None:
        """Say whose citation it is."""
        event.stop()
        of = self if event.of is self._text else self.former
        if of is not None:
            self.post_message(self.CitationChosen(of, event.number, event.claim))

    def add(self, piece: str) -> None:
        """Take the next piece of the text."""
        self._raw.append(piece)
        self._text.feed(piece)

    async def show(self, page: TurnPage) -> None:
        """Show what the turn is now; a whole text takes the place of the pieces."""
        self.page = page
        # Before it is mounted, which a stop may come ahead of, there is nothing to draw on.
        if self._is_ready and page is not self._drawn:
            await self._draw()

    async def _draw(self) -> None:
        page, before = self.page, self._drawn
        for place in _LINES:
            if (line := getattr(page, place)) != getattr(before, place):
                self._say(place, page.thoughts_unfolded if place == self._open else line)
        self.set_class(bool(page.judge), "-judging")
        if page.is_error != before.is_error:
            self.query_one(".ending").set_class(page.is_error, "error")
        if page.addresses != before.addresses:
            self._text.trust(page.addresses)
        self._text.tell(page.seen)
        self._drawn = page
        if page.text is not None and page.text != before.text:
            # Until the text stands there is none: drawing it may be stopped half-way.
            self._drawn = replace(page, text=None)
            self._raw.clear()
            await self._text.show(page.text)
            self._drawn = page

    def _say(self, place: str, line: str) -> None:
        _tell(self.query_one(f".{place}", Static), line)


def _tell(widget: Static, line: str) -> None:
    size = widget.size
    # A row for a row moves nothing: laying out a long answer takes longer than a key may wait.
    is_row = size.height == 1 and "\n" not in line and 0 < cell_len(line) <= size.width
    widget.update(Content(line), layout=not is_row)
    widget.display = bool(line)
