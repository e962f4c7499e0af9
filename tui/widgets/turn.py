"""One turn of a conversation on the screen: the question, the answer as it comes, its account."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.presenters.turn import TurnPage, begun
from tui.widgets.answer_text import AnswerText
from tui.widgets.claim_block import SignedBlock

_LINES = ("progress", "thoughts", "ending", "account", "since")


class TurnView(Vertical):
    """Shows a turn; the pieces of its text are added as they come."""

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
        self._drawn = begun("")
        self._raw: list[str] = []
        self._is_ready = False

    @property
    def raw(self) -> str:
        """The pieces of the text as they came, since it last stood whole."""
        return "".join(self._raw)

    @property
    def shown(self) -> str:
        """The annotated text as far as it is shown."""
        return self._text.text

    def compose(self) -> ComposeResult:
        """The question, what is waited for, the answer, how it ended, its account, what came."""
        yield Static(Content(self.page.question), classes="question")
        yield Static(classes="progress")
        yield Static(classes="thoughts")
        yield AnswerText()
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
        return [one for one in self.query(SignedBlock) if one.margin is not None]

    def show_account(self) -> None:
        """Scroll the account into view."""
        self.query_one(".account").scroll_visible(animate=False)

    def on_answer_text_citation_chosen(self, event: AnswerText.CitationChosen) -> None:
        """Say whose citation it is."""
        event.stop()
        self.post_message(self.CitationChosen(self, event.number, event.claim))

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
                self._say(place, line)
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

    @property
    def _text(self) -> AnswerText:
        return self.query_one(AnswerText)

    def _say(self, place: str, line: str) -> None:
        widget = self.query_one(f".{place}", Static)
        widget.update(Content(line))
        widget.display = bool(line)
