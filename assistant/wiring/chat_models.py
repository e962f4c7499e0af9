"""The chat models of the configuration: what is told of them, and what may become one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assistant.config.keys import key_about
from assistant.config.model_choice import (
    EXTRACTIVE,
    OPENAI,
    RECORDED,
    model_name,
    model_settings,
    recording_of,
)
from assistant.errors import WrongUse
from store.embedders.local import LocalEmbedders
from store.pattern import pattern
from store.value import Value

if TYPE_CHECKING:
    from assistant.config.settings import Settings
    from assistant.config.tables import ModelSettings
    from assistant.generation.openai.local import FoundServer

Offer = tuple[str, dict[str, Any]]
"""A name for the configuration, and the values of its table."""

_NAME = pattern(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,79}")
_VARIABLE = pattern(r"[A-Za-z_][A-Za-z0-9_]*")


class ModelChoice(Value):
    """A model that may answer.

    `sends_to` is the host that questions and abstracts would go to, None where nothing leaves
    this machine; `warning` is a line on that way, or empty. `unusable` says why it cannot answer,
    with what to do, or is empty. `table` holds the values that are written to the configuration
    when it is kept, None where it needs none.
    """

    name: str
    about: str
    sends_to: str | None = None
    warning: str = ""
    in_use: bool = False
    unusable: str = ""
    table: Mapping[str, Any] | None = None


def choice_of(
    name: str,
    model: ModelSettings,
    environment: Mapping[str, str],
    table: Mapping[str, Any] | None = None,
    *,
    in_use: bool = False,
) -> ModelChoice:
    """What is told of a model behind an endpoint, without any key."""
    from assistant.config.endpoint_address import check_base_url

    try:
        address = check_base_url(model.base_url)
    except WrongUse as failure:
        return ModelChoice(
            name=name, about=model.model, in_use=in_use, unusable=failure.message, table=table
        )
    return ModelChoice(
        name=name,
        about=f"{model.model} at {address.url}, {key_about(model, environment)}",
        sends_to=None if address.is_loopback else address.host,
        warning=address.warning,
        in_use=in_use,
        table=table,
    )


def choices_of(
    settings: Settings, used: str, environment: Mapping[str, str]
) -> tuple[ModelChoice, ...]:
    """The built-in model, those of the configuration, and the one in use where it is another."""
    found = [
        ModelChoice(
            name=EXTRACTIVE,
            about="built in: sentences of the abstracts",
            in_use=used == EXTRACTIVE,
        )
    ]
    for name, model in settings.models.items():
        found.append(choice_of(name, model, environment, in_use=used == name))
    for name in dict.fromkeys((used, model_name(None, settings, environment))):
        if name not in [one.name for one in found]:
            found.append(_unlisted(name, settings, environment, in_use=used == name))
    return tuple(found)


def _unlisted(
    name: str, settings: Settings, environment: Mapping[str, str], *, in_use: bool
) -> ModelChoice:
    """A model that has no table: a recording, one of OpenAI, or of OPENAI_BASE_URL."""
    if recording_of(name) is not None:
        return ModelChoice(name=name, about="a recording", in_use=in_use)
    try:
        model = model_settings(name, settings, environment)
    except WrongUse as failure:
        return ModelChoice(name=name, about="", in_use=in_use, unusable=failure.message)
    if model is None:
        raise AssertionError("the built-in model and recordings are told apart before")
    return choice_of(name, model, environment, in_use=in_use)


def check_name(name: str, settings: Settings) -> None:
    """Raise WrongUse for what cannot be the name of a chat model in the configuration."""
    if not _NAME.fullmatch(name):
        raise WrongUse("a name is made of letters, digits and . _ : / @ + -, up to 80")
    taken = (EXTRACTIVE, *LocalEmbedders.names, *settings.embedders)
    if name in taken or name.startswith((OPENAI, RECORDED)):
        raise WrongUse(f"{name} means something else already: take another name")


def is_variable(name: str) -> bool:
    """True for what may be the name of an environment variable; a key most often may not."""
    return _VARIABLE.fullmatch(name) is not None


def offers(
    found: Sequence[FoundServer], settings: Settings, environment: Mapping[str, str]
) -> dict[str, Offer]:
    """What each model found would be added as, by its id; those there already are left out."""
    from assistant.generation.openai.local import name_for

    taken = names_taken(settings)
    there = {(one.base_url.rstrip("/"), one.model) for one in settings.models.values()}
    offered: dict[str, Offer] = {}
    for one in found:
        for model in one.chat_models:
            address = one.server.base_url
            if (address, model.id) in there or model.id in offered:
                continue
            name = name_for(model.id, taken)
            taken.append(name)
            values: dict[str, Any] = {"base_url": address, "model": model.id}
            context = one.context_of(model, environment)
            if context is not None:
                values["context_tokens"] = context
            offered[model.id] = (name, values)
    return offered


def names_taken(settings: Settings) -> list[str]:
    """The names that another model may not have."""
    return [*settings.models, *settings.embedders, *LocalEmbedders.names, EXTRACTIVE]
