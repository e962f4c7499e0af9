"""`quire chat`."""

from __future__ import annotations

import click

from assistant.cli.frame import Frame, global_options


@click.command("chat")
@click.argument("question", nargs=-1, metavar="[QUESTION]")
@click.option("-m", "--model", metavar="NAME", help="The model that answers.")
@global_options
@click.pass_obj
def chat_command(frame: Frame, question: tuple[str, ...], model: str | None) -> None:
    """Open the app, and ask it a first question when one is given."""
    frame.exit_code = frame.open_app(frame, " ".join(question).strip() or None, model)
