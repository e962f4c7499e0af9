"""Which model answers, by what was asked for, the environment and the configuration."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.config.keys import USUAL_VARIABLE, key_of
from assistant.config.settings import Settings
from assistant.errors import WrongUse
from store.nearest import meant_or_known

if TYPE_CHECKING:
    from assistant.config.tables import ModelSettings

EXTRACTIVE = "extractive"
"""The name of the built-in model, which needs no endpoint."""
OPENAI_ADDRESS = "https://api.openai.com/v1"
OPENAI = "openai:"
"""What the name of a model at OpenAI's own address begins with."""


RECORDED = "recorded:"
"""What the name of a model begins with whose replies a file holds."""


def recording_of(name: str) -> Path | None:
    """The file of a recorded model, `recorded:FILE`; None for another name."""
    file = name.removeprefix(RECORDED)
    return Path(file).expanduser() if file not in (name, "") else None


def model_name(
    asked: str | None, settings: Settings, environment: Mapping[str, str] = os.environ
) -> str:
    """The model that answers: the one asked for, QUIRE_MODEL, the configuration, or extractive."""
    return asked or environment.get("QUIRE_MODEL") or settings.model or EXTRACTIVE


def judge_name(name: str, settings: Settings, environment: Mapping[str, str] = os.environ) -> str:
    """The model that judges what the model `name` writes: `check_model`, else that one itself.

    A recorded one says itself what its file holds of that. Raises WrongUse where `check_model`
    names none that can judge.
    """
    judge = settings.check_model
    if judge is None:
        return name
    if judge == EXTRACTIVE:
        raise WrongUse("check_model: the built-in model cannot judge", "name a chat model there")
    try:
        model_settings(judge, settings, environment)
    except WrongUse as failure:
        raise WrongUse(f"check_model: {failure.message}", failure.hint) from None
    return judge if recording_of(name) is None else name


def model_settings(
    name: str, settings: Settings, environment: Mapping[str, str] = os.environ
) -> ModelSettings | None:
    """Where a model is, without its key; None for the built-in one and a recorded one.

    Raises WrongUse for a name that is none of: a configured model, `extractive`,
    `openai:ID`, `recorded:FILE`, or a model id while OPENAI_BASE_URL is set.
    """
    if name == EXTRACTIVE:
        return None
    if name in settings.models:
        return settings.models[name]
    if recording_of(name) is not None:
        return None
    if name == RECORDED:
        raise WrongUse("recorded: needs a file", "recorded:FILE says what --record FILE wrote")
    from assistant.config.tables import ModelSettings

    if name.startswith(OPENAI) and len(name) > len(OPENAI):
        return ModelSettings(base_url=OPENAI_ADDRESS, model=name[len(OPENAI) :])
    address = environment.get("OPENAI_BASE_URL")
    if address:
        return ModelSettings(base_url=address, model=name, key_variable=USUAL_VARIABLE)
    known = [*settings.models, EXTRACTIVE]
    raise WrongUse(
        f"no model “{name}”; {meant_or_known(name, known)}",
        "set OPENAI_BASE_URL to name a model of that address, or use openai:ID;"
        " recorded:FILE says what --record FILE wrote",
    )


def endpoint_of(
    name: str, settings: Settings, environment: Mapping[str, str] = os.environ
) -> tuple[ModelSettings, str | None] | None:
    """Where a model is and its key; None for the built-in one and a recorded one.

    A key command is run. Raises WrongUse, as `model_settings` does.
    """
    found = model_settings(name, settings, environment)
    return None if found is None else (found, key_of(name, found, environment))
