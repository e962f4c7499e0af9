"""How many tokens prompt and answer may have together, as servers state it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from store.pattern import pattern

_SMALLEST_WINDOW, _LARGEST_WINDOW = 256, 100_000_000
OLLAMA_CONTEXT = 4096
"""The context of a model in Ollama where nothing sets one (its FAQ; more on large cards)."""
_NAMES = ("max_model_len", "loaded_context_length", "context_length", "context_window", "n_ctx")
"""vLLM, LM Studio, OpenRouter and others, Groq, llama.cpp's Python server."""
_TRAINED = ("n_ctx_train", "max_context_length")
_OVERFLOWS = (
    r"\d+ \+ \d+ > (\d+)",
    r"(?:context[ _](?:length|window|size|limit)|(?:model|sequence)[ _]len(?:gth)?)"
    r"(?: (?:of|is|limit|=))*[ :=(<]{0,4}(?:only )?(\d[\d,]*)",
    r"context \(?(?:of )?(\d[\d,]+)",
    r"tokens? > (\d[\d,]*) maximum",
    r"n_ctx\D{0,6}(\d+)",
    r"must be <= (\d+)",
    r"limit is (\d[\d,]*)",
)
"""How an overflow names the window: Anthropic's sum; OpenAI, vLLM, llama.cpp, LM Studio; SGLang;
Anthropic's servers; llama.cpp's Python server; TGI; Groq."""
_PROMPTS = (
    r"(\d[\d,]*) (?:tokens )?(?:in|of|from) (?:the |your )?(?:messages|prompt|input)",
    r"(?:request|prompt|input)s? (?:has |have |is too long: |is |length |\()*(\d[\d,]*)",
    r"(\d+) \+ \d+ > \d",
    r"given: (\d+)",
)
_NUM_CTX = pattern(r"^\s*num_ctx\s+(\d{3,9})\s*$", re.M)


def stated_window(model: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The window of a listed model, and the longest that it was trained for; None: not stated.

    llama.cpp has both in `meta`, LM Studio's own list has both beside the id.
    """
    meta = model.get("meta")
    places = (model, meta if isinstance(meta, Mapping) else {})
    return _first(places, _NAMES), _first(places, _TRAINED)


def overflow_window(message: str) -> int | None:
    """The window that the words of an overflow name."""
    return _named(_OVERFLOWS, message)


def overflow_prompt(message: str) -> int | None:
    """The tokens of the prompt alone that the words of an overflow name."""
    return _named(_PROMPTS, message)


def _named(wordings: tuple[str, ...], message: str) -> int | None:
    for wording in wordings:
        found = re.search(wording, message[:4_000], re.I)
        if found and (count := tokens_of(int(found[1].replace(",", "")))):
            return count
    return None


def llama_window(properties: object) -> int | None:
    """The window of one slot by llama.cpp's `/props`; its list states none in older versions."""
    if not isinstance(properties, dict):
        return None
    settings = properties.get("default_generation_settings")
    places = (settings if isinstance(settings, dict) else {}, properties)
    return _first(places, ("n_ctx",))


def running_window(running: object, model: str) -> int | None:
    """The window of a model that is loaded, by Ollama's `/api/ps`."""
    models = running.get("models") if isinstance(running, dict) else None
    for one in models if isinstance(models, list) else ():
        names = (one.get("name"), one.get("model")) if isinstance(one, dict) else ()
        if model in names or f"{model}:latest" in names:
            return _first((one,), ("context_length",))
    return None


def shown_window(shown: object) -> tuple[int | None, int | None]:
    """The window that a model's file sets, and that it was trained for, by Ollama's `/api/show`."""
    if not isinstance(shown, dict):
        return None, None
    set_by_file = _NUM_CTX.search(str(shown.get("parameters") or "")[:20_000])
    about = shown.get("model_info")
    trained = None
    for name, value in about.items() if isinstance(about, dict) else ():
        if name.endswith(".context_length"):
            trained = tokens_of(value)
    return tokens_of(int(set_by_file[1])) if set_by_file else None, trained


def _first(places: tuple[Mapping[str, Any], ...], names: tuple[str, ...]) -> int | None:
    found = (tokens_of(place.get(name)) for name in names for place in places)
    return next((one for one in found if one is not None), None)


def tokens_of(value: object) -> int | None:
    """A number of tokens that a window or a prompt may have; None for any other value."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if _SMALLEST_WINDOW <= value <= _LARGEST_WINDOW else None
