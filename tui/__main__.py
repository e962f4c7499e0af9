"""The `quire` entry point: the app for no command or `chat`, the command line for the rest."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from assistant.cli.root import main as run_command_line

if TYPE_CHECKING:
    from assistant.cli.frame import Frame


def main() -> int:
    """Run quire; returns its exit code."""
    code = run_command_line(sys.argv[1:], open_app)
    # As it ends, the interpreter looks through everything that lives for cycles: 0.3 s with the
    # client of the endpoints, in which Ctrl-C seems not to have worked.
    gc.freeze()
    return code


def open_app(frame: Frame, question: str | None, model: str | None) -> int:
    """Open the app on the terminal; textual is imported only here."""
    import click

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("the app needs a terminal; for scripts see: quire --help")
    settings, folder = frame.settings, frame.folder
    from assistant.model_choice import model_name, model_settings

    model_settings(model_name(model, settings), settings)
    frame.open().close()

    from assistant.desk import Desk, open_desk
    from tui.app import QuireApp

    async def open_this_desk() -> Desk:
        return await open_desk(folder, model, settings, lambda line: None)

    return QuireApp(open_this_desk, question=question, max_cost=settings.max_cost).run_to_exit()


if __name__ == "__main__":
    sys.exit(main())
