"""Which model answers, by what was asked for, the environment and the configuration."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping

from assistant.errors import WrongUse
from assistant.settings import ModelSettings, Settings

EXTRACTIVE = "extractive"
"""The name of the built-in model, which needs no endpoint."""
OPENAI_ADDRESS = "https://api.openai.com/v1"
_OPENAI = "openai:"


def model_name(
    asked: str | None, settings: Settings, environment: Mapping[str, str] = os.environ
) -> str:
    """The model that answers: the one asked for, QUIRE_MODEL, the configuration, or extractive."""
    return asked or environment.get("QUIRE_MODEL") or settings.model or EXTRACTIVE


def endpoint_of(
    name: str, settings: Settings, environment: Mapping[str, str] = os.environ
) -> tuple[ModelSettings, str | None] | None:
    """Where a model is and its key; None for the built-in one.

    Raises WrongUse for a name that is none of: a configured model, `extractive`,
    `openai:ID`, or a model id while OPENAI_BASE_URL is set.
    """
    if name == EXTRACTIVE:
        return None
    if name in settings.models:
        found = settings.models[name]
        return found, environment.get(found.key_variable)
    key = environment.get("OPENAI_API_KEY")
    if name.startswith(_OPENAI) and len(name) > len(_OPENAI):
        return ModelSettings(base_url=OPENAI_ADDRESS, model=name[len(_OPENAI) :]), key
    address = environment.get("OPENAI_BASE_URL")
    if address:
        return ModelSettings(base_url=address, model=name), key
    known = [*settings.models, EXTRACTIVE]
    near = difflib.get_close_matches(name, known, 3, 0.4) or known[:5]
    raise WrongUse(
        f"no model “{name}”; there is {', '.join(near)}",
        "set OPENAI_BASE_URL to name a model of that address, or use openai:ID",
    )
