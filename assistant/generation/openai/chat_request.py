"""Shapes the request for a chat answer, and reshapes it for servers that know less."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.generation.base import ModelTask
from assistant.generation.openai.failures import Failure
from assistant.generation.openai.habits import Habits
from assistant.generation.openai.limits import EndpointSettings
from assistant.prompting.grounding import estimate_tokens
from assistant.types.message import Message
from store.pattern import pattern

_SYSTEM = pattern(
    r"system (?:role|message|prompt|turn)s?\b|\brole\b.{0,20}\bsystem\b|\bsystem\b.{0,40}\brole\b"
    r"|roles must alternate|only (?:support )?user(?:,| and)",
    re.I | re.S,
)
_UNNAMED = pattern(
    r"\b(?:extra|unknown|unrecognized|unexpected|unsupported|additional)\b.{0,40}"
    r"\b(?:param|argument|field|input|propert|key|option)|(?:param|argument|field|input|propert)"
    r"\w*.{0,40}\b(?:not permitted|not allowed|not supported|unsupported|unknown|unrecognized)",
    re.I | re.S,
)
_TOKEN_NAMES = ("max_completion_tokens", "max_tokens")
_LEAST_OUTPUT = 64
"""Fewer tokens are no answer: a request that leaves no more is sent as it is, for its error."""
_MARGIN = 1.1
"""Tokens of a prompt to one of our estimate, to be sure."""
_FRAME_TOKENS = 30
"""What a chat template puts around two messages, at the most."""
_OPTIONAL = {
    "stream_options": r"stream[_ ]options|include[_ ]usage",
    "reasoning_effort": r"reasoning|think",
    "temperature": r"temperature",
}
"""Parameters that an answer does without, and how complaints about them name them."""


class ChatRequest:
    """The request for a task, in the shape that one server is known to take.

    Servers differ: older ones do not know `stream_options`, newer models of OpenAI want
    `max_completion_tokens` for `max_tokens` and take no `temperature`, few know
    `reasoning_effort`, and some templates have no place for a system message.
    """

    def __init__(self, settings: EndpointSettings, habits: Habits) -> None:
        self._settings = settings
        self._habits = habits

    def arguments(
        self, task: ModelTask, *, more: bool = False, most: int | None = None
    ) -> dict[str, Any]:
        """The arguments of a streamed chat completion of at most `most` tokens.

        `more`: with room for long thoughts.
        """
        habits, settings = self._habits, self._settings
        messages = folded(task.messages) if habits.folds_system else task.messages
        room = self.output_tokens(task, more=more)
        arguments: dict[str, Any] = {
            "model": settings.model,
            "messages": [
                {"role": one.role, "content": one.content.encode("utf-8", "replace").decode()}
                for one in messages
            ],
            "stream": True,
            habits.token_name: min(room, most or room),
            "temperature": settings.temperature,
            "reasoning_effort": settings.reasoning,
            "stream_options": {"include_usage": True},
        }
        return {
            name: value
            for name, value in arguments.items()
            if value is not None and name not in habits.omitted
        }

    def output_tokens(self, task: ModelTask, *, more: bool = False) -> int:
        """The most tokens that a reply to a task may have: as many as asked for, where they fit."""
        habits = self._habits
        wanted = task.max_output_tokens
        if more or habits.thinks_long:
            wanted = max(wanted, task.more_output_tokens)
        caps = [one for one in (self._settings.max_output_tokens, habits.output_cap) if one]
        wanted = min([wanted, *caps])
        window = habits.context_tokens
        if wanted <= task.max_output_tokens:
            window = habits.known_window or 0
        if not window:
            return wanted
        sent = sum(estimate_tokens(one.content) for one in task.messages)
        return min(wanted, max(window - int(sent * _MARGIN) - _FRAME_TOKENS, _LEAST_OUTPUT))

    def adapt(self, used: Mapping[str, Any], failure: Failure) -> bool:
        """Leave out, rename or lower what a server complains about; True when that may help.

        `used` are the arguments that it refused, of the shape that is still in use.
        """
        words, habits = failure.words, self._habits
        if any(one["role"] == "system" for one in used["messages"]) and _SYSTEM.search(words):
            habits.folds_system = True
            return True
        if failure.status is not None and failure.status >= 500:
            return False
        token_name = next((name for name in _TOKEN_NAMES if name in used), "")
        is_named = any(name in words for name in _TOKEN_NAMES)
        if token_name and is_named and self._adapt_tokens(token_name, used, words):
            return True
        named = [name for name, said in _OPTIONAL.items() if re.search(said, words, re.I)]
        if not named and _UNNAMED.search(words):
            named = list(_OPTIONAL)
        wrong = next((name for name in named if name in used), None)
        if wrong is None:
            return False
        habits.omitted.add(wrong)
        return True

    def _adapt_tokens(self, name: str, used: Mapping[str, Any], words: str) -> bool:
        """Rename the cap of tokens, or lower it to what the server says that it takes."""
        habits, asked = self._habits, used[name]
        lower = [
            int(one) for one in re.findall(r"\d+", words) if _LEAST_OUTPUT <= int(one[:9]) < asked
        ]
        if lower and re.search(r"large|exceed|at most|less than|range|maximum|must be", words):
            habits.output_cap = max(lower)
            return True
        habits.token_name = _TOKEN_NAMES[name == _TOKEN_NAMES[0]]
        return True


def folded(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The messages without a system's, whose text goes ahead of the first of the user."""
    turns: list[Message] = []
    for one in messages:
        role = "user" if one.role == "system" else one.role
        if turns and turns[-1].role == role:
            one = Message(role, f"{turns.pop().content}\n\n{one.content}")
        turns.append(Message(role, one.content))
    return tuple(turns)
