"""What a question takes, told before it is asked: `--dry-run`, and the consent to `--all`."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import click

from assistant.answers.account_words import cost_words
from assistant.cli.frame import Frame, confirm
from assistant.cli.render import paragraph
from assistant.cli.shapes import Shape
from assistant.cli.unsent_vectors import (
    tell_unsent,
    unsent_embedders,
    vectors_shape,
    write_request,
)
from assistant.config.model_choice import EXTRACTIVE
from assistant.generation.loops import run_loop
from assistant.types.questions import Question, SummaryRequest
from assistant.types.usage import Estimate
from store.clean import clean_line
from store.wording import counted

if TYPE_CHECKING:
    from assistant.answers.preview import Sending
    from assistant.generation.openai.unsent_embedding import UnsentTexts
    from assistant.workspace.workspace import Workspace

T = TypeVar("T")
Made = Callable[["Workspace"], Awaitable[Question | SummaryRequest]]
"""Makes what is asked, once there is a workspace."""


def show_sending(frame: Frame, model: str | None, made: Made, *, all_papers: bool = False) -> None:
    """Tell what would be sent, with `all_papers` for a question put to every paper; nothing is."""

    async def planned(workspace: Workspace) -> Sending:
        return await workspace.sending(await made(workspace), all_papers=all_papers, exact=True)

    show_planned(frame, model, planned)


def show_planned(
    frame: Frame, model: str | None, planned: Callable[[Workspace], Awaitable[Sending]]
) -> None:
    """Tell what a workspace that sends nothing plans to send."""
    unsent = _nothing_yet()
    sending = run_loop(_planned(frame, model, planned, unsent))
    if frame.json:
        frame.document({**sending_shape(sending), **vectors_shape(unsent)})
    else:
        _write(frame, sending)
        _write_vectors(frame, unsent)


def show_sendings(
    frame: Frame,
    model: str | None,
    made: Callable[[Workspace], Awaitable[list[SummaryRequest]]],
) -> None:
    """Tell what would be sent for several summaries, with --json as a list; nothing is."""

    async def planned(workspace: Workspace) -> list[Sending]:
        return [await workspace.sending(one, exact=True) for one in await made(workspace)]

    unsent = _nothing_yet()
    sendings = run_loop(_planned(frame, model, planned, unsent))
    if frame.json:
        frame.document([{**sending_shape(one), **vectors_shape(unsent)} for one in sendings])
        return
    for at, one in enumerate(sendings):
        if at:
            frame.line()
        _write(frame, one)
    _write_vectors(frame, unsent)


async def _planned(
    frame: Frame,
    model: str | None,
    planned: Callable[[Workspace], Awaitable[T]],
    unsent: UnsentTexts,
) -> T:
    """What a workspace that sends nothing plans; what is asked for vectors is in `unsent`.

    The indexes do not follow before: a library whose vectors are made elsewhere would send.
    """
    from assistant.workspace.workspace import open_workspace

    workspace = await open_workspace(
        frame.folder,
        model,
        frame.settings,
        frame.narrate,
        embedders=unsent_embedders(frame, unsent),
    )
    try:
        return await planned(workspace)
    finally:
        await workspace.aclose()


def _nothing_yet() -> UnsentTexts:
    from assistant.generation.openai.unsent_embedding import UnsentTexts

    return UnsentTexts()


def _write_vectors(frame: Frame, unsent: UnsentTexts) -> None:
    if unsent.calls:
        frame.line()
        tell_unsent(frame, unsent, "question")


def sending_shape(sending: Sending) -> Shape:
    """`--dry-run --json`."""
    whole = sending.model_dump()
    estimate = whole.pop("estimate")
    return {"dry_run": True, **whole, **estimate}


def _write(frame: Frame, sending: Sending) -> None:
    estimate = sending.estimate
    frame.line(where_to(sending), bold=True)
    frame.line(f"question: {clean_line(sending.question)}")
    if sending.standalone != sending.question:
        frame.line(f"read as: {clean_line(sending.standalone)}")
    if sending.cached:
        frame.line("answered before from the same papers: it is given again, nothing is sent")
    if sending.sources:
        left_out = f", {sending.dropped} left out for length" if sending.dropped else ""
        frame.line(f"sources: {len(sending.sources)} of {sending.considered}{left_out}")
    for one in sending.sources:
        line = f"  [{one.number}] {clean_line(one.title)} · about {one.tokens} tokens"
        paragraph(frame, line, hanging="      ")
    frame.line(
        f"{counted(estimate.calls, 'call')},"
        f" about {estimate.input_tokens} tokens in, at most {estimate.output_tokens} out,"
        f" {cost_words(estimate.cost, most=True)}{_again(sending)}"
    )
    if sending.judge:
        where = f" at {sending.judge_sends_to}" if sending.judge_sends_to else " on this machine"
        frame.line(clean_line(f"its check, counted in, would be sent to {sending.judge}{where}"))
    if sending.note:
        frame.line(clean_line(sending.note), dim=True)
    if sending.request is not None:
        write_request(frame, sending.request)
    if frame.verbose:
        for message in sending.messages:
            frame.line(f"\n--- {message.role}", dim=True)
            frame.line(message.content)


def _again(sending: Sending) -> str:
    """What it comes to where requests have to be made again."""
    at_most = sending.at_most
    if at_most is None:
        return ""
    why = "the answer cites nothing" if sending.messages else "replies leave papers out"
    cost = f", {cost_words(at_most.cost, most=True)}" if at_most.cost else ""
    return (
        f"; where {why} up to {at_most.calls} requests,"
        f" {at_most.input_tokens} tokens in and {at_most.output_tokens} out{cost}"
    )


def where_to(sending: Sending) -> str:
    """Who would be sent to, in words."""
    if sending.model == EXTRACTIVE:
        return "nothing would be sent: the built-in extractive model answers"
    if sending.sends_to is None:
        return f"would be sent to {sending.model} on this machine; nothing was sent"
    return f"would be sent to {sending.model} at {sending.sends_to}; nothing was sent"


ASK_FROM = 0.05
"""From this cost in USD on the reader is asked first, and where the price is not known."""


def consent(frame: Frame, sending: Sending, *, max_cost: float | None, yes: bool) -> None:
    """Tell what a question will take; ask the reader where it costs more than a little.

    Given a cap, or --yes, nobody is asked. Raises UsageError where nobody can be, and Exit
    when the reader does not want it.
    """
    from assistant.answers.preview import requests

    estimate = sending.estimate
    if not estimate.calls:
        return
    where = f"{sending.model} at {sending.sends_to}" if sending.sends_to else sending.model
    papers = counted(sending.considered, "paper")
    told = f"{papers}: {requests(estimate.calls)} to {where}"
    agree(
        frame,
        estimate,
        told,
        "ask all of them?",
        "--all",
        more=_again(sending),
        max_cost=max_cost,
        yes=yes,
    )


def agree(
    frame: Frame,
    estimate: Estimate,
    told: str,
    question: str,
    who: str,
    *,
    more: str = "",
    max_cost: float | None,
    yes: bool,
) -> None:
    """Tell what something will take; ask the reader where it costs more than a little.

    `who` is what asks, named where nobody can be asked. Raises as `consent` does.
    """
    words = cost_words(estimate.cost, most=True)
    frame.narrate(
        f"{told}, about {estimate.input_tokens} tokens in, at most {estimate.output_tokens} out,"
        f" {words}{more}"
    )
    if estimate.cost is not None and estimate.cost < ASK_FROM:
        return
    if yes or max_cost is not None:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError(
            f"{words}: {who} asks on a terminal; elsewhere give --yes or --max-cost"
        )
    confirm(frame, question, "nothing was asked")
