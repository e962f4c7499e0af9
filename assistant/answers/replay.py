"""An answer that is there already, as the events in which it would have come."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, ClaimChecked, Event, TextDelta


def replay(answer: Answer) -> Iterator[Event]:
    """The text claim by claim, each with its check, and the answer at the end."""
    at = 0
    for claim in answer.claims:
        if claim.end > at:
            yield TextDelta(text=answer.text[at : claim.end])
            at = claim.end
        yield ClaimChecked(claim=claim)
    if at < len(answer.text):
        yield TextDelta(text=answer.text[at:])
    yield AnswerDone(answer=answer)
