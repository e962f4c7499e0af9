"""What a long question costs, told before it is asked, and asked for above a limit."""

from __future__ import annotations

import sys

import click

from assistant.answers.preview import Sending
from assistant.cli.frame import Frame, confirm
from assistant.cli.render import cost_words

ASK_FROM = 0.05
"""From this cost in USD on the reader is asked first, and where the price is not known."""


def consent(frame: Frame, sending: Sending, *, max_cost: float | None, yes: bool) -> None:
    """Tell what a question will take; ask the reader where it costs more than a little.

    Given a cap, or --yes, nobody is asked. Raises UsageError where nobody can be, and Exit
    when the reader does not want it.
    """
    estimate = sending.estimate
    if not estimate.calls:
        return
    words = cost_words(estimate.cost, most=True)
    where = f"{sending.model} at {sending.sends_to}" if sending.sends_to else sending.model
    frame.narrate(
        f"{sending.considered} papers: {estimate.calls} requests to {where}, about"
        f" {estimate.input_tokens} tokens in, at most {estimate.output_tokens} out, {words}"
    )
    if estimate.cost is not None and estimate.cost < ASK_FROM:
        return
    if yes or max_cost is not None:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError(
            f"{words}: --all asks on a terminal; elsewhere give --yes or --max-cost"
        )
    confirm(frame, "ask all of them?", "nothing was asked")
