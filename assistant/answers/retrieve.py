"""Retrieving what an answer may rest on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.answers.context import AnswerContext
from assistant.answers.stages import Prepared, Retrieved
from assistant.generation.base import ModelTask
from assistant.query.breadth import BUDGET_MANY, MANY_SOURCES, budget_for, level_papers
from assistant.query.question import asks_for_list
from assistant.retrieval.across_languages import by_names
from assistant.retrieval.parts import merged
from assistant.retrieval.records import of_records
from assistant.types.evidence import Evidence
from assistant.types.plans import AskedPart, PlannedPart
from assistant.types.questions import Question, SummaryRequest
from store.types import Filter

if TYPE_CHECKING:
    from assistant.retrieval.summary_plan import Plan

_CLAIMS, _CLAIMS_OF_MANY = 3, 10
_CLAIMS_OF_SUMMARY = {"sentence": MANY_SOURCES, "short": 6, "long": 15}
"""Sentences that a chat model is expected to write: the most that the prompt asks for."""
_OUTPUT = {"sentence": 200}
"""Tokens for a text of one sentence: four times a long one with its addresses."""
_SENTENCES, _SENTENCES_OF_MANY = 3, 8


def retrieve(context: AnswerContext, prepared: Prepared) -> Retrieved:
    """The evidence for what was prepared; for a question to every paper that is all of them.

    Synchronous, for a thread. Raises UnknownPaper, and WrongUse for an empty choice.
    """
    request = prepared.request
    if isinstance(request, SummaryRequest):
        return _for_summary(context, prepared, request)
    if prepared.way == "all_papers":
        return Retrieved(prepared, prepared.asked, prepared.standalone)
    return _for_question(context, prepared, request)


def _for_question(context: AnswerContext, prepared: Prepared, question: Question) -> Retrieved:
    plan = prepared.plan
    found = [_found(context, one, question, plan.language) for one in plan.parts]
    evidence, parts = merged(found)
    listed = len(parts) > 1 or any(asks_for_list(one.plan.query) for one in parts)
    many = listed or any(map(_is_broad, parts))
    return Retrieved(
        prepared,
        prepared.asked,
        plan.standalone,
        evidence,
        wording=_wording(parts),
        budget=min(sum(_budget(one, question) for one in parts), BUDGET_MANY),
        max_sentences=_SENTENCES_OF_MANY if many else _SENTENCES,
        claims=_CLAIMS_OF_MANY if listed else _CLAIMS,
        note=_notes(context, evidence, question.filter),
        parts=parts,
    )


def _wording(parts: Sequence[AskedPart]) -> str:
    """What a prompt asks: several questions under their numbers, a line each."""
    texts = [one.plan.question for one in parts]
    return (
        texts[0]
        if len(texts) == 1
        else "\n" + "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))
    )


def _is_broad(part: AskedPart) -> bool:
    return level_papers([one.score for one in part.evidence.sources]) > 1


def _budget(part: AskedPart, question: Question) -> int:
    sources = len(part.evidence.sources)
    return budget_for(sources, asked_for=question.sources is not None)


def _found(
    context: AnswerContext, part: PlannedPart, question: Question, language: str
) -> AskedPart:
    """What was found for one part, among the papers that the reader and the part are about.

    Without a model nothing but names and numbers is compared across languages.
    """
    library = context.library
    by_model = not context.model.is_extractive and part.topic and part.order == "relevance"
    if part.is_list and not by_model:
        asked = question.filter
        if "abstract" in part.filter.lacks:  # the records themselves are asked of
            asked = asked.model_copy({"has": ()})
        listed = of_records(library, context.retriever, part, asked)
        if listed is not None:
            return listed
        part = part.model_copy(update={"kind": "content"})
    wanted = library.held_by_both(question.filter, part.filter)
    also = library.held_by_both(wanted, Filter(papers=part.also)).papers if part.also else ()
    # Of papers that records name, a list takes as many as speak of its topic at all.
    every = MANY_SOURCES if part.is_list and not wanted.is_empty else None
    most = question.sources or every
    evidence = context.retriever.gather(
        part.query, most, wanted, part.opposite, also, worded=part.worded
    )
    if part.asks and part.search and not evidence.sure:
        # Whether papers that are named answer is told with their names.
        named = context.retriever.gather(part.question, most, wanted, part.opposite, also)
        same = named.sources if not evidence.sources else evidence.sources
        evidence = named.model_copy(update={"sources": same})
    if context.model.is_extractive and language:
        evidence = by_names(part.question, evidence)
    if context.model.is_extractive and part.excluded:
        from assistant.answers.ask_all.exclusion import without_affirming

        evidence = without_affirming(evidence, part, library.document_frequency)
    return AskedPart(plan=part, evidence=evidence)


def _for_summary(context: AnswerContext, prepared: Prepared, request: SummaryRequest) -> Retrieved:
    from assistant.retrieval.summary_plan import plan_summary

    plan = plan_summary(context.library, context.retriever, request, context.model.is_extractive)
    return of_plan(context, prepared, request, plan)


def of_plan(
    context: AnswerContext, prepared: Prepared, request: SummaryRequest, plan: Plan
) -> Retrieved:
    """What a summary rests on that is planned so."""
    return Retrieved(
        prepared,
        plan.title,
        plan.title,
        plan.evidence,
        wording=plan.request,
        budget=BUDGET_MANY,
        max_sentences=plan.max_sentences,
        max_output_tokens=_OUTPUT.get(request.length, ModelTask.max_output_tokens),
        claims=min(plan.max_sentences, _CLAIMS_OF_SUMMARY[request.length]),
        note=_notes(context, plan.evidence, request.filter),
        plan=plan,
    )


def _notes(context: AnswerContext, evidence: Evidence, wanted: Filter) -> str:
    """What the reader should know of what was searched: words mended, papers unseen."""
    return "; ".join((*evidence.notes, *context.retriever.notes(wanted)))
