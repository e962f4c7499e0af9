"""Grounding: the sources that fit, the prompt around them, and what sending it will take."""

from __future__ import annotations

from functools import partial

from assistant.answers.context import AnswerContext
from assistant.answers.stages import Grounded, GroundedPrompt, Retrieved
from assistant.generation.truncation import source_room
from assistant.prompting.grounding import SAME_TOKEN, fit, render_sources
from assistant.prompting.prompts import NOT_ANSWERED
from assistant.types.evidence import Evidence
from assistant.types.message import Message

_LEAST_BUDGET = 200


def ground(context: AnswerContext, retrieved: Retrieved) -> Grounded:
    """What was retrieved, as a model is given it.

    Synchronous, for a thread. Raises WrongUse where no paper is left to be asked.
    """
    if retrieved.prepared.way == "all_papers":
        from assistant.answers.ask_all.selection import ground_papers

        return ground_papers(context, retrieved)
    if retrieved.plan is not None and retrieved.plan.groups:
        from assistant.answers.summarize.requests import ground_groups

        return ground_groups(context, retrieved)
    return _grounded(context, retrieved, _fitting(context, retrieved))


def _fitting(context: AnswerContext, retrieved: Retrieved) -> Evidence:
    """The evidence that a chat model has room for; all of it for the built-in one."""
    if context.model.is_extractive or retrieved.prepared.plan.is_of_records:
        return retrieved.evidence
    room = source_room(context.model.context_tokens)
    room = int(room / max(context.accounting.ratio, 1.0))
    cut = context.accounting.cut_at
    room = room if cut is None else min(room, cut)
    return fit(retrieved.evidence, max(min(retrieved.budget, room), _LEAST_BUDGET))


def _grounded(context: AnswerContext, retrieved: Retrieved, evidence: Evidence) -> GroundedPrompt:
    """One prompt around this evidence."""
    refit, prepared = partial(_grounded, context, retrieved), retrieved.prepared
    if prepared.plan.is_of_records:
        return GroundedPrompt(retrieved, evidence, messages=lambda token: (), refit=refit)
    if context.model.is_extractive or not evidence.sources:
        check = context.decide_check(retrieved, evidence.sources, retrieved.max_sentences)
        return GroundedPrompt(
            retrieved, evidence, check=check, messages=lambda token: (), refit=refit
        )
    accounting = context.accounting
    is_question = prepared.way == "question"
    prompt = context.prompt("answer" if is_question else "summary")

    def messages(token: str) -> tuple[Message, ...]:
        asked = {"question" if is_question else "request": retrieved.wording}
        sources = render_sources(evidence.sources, token)
        return prompt.fill(sources=sources, refusal=NOT_ANSWERED, token=token, **asked)

    extra = [prepared.settings, prompt.reference.digest]
    order = accounting.order(messages(SAME_TOKEN), retrieved.max_output_tokens, extra)
    recorded = accounting.find(order, anew=prepared.request.anew)
    return GroundedPrompt(
        retrieved,
        evidence,
        prompt.reference,
        order,
        context.decide_check(retrieved, evidence.sources, retrieved.claims, order, recorded),
        recorded,
        messages=messages,
        refit=refit,
    )
