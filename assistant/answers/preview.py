"""What would be sent for a question, without sending it."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.prompting.grounding import estimate_tokens, render_source
from assistant.types.answers import PromptReference
from assistant.types.base import Value
from assistant.types.evidence import Evidence
from assistant.types.message import Message
from assistant.types.usage import Estimate


class SentMessage(Value):
    """A message of a prompt, as it would be sent."""

    role: str
    content: str


class SentSource(Value):
    """A paper that would be sent, with its estimated tokens."""

    number: int
    id: str
    title: str
    tokens: int


class Sending(Value):
    """What a question or a summary would send, and what it would take; nothing was sent.

    `standalone` is the question as it would be understood without a model's help. `cached`
    is True when the answer is there already and nothing would be sent. `considered` and
    `dropped` count sources as in `Evidence`; `prompts` holds the first request whole.
    `note` is one line for the reader, such as why nothing would be sent.
    """

    question: str
    standalone: str
    model: str
    sends_to: str | None = None
    sources: tuple[SentSource, ...] = ()
    considered: int = 0
    dropped: int = 0
    estimate: Estimate = Estimate()
    cached: bool = False
    prompt: PromptReference | None = None
    messages: tuple[SentMessage, ...] = ()
    note: str = ""


def sent_sources(evidence: Evidence) -> tuple[SentSource, ...]:
    """The papers of evidence that is sent whole."""
    return tuple(
        SentSource(
            number=one.number,
            id=one.paper.id,
            title=one.paper.title,
            tokens=estimate_tokens(render_source(one, "0" * 12)),
        )
        for one in evidence.sources
    )


def sent_messages(messages: Sequence[Message]) -> tuple[SentMessage, ...]:
    """The messages of a prompt as values."""
    return tuple(SentMessage(role=one.role, content=one.content) for one in messages)
