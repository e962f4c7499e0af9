"""Having a model judge each claim of an answer against the sentences that the claim cites.

What the code guarantees, whatever a model writes: a claim is judged by what was shown with it,
since a judgement that rests on other sentences is dropped; a claim without a source stays so;
a number that is missing from the cited sentences stays missing, and what is said of a quotation
that stands in none stays said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.checking.model_verdicts import Judgement
from assistant.checking.statements import Statement
from assistant.checking.verdicts import NOT_THERE
from assistant.checking.word_for_word import MISQUOTED
from assistant.types.answers import Answer, CheckOutcome
from assistant.types.claims import Claim, WordsFound

NEEDS_MODEL = (
    "not checked by a model: the built-in extractive model cannot judge;"
    " connect one and name it with -m, or as check_model in the configuration"
)
"""The line for a check that was asked for where no model is."""

CANNOT_JUDGE_ANEW = f"not judged anew: {NEEDS_MODEL.partition(': ')[2]}"
"""The same where another model judged before; that stays."""

REFUSED = "nothing to check: the answer is that the sources do not say"
"""The line for a check that was asked for where the answer is a refusal."""

CHECK_STOPPED = "the check was stopped by the reader"
"""What is said of a check that did not come to its end."""


def judged(
    answer: Answer, statements: Sequence[Statement], judgements: Mapping[int, Judgement]
) -> Answer:
    """The answer with the model's verdicts; a claim without one keeps that of its words.

    `judgements` are by number of statement, from 1. `check` says how far the check came, and a
    note what was passed over.
    """
    claims = list(answer.claims)
    overruled = 0
    for number, statement in enumerate(statements, 1):
        judgement = judgements.get(number)
        claim = _by_words(claims[statement.at])
        if judgement is None or claim.verdict == "unknown_citation":
            continue
        claims[statement.at] = claim
        if judgement.verdict == "supported" and MISQUOTED in claim.reasons:
            claims[statement.at] = claim.model_copy(update={"reasons": (MISQUOTED,)})
            continue  # What it says may be so; that these are the words is not.
        if judgement.verdict in ("supported", "partly") and claim.verdict == "number_not_found":
            overruled += judgement.verdict == "supported"
            if judgement.reason:
                update = {"reasons": _reasons(claim, judgement)}
                claims[statement.at] = claim.model_copy(update=update)
            continue
        claims[statement.at] = _with_judgement(claim, judgement)
    asked = len(statements)
    missed = asked - len(judgements)
    notes: list[str] = []
    check: CheckOutcome = "done"
    if missed and judgements:
        check = "in_part"
        notes.append(f"the model did not judge {missed} of {asked} statements")
    elif missed:
        check = "failed"
    if overruled:
        notes.append(
            f"the model supports {overruled} whose number is not in the cited sentences:"
            " the number stays not found"
        )
    return noted(answer.model_copy(update={"claims": tuple(claims)}), joined(notes), check)


def _by_words(claim: Claim) -> Claim:
    """A claim as it was before a model judged it: the next one overrules no missing number."""
    found = claim.by_words
    if found is None:
        return claim
    update = {"verdict": found.verdict, "reasons": found.reasons, "by_words": None}
    return claim.model_copy(update={**update, "checked_by": "text", "basis": ()})


def _with_judgement(claim: Claim, judgement: Judgement) -> Claim:
    papers = {number for number, _ in judgement.addresses}
    citations = tuple(
        one.model_copy(update={"verdict": judgement.verdict})
        if one.number in papers or not papers
        else one
        for one in claim.citations
    )
    return claim.model_copy(
        update={
            "verdict": judgement.verdict,
            "checked_by": "model",
            "by_words": WordsFound(verdict=claim.verdict, reasons=claim.reasons),
            "citations": citations,
            "basis": tuple(f"{number}.{index}" for number, index in judgement.addresses),
            "reasons": _reasons(claim, judgement),
        }
    )


def _reasons(claim: Claim, judgement: Judgement) -> tuple[str, ...]:
    """What a model says of a claim, beside what stays said of its numbers and quotations.

    A missing number that the model names too is said once.
    """
    reasons = [judgement.reason] if judgement.reason else []
    if claim.verdict == "number_not_found" and judgement.verdict in ("partly", "not_stated"):
        missing = [one for one in claim.reasons if one.endswith(NOT_THERE)]
        reasons[:0] = [
            one for one in missing if one.removesuffix(NOT_THERE) not in judgement.reason
        ]
    return (*reasons, *(one for one in claim.reasons if one == MISQUOTED))


def nothing_to_judge(answer: Answer) -> Answer:
    """An answer without a claim that could be judged, with a note on why; nothing is sent."""
    why = "no sentence of the answer cites a source" if answer.claims else "there is no answer"
    if answer.coverage is not None:
        why = "these are sentences of the abstracts"
    is_refused = answer.outcome == "not_in_collection"
    return noted(answer, REFUSED if is_refused else f"nothing to check: {why}", "none")


def noted(answer: Answer, why: str, check: CheckOutcome) -> Answer:
    """The answer with one more note, and how far the check of its claims came."""
    notes = {name: joined([getattr(answer, name), why]) for name in ("note", "check_note")}
    return answer.model_copy(update={**notes, "check": check})


def unnoted(answer: Answer) -> Answer:
    """The answer without what an earlier check noted, which the next one says anew."""
    note = answer.note.removesuffix(answer.check_note).removesuffix("; ")
    return answer.model_copy(update={"note": note, "check": "none", "check_note": ""})


def joined(notes: Sequence[str]) -> str:
    """Notes as one line; one that stands there already is not said again."""
    line = ""
    for note in notes:
        line = line if note in line else f"{line}; {note}".removeprefix("; ")
    return line
