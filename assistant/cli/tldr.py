"""`quire tldr`: papers in one sentence each."""

from __future__ import annotations

import asyncio
import textwrap
from contextlib import aclosing
from typing import TYPE_CHECKING

import click

from assistant.cli.frame import Frame, global_options, json_option
from assistant.errors import Exit

if TYPE_CHECKING:
    from assistant.types.answers import Answer
    from assistant.workspace import Workspace
    from store.types import Paper

_INDENT = "    "


@click.command("tldr")
@click.argument("papers", nargs=-1, required=True, metavar="PAPER...")
@click.option(
    "-m",
    "--model",
    metavar="NAME",
    help="The model: extractive, openai:ID, a configured name, or an id at $OPENAI_BASE_URL.",
)
@click.option("--check", is_flag=True, help="Have the model judge each sentence: one more call.")
@click.option("-u", "--usage", is_flag=True, help="Say what it took, cost included.")
@json_option
@global_options
@click.pass_obj
def tldr_command(
    frame: Frame, papers: tuple[str, ...], model: str | None, check: bool, usage: bool
) -> None:
    """Sum papers up in one sentence each, cited and checked.

    The built-in extractive model takes the sentence of the abstract that says most, word for
    word; any other model writes one, with a call for each paper. --json prints a list with
    what ask prints for an answer, and the id and title of the paper.
    """
    from assistant.cli.lastlist import resolve

    named = tuple(dict.fromkeys(resolve(frame, name) for name in papers))
    told: list[tuple[Paper, Answer]] = []
    try:
        asyncio.run(_run(frame, model, named, check, told))
    finally:
        if frame.json:
            frame.partial = {"answers": [_shape(paper, answer) for paper, answer in told]}
    answers = [answer for _, answer in told]
    if frame.json:
        frame.document([_shape(paper, answer) for paper, answer in told])
    else:
        frame.line(_account(answers, full=usage), dim=True)
    frame.exit_code = _code(answers)


async def _run(
    frame: Frame,
    model: str | None,
    named: tuple[str, ...],
    check: bool,
    told: list[tuple[Paper, Answer]],
) -> None:
    """Sum each paper up, in the order they were named; `told` holds what is done."""
    from assistant.cli.answers import EXTRACTIVE_LINE
    from assistant.config.model_choice import EXTRACTIVE
    from assistant.workspace import open_workspace

    workspace = await open_workspace(frame.folder, model, frame.settings, frame.narrate)
    try:
        await workspace.catch_up_briefly()
        papers = {one.id: one for one in [await workspace.paper(name) for name in named]}
        session: str | None = None
        for paper in papers.values():
            answer = await _told(frame, workspace, paper, session, check=check)
            session = answer.session
            told.append((paper, answer))
            if not frame.json:
                _print(frame, paper, answer)
        frame.note_trouble(workspace.trouble)
        if workspace.model == EXTRACTIVE:
            frame.narrate(EXTRACTIVE_LINE)
    finally:
        await workspace.aclose()


async def _told(
    frame: Frame, workspace: Workspace, paper: Paper, session: str | None, *, check: bool
) -> Answer:
    from assistant.types.events import AnswerDone, Progress
    from assistant.types.questions import SummaryRequest

    request = SummaryRequest(
        papers=(paper.id,),
        length="sentence",
        session=session,
        check=check,
        max_cost=frame.cap(None),
    )
    answer: Answer | None = None
    async with aclosing(workspace.summarize(request)) as events:
        async for event in events:
            match event:
                case AnswerDone():
                    answer = event.answer
                case Progress():
                    frame.narrate(event.text)
                case _:
                    pass
    if answer is None:
        raise AssertionError("a stream ends with its answer")
    return answer


def _print(frame: Frame, paper: Paper, answer: Answer) -> None:
    """A paper's title, its sentence with the sign of its check, and what that rests on."""
    from assistant.checking.verdicts import SIGNS
    from assistant.cli.render import text_width
    from store.clean import clean_line

    def indented(text: str) -> str:
        return textwrap.fill(text, text_width(), initial_indent=_INDENT, subsequent_indent=_INDENT)

    frame.line(textwrap.fill(clean_line(paper.title), text_width()), bold=True)
    if not answer.claims:
        frame.line(indented(clean_line(answer.text)))
    for claim in answer.claims:
        frame.line(indented(f"{clean_line(claim.text)} {SIGNS[claim.verdict].symbol}"))
        for citation in claim.citations:
            if citation.quote and clean_line(citation.quote) != clean_line(claim.text):
                frame.line(indented(f"“{clean_line(citation.quote)}”"), dim=True)
    frame.line(f"{_INDENT}{paper.id}", dim=True)
    if answer.note:
        frame.narrate(answer.note)


def _account(answers: list[Answer], *, full: bool) -> str:
    """One line on all of them together: verdicts, how they were checked, calls and tokens."""
    from assistant.cli.render import account
    from assistant.types.answers import EvidenceCounts
    from assistant.types.usage import Usage

    costs = [one.usage.cost for one in answers if one.usage.cost is not None]
    usage = Usage(
        calls=sum(one.usage.calls for one in answers),
        input_tokens=sum(one.usage.input_tokens for one in answers),
        output_tokens=sum(one.usage.output_tokens for one in answers),
        cost=sum(costs) if len(costs) == len(answers) else None,
        estimated=any(one.usage.estimated for one in answers),
    )
    whole = answers[0].model_copy(
        update={
            "claims": tuple(claim for one in answers for claim in one.claims),
            "usage": usage,
            "evidence": EvidenceCounts(
                considered=len(answers), used=sum(bool(one.references) for one in answers)
            ),
            "note": "",
        }
    )
    return account(whole, full=full)


def _code(answers: list[Answer]) -> Exit:
    """Done when every paper has its sentence, in part when some have."""
    good = [one for one in answers if one.outcome == "answered"]
    if len(good) == len(answers):
        partly = any(one.replaced or one.check in ("failed", "in_part") for one in answers)
        return Exit.PARTLY if partly else Exit.DONE
    if good:
        return Exit.PARTLY
    refused = all(one.outcome == "not_in_collection" for one in answers)
    return Exit.NOT_IN_COLLECTION if refused else Exit.ENDPOINT


def _shape(paper: Paper, answer: Answer) -> dict[str, object]:
    from assistant.cli.shapes import answer_shape

    return {"id": paper.id, "title": paper.title, **answer_shape(answer)}
