"""Having a model judge each claim of an answer against the sentences that the claim cites.

What the code guarantees, whatever a model writes: a claim is judged by its own sentences
alone, since a judgement that rests on those of other claims only is dropped; a claim without
a source stays so; and a number that is missing from the cited sentences stays missing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from assistant.cues import is_dangling
from assistant.errors import EndpointError
from assistant.grounding import disarm, estimate_tokens, fence_token_for
from assistant.judgements import Judgement, read_judgements
from assistant.models.base import ChatModel, Finished, ModelTask
from assistant.models.listening import Heard, listen
from assistant.prompting import Prompt
from assistant.sentences import source_sentences
from assistant.values import (
    Answer,
    AnswerDone,
    CheckOutcome,
    Citation,
    Claim,
    Progress,
    Usage,
)

CHECK_INPUTS = frozenset({"statements", "token", "last"})
"""What the prompt `check` is given."""

NEEDS_MODEL = (
    "not checked by a model: the built-in extractive model cannot judge;"
    " connect one and name it with -m"
)
"""The line for a check that was asked for where no model is."""

_TOKENS_A_CLAIM = 40
_TOKENS_AT_LEAST = 400
_PROMPT_TOKENS = 600
_NO_VERDICT = "the model judged none of the statements"


@dataclass(frozen=True)
class Statement:
    """A claim as a model is given it: its place among the claims, and its own sentences.

    `sentences` maps addresses (number displayed, sentence index) to their text.
    """

    at: int
    text: str
    sentences: Mapping[tuple[int, int], str]


def statements_of(answer: Answer) -> tuple[Statement, ...]:
    """The claims of an answer that cite something, each with what it may be judged by.

    That is the sentences cited, the titles of their papers, and before a sentence that leans
    on the one before it that one.
    """
    texts: dict[int, tuple[str, ...]] = {}
    for one in answer.references:
        cut = source_sentences(one.title, one.abstract)
        texts[one.number] = tuple(sentence.text for sentence in cut)
    found = []
    for at, claim in enumerate(answer.claims):
        sentences: dict[tuple[int, int], str] = {}
        for citation in claim.citations:
            known = texts.get(citation.number, ())
            for index in _shown(known, citation):
                sentences[citation.number, index] = known[index]
        if any(index for _, index in sentences) or (sentences and claim.verdict != "uncited"):
            found.append(Statement(at, claim.text, sentences))
    return tuple(found)


def _shown(known: Sequence[str], citation: Citation) -> list[int]:
    cited = {index for index in citation.sentences if 0 <= index < len(known)}
    if not cited:
        return []
    leads = {index - 1 for index in cited if index > 1 and is_dangling(known[index])}
    return sorted(cited | leads | {0})


def render_statements(statements: Sequence[Statement]) -> str:
    """The statements, counted from 1, each above its sentences, every line disarmed."""
    lines: list[str] = []
    for number, statement in enumerate(statements, 1):
        lines.append(f"statement {number}: {disarm(statement.text)}")
        lines += [
            f"[{source}.{index}] {disarm(text)}"
            for (source, index), text in statement.sentences.items()
        ]
        lines.append("")
    return "\n".join(lines).strip()


def judged(
    answer: Answer, statements: Sequence[Statement], judgements: Mapping[int, Judgement]
) -> Answer:
    """The answer with the model's verdicts; a claim without one keeps that of its words.

    `judgements` are by number of statement, from 1. A note says what was not judged, and
    `check` how far the check came.
    """
    claims = list(answer.claims)
    overruled = 0
    for number, statement in enumerate(statements, 1):
        judgement = judgements.get(number)
        claim = claims[statement.at]
        if judgement is None or claim.verdict == "unknown_citation":
            continue
        if judgement.verdict == "supported" and claim.verdict == "number_not_found":
            overruled += 1
            continue
        claims[statement.at] = _with_judgement(claim, judgement)
    by_model = sum(1 for claim in claims if claim.checked_by == "model")
    asked = len(statements)
    missed = asked - sum(1 for number in judgements if 1 <= number <= asked)
    notes = [answer.note]
    check: CheckOutcome = "done"
    if asked and not by_model and missed:
        check = "failed"
        notes.append(_NO_VERDICT)
    elif missed:
        check = "in_part"
        notes.append(f"the model did not judge {missed} of {asked} statements")
    if overruled:
        notes.append(
            f"the model supports {overruled} whose number is not in the cited sentences:"
            " the number stays not found"
        )
    return answer.model_copy(
        update={"claims": tuple(claims), "note": _joined(notes), "check": check}
    )


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
            "citations": citations,
            "basis": tuple(f"{number}.{index}" for number, index in judgement.addresses),
        }
    )


def unjudged(answer: Answer, why: str) -> Answer:
    """The answer with a note on why no model checked it."""
    return answer.model_copy(update={"note": _joined([answer.note, why]), "check": "failed"})


async def check_answer(
    model: ChatModel, prompt: Prompt, answer: Answer
) -> AsyncGenerator[Progress | AnswerDone, None]:
    """Judge all claims of an answer in one request, and give the answer back last.

    It comes back in any case: a failure of the endpoint, a model that cannot judge and
    claims that it passed over leave the verdicts of words and numbers, and are noted.
    """
    if model.is_extractive:
        yield AnswerDone(answer=unjudged(answer, NEEDS_MODEL))
        return
    statements = statements_of(answer)
    if answer.outcome == "not_in_collection" or not statements:
        check: CheckOutcome = "none" if answer.outcome == "not_in_collection" else "done"
        yield AnswerDone(answer=answer.model_copy(update={"check": check}))
        return
    statements, left_out = _that_fit(statements, model.context_tokens)
    many = "1 statement" if len(statements) == 1 else f"{len(statements)} statements"
    yield Progress(text=f"the model checks {many} against the cited sentences")
    listed = render_statements(statements)
    messages = prompt.fill(
        statements=listed, token=fence_token_for([listed]), last=str(len(statements))
    )
    task = ModelTask(
        "check", answer.question, messages, max_output_tokens=_answer_tokens(len(statements))
    )
    heard, failure = Heard(), ""
    try:
        async with aclosing(listen(model, task, heard)) as lines:
            async for line in lines:
                yield Progress(text=line)
    except EndpointError as error:
        failure = error.message
    judgements = read_judgements(heard.text, [frozenset(one.sentences) for one in statements])
    checked = judged(answer, statements, judgements)
    if failure:
        checked = unjudged(checked, f"the check failed: {failure}") if not judgements else checked
        if judgements:
            checked = checked.model_copy(
                update={"note": _joined([checked.note, f"the check was cut: {failure}"])}
            )
    if left_out:
        note = f"{left_out} statements did not fit into the check"
        checked = checked.model_copy(
            update={"note": _joined([checked.note, note]), "check": "in_part"}
        )
    usage = _added(answer.usage, heard.ending, listed, heard.text)
    yield AnswerDone(answer=checked.model_copy(update={"usage": usage}))


def _answer_tokens(statements: int) -> int:
    return max(_TOKENS_AT_LEAST, _TOKENS_A_CLAIM * statements)


def _that_fit(
    statements: Sequence[Statement], context_tokens: int
) -> tuple[tuple[Statement, ...], int]:
    """The first statements that the model has room for, and how many are left out."""
    kept: list[Statement] = []
    spent = _PROMPT_TOKENS
    for one in statements:
        spent += estimate_tokens(render_statements([one])) + 2
        if kept and spent + _answer_tokens(len(kept) + 1) > context_tokens:
            break
        kept.append(one)
    return tuple(kept), len(statements) - len(kept)


def _added(usage: Usage, ending: Finished, sent: str, written: str) -> Usage:
    """What an answer took, with the call of its check."""
    known = ending.input_tokens is not None
    return usage.model_copy(
        update={
            "calls": usage.calls + 1,
            "input_tokens": usage.input_tokens
            + (ending.input_tokens or 0 if known else estimate_tokens(sent) + _PROMPT_TOKENS),
            "output_tokens": usage.output_tokens
            + (ending.output_tokens or 0 if known else estimate_tokens(written)),
            "estimated": usage.estimated or not known,
            "cost": None,
        }
    )


def _joined(notes: Sequence[str]) -> str:
    """Notes as one line; one that stands there already is not said again."""
    line = ""
    for note in notes:
        if note and note not in line:
            line = f"{line}; {note}" if line else note
    return line
