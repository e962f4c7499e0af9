"""What stands below the text of an answer: its check, cited sentences, one line of account."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable

from assistant.answers.claim_words import by_alarm, check_words, claim_words, reason_words
from assistant.checking.verdicts import CONTRADICTED, SIGNS, sign_of
from assistant.cli.frame import Frame
from assistant.types.answers import Answer, Reference
from assistant.types.claims import Claim
from store.clean import clean_line

_MARGIN = "  "
_INDENT = "    "
_NEAREST = {
    "not_in_collection": "Nearest:",
    "uncited": "Answered without citations. Nearest:",
}


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


def claim_line(frame: Frame, claim: Claim) -> None:
    """A claim with its sign and what was seen of it; what contradicts it is quoted below."""
    sign = sign_of(claim)
    line = claim_words(claim, text_width() - len(_MARGIN))
    hanging = _MARGIN + " " * (len(sign.symbol) + 1)
    paragraph(frame, line, _MARGIN, hanging, bold=sign.role == "error", dim=not sign.warns)
    if claim.verdict != CONTRADICTED:
        return
    for citation in claim.citations:
        if citation.verdict == CONTRADICTED and citation.quote:
            quote = f"[{citation.number}] “{clean_line(citation.quote)}”"
            paragraph(frame, quote, _INDENT, _INDENT + " ", dim=True)


class ClaimsBlock:
    """The claims of which there is something to say, a line each, and none of them twice.

    They stand below the text of an answer; contradictions first of all, where it has waited.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._told: set[int] = set()
        self._is_begun = False

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

    def tell(self, index: int, claim: Claim) -> None:
        """Tell at once what is said of the claim that has this place among all, from 0."""
        if not self._is_begun:
            self._frame.line("\nCheck", bold=True)
        self._is_begun = True
        self._told.add(index)
        claim_line(self._frame, claim)

    def end(self, claims: Iterable[Claim], *, is_signed: bool = True) -> None:
        """Tell the others, in the order of alarm.

        Where the text has no sign of theirs (`is_signed`), all that a model judged are told.
        """
        for index, claim in by_alarm(claims):
            is_news = claim.checked_by == "model" and not is_signed
            if index not in self._told and (is_news or reason_words(claim)):
                self.tell(index, claim)


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


def account(answer: Answer, *, full: bool = False) -> str:
    """One line: how it was checked, sources considered and used, model, calls, tokens."""
    evidence = answer.evidence
    plural = "" if evidence.considered == 1 else "s"
    parts = [check_words(answer)] if answer.claims else []
    parts.append(f"{evidence.considered} source{plural} considered, {evidence.used} cited")
    if evidence.dropped:
        parts.append(f"{evidence.dropped} left out for length")
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
