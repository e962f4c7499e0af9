"""`quire models add --local`: the model servers of this machine, looked for when asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.chat_models import config_of
from assistant.cli.frame import Frame, confirm
from assistant.generation.loops import run_loop
from store.nearest import meant_or_known

if TYPE_CHECKING:
    from assistant.generation.openai.local import FoundServer
    from assistant.wiring.chat_models import Offer


def add_local(frame: Frame, names: Sequence[str], *, yes: bool) -> None:
    """Look for servers on this machine and add the models named, or all that are found.

    Raises EndpointUnreachable where no server is found.
    """
    from assistant.errors import EndpointUnreachable
    from assistant.generation.openai import local
    from assistant.wiring.chat_models import offers

    servers = local.LOCAL_SERVERS
    found = run_loop(local.find_local(servers))
    if not found:
        ports = ", ".join(f"{one.port} ({one.program})" for one in servers)
        raise EndpointUnreachable(
            f"no model server answers on this machine at the ports {ports}",
            "start one (for Ollama: ollama serve), or give --url and --model",
        )
    offered = offers(found, config_of(frame).settings(), os.environ)
    shape = {"servers": [_server_shape(one) for one in found], "added": []}
    if not frame.json:
        _show_found(frame, found, offered)
    wanted = _wanted(frame, offered, names, shape, yes=yes)
    config = config_of(frame)
    for name, values in wanted:
        config.set_model(name, values)
    added = [name for name, _ in wanted]
    if frame.json:
        frame.document({**shape, "added": added, "config": str(config.path)})
    elif added:
        frame.line(f"added {', '.join(added)}")
        frame.line(f"to have one answer: quire models use {added[0]}")
    else:
        frame.line("nothing to add")


def _server_shape(found: FoundServer) -> dict[str, Any]:
    return {
        "program": found.server.program,
        "base_url": found.server.base_url,
        "models": [one.id for one in found.models],
        "trouble": found.trouble,
    }


def _show_found(frame: Frame, found: Sequence[FoundServer], offers: Mapping[str, Offer]) -> None:
    for one in found:
        about = one.trouble or ("" if one.models else "no model is loaded")
        frame.line(f"{one.server.program}, {one.server.base_url}" + (f": {about}" if about else ""))
        for model in one.models:
            offer = offers.get(model.id)
            note = "is there already"
            if offer is not None:
                name, values = offer
                context = values.get("context_tokens")
                note = f"as {name}" + (f", {context} tokens of context" if context else "")
            elif model not in one.chat_models:
                note = "not for answers"
            frame.line(f"  {model.id:<32} {note}")
        if one.server.program == "Ollama" and not os.environ.get("OLLAMA_CONTEXT_LENGTH"):
            note = "Ollama cuts longer prompts in silence; for more: OLLAMA_CONTEXT_LENGTH"
            frame.line(f"  {note}", dim=True)


def _wanted(
    frame: Frame,
    offers: Mapping[str, Offer],
    names: Sequence[str],
    shape: dict[str, Any],
    *,
    yes: bool,
) -> list[Offer]:
    """The models to add: those named, by id or by the name to be, else all once confirmed."""
    by_name = {name: (name, values) for name, values in offers.values()}
    frame.partial = shape
    for name in names:
        if name not in offers and name not in by_name:
            there = f"; {meant_or_known(name, [*offers, *by_name])}" if offers else ""
            raise click.UsageError(f"no model “{name}” was found to add{there}")
    wanted = [offers.get(name) or by_name[name] for name in dict.fromkeys(names)]
    if not names and offers:
        if not yes and not sys.stdin.isatty():
            raise click.UsageError("nothing was added: name models, or give --yes for all")
        if not yes:
            confirm(frame, f"add {', '.join(by_name)}?", "nothing was added")
        wanted = list(offers.values())
    frame.partial = None
    return wanted
