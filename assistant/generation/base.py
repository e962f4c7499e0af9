"""The seam behind which a model answers: an endpoint, or the built-in extractive one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from assistant.types.evidence import Evidence
from assistant.types.message import Message
from assistant.types.plans import AskedPart

THINKING_TOKENS = 2_000
"""What a model may think aloud before a short reply, in tokens: many servers count that against
the cap of the answer, and most models think longer than a line takes to write."""

_TOKENIZERS_DIFFER = 1.5
"""A server counts at most so many tokens for one of an estimate by length, in all but a few."""


def with_thinking(output: int, prompt: int, window: int) -> int:
    """The cap of a reply of `output` tokens with room to think, as far as a window has it.

    All in tokens, the prompt's as estimated by length.
    """
    left = window - int(prompt * _TOKENIZERS_DIFFER) - output
    return output + max(0, min(THINKING_TOKENS, left))


Stage = Literal["answer", "summary", "group", "overview", "all", "plan", "check", "trial"]
"""What a model is asked for: an answer, a summary, one of a group of papers and one of all groups
together, a line on each paper, how a question is to be read, verdicts, or to show what it can."""


@dataclass(frozen=True)
class ModelTask:
    """What a model is asked for.

    A chat model reads `messages`; the extractive model reads `kind`, `question`, `evidence` and the
    `parts` of a question. `max_output_tokens` caps the answer. A model that used them all up for
    thinking is asked once more with up to `more_output_tokens`; 0: it is not. `fence` is the random
    token in the messages, `evidence` what their numbers stand for, `inputs` are the texts that
    stand in them beside question and sources: by those a recorded reply is found.
    """

    kind: Stage
    question: str
    messages: tuple[Message, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    parts: tuple[AskedPart, ...] = ()
    max_sentences: int = 5
    max_output_tokens: int = 1200
    more_output_tokens: int = 0
    fence: str = ""
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """A piece of the answer's text, raw: neither cleaned nor renumbered."""

    text: str


@dataclass(frozen=True)
class Waiting:
    """One line on what is being waited for, such as a retry.

    Where another request follows, `before` has those so far, and what they took, as "earlier".
    """

    text: str
    before: Finished | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Reasoning:
    """A piece of what a model thinks aloud; never part of the answer."""

    text: str


@dataclass(frozen=True)
class Voided:
    """What was yielded of the answer so far is no part of it; `why` is one line for the reader."""

    why: str


@dataclass(frozen=True)
class Finished:
    """The last part of every stream that did not fail.

    `reason` is "stop" for a whole answer, "length" for one cut at the token limit,
    "refused" for one that the model or its filter declined. Token counts are None when
    the server reports none. `detail` is one line for the reader, may be empty. `replaced`
    counts characters of the answer that stand for bytes which are no UTF-8. `requests` were
    sent for it, those before the last of which took `earlier_input` and `earlier_output` tokens.
    """

    reason: Literal["stop", "length", "refused"]
    input_tokens: int | None = None
    output_tokens: int | None = None
    detail: str = ""
    replaced: int = 0
    requests: int = 1
    earlier_input: int = 0
    earlier_output: int = 0


def replaced_words(number: int) -> str:
    """One line on characters of an answer that the server garbled; empty for none."""
    if not number:
        return ""
    what = "1 character" if number == 1 else f"{number} characters"
    return f"{what} of the answer came as bytes that are no UTF-8, shown as {REPLACED}"


REPLACED = "\N{REPLACEMENT CHARACTER}"
"""What stands in a text for bytes that are none."""

ModelPart = Piece | Waiting | Reasoning | Voided | Finished


class Recorder(Protocol):
    """Something that records replies which no model is asked for."""

    def kept(self, task: ModelTask, text: str | None) -> None:
        """Record what a model replied to a task at an earlier time; None: it was too long."""
        ...


class ChatModel(Protocol):
    """Something that answers a task in a stream."""

    @property
    def name(self) -> str:
        """The name shown on answers."""
        ...

    @property
    def context_tokens(self) -> int:
        """How many tokens prompt and answer may have together."""
        ...

    @property
    def is_extractive(self) -> bool:
        """True for the built-in model, which reads evidence instead of a prompt."""
        ...

    async def get_ready(self) -> None:
        """Learn what the server states of the model, its window above all.

        Takes a second at most, and raises nothing: what is not stated is taken as it was.
        """
        ...

    def stream(self, task: ModelTask) -> AsyncGenerator[ModelPart, None]:
        """Answer a task; closing the iterator closes the connection.

        Raises EndpointError.
        """
        ...

    async def aclose(self) -> None:
        """Close what is open."""
        ...
