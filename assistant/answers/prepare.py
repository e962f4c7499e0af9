"""Preparing what is asked: a follow-up is made to stand alone."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

from assistant.answers.context import AnswerContext
from assistant.answers.stages import Prepared, Way
from assistant.generation.base import ModelTask
from assistant.generation.collect import Heard, listen
from assistant.prompting.grounding import disarm, estimate_tokens
from assistant.query.follow_up import carry_over, leans
from assistant.types.questions import Question, SummaryRequest
from assistant.types.sessions import Turn
from assistant.types.usage import Usage
from store.clean import clean_line, shorten

_REWRITE_LIMIT = 400
_REWRITE_TOKENS = 120
_HISTORY_TURNS = 3


async def prepare(
    context: AnswerContext,
    request: Question | SummaryRequest,
    way: Way,
    *,
    sends: bool = True,
) -> Prepared:
    """What is asked, standing alone; a chat model makes a follow-up do so where it may be sent.

    Without `sends`, with the built-in model, and for a question to every paper, the words that
    it leans on are carried over. Raises EndpointError.
    """
    if isinstance(request, SummaryRequest):
        return Prepared(way, request)
    asked = clean_line(request.text)
    history = _before(asked, request.history) if way == "all_papers" else request.history
    if not history or not leans(asked):
        return Prepared(way, request, asked, asked)
    carried = carry_over(asked, history)
    if context.model.is_extractive or way == "all_papers":
        return Prepared(way, request, asked, carried)
    task = _rewriting(context, history, asked)
    if not sends:
        estimate = context.accounting.order(task.messages, task.max_output_tokens).estimate
        return Prepared(way, request, asked, carried, estimate=estimate)
    line, spent = await _rewritten(context, task)
    fits = 3 <= len(line) <= _REWRITE_LIMIT
    return Prepared(way, request, asked, line if fits else carried, spent)


def _before(asked: str, history: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns before a question: put again it is no follow-up to itself, it is to go on."""
    turns = tuple(history)
    while turns and clean_line(turns[-1].question) == asked:
        turns = turns[:-1]
    return turns


def _rewriting(context: AnswerContext, history: Sequence[Turn], asked: str) -> ModelTask:
    """The request that makes a follow-up stand alone."""
    lines = []
    for turn in history[-_HISTORY_TURNS:]:
        # What sources said may stand in an answer: it is shown as disarmed as they are.
        text = shorten(turn.answer.text, 600)
        lines += [f"Question: {disarm(turn.question)}", f"Answer: {disarm(text)}"]
        lines += [f"[{one.number}] {disarm(one.title)}" for one in turn.answer.references]
    messages = context.prompt("rewrite").fill(history="\n".join(lines), question=asked)
    return ModelTask("rewrite", asked, messages, max_output_tokens=_REWRITE_TOKENS)


async def _rewritten(context: AnswerContext, task: ModelTask) -> tuple[str, Usage]:
    """What a chat model makes of a follow-up, in one line, and what that took."""
    heard = Heard()
    async with aclosing(listen(context.model, task, heard)) as lines:
        async for _ in lines:
            pass  # a rewrite is short: nothing is told of it
    ending, accounting = heard.ending, context.accounting
    tokens = accounting.order(task.messages, 0).estimate.input_tokens
    spent = accounting.used(
        tokens if ending.input_tokens is None else ending.input_tokens,
        estimate_tokens(heard.text) if ending.output_tokens is None else ending.output_tokens,
        1,
        ending.input_tokens is None,
    )
    return clean_line(heard.text).strip("\"“”' "), spent
