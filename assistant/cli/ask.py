"""`quire ask` and `quire summarize`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from assistant.cli.checking import check_options, judging_last, show_judging
from assistant.cli.document_file import DocumentFile, output_option
from assistant.cli.filters import filter_options, make_filter
from assistant.cli.frame import Frame, global_options, joined, json_option, jsonl_option
from assistant.cli.options import (
    anew_option,
    dry_run_option,
    max_cost_option,
    model_option,
    record_option,
    usage_option,
    whole_option,
)
from assistant.cli.session_names import conversation, resolved, session_option

if TYPE_CHECKING:
    from assistant.types.events import Event
    from assistant.types.questions import Question, SummaryRequest
    from assistant.workspace.workspace import Workspace


@click.command("ask")
@click.argument("question", nargs=-1, metavar="[QUESTION]")
@model_option
@click.option("-c", "--continue", "goes_on", is_flag=True, help="Go on with the last conversation.")
@session_option
@click.option("-n", "most", type=click.IntRange(1, 100), help="Read at most so many sources.")
@click.option(
    "--all",
    "all_papers",
    is_flag=True,
    help="Put the question to every paper that the filters leave.",
)
@click.option("--yes", is_flag=True, help="With --all: do not ask whether the cost is fine.")
@check_options
@usage_option
@dry_run_option
@max_cost_option
@anew_option
@record_option
@output_option
@whole_option
@jsonl_option
@json_option
@global_options
@filter_options
@click.pass_obj
def ask_command(
    frame: Frame,
    question: tuple[str, ...],
    model: str | None,
    goes_on: bool,
    session: str | None,
    most: int | None,
    all_papers: bool,
    yes: bool,
    check: bool | None,
    usage: bool,
    dry_run: bool,
    max_cost: float | None,
    anew: bool,
    record: Path | None,
    file: Path | None,
    no_stream: bool,
    asked: dict[str, Any],
) -> None:
    """Ask the collection a question; every sentence of the answer is cited and checked.

    QUESTION needs no quotes; - reads it from stdin. Without a model the built-in extractive
    one answers with sentences of the abstracts. A sign behind each sentence says what was found,
    and a line below what was seen of it, the most alarming first:

    \b
      ✗   contradicted by what it cites, a model says
      #!  a number is not in what it cites
      ?!  it cites what is no source
      –   not stated in what it cites, a model says
      ○   it cites nothing
      ~   little found in what it cites, or it differs
      ∅   in another language than its source, unchecked
      ◐   stated in part, a model says
      ·   words found, meaning not checked
      ✓   supported, a model says, or word for word

    With a chat model that judging follows by itself, one more call, where the model is near (this
    machine or its network) or a cap is set and has room for it; --check asks for it in any case
    (exit code 1 then when not all that cite something could be judged), --no-check leaves it out.
    Set check = "on" or "off" in the configuration for always or never, and check_model = NAME for
    another model that judges. Exit code 1 when a sentence is contradicted by what it cites. With
    --check in a pipe the text waits for that, and has the final signs; what is contradicted stands
    above it. An answer that was given before is not asked again: only its check is sent. Without
    QUESTION, --check -c judges the last answer of the last conversation, --check -s NAME another's.

    -s NAME goes on with the conversation of that name or id, or begins one of a name that is not
    there yet; a follow-up may lean on what was said there. What has the form of an id begins
    none. quire sessions lists the conversations.

    --jsonl prints evidence, delta (a piece of the text), again (the text so far is void), judged
    (what a model says of a claim, counted from 1; with "void": true it is taken back, for its reply
    is not used), and at the end done (the answer) or error.

    Exit code 5 when the collection does not answer, 1 when nothing of the answer is cited though
    it was asked for twice.

    --record FILE adds each reply of the model to a file of JSON lines, one that was kept from
    before too; -m recorded:FILE says them again without a network, for tests and demos. A prompt
    that is worded otherwise, or sources in another order, are said; exit code 4 where FILE holds
    no reply to what is asked. So a question, its check and a follow-up, then again:

    \b
      quire ask "What is OwlNet?" --check -m big --record demo.jsonl
      quire ask "And on phones?" -c -m big --record demo.jsonl
      quire ask "What is OwlNet?" --check -m recorded:demo.jsonl
      quire ask --check -c -m big

    -o FILE writes the answer as a document too: .md has [@key] citations for pandoc and its .bib
    beside it, in .html each citation opens its sentence in the abstract, .docx is made by pandoc.

    --all puts the question to every paper that the filters leave, in several requests, and
    answers with figures: yes, no, unclear, failed. Stopped with Ctrl-C it keeps what came, and
    with a model the same command goes on from there. Exit code 1 when some papers could not be
    asked, 5 when none says yes. A question that leaves out, ranks, counts or asks for every paper
    goes there by itself where that is cheap: with the built-in model up to 2000 papers, with
    another at most 3 requests within a cap that is set (--max-cost).

    Example: quire ask "Which codecs need one quantizer?" --year 2023..
    """
    from assistant.cli.answers import Output, run_answer
    from assistant.cli.dry_run import consent, show_sending

    if all_papers and most is not None:
        raise click.UsageError("--all reads every paper: leave -n out")
    if all_papers and check:
        raise click.UsageError("--all lists sentences word for word: leave --check out")
    if goes_on and session is not None:
        raise click.UsageError("-c and --session exclude each other")
    if dry_run and file is not None:
        raise click.UsageError("--dry-run makes no answer: leave -o out")
    document = DocumentFile(frame, file)
    session = None if session is None else resolved(frame, session)
    if not question:
        if not (check and (goes_on or session is not None)):
            raise click.UsageError("there is no question; ask --check -c judges the last answer")
        if most is not None or any(asked.values()):
            raise click.UsageError("to judge the last answer, leave filters and -n out")
        if dry_run:
            return show_judging(frame, model, session)
        output = Output(frame, stream=False, usage=usage)
        judging = partial(judging_last, session=session, max_cost=frame.cap(max_cost), frame=frame)
        return run_answer(
            frame,
            model,
            judging,
            output,
            record=record,
            check=True,
            is_judging=True,
            document=document,
        )
    text = joined(question)

    async def made(workspace: Workspace) -> Question:
        from assistant.types.questions import Question

        name = await workspace.last_session() if goes_on else session
        if goes_on and name is None:
            frame.narrate("note: there is no conversation to go on with; this begins one")
        going, history = await conversation(frame, workspace, name, asks=not dry_run)
        wanted = await workspace.filtered(partial(make_filter, asked))
        return Question(
            text=text,
            filter=wanted,
            sources=most,
            history=history,
            session=going.id,
            begins=going.name if going.id is None else "",
            check=check,
            max_cost=frame.cap(max_cost),
            anew=anew,
        )

    async def streams(workspace: Workspace) -> AsyncGenerator[Event, None]:
        asking = await made(workspace)
        if all_papers:
            consent(
                frame, await workspace.sending(asking, all_papers=True), max_cost=max_cost, yes=yes
            )
            return workspace.ask_all(asking)
        return workspace.ask(asking)

    if dry_run:
        return show_sending(frame, model, made, all_papers=all_papers)
    output = Output(frame, stream=_streams(frame, no_stream, check), usage=usage)
    return run_answer(frame, model, streams, output, record=record, check=check, document=document)


@click.command("summarize")
@click.argument("papers", nargs=-1, metavar="[PAPER]...")
@click.option("--topic", metavar="T", help="Summarize what the collection says on a topic.")
@click.option("--length", type=click.Choice(("short", "long")), default="short", show_default=True)
@model_option
@session_option
@check_options
@usage_option
@dry_run_option
@max_cost_option
@anew_option
@record_option
@output_option
@whole_option
@jsonl_option
@json_option
@global_options
@filter_options
@click.pass_obj
def summarize_command(
    frame: Frame,
    papers: tuple[str, ...],
    topic: str | None,
    length: Literal["short", "long"],
    model: str | None,
    session: str | None,
    check: bool | None,
    usage: bool,
    dry_run: bool,
    max_cost: float | None,
    anew: bool,
    record: Path | None,
    file: Path | None,
    no_stream: bool,
    asked: dict[str, Any],
) -> None:
    """Summarize papers, a topic, or the whole collection, with citations.

    Name papers for a summary of them, give --topic for one of a topic, or neither for one of
    everything that the filters leave; how much of it was covered is said. The signs
    behind its sentences are those of quire ask.

    Example: quire summarize --tag thesis --length long
    """
    from assistant.cli.answers import Output, run_answer
    from assistant.cli.dry_run import show_sending
    from assistant.cli.names import meant_otherwise, names_given

    if papers and topic:
        raise click.UsageError("name papers or give --topic, not both")
    if dry_run and file is not None:
        raise click.UsageError("--dry-run makes no summary: leave -o out")
    document = DocumentFile(frame, file)
    named = names_given(frame, papers)

    async def made(workspace: Workspace) -> SummaryRequest:
        from assistant.types.questions import SummaryRequest

        name = None if session is None else resolved(frame, session)
        going, _ = await conversation(frame, workspace, name, asks=not dry_run)
        wanted = await workspace.filtered(partial(make_filter, asked))
        return SummaryRequest(
            papers=named,
            topic=topic,
            filter=wanted,
            length=length,
            session=going.id,
            begins=going.name if going.id is None else "",
            check=check,
            max_cost=frame.cap(max_cost),
            anew=anew,
        )

    async def streams(workspace: Workspace) -> AsyncGenerator[Event, None]:
        return workspace.summarize(await made(workspace))

    with meant_otherwise(named, "for a summary of a topic: quire summarize --topic"):
        if dry_run:
            show_sending(frame, model, made)
            return
        output = Output(frame, stream=_streams(frame, no_stream, check), usage=usage)
        run_answer(frame, model, streams, output, record=record, check=check, document=document)


def _streams(frame: Frame, no_stream: bool, check: bool | None) -> bool:
    """Whether the text is written as it comes.

    Where nobody watches and a check was asked for, the text waits for its final signs.
    """
    return not no_stream and (frame.is_terminal or not frame.asks_to_check(check))
