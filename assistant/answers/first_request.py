"""The first request that an answer takes, made as it is when it is sent."""

from __future__ import annotations

from assistant.answers.ask_all.selection import GroundedPapers
from assistant.answers.context import AnswerContext
from assistant.answers.preview import only_checked
from assistant.answers.stages import Grounded, GroundedPrompt
from assistant.answers.text_request import request_of
from assistant.generation.base import ModelTask
from assistant.prompting.grounding import fence_token


def first_task(context: AnswerContext, grounded: Grounded) -> ModelTask | None:
    """What the model is asked for first, None where nothing is sent or only a check is.

    The token of its fences is drawn anew each time. Synchronous, for a thread.
    """
    if context.model.is_extractive:
        return None
    if grounded.prepared.unsent is not None:
        return grounded.prepared.unsent
    if isinstance(grounded, GroundedPapers):
        return _of_papers(context, grounded)
    if grounded.order is None or grounded.estimate is None or only_checked(grounded):
        return None
    fence = fence_token(grounded.evidence.sources)
    if isinstance(grounded, GroundedPrompt):
        return request_of(grounded, fence)
    from assistant.answers.summarize.requests import GroupRequests

    requests = GroupRequests(context, grounded.retrieved)
    return requests.group_task(requests.groups[0], fence) if requests.groups else None


def _of_papers(context: AnswerContext, grounded: GroundedPapers) -> ModelTask | None:
    from assistant.answers.ask_all.asking import Asking
    from assistant.answers.ask_all.batches import sources_of

    batches = grounded.batches()
    if not batches:
        return None
    sources = sources_of(batches[0], context.library.papers_by_id)
    asked = grounded.retrieved.standalone
    asking = Asking(
        context, context.prompt("all"), asked, grounded.scores, lambda line: None, thoughts=0
    )
    return asking.task(sources) if sources else None
