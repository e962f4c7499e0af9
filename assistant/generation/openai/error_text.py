"""Finds a server's own words on what went wrong, whatever shape it put them in."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from assistant.generation.openai.redaction import redact
from store.clean import clean_line, shorten
from store.pattern import pattern

_MAX_WORDS = 300
_MAX_COMPARED = 1_000
_LONGEST_WAIT = 1e8
_TOO_LONG = pattern(
    r"context[ _-]?(?:length|window|size)|maximum context|prompt is too long|input is too long"
    r"|too many (?:input )?tokens|reduce the length|exceeds? the (?:available|model's) context"
    r"|exceed_context_size|maximum (?:input|prompt) length",
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

    Reads {"error": {...}}, {"error": "text"}, a list of one of them, and
    {"object": "error", ...}; with `bare` also a lone {"message"} or {"detail"}.
    """
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict):
        return None
    found = value.get("error")
    if isinstance(found, dict) and found:
        return _from_fields(found)
    if found:
        return ServerError(message=_text(found) or _text(value.get("message")))
    if value.get("object") == "error" or (bare and ("message" in value or "detail" in value)):
        return _from_fields(value)
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
    """A model that a server offers; `context_tokens` is its window where the server says so."""

    id: str
    context_tokens: int | None = None


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
            found.append(ListedModel(name, _window(one)))
    return tuple(found)


def _window(model: dict[str, Any]) -> int | None:
    """The context that a model was started with: vLLM's max_model_len, llama.cpp's meta.n_ctx."""
    meta = model.get("meta")
    for value in (
        model.get("max_model_len"),
        meta.get("n_ctx") if isinstance(meta, dict) else None,
    ):
        if isinstance(value, int) and not isinstance(value, bool) and 512 <= value <= 100_000_000:
            return value
    return None


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


def _from_fields(fields: dict[str, Any]) -> ServerError:
    return ServerError(
        message=_text(fields.get("message")) or _text(fields.get("detail")),
        code=_text(fields.get("code")),
        kind=_text(fields.get("type")),
        parameter=_text(fields.get("param")),
    )


def _text(value: object) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)[:2_000]
