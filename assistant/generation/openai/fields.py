"""Reads the fields of a chat chunk that servers shape differently: texts, thoughts, counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_MAX_TOKENS = 1_000_000_000
_DEEPEST = 4
_THOUGHTS = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
"""Where servers put a thought; some send the same under several of these names."""
_THOUGHT_TYPES = ("thinking", "reasoning", "redacted_thinking", "summary")


@dataclass(frozen=True)
class Text:
    """A piece of a message; `is_thought` says that a part of it is named so."""

    text: str
    is_thought: bool = False


def texts_of(content: object, *, thought: bool = False, depth: int = 0) -> list[Text] | None:
    """The texts in the content of a message, in order; None where it is no content.

    A string, a part, or a list of them. A part has a `type`, and its text under that name or as
    `text`, `content` or `summary`; one without a text (a reference, a picture) holds none.
    """
    if content is None:
        return []
    if isinstance(content, str):
        return [Text(content, thought)] if content else []
    if depth >= _DEEPEST:
        return None
    if isinstance(content, list):
        found: list[Text] = []
        for one in content:
            texts = texts_of(one, thought=thought, depth=depth + 1)
            if texts is None:
                return None
            found += texts
        return found
    if not isinstance(content, dict):
        return None
    kind = str(content.get("type") or "")
    thought = thought or kind.partition(".")[0] in _THOUGHT_TYPES  # OpenRouter: reasoning.text
    for name in (kind, "text", "content", "summary", "thinking"):
        if isinstance(content.get(name), str | list | dict):
            return texts_of(content[name], thought=thought, depth=depth + 1)
    return []


def thought_of(delta: dict[str, Any]) -> str:
    """What a delta holds of a thought beside its content."""
    for name in _THOUGHTS:
        texts = texts_of(delta.get(name), thought=True)
        if texts:
            return "".join(one.text for one in texts)
    return ""


def first_choice(chunk: dict[str, Any]) -> dict[str, Any] | None:
    """The first choice of a chunk; None where it holds none."""
    choices = chunk.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and choice.get("index") in (0, None):
            return choice
    return None


@dataclass(frozen=True)
class Counts:
    """Tokens of one request as a server counts them, None where it does not."""

    input: int | None = None
    output: int | None = None

    def joined(self, later: Counts) -> Counts:
        """These and a later report: reports of one stream grow, and may leave out a half."""
        return Counts(_larger(self.input, later.input), _larger(self.output, later.output))


NO_COUNTS = Counts()
"""The counts of a server that reports none."""


def counts_of(chunk: dict[str, Any]) -> Counts:
    """The token counts that a chunk reports: itself, its first choice, or Groq's `x_groq`."""
    choice, groq = first_choice(chunk), chunk.get("x_groq")
    places = (chunk, choice or {}, groq if isinstance(groq, dict) else {})
    for place in places:
        usage = place.get("usage")
        if isinstance(usage, dict):
            return _counted(usage)
    return Counts()


def _counted(usage: dict[str, Any]) -> Counts:
    """The counts with those of cached and thought tokens, where these stand apart.

    By OpenAI's protocol the details are parts of the counts. A server that counts them apart is
    told by its total, or by a part that is larger than its whole.
    """
    read = _first(usage, "prompt_tokens", "input_tokens")
    wrote = _first(usage, "completion_tokens", "output_tokens")
    if read is None or wrote is None:
        return Counts(read, wrote)
    cached = _detail(usage, "cached_tokens", "prompt_tokens_details", "input_tokens_details")
    thought = _detail(
        usage, "reasoning_tokens", "completion_tokens_details", "output_tokens_details"
    )
    total = _tokens(usage, "total_tokens")
    if total is None:
        apart_in, apart_out = cached > read, thought > wrote
    else:
        missing = total - read - wrote
        if missing > 0 and not cached and not thought:
            thought = missing  # Gemini's server: thoughts stand in the total alone
        apart_in = missing > 0 and missing in (cached, cached + thought)
        apart_out = missing > 0 and missing in (thought, cached + thought)
        if missing == cached == thought:
            apart_in, apart_out = cached > read, cached <= read
    return Counts(read + cached * apart_in, wrote + thought * apart_out)


def _detail(usage: dict[str, Any], name: str, *places: str) -> int:
    for place in (*(usage.get(one) for one in places), usage):
        if isinstance(place, dict) and (count := _tokens(place, name)) is not None:
            return count
    return 0


def _first(usage: dict[str, Any], *names: str) -> int | None:
    return next((one for name in names if (one := _tokens(usage, name)) is not None), None)


def _tokens(usage: dict[str, Any], name: str) -> int | None:
    count = usage.get(name)
    known = isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= _MAX_TOKENS
    return count if known else None


def _larger(one: int | None, other: int | None) -> int | None:
    known = [count for count in (one, other) if count is not None]
    return max(known, default=None)
