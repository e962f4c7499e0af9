"""Turns the events of a chat stream into parts of an answer, whatever their shape."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from assistant.generation.base import Finished, Piece, Reasoning
from assistant.generation.openai.error_text import ServerError, server_error, server_words
from assistant.generation.openai.events import Event, mended
from assistant.generation.openai.reasoning import ThoughtSplitter

_MAX_REFUSAL = 2_000
_MAX_TOKENS = 1_000_000_000
_WHOLE = ("stop", "eos", "eos_token", "end_turn", "stop_sequence", "")


@dataclass(frozen=True)
class Trouble:
    """Why a stream is no whole answer.

    `kind`: the server reported an error ("server", then `error` is set), an event cannot
    be read ("garbled"), the stream ended early ("cut") or held nothing ("nothing"), an
    answer went past its cap ("too_long") or has no word ("wordless").
    """

    kind: Literal["server", "garbled", "cut", "nothing", "too_long", "wordless"]
    words: str = ""
    error: ServerError | None = None
    hint: str = ""


class Reading:
    """One stream as far as it was read.

    `wrote` is True once the answer has a character that is not white space, `complete`
    once a finish reason came, `done` once [DONE] did. `replaced` counts the characters of the
    answer that stand for bytes that are no UTF-8. A `trouble` ends the reading.
    """

    def __init__(self, max_characters: int) -> None:
        self._room = max_characters
        self._thoughts = ThoughtSplitter()
        self._reason = ""
        self._refusal = ""
        self._thought = False
        self._asked_for_tool = False
        self._events = 0
        self._torn = False
        self._usage: tuple[int | None, int | None] = (None, None)
        self.wrote = False
        self.complete = False
        self.done = False
        self.replaced = 0
        self.trouble: Trouble | None = None

    def take(self, events: list[Event]) -> list[Piece | Reasoning]:
        """Take events, return the parts they hold, neighbours joined."""
        parts: list[Piece | Reasoning] = []
        for event in events:
            if self.done or self.trouble:
                break
            parts.extend(self._event(event))
        return _joined(parts)

    def close(self) -> tuple[list[Piece | Reasoning], Finished | Trouble]:
        """End the reading: the parts still held back, and how the answer ended."""
        parts = _joined(self._flush())
        return parts, self.trouble or self._end()

    def _event(self, event: Event) -> list[Piece | Reasoning]:
        text = event.text.strip()
        if not text:
            return []
        self._events += 1
        # From here on, for what a splitter holds back comes with a later event.
        self._torn = self._torn or event.torn
        if event.kind == "data" and text == "[DONE]":
            self.done = True
            return self._flush()
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            if event.kind == "error":
                self._fail(ServerError(message=text))
            elif event.kind == "data" and event.whole and not self.complete:
                # Words may be missing here, and an answer with a hole must not look whole.
                self.trouble = Trouble("garbled", "sent an event that is not JSON")
            return []
        error = server_error(value, bare=event.kind == "error")
        if error:
            self._fail(error)
            return []
        if event.kind != "data" or not isinstance(value, dict):
            return []
        return self._chunk(value)

    def _fail(self, error: ServerError) -> None:
        if not self.complete:
            self.trouble = Trouble("server", error=error)

    def _chunk(self, chunk: dict[str, Any]) -> list[Piece | Reasoning]:
        self._count(chunk.get("usage"))
        choice = _first_choice(chunk.get("choices"))
        if self.complete or choice is None:
            return []
        parts: list[Piece | Reasoning] = []
        delta = choice.get("delta")
        if isinstance(delta, dict):
            parts += self._delta(delta)
        reason = choice.get("finish_reason")
        if self.trouble or not isinstance(reason, str) or not reason:
            return parts
        if reason == "error":
            self.trouble = Trouble("server", error=ServerError(message=""))
            return parts
        self._reason = reason
        self.complete = True
        return parts + self._flush()

    def _delta(self, delta: dict[str, Any]) -> list[Piece | Reasoning]:
        if delta.get("tool_calls") or delta.get("function_call"):
            self._asked_for_tool = True
        refusal = delta.get("refusal")
        if isinstance(refusal, str):
            self._refusal = (self._refusal + refusal)[:_MAX_REFUSAL]
        parts: list[Piece | Reasoning] = []
        # Some servers send the same thought under both names.
        for name in ("reasoning_content", "reasoning"):
            thought = delta.get(name)
            if isinstance(thought, str) and thought:
                parts += self._part(thought, thinking=True)
                break
        content = delta.get("content")
        if isinstance(content, str):
            for thinking, text in self._thoughts.feed(content):
                parts += self._part(text, thinking=thinking)
        elif content is not None:
            self.trouble = Trouble("garbled", "sent a piece of text that is not text")
        return parts

    def _part(self, text: str, *, thinking: bool) -> list[Piece | Reasoning]:
        if self._torn:
            text, replaced = mended(text)
            self.replaced += 0 if thinking else replaced
        if len(text) > self._room:
            text = text[: self._room]
            self.trouble = Trouble("too_long")
        self._room -= len(text)
        if not text:
            return []
        if thinking:
            self._thought = True
            return [Reasoning(text)]
        self.wrote = self.wrote or not text.isspace()
        return [Piece(text)]

    def _flush(self) -> list[Piece | Reasoning]:
        parts: list[Piece | Reasoning] = []
        for thinking, text in self._thoughts.finish():
            parts += self._part(text, thinking=thinking)
        return parts

    def _count(self, usage: object) -> None:
        if isinstance(usage, dict):
            self._usage = (_tokens(usage, "prompt_tokens"), _tokens(usage, "completion_tokens"))

    def _end(self) -> Finished | Trouble:
        if not self.complete and not self.done:
            return Trouble("cut" if self._events else "nothing")
        refused = server_words(self._refusal)
        if refused:
            return self._finished("refused", f"the model declined: {refused}")
        if self._reason == "content_filter":
            return self._finished("refused", "stopped by the server's content filter")
        if not self.wrote:
            return self._wordless()
        if self._reason == "length":
            return self._finished("length", "cut at the token limit")
        if self._reason in ("tool_calls", "function_call"):
            return self._finished("stop", "the model also asked for a tool; it is offered none")
        if self._reason in _WHOLE:
            return self._finished("stop", "")
        return self._finished("stop", f"ended for an unknown reason: {server_words(self._reason)}")

    def _finished(self, reason: Literal["stop", "length", "refused"], detail: str) -> Finished:
        return Finished(reason, *self._usage, detail=detail, replaced=self.replaced)

    def _wordless(self) -> Trouble:
        other = "ask again or use another model"
        if self._asked_for_tool:
            what = "asked for a tool instead of answering; it is offered none"
            return Trouble("wordless", what, hint=other)
        if self._thought and self._reason == "length":
            what = "thought aloud up to the token limit and gave no answer"
            return Trouble("wordless", what, hint="use a model that thinks less")
        if self._thought:
            return Trouble("wordless", "only thought aloud and gave no answer", hint=other)
        if self._reason == "length":
            return Trouble("wordless", "came to its token limit before the first word", hint=other)
        return Trouble("wordless", "gave an empty answer", hint=other)


def _first_choice(choices: object) -> dict[str, Any] | None:
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and choice.get("index") in (0, None):
            return choice
    return None


def _tokens(usage: dict[str, Any], name: str) -> int | None:
    count = usage.get(name)
    known = isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= _MAX_TOKENS
    return count if known else None


def _joined(parts: list[Piece | Reasoning]) -> list[Piece | Reasoning]:
    """Join neighbours of one kind, so that a burst of tokens is one step for the screen."""
    joined: list[Piece | Reasoning] = []
    run: list[str] = []
    for at, part in enumerate(parts):
        run.append(part.text)
        if at + 1 == len(parts) or type(parts[at + 1]) is not type(part):
            joined.append(type(part)("".join(run)))
            run = []
    return joined
