"""Notices that a server read less of a prompt than it was sent.

Local servers cut a prompt that is longer than their context in silence (Ollama's default is
4096 tokens) and answer from what is left. The one trace is the count of prompt tokens.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.errors import CONTEXT_TOO_LONG, EMPTY_STREAM, LONGER_CONTEXT, EndpointError
from assistant.generation.base import ModelTask
from assistant.prompting.grounding import (
    SAME_TOKEN,
    estimate_tokens,
    first_sources,
    fit,
    render_sources,
)
from assistant.types.evidence import Evidence
from assistant.types.message import Message

_MOST_CHARACTERS = 5.0
"""Characters of English abstracts with addresses to a token, at the most: 4.2 to 4.8 with the
tokenizers in use, so that a prompt has at least so many tokens as this says."""

_MOST_WIDE = 4.0
"""Characters outside ASCII to a token, at the most: 1 to 2 for Chinese, 2 to 4 for Greek and
Cyrillic with the largest vocabularies."""

_SHARE = 0.8
"""A count below this share of the least that is to be expected means a cut. The two margins
together pass any tokenizer with up to 6 characters of English to a token."""

_SMALLEST_WINDOW = 512
"""No server reads less than so many tokens: a smaller count is none, whatever it counts (some
leave out what they had in their cache)."""

_SMALLEST_PROMPT = 1_000
"""Prompts of fewer tokens fit everywhere, and the estimate of a short text means little."""

OVERHEAD_TOKENS = 700
"""What a prompt takes beside its sources: the rules, the question, the chat template."""


@dataclass(frozen=True)
class Cut:
    """A prompt that was cut: tokens read, as the server counts them, and those sent, about."""

    read: int
    sent: int

    @property
    def room(self) -> int:
        """Tokens of sources that fit into what the server read, its answer's room left free.

        A server that was overrun counts its whole window, or half of it.
        """
        return source_room(self.read)


def answer_room(window: int, wanted: int = ModelTask.max_output_tokens) -> int:
    """Tokens of an answer in a window of so many: as many as wanted, a quarter at the most."""
    return min(wanted, window // 4)


def source_room(window: int, wanted: int = ModelTask.max_output_tokens) -> int:
    """Tokens of sources that fit into a window beside the rules, with the answer's room free."""
    return max(window - answer_room(window, wanted) - OVERHEAD_TOKENS, window // 4)


def find_cut(messages: Iterable[Message], read: int | None) -> Cut | None:
    """The cut that a reported count of prompt tokens shows; None where it shows none."""
    if read is None or read < _SMALLEST_WINDOW:
        return None
    least = sum(least_tokens(one.content) for one in messages)
    if least < _SMALLEST_PROMPT or read >= _SHARE * least:
        return None
    return Cut(read=read, sent=least)


def asks_for_less(failure: EndpointError, evidence: Evidence) -> bool:
    """Whether fewer sources may mend a failure.

    The server said so, or it sent an empty stream where a prompt may have been too long.
    """
    if len(evidence.sources) < 2:
        return False
    if failure.code == EMPTY_STREAM:
        rendered = render_sources(evidence.sources, SAME_TOKEN)
        return estimate_tokens(rendered) >= _SMALLEST_PROMPT
    return failure.code == CONTEXT_TOO_LONG


def with_remedy(failure: EndpointError, question: str) -> EndpointError:
    """The failure, which says what would help where the question is much of what was too long.

    It is where it takes more than all else beside the sources, or a quarter of the window.
    """
    asked = estimate_tokens(question)
    room = OVERHEAD_TOKENS if failure.window is None else failure.window // 4
    if failure.code == CONTEXT_TOO_LONG and asked > min(room, OVERHEAD_TOKENS):
        shorter = f"ask a shorter question (this one takes about {asked} tokens)"
        failure.hint = f"{shorter}, or {LONGER_CONTEXT}"
    return failure


def fewer(evidence: Evidence, room: int) -> Evidence:
    """The best sources that fit into so many tokens: one at least, and fewer than before."""
    fitting = fit(evidence, room)
    most = max(1, len(evidence.sources) - 1)
    return fitting if len(fitting.sources) <= most else first_sources(evidence, most)


def least_tokens(text: str) -> int:
    """How many tokens a text takes at the least, with the tokenizers in use."""
    wide = sum(1 for letter in text if not letter.isascii())
    return math.ceil((len(text) - wide) / _MOST_CHARACTERS + wide / _MOST_WIDE)


def describe(cut: Cut) -> str:
    """What happened, in words for the reader."""
    return f"the server read only {cut.read} of more than {cut.sent} tokens of the prompt"


def remedy(cut: Cut) -> str:
    """What the reader can do about it."""
    return (
        "give it a longer context (Ollama: OLLAMA_CONTEXT_LENGTH=16384), or set"
        f" context_tokens = {cut.read} for the model in the configuration"
    )
