"""Turns the events of a chat stream into parts of an answer, whatever their shape."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from assistant.generation.base import Finished, Piece, Reasoning, Voided
from assistant.generation.openai.channels import ChannelSplitter, Kind
from assistant.generation.openai.error_text import ServerError, server_error, server_words
from assistant.generation.openai.events import Event, mended
from assistant.generation.openai.fields import (
    NO_COUNTS,
    Counts,
    counts_of,
    first_choice,
    texts_of,
    thought_of,
)

_MAX_REFUSAL = 2_000
_REASONS = {
    **dict.fromkeys(("stop", "eos", "eos_token", "end_turn", "stop_sequence", "complete"), "stop"),
    **dict.fromkeys(("length", "max_tokens", "model_length", "max_output_tokens"), "length"),
    **dict.fromkeys(("content_filter", "safety", "recitation", "sensitive"), "content_filter"),
    **dict.fromkeys(("tool_calls", "function_call", "tool_use"), "tool_calls"),
    **dict.fromkeys(("error", "network_error", "insufficient_system_resource"), "error"),
    "abort": "abort",
}
"""What the finish reasons of servers mean, in OpenAI's words where it has one."""
_NO_REASON = ("", "none", "null")
THINK_LESS = (
    'use a model that thinks less, or set reasoning = "low" or more max_output_tokens for it'
    " in the configuration"
)
VOID = "what came so far was the model thinking aloud: the answer begins now"


@dataclass(frozen=True)
class Trouble:
    """Why a stream is no whole answer.

    `kind`: the server reported an error ("server", then `error` is set), an event cannot
    be read ("garbled"), the stream ended early ("cut") or held nothing ("nothing"), an
    answer went past its cap ("too_long") or has no word ("wordless"). `no_room` says that all
    the tokens allowed went into thinking, `counts` how many that took.
    """

    kind: Literal["server", "garbled", "cut", "nothing", "too_long", "wordless"]
    words: str = ""
    error: ServerError | None = None
    hint: str = ""
    no_room: bool = False
    counts: Counts = NO_COUNTS


Part = Piece | Reasoning | Voided


class Reading:
    """One stream as far as it was read.

    `wrote` is True once the answer has a character that is not white space, `complete`
    once a finish reason came, `done` once [DONE] did. `replaced` counts the characters of the
    answer that stand for bytes that are no UTF-8. A `trouble` ends the reading. `channels` tells
    what marks the model left in its text; `unopened` is what is known of that before.
    """

    def __init__(self, max_characters: int, *, unopened: bool = False) -> None:
        self._room = max_characters
        self.channels = ChannelSplitter(unopened=unopened)
        self._reason = ""
        self._refusal = ""
        self._thought = False
        self._asked_for_tool = False
        self._events = 0
        self._torn = False
        self._counts = Counts()
        self.wrote = False
        self.complete = False
        self.done = False
        self.replaced = 0
        self.trouble: Trouble | None = None

    def take(self, events: list[Event]) -> list[Part]:
        """Take events, return the parts they hold, neighbours joined."""
        parts: list[Part] = []
        for event in events:
            if self.done or self.trouble:
                break
            parts.extend(self._event(event))
        return _joined(parts)

    def close(self) -> tuple[list[Part], Finished | Trouble]:
        """End the reading: the parts still held back, and how the answer ended."""
        parts = _joined(self._flush())
        return parts, self.trouble or self._end()

    def _event(self, event: Event) -> list[Part]:
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
        is_bare = isinstance(value, dict) and not value.get("choices")
        error = server_error(value, bare=event.kind == "error" or is_bare)
        if error:
            self._fail(error)
            return []
        if event.kind != "data" or not isinstance(value, dict):
            return []
        return self._chunk(value)

    def _fail(self, error: ServerError) -> None:
        if not self.complete:
            self.trouble = Trouble("server", error=error)

    def _chunk(self, chunk: dict[str, Any]) -> list[Part]:
        self._counts = self._counts.joined(counts_of(chunk))
        choice = first_choice(chunk)
        if self.complete or choice is None:
            return []
        parts: list[Part] = []
        delta = choice.get("delta")
        if not isinstance(delta, dict) and not self.wrote:
            delta = choice.get("message")
        if isinstance(delta, dict):
            parts += self._delta(delta)
        reason = choice.get("finish_reason")
        if self.trouble or not isinstance(reason, str) or reason.lower() in _NO_REASON:
            return parts
        meaning = _REASONS.get(reason.lower(), reason)
        if meaning == "error":
            self.trouble = Trouble("server", error=ServerError(message=""))
            return parts
        if meaning == "abort":
            self.trouble = Trouble("cut")
            return parts
        self._reason = meaning
        self.complete = True
        return parts + self._flush()

    def _delta(self, delta: dict[str, Any]) -> list[Part]:
        if delta.get("tool_calls") or delta.get("function_call"):
            self._asked_for_tool = True
        refusal = delta.get("refusal")
        if isinstance(refusal, str):
            self._refusal = (self._refusal + refusal)[:_MAX_REFUSAL]
        parts: list[Part] = []
        if thought := thought_of(delta):
            self.channels.told_apart()
            parts += self._part(thought, "thought")
        texts = texts_of(delta.get("content"))
        if texts is None:
            self.trouble = Trouble("garbled", "sent a piece of text that is not text")
        for one in texts or ():
            if one.is_thought:
                parts += self._part(one.text, "thought")
                continue
            for kind, text in self.channels.feed(one.text):
                parts += self._part(text, kind)
        return parts

    def _part(self, text: str, kind: Kind) -> list[Part]:
        if kind == "void":
            self.wrote, self.replaced, self._thought = False, 0, True
            return [Voided(VOID)]
        if self._torn:
            text, replaced = mended(text)
            self.replaced += replaced if kind == "answer" else 0
        if len(text) > self._room:
            text = text[: self._room]
            self.trouble = Trouble("too_long")
        self._room -= len(text)
        if not text:
            return []
        if kind == "thought":
            self._thought = True
            return [Reasoning(text)]
        self.wrote = self.wrote or not text.isspace()
        return [Piece(text)]

    def _flush(self) -> list[Part]:
        parts: list[Part] = []
        # What a model is known to think first is no answer where the tokens ended before.
        is_cut = self.channels.is_unsure and self._reason == "length"
        for kind, text in self.channels.finish():
            parts += self._part(text, "thought" if is_cut else kind)
        return parts

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
        if self._reason == "tool_calls":
            return self._finished("stop", "the model also asked for a tool; it is offered none")
        if self._reason in ("stop", ""):
            return self._finished("stop", "")
        return self._finished("stop", f"ended for an unknown reason: {server_words(self._reason)}")

    def _finished(self, reason: Literal["stop", "length", "refused"], detail: str) -> Finished:
        counts = self._counts
        return Finished(reason, counts.input, counts.output, detail, self.replaced)

    def _wordless(self) -> Trouble:
        other = "ask again or use another model"
        if self._asked_for_tool:
            what = "asked for a tool instead of answering; it is offered none"
            return Trouble("wordless", what, hint=other)
        if self._reason == "length":
            what = "came to its token limit before the first word"
            if self._thought:
                what = "thought aloud up to the token limit and gave no answer"
            return Trouble("wordless", what, hint=THINK_LESS, no_room=True, counts=self._counts)
        if self._thought:
            return Trouble("wordless", "only thought aloud and gave no answer", hint=other)
        return Trouble("wordless", "gave an empty answer", hint=other)


def _joined(parts: list[Part]) -> list[Part]:
    """Join neighbours of one kind, so that a burst of tokens is one step for the screen."""
    joined: list[Part] = []
    for kind, run in groupby(parts, type):
        texts = [one.text for one in run if not isinstance(one, Voided)]
        joined.append(Voided(VOID) if kind is Voided else kind("".join(texts)))
    return joined
