"""The text of an answer on stdout, each checked sentence with its sign as it comes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.answers.account_words import account
from assistant.checking.verdicts import sign_of, sign_place
from assistant.cli.frame import Frame
from assistant.cli.render import ClaimsBlock, last_line, sources_block, text_width
from assistant.replies.plain_text import MarkdownMarks, Styled
from assistant.types.answers import Answer
from assistant.types.claims import Claim

_SENTENCE_ENDS = (".", "!", "?", "…")


class AnswerWriter:
    """Writes the text of an answer as it comes, each checked sentence with its sign.

    Text is held until its sentence has been checked, so that the sign stands in its line.
    Headings and bold are shown as such where stdout takes styles, and as plain words elsewhere;
    what the model says to the reader is no claim, has no sign, and is dimmed.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._text = ""
        self._written = 0
        self._signed = 0
        self._claimed = 0
        self._column = 0
        self._width = text_width() if frame.is_terminal else 0
        self._marks = MarkdownMarks()

    @property
    def has_begun(self) -> bool:
        """True when some of the text was written."""
        return bool(self._written)

    def text(self, piece: str) -> None:
        """Take a piece of the answer's text."""
        self._text += piece

    def claim(self, claim: Claim) -> None:
        """Write a checked sentence, with its sign at the end of it."""
        self._aside(claim.start)
        self._to(claim.start + sign_place(self._text[claim.start : claim.end]))
        sign = sign_of(claim)
        self._frame.data(sign.symbol, bold=sign.warns, dim=not sign.warns)
        self._column += len(sign.symbol)
        self._signed += 1
        self._claimed = claim.end

    def settle(self) -> bool:
        """Write all text so far, where no sentence of it waits for its sign; True when any is."""
        self._to(len(self._text))
        return self.has_begun

    def pause(self) -> None:
        """End the sentence and the line on a terminal, so that a line of stderr can follow."""
        self._to(self._claimed)
        if self._width and self._column:
            self._frame.line()
            self._column = 0

    def begin_anew(self) -> None:
        """Forget the text so far; where some of it was written, a line says that it is void."""
        if self._written:
            self._frame.line("\n\n[the text above is void: the answer begins anew]\n", dim=True)
        self._text = ""
        self._written = self._signed = self._claimed = self._column = 0
        self._marks = MarkdownMarks()

    def end(self, answer: Answer) -> None:
        """Write what is left of the answer."""
        self._text = answer.text
        for claim in answer.claims[self._signed :]:
            self.claim(claim)
        if answer.claims:
            self._aside(len(answer.text))
        self._to(len(answer.text))
        self._show(self._marks.finish())
        if self._column or not self._width:
            self._frame.line()
        self._column = 0

    def _aside(self, end: int) -> None:
        """Write sentences that are no claims; a heading or what leads in a list is none."""
        self._to(min(self._claimed, end))
        is_said = self._text[self._written : end].rstrip(" \t\n-*+•\"'”").endswith(_SENTENCE_ENDS)
        self._to(end, dim=is_said)

    def _to(self, end: int, *, dim: bool = False) -> None:
        if end > self._written:
            self._show(self._marks.feed(self._text[self._written : end]), dim=dim)
            self._written = end

    def _show(self, runs: Iterable[Styled], *, dim: bool = False) -> None:
        for run in runs:
            self._frame.data(self._wrapped(run.text), bold=run.bold, dim=dim)

    def _wrapped(self, text: str) -> str:
        """The text with line breaks between words where the terminal ends; a pipe gets none."""
        if not self._width:
            return text
        out: list[str] = []
        for part in re.findall(r"\n|[^\S\n]+|\S+", text):
            if part == "\n":
                self._column = 0
            elif part.isspace() and self._column + len(part) >= self._width:
                part, self._column = "\n", 0
            elif self._column and self._column + len(part) > self._width and out:
                # The space before has been written: the word begins a line of its own.
                out[-1:] = ["\n"] if out[-1].isspace() else [out[-1], "\n"]
                self._column = len(part)
            else:
                self._column += len(part)
            out.append(part)
        return "".join(out)


def write_answer(frame: Frame, answer: Answer, *, usage: bool = False) -> None:
    """Write a whole answer: what contradicts its sources, text, check, sources, account."""
    claims = ClaimsBlock(frame)
    claims.begin(answer.claims)
    AnswerWriter(frame).end(answer)
    claims.end(answer)
    sources_block(frame, answer)
    last_line(frame, account(answer, full=usage))
