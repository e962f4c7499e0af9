"""`quire tldr`: papers in one sentence each."""

from __future__ import annotations

from contextlib import aclosing
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.checking import check_options
from assistant.cli.frame import Frame, global_options, json_option, jsonl_option
from assistant.cli.options import dry_run_option, model_option, record_option, usage_option
from assistant.errors import Exit

if TYPE_CHECKING:
    from assistant.types.answers import Answer
    from assistant.workspace.workspace import Workspace
    from store.types import Paper

_INDENT = "    "


@click.command("tldr")
@click.argument("papers", nargs=-1, required=True, metavar="PAPER...")
@model_option
@check_options
@record_option
@dry_run_option
@usage_option
@jsonl_option
@json_option
@global_options
@click.pass_obj
def tldr_command(
    frame: Frame,
    papers: tuple[str, ...],
    model: str | None,
    check: bool | None,
    record: Path | None,
    dry_run: bool,
    usage: bool,
) -> None:
    """Sum papers up in one sentence each, cited and checked.

    The built-in extractive model takes the sentence of the abstract that says most, word for
    word; any other model writes one, with a call for each paper. --json prints a list with
    what ask prints for an answer, and the id and title of the paper. The signs behind the
    sentences are those of quire ask. --jsonl prints an event for each answer, then done.

    Example: quire tldr %1 %2
    """
    from assistant.cli.names import names_given
    from assistant.cli.signals import run

    named = tuple(dict.fromkeys(names_given(frame, papers)))
    if dry_run:
        _preview(frame, model, named, check)
        return
    told: list[tuple[Paper, Answer]] = []
    try:
        run(frame, _run(frame, model, named, check, record, told))
    finally:
        if frame.json:
            frame.partial = {"answers": [_shape(paper, answer) for paper, answer in told]}
    answers = [answer for _, answer in told]
    if frame.jsonl:
        frame.event("done", answers=[_shape(paper, answer) for paper, answer in told])
    elif frame.json:
        frame.document([_shape(paper, answer) for paper, answer in told])
    else:
        from assistant.cli.render import last_line

        last_line(frame, _account(answers, full=usage))
    frame.exit_code = _code(answers, is_check_asked=frame.asks_to_check(check))


def _preview(frame: Frame, model: str | None, named: tuple[str, ...], check: bool | None) -> None:
    """Tell what would be sent for each paper."""
    from assistant.cli.dry_run import show_sendings
    from assistant.types.questions import SummaryRequest

    async def made(workspace: Workspace) -> list[SummaryRequest]:
        papers = dict.fromkeys([(await workspace.paper(name)).id for name in named])
        bare = SummaryRequest(length="sentence", check=check, max_cost=frame.cap(None))
        return [bare.model_copy({"papers": (one,)}) for one in papers]

    show_sendings(frame, model, made)


async def _run(
    frame: Frame,
    model: str | None,
    named: tuple[str, ...],
    check: bool | None,
    record: Path | None,
    told: list[tuple[Paper, Answer]],
) -> None:
    """Sum each paper up, in the order they were named; `told` holds what is done."""
    from assistant.cli.answers import EXTRACTIVE_LINE
    from assistant.types.events import AnswerDone, Progress
    from assistant.workspace.workspace import open_workspace

    workspace = await open_workspace(frame.folder, model, frame.settings, frame.narrate, record)
    try:
        await workspace.catch_up_briefly()
        summaries = workspace.sum_up(named, check=check, max_cost=frame.cap(None))
        async with aclosing(summaries) as events:
            async for paper, event in events:
                match event:
                    case AnswerDone():
                        told.append((paper, event.answer))
                        if frame.jsonl:
                            frame.event("answer", answer=_shape(paper, event.answer))
                        elif not frame.json:
                            _print(frame, paper, event.answer)
                    case Progress():
                        frame.narrate(event.text)
                    case _:
                        pass
        frame.note_trouble(workspace.trouble)
        if workspace.is_extractive:
            frame.narrate(EXTRACTIVE_LINE)
    finally:
        await workspace.aclose()


def _print(frame: Frame, paper: Paper, answer: Answer) -> None:
    """A paper's title, its sentence with the sign of its check, and what that rests on."""
    from assistant.answers.claim_words import reason_words
    from assistant.checking.verdicts import sign_of
    from assistant.cli.render import paragraph
    from assistant.replies.plain_text import plain
    from store.clean import clean_line

    retracted = " [retracted]" if paper.is_retracted else ""
    paragraph(frame, f"{clean_line(paper.title)}{retracted}", bold=True)
    if not answer.claims:
        paragraph(frame, clean_line(plain(answer.text)), _INDENT, _INDENT)
    for claim in answer.claims[:1]:  # where none is cited there may be more
        sign = sign_of(claim)
        paragraph(frame, f"{clean_line(claim.text)}{sign.symbol}", _INDENT, _INDENT)
        if reason := reason_words(claim):
            said = f"{sign.symbol} {reason}"
            paragraph(frame, said, _INDENT, _INDENT, bold=sign.role == "error", dim=not sign.warns)
        for citation in claim.citations:
            if citation.quote and clean_line(citation.quote) != clean_line(claim.text):
                paragraph(frame, f"“{clean_line(citation.quote)}”", _INDENT, _INDENT, dim=True)
    frame.line(f"{_INDENT}{paper.id}", dim=True)
    if answer.note:
        frame.narrate(answer.note)


def _account(answers: list[Answer], *, full: bool) -> str:
    """One line on all of them together: verdicts, how they were checked, calls and tokens."""
    from assistant.answers.account_words import account
    from assistant.answers.cost import total
    from assistant.types.answers import EvidenceCounts

    usages = [one.usage for one in answers]
    whole = answers[0].model_copy(
        update={
            "claims": tuple(claim for one in answers for claim in one.claims),
            "usage": reduce(total, usages),
            "evidence": EvidenceCounts(
                considered=len(answers), used=sum(bool(one.references) for one in answers)
            ),
            "note": "",
        }
    )
    return account(whole, full=full)


def _code(answers: list[Answer], *, is_check_asked: bool) -> Exit:
    """Done when every paper has its sentence, in part when some have."""
    from assistant.cli.answer_codes import is_partial

    good = [one for one in answers if one.outcome == "answered"]
    if len(good) == len(answers):
        partly = any(is_partial(one, is_check_asked=is_check_asked) for one in answers)
        return Exit.PARTLY if partly else Exit.DONE
    if good or any(one.outcome == "uncited" for one in answers):
        return Exit.PARTLY
    refused = all(one.outcome == "not_in_collection" for one in answers)
    return Exit.NOT_IN_COLLECTION if refused else Exit.ENDPOINT


def _shape(paper: Paper, answer: Answer) -> dict[str, object]:
    from assistant.cli.shapes import answer_shape

    return {"id": paper.id, "title": paper.title, **answer_shape(answer)}
