"""What can go wrong between a question and its answer, and the exit codes of the program.

AssistantError               everything below; carries what happened and what to do next
├── WrongUse                 a name, an option or a setting that makes no sense
│   ├── QuerySyntaxError     a search query that cannot be read
│   └── CostRefused          it would cost more than allowed, or nobody knows how much
├── RecordMissing            a recording holds no reply to what is asked
├── EndpointError            the model's endpoint failed
│   ├── EndpointUnreachable  nobody answers, or the address does not resolve
│   ├── EndpointRefused      a wrong key, a wrong model, a quota, a request it does not take
│   ├── EndpointTimeout      a deadline passed
│   ├── EndpointGarbled      what came is not an OpenAI-compatible answer
│   └── AnswerCut            the stream ended before the answer did
├── ServiceFailed            a service that was asked for papers could not answer
└── PromptError              a prompt file that cannot be used
"""

from __future__ import annotations

from enum import IntEnum

from store.wording import with_hint

CONTEXT_TOO_LONG = "context_too_long"
"""The code of the EndpointRefused that fewer sources may mend."""
LONGER_CONTEXT = "give the server a longer context (Ollama: OLLAMA_CONTEXT_LENGTH; llama.cpp: -c)"
"""What helps where they do not: quire has asked with fewer by itself before that is told."""

EMPTY_STREAM = "empty_stream"
"""The code of the EndpointGarbled for a stream without any event. llama.cpp's Python server
sends one for a prompt that is longer than its context."""


class Exit(IntEnum):
    """The exit codes of `quire`."""

    DONE = 0
    PARTLY = 1
    WRONG_USE = 2
    STORE = 3
    ENDPOINT = 4
    NOT_IN_COLLECTION = 5
    INTERRUPTED = 130
    TERMINATED = 143


class AssistantError(Exception):
    """An operation of the assistant failed.

    `message` says what happened and where, `hint` the next step; both are one line,
    hold no secret, and are fit to be shown to the reader after cleaning.
    """

    code = "assistant"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """What happened and, where there is one, the next step, as commands say them."""
        return with_hint(self.message, self.hint)


class WrongUse(AssistantError):
    """A name, an option or a setting makes no sense."""

    code = "wrong_use"


class QuerySyntaxError(WrongUse):
    """A search query cannot be read; the hint says what to type instead."""

    code = "query_syntax"


class CostRefused(WrongUse):
    """It would cost more than the reader allows, or nobody knows how much; nothing was sent."""

    code = "cost_refused"


class RecordMissing(AssistantError):
    """A recording of a model holds no reply to what is asked; there is no way without."""

    code = "record_missing"


class EndpointError(AssistantError):
    """The endpoint of the model failed, after so many `requests`.

    `window` and `prompt` are the tokens of the model's context, and of the prompt that was too
    long for it, where the server stated them.
    """

    code = "endpoint"
    requests: int = 1
    window: int | None = None
    prompt: int | None = None


class EndpointUnreachable(EndpointError):
    """Nobody answers at the address, or the address does not resolve."""

    code = "endpoint_unreachable"


class EndpointRefused(EndpointError):
    """The endpoint refused: wrong key, wrong model, quota, or a request it does not take."""

    code = "endpoint_refused"


class EndpointTimeout(EndpointError):
    """A deadline of the endpoint passed."""

    code = "endpoint_timeout"


class EndpointGarbled(EndpointError):
    """What came back is not an OpenAI-compatible answer."""

    code = "endpoint_garbled"


class AnswerCut(EndpointError):
    """The stream ended before the answer did; what came was kept."""

    code = "answer_cut"


class ServiceFailed(AssistantError):
    """A service that was asked for papers could not answer, and nothing else was added."""

    code = "service"


class PromptError(AssistantError):
    """A prompt file cannot be used."""

    code = "prompt"
