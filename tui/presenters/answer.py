"""The lines around an answer: how it ended, what it was checked by, what it took."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from assistant.answers.claim_words import (
    by_alarm,
    check_words,
    claim_words,
    reason_words,
    worth_telling,
)
from assistant.checking.verdicts import sign_of
from assistant.config.model_choice import EXTRACTIVE
from store.clean import clean_line
from tui.presenters.key_names import AS_THEY_COME, KeyNames
from tui.presenters.markdown import annotate, plain
from tui.presenters.paper import byline, web_address

if TYPE_CHECKING:
    from assistant.types.answers import Answer

_OUTCOMES = {
    "interrupted": "Stopped before its end.",
    "cut": "Cut at the token limit.",
    "uncited": "Answered without citations.",
    "declined": "The model declined to answer.",
    "not_in_collection": "This library does not answer the question.",
}
_NOTED = ("interrupted", "cut", "uncited")
"""Outcomes of which the note of an answer says why."""

_CLAIM_WIDTH = 96
"""Characters for a claim and what was seen of it: a line of a wide terminal, two of another."""


def explanation(answer: Answer) -> str:
    """What the reader should know of the model that gave an answer; "" for most."""
    if answer.model != EXTRACTIVE or answer.outcome != "answered":
        return ""
    return "The built-in extractive model answers with sentences of the abstracts, word for word."


def ending(
    answer: Answer, told: Collection[int] = (), keys: KeyNames = AS_THEY_COME
) -> tuple[str, ...]:
    """The lines under an answer that say how it ended, in words for the reader.

    `told` are the places of the claims below which it stands what was seen of them, `keys` those
    that a line names.
    """
    # The note says why an answer was cut; the refusal is a sentence of its own.
    is_explained = (answer.outcome in _NOTED and answer.note) or (
        answer.outcome == "not_in_collection" and answer.text.strip()
    )
    lines = [*flagged(answer, told), "" if is_explained else _OUTCOMES.get(answer.outcome, "")]
    if answer.standalone and answer.standalone.strip() != answer.question.strip():
        lines.append(f"Understood as: {clean_line(answer.standalone)}")
    if answer.read_as:
        lines.append(f"Read as: {clean_line(answer.read_as)}")
    lines.append(clean_line(answer.note))
    if answer.coverage is not None and answer.coverage.failed:
        lines.append(
            f"{keys['ask.every']} with the same question asks those that failed once more."
        )
    if answer.outcome in ("not_in_collection", "uncited") and answer.near_misses:
        lines.append("What came closest is listed under Sources.")
    return tuple(line for line in lines if line)


def flagged(answer: Answer, told: Collection[int] = ()) -> list[str]:
    """A line for each claim to look at twice, with what was seen of it, in the order of alarm.

    Those that are `told`, by their places, are left out.
    """
    return [
        claim_words(one, _CLAIM_WIDTH)
        for place, one in by_alarm(answer.claims, answer.outcome)
        if place not in told and reason_words(one) and (sign_of(one).warns or one.is_approved)
    ]


def account(answer: Answer) -> str:
    """One line on the check, the sources, the model and what the answer took."""
    parts = [check_words(answer)]
    evidence = answer.evidence
    if evidence.considered:
        parts.append(f"{evidence.used} of {evidence.considered} sources cited")
    if evidence.dropped:
        parts.append(f"{evidence.dropped} left out for length")
    parts += [clean_line(answer.model), _took(answer)]
    return " · ".join(part for part in parts if part)


def _took(answer: Answer) -> str:
    usage = answer.usage
    if not usage.calls:
        return ""
    about = "about " if usage.estimated else ""
    line = f"{usage.calls} {'call' if usage.calls == 1 else 'calls'}"
    if usage.input_tokens or usage.output_tokens:
        line += f" · {about}{usage.input_tokens} tokens in, {usage.output_tokens} out"
    return line + (f" · ${usage.cost:.4f}" if usage.cost else "")


def copied(answer: Answer) -> str:
    """An answer as plain text, with its signs, what it was checked by, its references.

    What other papers said that were asked stands below.
    """
    lines = [plain(annotate(answer.text, answer.claims)).strip()]
    if checked_by := check_words(answer):
        told = [
            claim_words(one, _CLAIM_WIDTH) for one in worth_telling(answer.claims, answer.outcome)
        ]
        lines += ["", f"Check: {checked_by}", *told]
    if answer.references:
        lines += ["", "References"]
    for one in answer.references:
        address = web_address(one.url)
        about = byline(one.authors, one.year, is_retracted=one.retracted)
        line = ". ".join(filter(None, (f"[{one.number}] {clean_line(one.title)}", about))) + "."
        lines.append(f"{line} {address}".rstrip())
    cited = {one.id for one in answer.references}
    for verdict, heading in (("yes", "More papers that say yes"), ("unclear", "Unclear")):
        said = [one for one in answer.papers if one.verdict == verdict and one.id not in cited]
        lines += ["", heading] if said else []
        lines += [
            f"{clean_line(one.title)}: {clean_line(one.sentence or '(no sentence)')}"
            for one in said
        ]
    return "\n".join(lines) + "\n"
