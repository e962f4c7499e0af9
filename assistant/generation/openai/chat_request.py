"""Shapes the request for a chat answer, and reshapes it for servers that know less."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.generation.base import ModelTask
from assistant.generation.openai.limits import EndpointSettings


class ChatRequest:
    """The optional parameters that one server has not refused yet.

    Servers differ: older ones do not know `stream_options`, newer models of OpenAI want
    `max_completion_tokens` for `max_tokens` and take no `temperature`, and few know
    `reasoning_effort`.
    """

    def __init__(self, settings: EndpointSettings) -> None:
        self._model = settings.model
        self._temperature = settings.temperature
        self._reasoning = settings.reasoning
        self._asks_usage = True
        self._token_name = "max_tokens"  # noqa: S105

    def arguments(self, task: ModelTask) -> dict[str, Any]:
        """The arguments of a streamed chat completion for this task."""
        arguments: dict[str, Any] = {
            "model": self._model,
            "messages": [
                {"role": one.role, "content": one.content.encode("utf-8", "replace").decode()}
                for one in task.messages
            ],
            "stream": True,
            self._token_name: task.max_output_tokens,
        }
        if self._temperature is not None:
            arguments["temperature"] = self._temperature
        if self._reasoning is not None:
            arguments["reasoning_effort"] = self._reasoning
        if self._asks_usage:
            arguments["stream_options"] = {"include_usage": True}
        return arguments

    def adapt(self, used: Mapping[str, Any], complaint: str) -> bool:
        """Leave out or rename what a server complains about; True when that may help.

        `used` are the arguments that it refused.
        """
        if "stream_options" in used and re.search(r"stream_options|include_usage", complaint):
            self._asks_usage = False
        elif "max_tokens" in used and "max_completion_tokens" in complaint:
            self._token_name = "max_completion_tokens"  # noqa: S105
        elif "temperature" in used and "temperature" in complaint:
            self._temperature = None
        elif "reasoning_effort" in used and re.search(r"reasoning|think", complaint):
            self._reasoning = None
        else:
            return False
        return True
