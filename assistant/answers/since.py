"""Which papers that came after an answer would be among its evidence now."""

from __future__ import annotations

import asyncio

from assistant.answers.context import AnswerContext
from assistant.answers.prepare import prepare
from assistant.answers.retrieve import retrieve
from assistant.answers.stages import Prepared
from assistant.retrieval.summary_plan import is_summary
from assistant.types.questions import Question
from assistant.types.sessions import Turn
from store.types import Filter


async def new_matches(context: AnswerContext, turn: Turn) -> tuple[str, ...]:
    """The ids of papers added since a turn that its question would rest on now, best first.

    It is searched for as it was understood then; nothing is sent to a model. A paper counts that is
    among the evidence and speaks to the question by itself, by the calibrated measure: the least
    number of sources that is read for any question holds others. Summaries, and questions that were
    put to every paper, rest on what was chosen for them: none for these. Which papers a filter of
    the reader's left then is not known.
    """
    answer = turn.answer
    if answer.coverage is not None or is_summary(answer.question):
        return ()
    since = Filter(added_since=turn.asked_at)
    if not await asyncio.to_thread(context.library.count, since):
        return ()
    question = Question(text=answer.standalone or turn.question)
    prepared = await prepare(context, question, "question", sends=False)
    return await asyncio.to_thread(_new, context, prepared, turn.asked_at)


def _new(context: AnswerContext, prepared: Prepared, since: str) -> tuple[str, ...]:
    evidence = retrieve(context, prepared).evidence
    if not evidence.answerable:
        return ()
    new = tuple(one.paper.id for one in evidence.sources if one.paper.added_at > since)
    if not new or prepared.plan.is_of_records:
        return new
    retriever = context.retriever
    each = (retriever.speaking_to(one.query, one.filter)[0] for one in prepared.plan.parts)
    speaking = {name for ids in each for name in ids}
    return tuple(name for name in new if name in speaking)
