"""Finds a server's own words on what went wrong, whatever shape it put them in."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from assistant.generation.openai.redaction import redact
from assistant.generation.openai.windows import (
    overflow_prompt,
    overflow_window,
    stated_window,
    tokens_of,
)
from store.clean import clean_line, shorten
from store.pattern import pattern

_MAX_WORDS = 300
_MAX_COMPARED = 1_000
_LONGEST_WAIT = 1e8
_DEEPEST = 4
_SAYING = ("error", "message", "detail", "msg", "error_message")
"""Names under which servers put the words of an error, the innermost last."""
_TOO_LONG = pattern(
    r"context[ _-]?(?:length|window|size|limit)|maximum context|(?:prompt|input) is too long"
    r"|too many (?:input )?tokens|reduce the length|exceeds? the (?:available|model's) context"
    r"|exceed_context_size|maximum (?:input|prompt|sequence|model) length"
    r"|max_(?:model_len|seq_len)|max_new_tokens.? must be",
    re.I,
)
_NO_MODEL = pattern(
    r"invalid model|unknown model|no such model|not a valid model"
    r"|model\b.{0,120}?(?:not found|does not exist|not exist|not available|not loaded)",
    re.I,
)


@dataclass(frozen=True)
class ServerError:
    """What a server says of its failure; raw, each part may be empty."""

    message: str
    code: str = ""
    kind: str = ""
    parameter: str = ""
    window: int | None = None
    """The tokens of the model's context, where an overflow states them."""
    prompt: int | None = None
    """The tokens of the prompt alone, where an overflow states them."""

    @property
    def is_context_too_long(self) -> bool:
        """True when prompt and answer do not fit into the model's context."""
        names = f"{self.code} {self.kind} {self.message}"
        return _TOO_LONG.search(names) is not None

    @property
    def is_unknown_model(self) -> bool:
        """True when the server does not know the model."""
        return self.code == "model_not_found" or _NO_MODEL.search(self.message) is not None

    @property
    def is_spent(self) -> bool:
        """True when an account is empty, which no waiting mends."""
        return "insufficient_quota" in (self.code, self.kind)

    @property
    def is_loading(self) -> bool:
        """True when the model is on its way into memory."""
        return "loading" in self.message.lower()


NO_ERROR = ServerError("")
"""An error of which nothing is said."""


def server_words(text: str, secret: str | None = None) -> str:
    """A server's words as one short line, cleaned, without the secret it may echo."""
    return shorten(redact(clean_line(text[:20_000]), secret), _MAX_WORDS)


def parse_error(body: bytes) -> ServerError | None:
    """The error in a body, None where it is not JSON or holds none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return server_error(value, bare=True)


def server_error(value: object, *, bare: bool = False) -> ServerError | None:
    """The error in a JSON value, None where it holds none.

    Reads {"error": {...}}, {"error": "text"}, {"errors": [...]}, a list of one of them, one
    within another, and {"object": "error", ...}; with `bare` also a lone {"message"}, {"detail"}
    or {"msg"}.
    """
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict):
        return None
    found = value.get("error") or value.get("errors")
    if found:
        return _told(found, {**value, "error": None, "errors": None})
    is_error = value.get("object") == "error" or value.get("type") == "error"
    if is_error or (bare and any(value.get(name) for name in _SAYING)):
        return _told(value, {})
    return None


def retry_after(header: str) -> float | None:
    """Seconds that a Retry-After header asks to wait (RFC 9110, 10.2.3), None for nothing."""
    text = header.strip()[:64]
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - datetime.now().timestamp()
        except (ValueError, OverflowError, OSError, TypeError):
            return None
    return min(max(0.0, seconds), _LONGEST_WAIT) if math.isfinite(seconds) else None


@dataclass(frozen=True)
class ListedModel:
    """A model that a server offers; `context_tokens` is its window where the server says so.

    `trained_tokens` is the longest window that it may have, `owner` who the server says made it.
    """

    id: str
    context_tokens: int | None = None
    trained_tokens: int | None = None
    owner: str = ""


def listed_models(body: bytes) -> tuple[ListedModel, ...] | None:
    """The models in a list, None where the body is none; unprintable ids are left out."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    models = value.get("data") if isinstance(value, dict) else None
    if not isinstance(models, list):
        return None
    found = []
    for one in models:
        name = one.get("id") if isinstance(one, dict) else None
        if isinstance(name, str) and name and server_words(name) == name:
            found.append(ListedModel(name, *stated_window(one), str(one.get("owned_by") or "")))
    return tuple(found)


def nearest(name: str, names: Sequence[str]) -> list[str]:
    """The names, the most alike first; of very many the first thousand."""
    wanted = name.lower()

    def unlike(other: str) -> tuple[bool, float]:
        other = other.lower()[:200]
        return wanted not in other, -difflib.SequenceMatcher(None, wanted, other).ratio()

    return sorted(names[:_MAX_COMPARED], key=unlike)


def plain_words(body: bytes) -> str:
    """The text of a body that is no JSON; a page of HTML is called that, not quoted."""
    text = body[:20_000].decode("utf-8", "replace").strip()
    return "an HTML page" if text.startswith("<") else text


def is_object(body: bytes) -> bool:
    """True for a JSON object."""
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False


def _told(found: object, around: Mapping[str, Any], depth: int = 0) -> ServerError:
    """The error in what stands under its name: the innermost words, the outermost names."""
    if isinstance(found, str) and found.lstrip().startswith(("{", "[")):
        with suppress(ValueError, RecursionError):
            found = json.loads(found)
    if isinstance(found, list):
        found = found[0] if found else None
    if not isinstance(found, dict) or depth > _DEEPEST:
        return _of(_text(found) or _text(_said(around)), {})
    said = _said(found)
    inner = NO_ERROR if said is None else _told(said, {}, depth + 1)
    metadata = found.get("metadata")
    raw = _text(metadata.get("raw")) if isinstance(metadata, dict) else ""
    words = [inner.message or _text(said), *([raw] if raw else ())]  # OpenRouter's upstream
    return _of(": ".join(words), found, inner)


def _said(fields: Mapping[str, Any]) -> object:
    return next((fields[name] for name in _SAYING if fields.get(name)), None)


def _of(message: str, fields: Mapping[str, Any], inner: ServerError = NO_ERROR) -> ServerError:
    return ServerError(
        message,
        _text(fields.get("code")) or inner.code,
        _text(fields.get("type")) or inner.kind,
        _text(fields.get("param")) or _text(fields.get("loc")) or inner.parameter,
        tokens_of(fields.get("n_ctx")) or inner.window or overflow_window(message),
        tokens_of(fields.get("n_prompt_tokens")) or inner.prompt or overflow_prompt(message),
    )


def _text(value: object) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)[:2_000]
