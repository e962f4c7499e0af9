"""The settings as a front end that stays open shows and changes them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from assistant.config.choices import Origin, choices, set_value, unset
from assistant.config.descriptions import (
    HIDDEN,
    KEYS,
    NAME,
    Description,
    descriptions,
    parts_of,
    schema_of,
)
from assistant.config.model_choice import EXTRACTIVE
from store.value import Value

if TYPE_CHECKING:
    from assistant.config.file import ConfigFile
    from assistant.config.settings import Settings

_AT_ONCE = ("model", "check_model", "check", "theme", "max_cost")


class SettingLine(Value):
    """A setting: its value in words, where that is from, what it does and takes.

    `text` is the value as it is typed, empty for a default and for what may hold a secret.
    `options` are the values there are, empty where any may be typed. `environment` names the
    variable that comes first. `at_once` says that a change holds from the next question on,
    and not from the next start.
    """

    name: str
    value: str
    origin: Origin
    about: str
    allowed: str
    default: str
    text: str = ""
    options: tuple[str, ...] = ()
    environment: str = ""
    at_once: bool = False


class Configuration:
    """The settings of a configuration file, with what the environment says before them."""

    def __init__(self, config: ConfigFile, environment: Mapping[str, str] = os.environ) -> None:
        self._config = config
        self._environment = environment

    @property
    def path(self) -> str:
        """The path of the file, which need not be there yet."""
        return str(self._config.path)

    async def lines(self) -> tuple[SettingLine, ...]:
        """All settings, those of each model and embedder by its name; raises WrongUse."""
        return await asyncio.to_thread(lambda: tuple(self._lines()))

    async def settings(self) -> Settings:
        """What the file holds by now; raises WrongUse."""
        return await asyncio.to_thread(self._config.settings)

    async def change(self, name: str, text: str) -> None:
        """Set a setting to what a reader typed; raises WrongUse, and writes nothing then."""
        await asyncio.to_thread(lambda: set_value(self._config, parts_of(name), text))

    async def reset(self, name: str) -> None:
        """Take a setting out of the file: its default holds; raises WrongUse."""
        await asyncio.to_thread(lambda: unset(self._config, parts_of(name)))

    def _lines(self) -> Iterator[SettingLine]:
        there = {one.name: one for one in choices(self._config, self._environment)}
        settings = self._config.settings()
        for about in descriptions().values():
            if about.is_variable:
                continue
            for name in _names(about.name, settings):
                one = there.get(name)
                value = None if one is None else one.value
                yield SettingLine(
                    name=name,
                    value=about.default if value is None else _words(value),
                    origin="default" if one is None else one.origin,
                    about=about.about,
                    allowed=about.allowed,
                    default=about.default,
                    text="" if value is None or value == HIDDEN else _words(value),
                    options=_options(about, settings),
                    environment=about.environment,
                    at_once=name in _AT_ONCE or name.startswith("models."),
                )


def _names(general: str, settings: Settings) -> list[str]:
    """The names that a setting has: one, or one for each table that the reader named."""
    if general == f"{KEYS}.{NAME}":
        return [*(f"{KEYS}.{action}" for action in settings.keys), general]
    head, _, leaf = general.partition(f".{NAME}.")
    if not leaf:
        return [general]
    tables = settings.models if head == "models" else settings.embedders
    return [f"{head}.{own}.{leaf}" for own in tables]


def _options(about: Description, settings: Settings) -> tuple[str, ...]:
    """The values that a setting may have where they are few."""
    if about.name == "model":
        return (EXTRACTIVE, *settings.models)
    if about.name == "check_model":
        return (*settings.models,)
    schema = schema_of(about.name) or {}
    kinds = (schema, *schema.get("anyOf", ()))
    return tuple(str(value) for one in kinds for value in one.get("enum", ()))


def _words(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
