"""Whether a question is put to all papers, where only all together answer it."""

from __future__ import annotations

from dataclasses import replace

from assistant.answers.context import AnswerContext
from assistant.answers.stages import Prepared, Retrieved
from assistant.types.plans import PlannedPart
from assistant.types.questions import Question

MOST_PAPERS = 2_000
"""So many papers the built-in model reads unasked: about two seconds."""
MOST_REQUESTS = 3
"""So many requests a chat model is sent unasked, within a cap of their cost."""


def scoped(context: AnswerContext, prepared: Prepared) -> tuple[Prepared, str]:
    """A question on its way to all papers where that is cheap, and what is told of it.

    Where it is not, `offer` says what it would take, and the question goes its usual way. A
    question of several parts does, and one that is to read few sources or to be judged.
    Synchronous, for a thread.
    """
    request = prepared.request
    if prepared.way != "question" or not isinstance(request, Question):
        return prepared, ""
    needing = [one for one in prepared.plan.parts if one.needs_all]
    if not needing:
        return prepared, ""
    papers = _papers(context, request, needing[0])
    wider = replace(prepared, way="all_papers")
    takes, is_cheap = _takes(context, wider, papers)
    alone = len(prepared.plan.parts) == 1 and request.sources is None and not request.check
    if is_cheap and alone and papers:
        told = f"put to all {papers} papers{takes}: only together they answer"
        return wider, told
    what = "it" if len(prepared.plan.parts) == 1 else f"“{needing[0].question}”"
    offer = f"only all {papers} papers together answer {what}: --all puts it to them{takes}"
    return replace(prepared, offer=offer), ""


def _papers(context: AnswerContext, request: Question, part: PlannedPart) -> int:
    library = context.library
    return library.count(library.held_by_both(request.filter, part.filter))


def _takes(context: AnswerContext, wider: Prepared, papers: int) -> tuple[str, bool]:
    """What putting it to all papers takes, in words, and whether that is cheap."""
    if context.model.is_extractive:
        return "", papers <= MOST_PAPERS
    if not papers:
        return "", False
    from assistant.answers.ask_all.selection import ground_papers
    from assistant.answers.preview import requests

    retrieved = Retrieved(wider, wider.asked, wider.standalone)
    planned = ground_papers(context, retrieved).planned
    cost = "" if planned.cost is None else f", at most {planned.cost:.4f} USD"
    most, spent = wider.request.max_cost, wider.spent.cost
    fits = (
        most is not None
        and planned.cost is not None
        and spent is not None
        and planned.cost + spent <= most
    )
    return f" ({requests(planned.calls)}{cost})", planned.calls <= MOST_REQUESTS and fits
