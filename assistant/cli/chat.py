"""`quire chat`."""

from __future__ import annotations

import click

from assistant.cli.frame import Frame, global_options
from assistant.cli.session_names import resolved, session_option


@click.command("chat")
@click.argument("question", nargs=-1, metavar="[QUESTION]")
@click.option("-m", "--model", metavar="NAME", help="The model that answers.")
@session_option
@global_options
@click.pass_obj
def chat_command(
    frame: Frame, question: tuple[str, ...], model: str | None, session: str | None
) -> None:
    """Open the app, and ask it a first question when one is given.

    Example: quire chat -s owls
    """
    named = None if session is None else resolved(frame, session)
    frame.exit_code = frame.open_app(frame, " ".join(question).strip() or None, model, named)
