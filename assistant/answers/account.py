"""Accounting: what an answer took is learned from, the answer recorded and saved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from assistant.answers.check import Checking
from assistant.answers.context import AnswerContext
from assistant.answers.cost import Recording
from assistant.answers.stages import Checked
from assistant.errors import AssistantError
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, Event

_MOST_SAVED = 2_000
"""So many verdicts of single papers are saved with an answer."""


async def account(
    context: AnswerContext, checking: Checking, on_stop: Callable[[Answer], None]
) -> AsyncGenerator[Event, None]:
    """The events of an answer to its end; once it is whole it is saved, whoever stops it then.

    What came of an answer that is stopped early is saved too, and given to `on_stop`. Raises
    EndpointError: after AnswerDone where a text was cut. Raises RecordMissing, after it too where
    the check is what is not recorded.
    """
    saving: asyncio.Future[Answer] | None = None
    done: AnswerDone | None = None
    failure: AssistantError | None = None
    try:
        async with aclosing(checking.parts()) as parts:
            async for part in parts:
                if isinstance(part, Checked):
                    failure = part.failure or part.cited.generated.failure
                    saving = asyncio.ensure_future(asyncio.to_thread(_saved, context, part))
                    done = AnswerDone(answer=await asyncio.shield(saving))
                else:
                    yield part
    except (asyncio.CancelledError, GeneratorExit):
        if saving is not None:
            on_stop(await saving)
        elif stopped := await asyncio.to_thread(_stopped, context, checking):
            on_stop(stopped)
        raise
    if done is not None:
        yield done
    if failure is not None:
        raise failure


def _stopped(context: AnswerContext, checking: Checking) -> Answer | None:
    checked = checking.stopped()
    return None if checked is None else _saved(context, checked)


def _saved(context: AnswerContext, checked: Checked) -> Answer:
    """The answer with the conversation it is saved in; what it took is learned from first."""
    cited, answer = checked.cited, checked.answer
    generated, grounded = cited.generated, cited.generated.grounded
    ending, order = generated.ending, grounded.order
    recorded = grounded.recorded if generated.cached else None
    before = dict(recorded.replies) if recorded else {}
    # Asked for without a check, it is kept with what an earlier check said of it.
    # A check that did not come to its end is asked for anew, not read again.
    is_judged = answer.check in ("none", "done")
    replies = {**before, **(checked.replies if is_judged else {})}
    is_known = recorded is not None and replies == before
    if order is not None and ending is not None and not is_known:
        if ending.input_tokens is not None:
            context.accounting.learn(order.raw, ending.input_tokens)
        is_sound = generated.is_whole and not answer.replaced
        is_whole = is_sound and answer.outcome in ("answered", "not_in_collection")
        if is_whole:
            # One that was cut, garbled or looped is to be made anew.
            recording = Recording(cited.heard, generated.note, replies)
            context.accounting.record(order, recording)
    request = grounded.prepared.request
    short = answer.model_copy(update={"papers": answer.papers[:_MOST_SAVED]})
    saved = context.keep(short, request.session, request.begins)
    return saved.model_copy(update={"papers": answer.papers})
