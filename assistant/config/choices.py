"""What is set and where from, and setting it: checked before anything is written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from assistant.config.descriptions import (
    KEYS,
    Parts,
    descriptions,
    general,
    parts_of,
    schema_of,
    shown,
    unknown,
    value_of,
)
from assistant.config.file import ConfigFile
from assistant.config.settings import Settings
from assistant.errors import WrongUse
from store.pattern import pattern

Origin = Literal["default", "file", "environment"]
_VARIABLE = pattern(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Choice:
    """The value in force of a setting, as it may be shown, and where it is from."""

    name: str
    value: Any
    origin: Origin


def choices(config: ConfigFile, environment: Mapping[str, str]) -> Iterator[Choice]:
    """What is set in the file or by the environment, every setting once; raises WrongUse."""
    config.settings()
    there = dict(_leaves((), config.meaning()))
    for name, about in descriptions().items():
        if about.is_variable:
            continue
        set_ = environment.get(about.environment) if about.environment else None
        if set_:
            yield Choice(name, shown(name, set_, environment), "environment")
            continue
        for parts, value in there.items():
            if general(parts) == name:
                dotted = ".".join(parts)
                yield Choice(dotted, shown(dotted, value, environment), "file")


def variables(environment: Mapping[str, str]) -> Iterator[Choice]:
    """The variables of the environment that are set, of those that quire reads."""
    for name, about in descriptions().items():
        if about.is_variable and environment.get(name):
            yield Choice(name, shown(name, environment[name], environment), "environment")


def chosen(config: ConfigFile, name: str, environment: Mapping[str, str]) -> list[Choice]:
    """The value in force of a setting, or of all that are set in a table; raises WrongUse."""
    every = list(choices(config, environment))
    exact = [one for one in every if one.name == name]
    if exact:
        return exact
    settings = config.settings()
    known = descriptions()
    if name in known and known[name].is_variable:
        value = shown(name, environment.get(name), environment)
        return [Choice(name, value, "environment" if value else "default")]
    tables = {
        "models",
        "embedders",
        "services",
        KEYS,
        *(f"models.{one}" for one in settings.models),
    }
    if name in tables | {f"embedders.{one}" for one in settings.embedders}:
        return [one for one in every if one.name.startswith(f"{name}.")]
    head, _, own = name.partition(".")
    is_table = head in ("models", "embedders") and bool(own) and "." not in own
    parts: Parts = (head, own, "") if is_table else parts_of(name)
    there = settings.models if parts[0] == "models" else settings.embedders
    if len(parts) == 3 and parts[1] not in there:
        raise WrongUse(
            f"no {parts[0][:-1]} “{parts[1]}” in the configuration",
            f"there is {', '.join(there) or 'none'}",
        )
    return [Choice(name, _default(general(parts)), "default")]


def _default(name: str) -> Any:
    if name == "model":
        from assistant.config.model_choice import EXTRACTIVE

        return EXTRACTIVE
    default = (schema_of(name) or {}).get("default")
    is_address = name.startswith("services.") and name != "services.contact"
    if default is None and (is_address or name == "citation_key"):  # a value, not words
        return descriptions()[name].default
    return default


def set_value(config: ConfigFile, parts: Parts, text: str) -> Any:
    """Set a setting to what a reader typed; returns the value.

    Raises WrongUse with what is allowed, and writes nothing then; a key is never repeated.
    """
    value = value_of(parts, text)
    parts = _placed(config, parts)
    if parts == ("model",):
        value = _lasting(text)
    _check(config, parts, value)
    config.set_value(parts, value)
    return value


def _placed(config: ConfigFile, parts: Parts) -> Parts:
    """Where a setting stands in the file: a key may stand there by the parts of its name."""
    apart = (parts[0], *parts[-1].split("."))
    at: Any = config.meaning()
    for part in apart if parts[0] == KEYS else ():
        at = at.get(part) if isinstance(at, dict) else None
    return parts if parts[0] != KEYS or at is None else apart


def _lasting(name: str) -> str:
    """The name of a model that holds in whatever folder quire is called."""
    from assistant.config.model_choice import RECORDED, recording_of

    file = recording_of(name)
    return name if file is None else f"{RECORDED}{file.resolve()}"


def _check(config: ConfigFile, parts: Parts, value: Any) -> None:
    """Raise WrongUse for a value that its setting does not take."""
    from pydantic import ValidationError

    name = ".".join(parts)
    settings = config.settings()
    wanted = config.meaning()
    at = wanted
    for part in parts[:-1]:
        at = at.setdefault(part, {})
    at[parts[-1]] = value
    try:
        meant = Settings.model_validate(wanted)
    except ValidationError as failure:
        first = failure.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"][: len(parts)])
        if place == name:
            raise not_allowed(parts, value) from None
        if first["type"] == "missing":
            raise WrongUse(
                f"{name}: nothing is there yet that it could be set for, "
                f"{'.'.join(map(str, first['loc']))} is missing",
                f"begin with: quire models add {parts[1]} --url URL --model ID"
                if parts[0] == "models"
                else "write the whole table with: quire config edit",
            ) from None
        raise WrongUse(f"{name}: {first['msg']}", "") from None
    _check_meaning(parts, value, settings, meant)


def _check_meaning(parts: Parts, value: Any, settings: Settings, meant: Settings) -> None:
    """What types alone do not say: addresses, names of models and variables, folders."""
    leaf = parts[-1]
    if leaf == "key_variable" and not _VARIABLE.fullmatch(str(value)):
        raise not_allowed(parts, value)
    if leaf == "base_url" or (parts[0] == "services" and leaf != "contact"):
        from assistant.config.endpoint_address import check_base_url

        check_base_url(str(value))
    if parts == ("model",):
        from assistant.config.model_choice import model_settings

        model_settings(str(value), settings, {})
    if parts == ("check_model",):
        from assistant.config.model_choice import EXTRACTIVE, judge_name

        judge_name(EXTRACTIVE, meant, {})
    if parts == ("prompts",) and not Path(os.path.expanduser(str(value))).is_dir():
        raise not_allowed(parts, value)


def not_allowed(parts: Parts, value: Any) -> WrongUse:
    """One line: what a setting takes, and what it does not, unless that may be a key."""
    about = descriptions()[general(parts)]
    hides = parts[-1] in ("key_variable", "key_command")
    wrong = "" if hides else f", not “{value}”"
    name = ".".join(parts)
    return WrongUse(
        f"{name} takes {about.allowed}{wrong}", f"see: quire config explain {general(parts)}"
    )


def unset(config: ConfigFile, parts: Parts) -> bool:
    """Take a setting out of the file; False where it is not there. Raises WrongUse."""
    parts = _placed(config, parts)
    at: Any = config.meaning()
    for part in parts:
        if not isinstance(at, dict) or part not in at:
            return False
        at = at[part]
    if isinstance(at, dict):
        raise unknown(".".join(parts))
    config.remove_value(parts)
    return True


def _leaves(parts: Parts, value: Any) -> Iterator[tuple[Parts, Any]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves((*parts, key), one)
    else:
        yield parts, value
