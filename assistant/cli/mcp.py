"""`quire mcp`."""

from __future__ import annotations

import importlib.util

import click

from assistant.cli.frame import Frame, global_options

_INSTALL = "the Model Context Protocol is an extra: pip install 'quire[mcp]'"


@click.command("mcp")
@click.option("-m", "--model", metavar="NAME", help="The model that answers, as in quire ask.")
@click.option(
    "--max-cost",
    metavar="USD",
    type=click.FloatRange(min=0),
    help="Answer nothing that may cost more than this (max_cost in the configuration).",
)
@global_options
@click.pass_obj
def mcp_command(frame: Frame, model: str | None, max_cost: float | None) -> None:
    """Serve the collection to another assistant, by the Model Context Protocol over stdio.

    It is started by that assistant: name the command quire with the argument mcp (and --library
    PATH, -m NAME) in its configuration. Tools: search, get_paper, similar, and ask, whose answer
    has a verdict and the quoted sentences for each of its own; papers are resources too, at
    quire://paper/ID. Nothing is written: no conversation is saved. What an assistant is given
    here it may send on to its own model.

    It ends when its stdin is closed. Needs an extra: pip install 'quire[mcp]'

    Example: quire mcp -m extractive
    """
    if importlib.util.find_spec("mcp") is None:
        raise click.ClickException(_INSTALL)
    from assistant.cli.signals import run

    run(frame, _serve(frame, model, max_cost))


async def _serve(frame: Frame, model: str | None, max_cost: float | None) -> None:
    from assistant.api.library import open_library
    from assistant.mcp_server.server import make_server
    from assistant.mcp_server.stdio import serve
    from assistant.mcp_server.tools import Surroundings

    opened = open_library(
        frame.folder, model=model, config=frame.config, keep=False, narrate=frame.narrate
    )
    async with opened as library:
        server = make_server(Surroundings(library, frame.cap(max_cost)), frame.tell)
        frame.narrate("serving the collection over stdio; it ends when stdin is closed")
        await serve(server)
