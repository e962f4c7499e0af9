"""Generating a text: by a model, in as many attempts as it takes, or from what it said before."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from assistant.answers.context import AnswerContext
from assistant.answers.cost import Recording
from assistant.answers.stages import (
    Attempt,
    Generated,
    GeneratedPart,
    Generation,
    Grounded,
    GroundedPrompt,
    ParagraphEnd,
)
from assistant.answers.text_request import request_of
from assistant.answers.written import Written
from assistant.generation.base import Finished, Piece
from assistant.prompting.grounding import SAME_TOKEN
from assistant.prompting.prompts import REFUSAL
from assistant.types.answers import Outcome


def generate(context: AnswerContext, grounded: Grounded) -> Generation:
    """The text for what was grounded, not begun yet.

    What a plain question does not use is imported where it is used.
    """
    if grounded.prepared.way == "all_papers":
        from assistant.answers.ask_all.run import ask_papers

        return ask_papers(context, grounded)
    if not isinstance(grounded, GroundedPrompt):
        from assistant.answers.summarize.run import GroupsWritten

        if grounded.recorded is not None:
            return Told(grounded, grounded.recorded, "answered")
        return GroupsWritten(context, grounded)
    if grounded.prepared.plan.is_of_records:
        from assistant.answers.records import from_records

        return Told(grounded, *from_records(context, grounded), cached=False)
    evidence = grounded.evidence
    if not evidence.sources or (context.model.is_extractive and not evidence.answerable):
        return Told(grounded, NO_MODEL)
    if grounded.recorded is not None:
        if context.recorder is not None:
            text = "\n\n".join(grounded.recorded.paragraphs)
            context.recorder.kept(request_of(grounded, SAME_TOKEN), text)
        return Told(grounded, grounded.recorded)
    return Written(context, grounded)


NO_MODEL = Recording((REFUSAL,), "no model was asked")
"""The text where nothing speaks to what is asked."""


class Told:
    """A text that is there already: what a model wrote before, or that nothing speaks to it."""

    def __init__(
        self,
        grounded: Grounded,
        recorded: Recording,
        outcome: Outcome | None = None,
        *,
        cached: bool = True,
        is_verbatim: bool = False,
    ) -> None:
        self._recorded = recorded
        self._is_verbatim = is_verbatim
        self._evidence = grounded.evidence
        if recorded is NO_MODEL:
            self._evidence = grounded.evidence.model_copy(update={"sources": ()})
        self._end = Generated(
            grounded,
            Finished("stop"),
            grounded.prepared.spent,
            recorded.note,
            outcome=outcome,
            cached=cached and recorded is not NO_MODEL,
        )
        self._taken = 0

    async def parts(self) -> AsyncGenerator[GeneratedPart, None]:
        """The text at once, paragraph by paragraph."""
        for part in self._parts():
            self._taken += 1
            yield part
        yield self._end

    def stopped(self) -> tuple[tuple[GeneratedPart, ...], Generated]:
        """The text is there already: it is whole, whoever stops it."""
        return self._parts()[self._taken :], self._end

    def _parts(self) -> tuple[GeneratedPart, ...]:
        first, *others = self._recorded.paragraphs
        rest = (part for text in others for part in (ParagraphEnd(), Piece(text)))
        question = self._end.grounded.retrieved.standalone
        attempt = Attempt(self._evidence, question=question, is_verbatim=self._is_verbatim)
        return (attempt, Piece(first), *rest)
