"""Recording what a model replies, while it replies."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

from assistant.errors import CONTEXT_TOO_LONG, EndpointError
from assistant.generation.base import (
    ChatModel,
    Finished,
    ModelPart,
    ModelTask,
    Piece,
    Reasoning,
    Voided,
)
from assistant.generation.forwarding import ForwardingModel
from assistant.generation.records import RecordedEnd, RecordFile, record_of
from store.clean import clean_line
from store.pattern import pattern

_ADDRESS = pattern(
    r"\b[a-z][a-z0-9+.-]*://\S+|\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?|\blocalhost(?::\d+)?",
    re.IGNORECASE,
)
_SERVER = "the server"


class RecordingModel(ForwardingModel):
    """A model whose replies are added to a file as they end, however they do.

    `host` is where it is asked: nothing that is said of a reply names it in the file.
    """

    def __init__(self, model: ChatModel, file: RecordFile, host: str = "") -> None:
        super().__init__(model)
        self._file = file
        self._host = host

    async def stream(self, task: ModelTask) -> AsyncGenerator[ModelPart, None]:
        """The reply as it comes; raises EndpointError, and WrongUse where it cannot be added."""
        text, thinking = "", ""
        ended: RecordedEnd | None = None
        try:
            async with aclosing(super().stream(task)) as parts:
                async for part in parts:
                    match part:
                        case Piece():
                            text += part.text
                        case Voided():
                            text, thinking = "", thinking + text
                        case Reasoning():
                            thinking += part.text
                        case Finished():
                            ended = self._ended(part)
                    yield part
        except EndpointError as failure:
            detail = self._without_host(failure.message)
            ended = RecordedEnd(reason="failed", code=failure.code, detail=detail)
            raise
        finally:
            if ended or text:
                self._add(task, text, thinking, ended or RecordedEnd(reason="stopped"))

    def kept(self, task: ModelTask, text: str | None) -> None:
        """Record what the model replied at an earlier time; None: its window was too small."""
        if text is None:
            self._add(task, "", "", RecordedEnd(reason="failed", code=CONTEXT_TOO_LONG))
        else:
            self._add(task, text, "", RecordedEnd())

    def _add(self, task: ModelTask, text: str, thinking: str, ended: RecordedEnd) -> None:
        record = record_of(task, self.name, self.context_tokens, text, thinking, ended)
        self._file.add(record)

    def _ended(self, end: Finished) -> RecordedEnd:
        return RecordedEnd(
            reason=end.reason,
            input_tokens=end.input_tokens,
            output_tokens=end.output_tokens,
            replaced=end.replaced,
            detail=self._without_host(end.detail),
        )

    def _without_host(self, line: str) -> str:
        line = clean_line(line)
        if self._host:
            line = re.sub(re.escape(self._host), _SERVER, line, flags=re.IGNORECASE)
        return _ADDRESS.sub(_SERVER, line)
