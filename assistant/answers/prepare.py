"""Preparing what is asked: a follow-up is made to stand alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from assistant.answers.context import AnswerContext
from assistant.answers.cost import FREE_OF_CHARGE
from assistant.answers.stages import Prepared, Way
from assistant.errors import EndpointError
from assistant.generation.base import Finished, ModelTask, with_thinking
from assistant.generation.collect import Heard, listen
from assistant.prompting.grounding import disarm, estimate_tokens
from assistant.query.follow_up import carry_over
from assistant.query.planning.read import read_question
from assistant.query.standing_alone import FollowUp
from assistant.replies.rewrite import has_ended, rewrite_of
from assistant.types.answers import Answer
from assistant.types.plans import QuestionPlan
from assistant.types.questions import Question, SummaryRequest
from assistant.types.sessions import Turn
from assistant.types.usage import Estimate, Usage
from store.clean import clean_line, clean_text, shorten
from store.library.library import Library
from store.types import Filter

_FREE = Usage(cost=0.0)
_REWRITE_TOKENS = 120
_HISTORY_TURNS = 3
_NOT_REWRITTEN = "the follow-up was %s: the model did not rewrite it (%s)"
_AS_ASKED, _CARRIED = "searched as it was asked", "searched with what it leans on put beside it"


async def prepare(
    context: AnswerContext,
    request: Question | SummaryRequest,
    way: Way,
    *,
    sends: bool = True,
) -> Prepared:
    """What is asked, standing alone; a chat model makes a follow-up do so where it may be sent.

    Without `sends`, with the built-in model, and for a question to every paper, the words that
    it leans on are carried over; so they are, with a note, where the model gives no question.
    """
    if isinstance(request, SummaryRequest):
        return Prepared(way, request)
    asked = clean_line(request.text)
    history = tuple(request.history)

    async def prepared(
        follow: FollowUp,
        spent: Usage = _FREE,
        estimate: Estimate = FREE_OF_CHARGE,
        note: str = "",
    ) -> Prepared:
        # What stands as it was asked is read with its line breaks.
        text = clean_text(request.text) if follow.question == asked else follow.question
        alone = replace(follow, question=text)
        plan = await asyncio.to_thread(_planned, context.library, alone)
        read = plan.standalone
        return Prepared(way, request, asked, read, plan, spent, estimate, note)

    if (way == "all_papers" or request.check) and (again := _last(asked, history)):
        return await prepared(FollowUp(again.standalone or asked))
    carried = await asyncio.to_thread(carry_over, asked, history, context.retriever.lead)
    if not carried.leans or context.model.is_extractive or way == "all_papers":
        return await prepared(carried)
    task = _rewriting(context, history, asked)
    if not sends:
        order = context.accounting.order(task.messages, task.max_output_tokens)
        return await prepared(carried, estimate=order.estimate)
    line, spent, problem = await _rewritten(context, task, history)
    how = _AS_ASKED if carried.question == asked else _CARRIED
    note = _NOT_REWRITTEN % (how, problem) if problem else ""
    return await prepared(replace(carried, question=line or carried.question), spent, note=note)


def _planned(library: Library, follow: FollowUp) -> QuestionPlan:
    """The plan of a question, each part about or beside the papers that it points at."""
    plan = read_question(follow.question, library)
    papers = tuple(library.texts(follow.papers))
    if not papers:
        return plan
    asks = follow.asks if follow.is_certain and len(plan.parts) == 1 else None
    only = Filter(papers=papers) if follow.is_certain else Filter()
    parts = (
        one.model_copy(
            update={
                "filter": library.held_by_both(one.filter, only),
                "also": papers,
                "asks": asks,
            }
        )
        for one in plan.parts
    )
    return plan.model_copy(update={"parts": tuple(parts)})


def _last(asked: str, history: Sequence[Turn]) -> Answer | None:
    """The answer to the turn before where it asked the same.

    Put again to be judged, or to go on, a question is no follow-up to itself.
    """
    turn = history[-1] if history else None
    return turn.answer if turn is not None and clean_line(turn.question) == asked else None


def _rewriting(context: AnswerContext, history: Sequence[Turn], asked: str) -> ModelTask:
    """The request that makes a follow-up stand alone."""
    lines = []
    for turn in history[-_HISTORY_TURNS:]:
        # What sources said may stand in an answer: it is shown as disarmed as they are.
        text = shorten(turn.answer.text, 600)
        lines += [f"Question: {disarm(turn.question)}", f"Answer: {disarm(text)}"]
        lines += [f"[{one.number}] {disarm(one.title)}" for one in turn.answer.references]
    messages = context.prompt("rewrite").fill(history="\n".join(lines), question=asked)
    prompt = sum(estimate_tokens(one.content) for one in messages)
    output = with_thinking(_REWRITE_TOKENS, prompt, context.model.context_tokens)
    said = tuple(lines)
    return ModelTask("rewrite", asked, messages, max_output_tokens=output, inputs=said)


async def _rewritten(
    context: AnswerContext, task: ModelTask, history: Sequence[Turn]
) -> tuple[str, Usage, str]:
    """What a chat model makes of a follow-up, in one line, what that took, and what went wrong.

    One that fails in any way makes nothing of it: there is a way without.
    """
    asked, heard, problem = task.question, Heard(), ""
    enough = partial(has_ended, asked=asked)
    try:
        async with aclosing(listen(context.model, task, heard, enough)) as lines:
            async for _ in lines:
                pass  # a rewrite is short: nothing is told of it
    except EndpointError as failure:
        problem = failure.message
        heard.ending = Finished("stop", requests=failure.requests)
    ending, accounting = heard.ending, context.accounting
    tokens = accounting.order(task.messages, 0).estimate.input_tokens
    spent = accounting.took(ending, tokens, estimate_tokens(heard.text))
    line = rewrite_of(heard.text, asked, history)
    if not problem and heard.ending.reason == "length":
        problem = "it came to its token limit"
    elif not problem and (heard.ending.reason != "stop" or not line):
        problem = "what it wrote cannot be that question"
    return "" if problem else line, spent, problem
