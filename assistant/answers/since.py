"""Which papers that came after an answer would be among its evidence now."""

from __future__ import annotations

import asyncio

from assistant.answers.context import AnswerContext
from assistant.answers.prepare import prepare
from assistant.answers.retrieve import retrieve
from assistant.answers.stages import Prepared
from assistant.retrieval.filter_coverage import as_evidence
from assistant.retrieval.summary_plan import is_summary
from assistant.types.questions import Question
from assistant.types.sessions import Turn
from store.types import Filter

EVERYTHING = Filter()


async def new_matches(
    context: AnswerContext, turn: Turn, wanted: Filter = EVERYTHING
) -> tuple[str, ...]:
    """The ids of papers added since a turn that it would rest on now, best first.

    Of those that `wanted` leaves, the papers that it was asked of as they are now. Nothing is sent
    to a model. A question is searched for as it was understood then; a paper counts that is
    among the evidence and speaks to the question by itself, by the calibrated measure: the least
    number of sources that is read for any question holds others. For a summary on a topic those
    count that speak to it, for one of all papers, and for a question that was put to each, all.
    A summary of papers that were named rests on these: none for it.
    """
    answer = turn.answer
    asked = answer.asked_of
    if is_summary(answer.question) and (asked is None or (not asked.topic and asked.filter.papers)):
        return ()
    added = max(turn.asked_at, wanted.added_since or "")
    since = wanted.model_copy({"added_since": added})
    library = context.library
    if not await asyncio.to_thread(library.count, since):
        return ()
    if asked is not None and asked.topic:
        return await asyncio.to_thread(_speaking, context, asked.topic, wanted, since)
    if answer.coverage is not None or (asked is not None and asked.is_summary):
        return await asyncio.to_thread(
            lambda: tuple(library.ids(as_evidence(library, since))),
        )
    question = Question(text=answer.standalone or turn.question, filter=wanted)
    prepared = await prepare(context, question, "question", sends=False)
    return await asyncio.to_thread(_new, context, prepared, turn.asked_at)


def _speaking(context: AnswerContext, topic: str, wanted: Filter, since: Filter) -> tuple[str, ...]:
    library = context.library
    new = set(library.ids(since))
    ids, _ = context.retriever.speaking_to(topic, as_evidence(library, wanted))
    return tuple(name for name in ids if name in new)


def _new(context: AnswerContext, prepared: Prepared, since: str) -> tuple[str, ...]:
    evidence = retrieve(context, prepared).evidence
    if not evidence.answerable:
        return ()
    new = tuple(one.paper.id for one in evidence.sources if one.paper.added_at > since)
    if not new or prepared.plan.is_of_records:
        return new
    retriever = context.retriever
    held = context.library.held_by_both
    asked = prepared.request.filter
    each = (
        retriever.speaking_to(one.query, held(asked, one.filter))[0] for one in prepared.plan.parts
    )
    speaking = {name for ids in each for name in ids}
    return tuple(name for name in new if name in speaking)
