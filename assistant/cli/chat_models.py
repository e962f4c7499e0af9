"""The chat models of the configuration: listed, added, used, tried out, removed."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.frame import Frame, confirm
from store.nearest import meant_or_known

if TYPE_CHECKING:
    from assistant.answers.model_trial import Trial, TrialReport
    from assistant.config.file import ConfigFile
    from assistant.config.tables import ModelSettings
    from assistant.generation.openai.endpoint import EndpointModel

_SIGNS = {True: "yes", False: "no", None: "–"}


def is_chat(frame: Frame, name: str, kind: str | None) -> bool:
    """Whether a name is a chat model's; `kind` is what the reader said it is.

    Raises UsageError for a name that is both or none.
    """
    from assistant.config.model_choice import EXTRACTIVE, OPENAI, recording_of
    from store.embedders.local import LocalEmbedders

    settings = config_of(frame).settings()
    chat = name == EXTRACTIVE or name in settings.models or recording_of(name) is not None
    embedder = name in LocalEmbedders.names or name in settings.embedders
    openai = name.startswith(OPENAI) and len(name) > len(OPENAI)
    if kind is not None or openai:
        return kind == "chat"
    if chat and embedder:
        raise click.UsageError(f"{name} is a chat model and an embedder: give --chat or --embedder")
    if not (chat or embedder):
        known = [*settings.models, *LocalEmbedders.names, *settings.embedders, EXTRACTIVE]
        raise click.UsageError(f"no model or embedder “{name}”; {meant_or_known(name, known)}")
    return chat


def rows(frame: Frame) -> list[dict[str, Any]]:
    """The chat models for a list, without any key."""
    from assistant.config.model_choice import EXTRACTIVE, model_name, recording_of

    used = model_name(None, frame.settings)
    found: list[dict[str, Any]] = [{"name": EXTRACTIVE, "about": "built in: verbatim sentences"}]
    found += [_row(name, one) for name, one in frame.settings.models.items()]
    if used not in [row["name"] for row in found]:
        about = "a recording" if recording_of(used) else "from QUIRE_MODEL or the configuration"
        found.append({"name": used, "about": about})
    return [{**row, "in_use": row["name"] == used} for row in found]


def add(frame: Frame, name: str, given: Mapping[str, Any], *, replace: bool) -> None:
    """Write a chat model to the configuration; nothing is sent."""
    from assistant.wiring.chat_models import check_name

    config = config_of(frame)
    settings = config.settings()
    check_name(name, settings)
    is_there = name in settings.models
    if is_there and not replace:
        raise click.UsageError(f"there is a model {name}: give --replace, or another name")
    values = _values(given)
    lacking = {"base_url": "--url", "model": "--model"}
    lacking = {} if is_there else {at: one for at, one in lacking.items() if at not in values}
    if lacking:
        both = "a chat model needs --url and --model"
        raise click.UsageError(f"{both}: there is no {' and no '.join(lacking.values())}")
    _check_values(values)
    config.set_model(name, values)
    model = config.settings().models[name]
    if frame.json:
        frame.document({**_row(name, model), "config": str(config.path)})
        return
    done = "changed" if is_there else "added"
    frame.line(f"{done} {name}: {_about(model)}")
    frame.line(f"to try it: quire models test {name}; to have it answer: quire models use {name}")


def use(frame: Frame, name: str) -> None:
    """Make a chat model the one that answers where none is named."""
    from assistant.config.model_choice import EXTRACTIVE, RECORDED, model_settings, recording_of

    config = config_of(frame)
    settings = config.settings()
    # No environment: what is written has to hold without OPENAI_BASE_URL.
    model = model_settings(name, settings, {})
    if (file := recording_of(name)) is not None:
        from assistant.generation.records import read_records

        read_records(file)
        # What is written has to hold in whatever folder quire is called.
        name = f"{RECORDED}{file.resolve()}"
    config.set_value(("model",), name)
    override = os.environ.get("QUIRE_MODEL")
    if override and override != name:
        frame.narrate(f"note: QUIRE_MODEL is set and comes first: {override}")
    if frame.json:
        frame.document({"model": name, "config": str(config.path)})
        return
    is_built_in = name == EXTRACTIVE
    stays = f"{'built in' if is_built_in else 'a recording'}: nothing leaves this machine"
    where = stays if model is None else _about(model)
    said = "answers" if is_built_in else "answers from now on"
    frame.line(f"{name} {said}: {where}")


def remove(frame: Frame, name: str, *, yes: bool) -> None:
    """Take a chat model out of the configuration."""
    config = config_of(frame)
    if name not in config.settings().models:
        raise click.UsageError(f"{name} is not in the configuration: there is nothing to remove")
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("rm asks on a terminal; elsewhere give --yes")
        confirm(frame, f"remove {name} from {config.path}?", "nothing was removed")
    was_used = config.remove_model(name)
    if frame.json:
        frame.document({"removed": name, "was_in_use": was_used})
    else:
        frame.line(f"removed {name}")
    if was_used:
        frame.narrate("note: it was the model in use; the built-in extractive one answers now")


def test(frame: Frame, name: str | None, *, long_prompt: bool, dry_run: bool) -> None:
    """Try a chat model out and say what works, or what a trial would send."""
    from assistant.answers.model_trial import Trial
    from assistant.cli.signals import run
    from assistant.config.model_choice import EXTRACTIVE, endpoint_of, model_name
    from assistant.errors import Exit
    from assistant.wiring.models import endpoint_model

    name = name or model_name(None, frame.settings)
    found = endpoint_of(name, frame.settings)
    if found is None:
        what = f"{EXTRACTIVE} is built in" if name == EXTRACTIVE else f"{name} is a recording"
        raise click.UsageError(f"{what}: there is nothing to try; name a model")
    settings, key = found
    model = endpoint_model(name, settings, key, is_configured=name in frame.settings.models)
    if dry_run:
        run(frame, _show_trial(frame, Trial(model, settings.model, frame.settings.prompts), model))
        return
    if not model.address.is_loopback:
        frame.narrate(f"note: made-up papers are sent to {model.address.host}")
    trial = Trial(model, settings.model, frame.settings.prompts)
    report = run(frame, _try(frame, trial, model, long_prompt=long_prompt))
    if frame.json:
        shape = report.model_dump()
        frame.document({**shape, "works": report.works})
    frame.exit_code = Exit.DONE if report.works else Exit.PARTLY


async def _show_trial(frame: Frame, trial: Trial, model: EndpointModel) -> None:
    """Tell to whom a trial would be sent, and its first question; nothing is."""
    from assistant.cli.unsent_vectors import write_request

    try:
        request = await trial.first_request()
    finally:
        await model.aclose()
    if frame.json:
        host = model.address.host
        shape = {"dry_run": True, "model": model.name, "sends_to": host}
        frame.document({**shape, "request": request.model_dump()})
        return
    where = "this machine" if model.address.is_loopback else model.address.host
    frame.line(f"would be sent to {model.name} at {where}; nothing was sent", bold=True)
    frame.line("the list of its models is asked for first, the longest prompt last", dim=True)
    write_request(frame, request)


async def _try(frame: Frame, trial: Any, model: Any, *, long_prompt: bool) -> TrialReport:
    from assistant.answers.model_trial import TrialReport
    from assistant.answers.trial_findings import Finding
    from assistant.types.events import Progress

    report: TrialReport | None = None
    try:
        async for step in trial.run(long_prompt=long_prompt):
            match step:
                case Progress():
                    frame.narrate(step.text)
                case Finding():
                    if not frame.json:
                        frame.line(f"{_SIGNS[step.works]:<4} {step.name:<13} {step.about}")
                case TrialReport():
                    report = step
    finally:
        await model.aclose()
    if report is None:
        raise AssertionError("a trial ends with its report")
    return report


def config_of(frame: Frame) -> ConfigFile:
    """The configuration file of this run."""
    from assistant.config.file import ConfigFile
    from assistant.config.settings import config_file

    return ConfigFile(config_file(frame.config, os.environ))


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given on the command line as what is written to the configuration."""
    values = {"base_url" if name == "url" else name: value for name, value in given.items()}
    if "temperature" in values and values["temperature"] != "none":
        try:
            values["temperature"] = float(values["temperature"])
        except ValueError:
            raise click.UsageError("--temperature is a number or none") from None
    order = ("base_url", "model", "key_variable", "key_command", "context_tokens")
    return {name: values[name] for name in (*order, *values) if name in values}


def _check_values(values: Mapping[str, Any]) -> None:
    """Refuse what could not be used, before it is written; a key is never repeated."""
    from assistant.config.endpoint_address import check_base_url
    from assistant.wiring.chat_models import is_variable

    if "base_url" in values:
        check_base_url(values["base_url"])
    variable = values.get("key_variable")
    if variable is not None and not is_variable(variable):
        raise click.UsageError(
            "--key-variable takes the name of an environment variable, not the key itself"
        )


def _row(name: str, model: ModelSettings) -> dict[str, Any]:
    wanted = {"base_url", "model", "context_tokens", "price_in", "price_out", "key_variable"}
    shape = model.model_dump(mode="json", include=wanted)
    return {"name": name, "about": _about(model), **shape, "base_url": _address(model)}


def _about(model: ModelSettings) -> str:
    from assistant.config.keys import key_about

    window = model.context_tokens
    context = (
        "the context that its server states" if window is None else f"{window} tokens of context"
    )
    parts = [f"{model.model} at {_address(model)}", context]
    parts.append(key_about(model, os.environ))
    if model.price_in is not None or model.price_out is not None:
        parts.append(f"{model.price_in or 0:g}/{model.price_out or 0:g} USD a million tokens")
    return ", ".join(parts)


def _address(model: ModelSettings) -> str:
    """The address, without what may be a secret in one that cannot be used."""
    from assistant.config.endpoint_address import check_base_url
    from assistant.errors import WrongUse

    try:
        return check_base_url(model.base_url).url
    except WrongUse as failure:
        return failure.message
