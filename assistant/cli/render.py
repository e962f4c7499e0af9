"""What stands below the text of an answer: its check, cited sentences, one line of account."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable

from assistant.answers.claim_words import by_alarm, claim_words, reason_words
from assistant.checking.verdicts import CONTRADICTED, sign_of
from assistant.cli.frame import Frame
from assistant.types.answers import Answer, Reference
from assistant.types.claims import Claim
from assistant.types.events import ClaimJudged
from assistant.types.paper_records import names_together
from store.clean import clean_line

_MARGIN = "  "
_INDENT = "    "
_NEAREST = {
    "not_in_collection": "Nearest:",
    "uncited": "Answered without citations. Nearest:",
}


def last_line(frame: Frame, line: str) -> None:
    """Write the account below all else, folded between words where the terminal ends."""
    if frame.is_terminal:
        line = textwrap.fill(line, text_width(), break_long_words=False, break_on_hyphens=False)
    frame.line()
    frame.line(line, dim=True)


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


def claim_line(frame: Frame, claim: Claim) -> None:
    """A claim with its sign and what was seen of it.

    Below it is quoted what contradicts it, or has the same words as one that cites nothing.
    """
    sign = sign_of(claim)
    line = claim_words(claim, text_width() - len(_MARGIN))
    hanging = _MARGIN + " " * (len(sign.symbol) + 1)
    paragraph(frame, line, _MARGIN, hanging, bold=sign.role == "error", dim=not sign.warns)
    if near := claim.nearest:
        words = f"the same words stand in {clean_line(near.title)} ({near.id})"
        paragraph(frame, words, _INDENT, _INDENT, dim=True)
        _quotation(frame, near.quote, dim=True)
    if claim.verdict != CONTRADICTED:
        return
    for citation in claim.citations:
        if citation.verdict == CONTRADICTED and citation.quote:
            quote = f"[{citation.number}] “{clean_line(citation.quote)}”"
            paragraph(frame, quote, _INDENT, _INDENT + " ", dim=True)


class ClaimsBlock:
    """The claims of which there is something to say, a line each, and none of them twice.

    They stand below the text of an answer; contradictions first of all, where it has waited.
    `judge` is the model that judges a text which stands there with the signs of its words.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._told: set[int] = set()
        self._is_begun = False
        self.judge = ""
        self._void: list[ClaimJudged] = []

    def begin(self, claims: Iterable[Claim]) -> None:
        """Tell above a text that has waited what contradicts its sources."""
        found = [(at, one) for at, one in enumerate(claims) if one.verdict == CONTRADICTED]
        if found:
            self._frame.line("Contradicted by its sources, says the model", bold=True)
        for index, claim in found:
            self._told.add(index)
            claim_line(self._frame, claim)
        if found:
            self._frame.line()

    def judged(self, event: ClaimJudged) -> None:
        """Tell at once what a model says of a claim; that it is void, once for all of them."""
        if event.void:
            self._void.append(event)
            return
        self._say_void()
        self._tell(event.index, event.claim, is_judged=True)

    def end(self, answer: Answer) -> None:
        """Tell the others, in the order of alarm.

        Where the text stands there without signs of theirs, all that a model judged are told.
        """
        self._say_void()
        judged = {
            at for at, one in enumerate(answer.claims) if self.judge and one.checked_by == "model"
        }
        for index, claim in by_alarm(answer.claims, answer.outcome):
            if index not in self._told and (index in judged or reason_words(claim)):
                self._tell(index, claim, is_judged=bool(judged))

    def _tell(self, index: int, claim: Claim, *, is_judged: bool) -> None:
        if not self._is_begun:
            by = f" by {self.judge}, instead of the signs above" if is_judged else ""
            self._frame.line(f"\nCheck{by}", bold=True)
        self._is_begun = True
        self._told.add(index)
        claim_line(self._frame, claim)

    def _say_void(self) -> None:
        if not self._void:
            return
        self._told -= {one.index for one in self._void}
        last = f"last {len(self._void)} " if self._told else ""
        why = clean_line(self._void[0].void)
        line = f"void: {self.judge}'s {last}verdicts are not used ({why})"
        paragraph(self._frame, line, _MARGIN, _MARGIN, bold=True)
        self._void = []


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


def _origin(reference: Reference) -> str:
    """The file that a cited paper was read from, and when: "from papers.jsonl, 2026-11-21"."""
    name = clean_line(reference.source).rstrip("/").rpartition("/")[2]
    return f"from {name}, {reference.added_at[:10]}" if name else ""


def _byline(reference: Reference) -> str:
    known = [
        names_together(reference.authors[:3]) + (" et al." if len(reference.authors) > 3 else ""),
        str(reference.year or ""),
        "retracted" if reference.retracted else "",
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
