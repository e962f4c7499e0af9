"""Preparing what is asked: it is made to stand alone, and read into its plan.

A chat model is asked how a question is to be read where its words alone tell that badly: within a
conversation, in another language than the abstracts, where it names records, excludes, ranks or
counts, or has two sides. An ordinary question is read by its words, and sends nothing here.
"""

from __future__ import annotations

import asyncio

from assistant.answers.context import AnswerContext
from assistant.answers.cost import FREE_OF_CHARGE
from assistant.answers.stages import Prepared, Way
from assistant.query.length import check_length
from assistant.retrieval.filter_coverage import as_evidence
from assistant.types.questions import Question, SummaryRequest
from store.clean import clean_line


async def prepare(
    context: AnswerContext,
    request: Question | SummaryRequest,
    way: Way,
    *,
    sends: bool = True,
) -> Prepared:
    """What is asked, standing alone, and how it is read; a chat model reads it where it may.

    Without `sends`, with the built-in model, and for a question to every paper, the words that
    a follow-up leans on are carried over; so they are, with a note, where the model has no plan.
    Raises QuerySyntaxError for a question or a topic that is too long.
    """
    if isinstance(request, SummaryRequest):
        check_length(request.topic or "", "the topic")
    else:
        check_length(request.text, "the question")
    if isinstance(request, SummaryRequest) and request.papers:
        return Prepared(way, request)  # of each it is said whether it has an abstract
    evident = await asyncio.to_thread(as_evidence, context.library, request.filter)
    if isinstance(request, SummaryRequest):
        return Prepared(way, request.model_copy({"filter": evident}))
    from assistant.answers.question_reading import Planned
    from assistant.answers.read_by_words import as_before, by_words, is_planned, of_language

    # Put again to be judged, or to go on, a question is no follow-up to itself.
    again = (way == "all_papers" or bool(request.check)) and _asks_last(request)
    read = await asyncio.to_thread(by_words, context, request, again)
    planned = Planned(read.plan, note=of_language(context, read.plan))
    if way == "question" and not context.model.is_extractive and is_planned(read):
        from assistant.answers.plan_request import plan_by_model

        planned = await plan_by_model(context, read, sends=sends and not again)
    plan = planned.plan
    if again and not plan.by_model:
        plan = await asyncio.to_thread(as_before, context, request, plan)
    return Prepared(
        way,
        request.model_copy({"filter": evident}),
        read.asked,
        plan,
        planned.spent,
        FREE_OF_CHARGE if again else planned.estimate,
        planned.note,
        unsent=None if again else planned.unsent,
    )


def _asks_last(request: Question) -> bool:
    """True for the question of the turn before."""
    before = [clean_line(turn.question) for turn in request.history[-1:]]
    return before == [clean_line(request.text)]
