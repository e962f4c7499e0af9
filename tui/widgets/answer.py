"""One turn of a conversation on the screen: the question, the answer as it comes, its account."""

from __future__ import annotations

import asyncio
from time import monotonic

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownBlock, MarkdownFence

from assistant.types.answers import Answer
from assistant.types.claims import Claim
from assistant.types.evidence import Evidence
from assistant.types.sessions import Turn
from store.clean import StreamCleaner, clean_line, clean_text
from tui.presenters import costs, sources, wording
from tui.presenters.evidence import items as evidence_items
from tui.presenters.markdown import AnswerParser, annotate, plain
from tui.presenters.sources import Item

MAX_MARKDOWN = 12_000
"""Characters of an answer that are shown as Markdown; what follows is plain text."""

MAX_LINES = 100
"""Lines of an answer that are shown as Markdown; a line may become four widgets."""

MAX_PLAIN = 12_000
"""Characters shown as plain text after that; the rest is counted and can be copied."""

MAX_PLAIN_LINES = 400
"""Lines shown as plain text."""

DRAWS_A_SECOND = 15
"""How often an answer is drawn at most."""

REST = 2
"""How long, in draws, nothing is drawn after a draw, so that keys keep their turn."""


THOUGHTS_SHOWN = 70
"""Characters of what a model thinks that are shown: one line of a narrow terminal."""

THOUGHTS_KEPT = 400
"""Characters of it that are kept for the next piece."""


class PlainFence(MarkdownFence):
    """A code block without highlighting, which costs time and guesses at languages."""

    @classmethod
    def highlight(cls, code: str, language: str, ansi: bool = False, dark: bool = False) -> Content:
        """The code as it is."""
        return Content(code)


class AnswerMarkdown(Markdown):
    """The Markdown of an answer; a chosen link is posted, never opened."""

    def __init__(self) -> None:
        self._parser = AnswerParser()
        super().__init__(parser_factory=lambda: self._parser, open_links=False)

    def get_block_class(self, block_name: str) -> type[MarkdownBlock]:
        """The widget class for a kind of block."""
        return PlainFence if block_name == "fence" else super().get_block_class(block_name)

    def trust(self, addresses: tuple[str, ...]) -> None:
        """Let these web addresses be links from the next drawing on."""
        self._parser = AnswerParser(addresses)


class AnswerText(Vertical):
    """The text of an answer: it grows in batches, and what is too long stays plain."""

    class CitationChosen(Message):
        """The reader chose a citation mark; `claim` is None where the mark belongs to none."""

        def __init__(self, number: int, claim: int | None) -> None:
            super().__init__()
            self.number = number
            self.claim = claim

    class AddressChosen(Message):
        """The reader chose the web address of a source."""

        def __init__(self, address: str) -> None:
            super().__init__()
            self.address = address

    def __init__(self) -> None:
        super().__init__()
        self._cleaner = StreamCleaner()
        # Markdown.append reads its place in the text before it waits for its turn.
        self._drawing = asyncio.Lock()
        self._timer: Timer | None = None
        self._rest_until = 0.0
        self._pending: list[str] = []
        self._text = ""
        self._addresses: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is shown so far."""
        return self._text

    def compose(self) -> ComposeResult:
        """The Markdown, and plain text below it."""
        yield AnswerMarkdown()
        yield Static(classes="overflow")

    def on_mount(self) -> None:
        """Make the timer that draws; it runs while pieces come."""
        self._timer = self.set_interval(1 / DRAWS_A_SECOND, self._draw_pending, pause=True)

    def trust(self, addresses: tuple[str, ...]) -> None:
        """Let these web addresses be links."""
        self._addresses = addresses
        self.query_one(AnswerMarkdown).trust(addresses)

    def feed(self, piece: str) -> None:
        """Take the next piece of the answer; it is drawn soon."""
        self._pending.append(piece)
        if self._timer:
            self._timer.resume()

    async def show(self, text: str) -> None:
        """Show a whole annotated text in place of what stands here."""
        self._pause()
        async with self._drawing:
            self._pending.clear()
            self._text = text
            head, tail = _split(text)
            await self.query_one(AnswerMarkdown).update(head)
            self._show_overflow(tail)

    def _pause(self) -> None:
        if self._timer:
            self._timer.pause()

    async def _draw_pending(self) -> None:
        began = monotonic()
        if began < self._rest_until:
            return
        async with self._drawing:
            piece = self._cleaner.feed("".join(self._pending))
            self._pending.clear()
            if not piece:
                return
            drawn, _ = _split(self._text)
            self._text += piece
            head, tail = _split(self._text)
            if len(head) > len(drawn):
                await self.query_one(AnswerMarkdown).append(head[len(drawn) :])
            if tail:
                self._show_overflow(tail)
        ended = monotonic()
        self._rest_until = ended + REST * (ended - began)

    def _show_overflow(self, tail: str) -> None:
        shown, rest = _split(tail, MAX_PLAIN, MAX_PLAIN_LINES)
        left = len(rest)
        more = f"\n… {left} characters more; y copies all of it" if left > 0 else ""
        overflow = self.query_one(".overflow", Static)
        overflow.update(Content(plain(shown) + more))
        overflow.display = bool(tail)

    def on_markdown_link_clicked(self, event: Markdown.LinkClicked) -> None:
        """Turn a link, which only our own parser makes, into what it stands for."""
        event.stop()
        kind, *rest = event.href.split(":")
        numbers = [int(part) for part in rest if part.isdecimal()]
        if kind == "cite" and numbers:
            self.post_message(self.CitationChosen(numbers[0], (*numbers[1:], None)[0]))
        elif kind == "web" and numbers and numbers[0] < len(self._addresses):
            self.post_message(self.AddressChosen(self._addresses[numbers[0]]))


class TurnView(Vertical):
    """A question with its answer, and the sources that stand beside it.

    `items` are the sources to be listed now: candidates while the answer is written, then
    those cited.
    """

    class CitationChosen(Message):
        """The reader chose a citation mark of this turn."""

        def __init__(self, turn: TurnView, number: int, claim: int | None) -> None:
            super().__init__()
            self.turn = turn
            self.number = number
            self.claim = claim

    def __init__(self, question: str, answer: Answer | None = None) -> None:
        super().__init__(classes="turn")
        self.question = question
        self.answer = answer
        self.evidence: Evidence | None = None
        self.items: tuple[Item, ...] = evidence_items(answer) if answer else ()
        self._raw: list[str] = []
        self._thoughts = ""
        self._claims: list[Claim] = list(answer.claims) if answer else []

    @classmethod
    def of(cls, turn: Turn) -> TurnView:
        """The view of a saved turn."""
        coverage = turn.answer.coverage
        title = costs.asked_title(turn.question, coverage.asked) if coverage else turn.question
        return cls(title, turn.answer)

    @property
    def text(self) -> str:
        """The answer as far as it came, as plain text with its references."""
        if self.answer:
            return wording.copied(self.answer)
        return plain(self.query_one(AnswerText).text)

    def compose(self) -> ComposeResult:
        """The question, what is waited for, the answer, how it ended, its account."""
        yield Static(Content(clean_text(self.question).strip()), classes="question")
        yield Static(classes="progress")
        yield Static(classes="thoughts")
        yield AnswerText()
        yield Static(classes="ending")
        yield Static(classes="account")

    async def on_mount(self) -> None:
        """Show an answer that is there already."""
        if self.answer:
            await self.finish(self.answer)

    def on_answer_text_citation_chosen(self, event: AnswerText.CitationChosen) -> None:
        """Say whose citation it is."""
        event.stop()
        self.post_message(self.CitationChosen(self, event.number, event.claim))

    def item(self, number: int, claim: int | None = None) -> Item | None:
        """The cited source with this number, pointing at what one claim cites if one is given."""
        item = next((one for one in self.items if one.number == number), None)
        if item is None or claim is None or not 0 <= claim < len(self._claims):
            return item
        return sources.for_claim(item, self._claims[claim])

    def progress(self, line: str) -> None:
        """Say what is being waited for; an empty line says nothing."""
        self._say("progress", clean_line(line))

    def found(self, evidence: Evidence, takes: str = "") -> None:
        """Take the evidence: its papers are candidates until the answer is done.

        `takes` says what asking a model about it will take.
        """
        self.evidence = evidence
        self.items = sources.candidates(evidence)
        papers = (source.paper for source in evidence.sources)
        self._answer.trust(tuple(one for paper in papers for one in sources.addresses(paper)))
        count = len(evidence.sources)
        self.progress(f"reading {count} of {evidence.considered} papers found{takes} · Esc stops")

    def add(self, piece: str) -> None:
        """Take the next piece of the answer."""
        if self._thoughts:
            self._thoughts = ""
            self._say("thoughts", "")
        self._raw.append(piece)
        self._answer.feed(piece)

    def think(self, piece: str) -> None:
        """Take a piece of what the model thinks aloud: its last words are shown, dim and folded."""
        self._thoughts = (self._thoughts + piece)[-THOUGHTS_KEPT:]
        self._say("thoughts", f"thinking … {clean_line(self._thoughts)[-THOUGHTS_SHOWN:]}")

    async def begin_anew(self, why: str) -> None:
        """Take the text so far away: the answer begins again."""
        self._raw.clear()
        self._claims.clear()
        await self._answer.show("")
        self.progress(why)

    def checked(self, claim: Claim) -> None:
        """Take a sentence that was checked: what it cites is a source from now on."""
        self._claims.append(claim)
        self.items = sources.so_far(self._claims, self.evidence)
        self.progress(f"checked so far: {wording.verdict_counts(self._claims)}")

    async def finish(self, answer: Answer, explain: str = "") -> None:
        """Show the checked answer; `explain` is one more line for the reader."""
        self.answer = answer
        self._claims = list(answer.claims)
        self.items = evidence_items(answer, self.evidence)
        self.progress("")
        self._say("thoughts", "")
        self._answer.trust(_addresses(answer, self.evidence))
        await self._answer.show(annotate(answer.text, answer.claims))
        self._say("ending", "\n".join([*wording.ending(answer), *([explain] if explain else [])]))
        self._say("account", wording.account(answer))

    async def stop(self, line: str, is_error: bool = False) -> None:
        """Keep what came, and say why no more comes."""
        self.progress("")
        self._say("thoughts", "")
        if self.answer is None:
            self.items = tuple(one for one in self.items if one.kind == "cited")
            await self._answer.show(annotate("".join(self._raw), self._claims))
        self._say("ending", line)
        self.query_one(".ending").set_class(is_error, "error")

    @property
    def _answer(self) -> AnswerText:
        return self.query_one(AnswerText)

    def _say(self, place: str, text: str) -> None:
        widget = self.query_one(f".{place}", Static)
        widget.update(Content(text))
        widget.display = bool(text)


def _addresses(answer: Answer, evidence: Evidence | None) -> tuple[str, ...]:
    cited = [sources.web_address(one.url) for one in answer.references]
    papers = [source.paper for source in evidence.sources] if evidence else []
    found = [one for paper in papers for one in sources.addresses(paper)]
    texts = [one.abstract for one in answer.references] + [one.abstract for one in papers]
    stated = [one for text in texts for one in sources.stated_addresses(text)]
    return tuple(dict.fromkeys(one for one in [*cited, *found, *stated] if one))


def _split(text: str, characters: int = MAX_MARKDOWN, lines: int = MAX_LINES) -> tuple[str, str]:
    """Cut a text after so many characters or lines."""
    at = min(len(text), characters)
    position = -1
    for _ in range(lines):
        position = text.find("\n", position + 1, at)
        if position < 0:
            return text[:at], text[at:]
    return text[:position], text[position:]
