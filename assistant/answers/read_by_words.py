"""A question as its words say it: made to stand alone, and read into its plan."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from assistant.answers.context import AnswerContext
from assistant.answers.question_reading import ByWords
from assistant.generation.extractive.side_by_side import asks_for_sides
from assistant.query.follow_up import Known, carry_over
from assistant.query.planning.read import read_question
from assistant.query.planning.whether import asks_whether
from assistant.query.question import core_words
from assistant.query.standing_alone import FollowUp
from assistant.types.plans import PlannedPart, QuestionPlan
from assistant.types.questions import Question
from store.clean import clean_line, clean_text
from store.library.library import Library
from store.types import Filter

_FOUND = 20
_WORDS_ONLY = (
    "the question is in %s, the abstracts are in %s: the built-in model compares words only;"
    " ask in their language, or connect a model"
)


def _planned(library: Library, follow: FollowUp) -> QuestionPlan:
    """The plan of a question, each part about or beside the papers that it points at.

    What is asked of papers that are decided is read without their names.
    """
    papers = tuple(library.texts(follow.papers))
    without = tuple(library.texts(follow.without))
    only = Filter(papers=papers if follow.is_certain else (), without=without)
    asks = follow.asks if only.papers else None
    plan = read_question(asks or follow.question, library)
    if len(plan.parts) != 1:
        plan, asks = read_question(follow.question, library), None
    if not papers and not without:
        return plan

    def beside(part: PlannedPart) -> PlannedPart:
        if len(only.papers) == 1 and (part.needs_all or part.topic):
            part = PlannedPart(question=part.question)  # of one paper nothing is counted or ranked
        wanted = library.held_by_both(part.filter, only)
        own = {} if asks is None else {"question": follow.question, "asks": asks}
        if asks and len(only.papers) > 1 and core_words(asks) and not part.needs_all:
            own["search"] = asks  # of several papers, words of their titles would tell
        return part.model_copy(update={"filter": wanted, "also": papers, **own})

    left_out = f"without {len(without)} named before" if without else ""
    read_as = " · ".join(filter(None, (plan.read_as, left_out)))
    parts = tuple(map(beside, plan.parts))
    return plan.model_copy(update={"parts": parts, "read_as": read_as})


def _topic(library: Library, question: str) -> str | None:
    """What papers are asked for on; empty for papers by their records alone, None for no papers."""
    parts = read_question(question, library).parts
    is_record = any(one.limit and one.order == "relevance" for one in parts)
    is_list = len(parts) == 1 and parts[0].kind == "papers" and not is_record
    return parts[0].topic if is_list else None


def _titled(context: AnswerContext, name: str) -> tuple[str, ...]:
    """The papers whose titles begin with a name, of those that are found by it."""
    found = [one.id for one in context.retriever.ranked(name, Filter())[:_FOUND]]
    titles = {one: title for one, (title, _) in context.library.texts(found).items()}
    begins = re.compile(rf"(?i)\W*{re.escape(name)}(?![\w-])")
    return tuple(one for one in found if begins.match(titles.get(one, "")))


def as_before(context: AnswerContext, request: Question, plan: QuestionPlan) -> QuestionPlan:
    """The plan of a question that was read before: as it stood alone then."""
    before = request.history[-1].answer.standalone or clean_line(request.text)
    return plan if plan.standalone == before else _planned(context.library, FollowUp(before))


def by_words(context: AnswerContext, request: Question, again: bool) -> ByWords:
    """A question as its words say it; synchronous, for a thread."""
    asked, history = clean_line(request.text), request.history
    history = history[:-1] if again else history
    library, lead = context.library, context.retriever.lead
    known = Known(lead, partial(_topic, library), partial(_titled, context))
    follow = carry_over(asked, history, known)
    # What stands as it was asked is read with its line breaks.
    text = clean_text(request.text) if follow.question == asked else follow.question
    plan = _planned(context.library, replace(follow, question=text))
    filters = [one.filter for one in plan.parts]
    names = [name for one in filters for name in (*one.authors, *one.venues)]
    language = context.languages.foreign(asked, names)
    return ByWords(request, asked, history, follow, plan.model_copy(update={"language": language}))


def is_planned(read: ByWords) -> bool:
    """Whether a model is asked how the question is meant: its words tell that badly."""
    return bool(read.history or read.plan.language) or any(map(_is_special, read.plan.parts))


def _is_special(part: PlannedPart) -> bool:
    """True for a part that asks for more than what some abstracts say on a topic, and agree on."""
    is_ordered = part.order != "relevance" or part.limit is not None
    is_of_some = bool(part.excluded or part.rank or part.opposite)
    has_sides = asks_whether(part.question) or asks_for_sides(part.question)
    is_of_records = part.is_of_records or part.kind == "count"
    return part.filter != Filter() or is_ordered or is_of_some or is_of_records or has_sides


def of_language(context: AnswerContext, plan: QuestionPlan) -> str:
    """That words of two languages are compared, where no model puts one into the other."""
    if not context.model.is_extractive or not plan.language or plan.is_of_records:
        return ""
    return _WORDS_ONLY % (plan.language, context.languages.main or "another language")
