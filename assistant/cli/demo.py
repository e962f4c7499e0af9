"""`quire demo`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import click

from assistant.cli.frame import Frame, global_options, json_option

if TYPE_CHECKING:
    from assistant.types.events import Event
    from assistant.workspace.workspace import Workspace

QUESTION = "How does low-rank adaptation reduce the number of trainable parameters?"
"""What is asked when no question is given."""


@click.command("demo")
@click.argument("question", nargs=-1, metavar="[QUESTION]")
@click.option("-m", "--model", metavar="NAME", help="The model that answers.")
@json_option
@global_options
@click.pass_obj
def demo_command(frame: Frame, question: tuple[str, ...], model: str | None) -> None:
    """Ask a bundled sample of landmark papers, in a library of its own.

    The sample's titles, authors, years and addresses are facts; its abstracts were written for
    quire and are not the published ones. Its library stands beside yours (or where
    --library says), and can be used like any other.

    Example: quire demo
    """
    from assistant.cli.answers import Output, run_answer

    text = " ".join(question).strip() or QUESTION
    if frame.library is None:
        frame.library = str(frame.folder.parent / f"{frame.folder.name}-demo")
        del frame.__dict__["folder"]
    _fill(frame)
    if not question:
        frame.narrate(f"asking: {text}")

    async def streams(workspace: Workspace) -> AsyncGenerator[Event, None]:
        from assistant.types.questions import Question

        return workspace.ask(Question(text=text))

    run_answer(frame, model, streams, Output(frame))


def _fill(frame: Frame) -> None:
    """Put the sample into its library; where it is already, nothing changes."""
    from assistant.errors import WrongUse
    from assistant.ingest.sample import ABOUT_SAMPLE, SAMPLE_TAG, sample_items
    from store.types import Filter

    with frame.open(create=True) as library:
        if library.count() != library.count(Filter(tags=(SAMPLE_TAG,))):
            raise WrongUse(
                f"the library at {frame.folder} holds papers of yours",
                "leave --library out: the sample gets a library of its own",
            )
        report = library.ingest(tags=[SAMPLE_TAG]).run(sample_items())
        if report.new:
            library.catch_up()
    frame.narrate(
        f"sample of {len(report.papers)} landmark papers in {frame.folder} ({ABOUT_SAMPLE})"
    )
