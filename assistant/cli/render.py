"""An answer as plain text: marks, verdicts, cited sentences, and one line of account."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterable

from assistant.checking.verdicts import (
    CONTRADICTED,
    SIGNS,
    contradicted,
    model_judged,
    sign_counts,
    sign_of,
    sign_place,
)
from assistant.cli.frame import Frame
from assistant.replies.plain_text import MarkdownMarks, Styled
from assistant.types.answers import Answer, Reference
from assistant.types.claims import Claim
from store.clean import clean_line, shorten

_INDENT = "    "
_SENTENCE_ENDS = (".", "!", "?", "…")
_NEAREST = {
    "not_in_collection": "Nearest:",
    "uncited": "Answered without citations. Nearest:",
}


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
        sign = sign_of(claim).symbol
        self._frame.data(sign, dim=True)
        self._column += len(sign)
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


def folded(line: str) -> str:
    """A line folded between words where the terminal ends."""
    return textwrap.fill(line, text_width(), break_long_words=False, break_on_hyphens=False)


def text_width() -> int:
    """How wide text is set: the terminal, at most 100 columns."""
    return min(shutil.get_terminal_size((88, 24)).columns, 100)


def paragraph(
    frame: Frame,
    text: str,
    indent: str = "",
    hanging: str = "",
    *,
    bold: bool = False,
    dim: bool = False,
) -> None:
    """Write a text between margins: its first line after `indent`, the others after `hanging`."""
    filled = textwrap.fill(text, text_width(), initial_indent=indent, subsequent_indent=hanging)
    frame.line(filled, bold=bold, dim=dim)


def contradictions_block(
    frame: Frame, claims: Iterable[Claim], *, after_text: bool = False
) -> None:
    """What a model finds contradicted by the sentences cited, with those; nothing for none.

    `after_text` sets it apart from a text above it, else from one below.
    """
    found = contradicted(claims)
    if not found:
        return
    gap = "\n" if after_text else ""
    frame.line(f"{gap}Contradicted by its sources, says the model", bold=True)
    for claim in found:
        paragraph(
            frame, f"  {SIGNS[CONTRADICTED].symbol} {clean_line(claim.text)}", hanging=_INDENT
        )
        for citation in claim.citations:
            if citation.verdict == CONTRADICTED and citation.quote:
                quote = f"[{citation.number}] “{clean_line(citation.quote)}”"
                paragraph(frame, quote, _INDENT, _INDENT + " ", dim=True)
    if not after_text:
        frame.line()


def judgements_block(frame: Frame, answer: Answer) -> None:
    """A line for each other sentence that a model judged, below a text that came before that."""
    judged = [one for one in answer.claims if one.checked_by == "model"]
    others = [one for one in judged if one.verdict != CONTRADICTED]
    if others:
        frame.line("\nJudged by the model, in the order of the text")
    for claim in others:
        said = shorten(claim.text, text_width() - len(_INDENT))
        frame.line(f"  {sign_of(claim).symbol} {said}", dim=True)


def sources_block(frame: Frame, answer: Answer) -> None:
    """The cited papers with the cited sentences; for no answer, what came closest."""
    if answer.outcome in _NEAREST:
        if answer.near_misses:
            frame.line(f"\n{_NEAREST[answer.outcome]}")
        for miss in answer.near_misses:
            paragraph(frame, f"  {clean_line(miss.title)}", hanging="  ")
            paragraph(frame, clean_line(miss.why), _INDENT, _INDENT, dim=True)
            if miss.quote:
                _quotation(frame, miss.quote, dim=True)
        return
    if answer.references:
        frame.line("\nSources")
    for reference in answer.references:
        head = f"[{reference.number}] {clean_line(reference.title)}{_byline(reference)}"
        paragraph(frame, head, hanging=_INDENT, bold=True)
        # A record may borrow the title of another: these three tell whose words they are.
        came = [reference.id, _origin(reference), reference.url or ""]
        frame.line(_INDENT + " · ".join(one for one in came if one), dim=True)
        for quote in _quotes(answer, reference.number):
            _quotation(frame, quote)


def uncited_block(frame: Frame, answer: Answer) -> None:
    """The sentences without a citation whose words were found, each with where."""
    found = [(claim, claim.nearest) for claim in answer.claims if claim.nearest is not None]
    if not found:
        return
    sign = SIGNS["uncited"].symbol
    frame.line("\nNot cited by the model; the same words stand in")
    for claim, near in found:
        paragraph(frame, f"{sign} {clean_line(claim.text)}", hanging="  ")
        paragraph(frame, f"{clean_line(near.title)} ({near.id})", _INDENT, _INDENT, dim=True)
        _quotation(frame, near.quote)


def _origin(reference: Reference) -> str:
    """The file that a cited paper was read from, and when: "from papers.jsonl, 2026-11-21"."""
    name = clean_line(reference.source).rstrip("/").rpartition("/")[2]
    return f"from {name}, {reference.added_at[:10]}" if name else ""


def _byline(reference: Reference) -> str:
    known = [
        ", ".join(reference.authors[:3]) + (" et al." if len(reference.authors) > 3 else ""),
        str(reference.year or ""),
    ]
    line = ", ".join(part for part in known if part)
    return f" ({line})" if line else ""


def _quotation(frame: Frame, quote: str, *, dim: bool = False) -> None:
    paragraph(frame, f"“{clean_line(quote)}”", _INDENT, _INDENT + " ", dim=dim)


def _quotes(answer: Answer, number: int) -> list[str]:
    quotes = [
        citation.quote
        for claim in answer.claims
        for citation in claim.citations
        if citation.number == number and citation.quote
    ]
    return list(dict.fromkeys(quotes))


def checked_by(answer: Answer) -> str:
    """What the sentences of an answer were checked by, in words."""
    judged = model_judged(answer.claims)
    if not judged:
        return "checked: words and numbers; not checked: meaning"
    if judged == len(answer.claims):
        return "checked by the model, claim by claim"
    return f"checked by the model: {judged} of {len(answer.claims)}, the others by words"


def account(answer: Answer, *, full: bool = False) -> str:
    """One line: sources considered and used, what was checked, model, calls, tokens."""
    evidence = answer.evidence
    plural = "" if evidence.considered == 1 else "s"
    parts = [f"{evidence.considered} source{plural} considered, {evidence.used} cited"]
    if evidence.dropped:
        parts.append(f"{evidence.dropped} left out for length")
    if answer.claims:
        parts.append(
            "  ".join(
                f"{sign.symbol} {count} {sign.name}"
                for sign, count in sign_counts(answer.claims).items()
            )
        )
        parts.append(checked_by(answer))
    if answer.note:
        parts.append(clean_line(answer.note))
    usage = answer.usage
    calls = f"{usage.calls} call{'' if usage.calls == 1 else 's'}"
    about = "about " if usage.estimated else ""
    parts.append(
        f"{answer.model}, {calls}, {about}{usage.input_tokens} tokens in, {usage.output_tokens} out"
    )
    if full:
        parts.append(cost_words(usage.cost))
    return " · ".join(parts)


def cost_words(cost: float | None, *, most: bool = False) -> str:
    """A cost in words; `most` says that it is the most that may come."""
    if cost is None:
        return "cost not known: the configuration has no price for this model"
    if cost == 0:
        return "cost nothing"
    return f"cost {'at most ' if most else ''}{cost:.4f} USD"
