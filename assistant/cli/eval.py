"""`quire eval`."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.frame import Frame, global_options, json_option, jsonl_option
from assistant.cli.options import record_option
from store.wording import counted

if TYPE_CHECKING:
    from assistant.evaluation.candidates import Candidate, Filters
    from assistant.evaluation.measures import Record
    from assistant.evaluation.questions import AskedQuestion
    from assistant.evaluation.report import Run
    from store.library.library import Library


@dataclass
class _Course:
    """What has come so far: the records of each model, and what is to be known of the file."""

    file: Path
    papers: int = 0
    embedder: str = ""
    notes: tuple[str, ...] = ()
    records: dict[str, list[Record]] = field(default_factory=dict)

    def runs(self) -> list[Run]:
        from assistant.evaluation.report import Run

        return [
            Run(name, self.embedder, self.papers, self.file.name, tuple(records), self.notes)
            for name, records in self.records.items()
            if records
        ]


@click.command("eval")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "-m",
    "--model",
    "models",
    metavar="NAME",
    multiple=True,
    help="A model, as in quire ask; repeat it to see several side by side.",
)
@click.option("--check", is_flag=True, help="Have each model judge what it says, and count that.")
@click.option(
    "--max-cost",
    metavar="USD",
    type=click.FloatRange(min=0),
    help="Send nothing when all of it may cost more than this (max_cost in the configuration).",
)
@click.option("--yes", is_flag=True, help="Do not ask whether the cost is fine.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent and its cost, ask nothing.")
@record_option
@jsonl_option
@json_option
@global_options
@click.pass_obj
def eval_command(
    frame: Frame,
    file: Path,
    models: tuple[str, ...],
    check: bool,
    max_cost: float | None,
    yes: bool,
    dry_run: bool,
    record: Path | None,
) -> None:
    """Ask your own questions, and measure the answers: papers cited, facts stated, refusals.

    FILE has a question a line, as JSON. What a right answer cites and says is up to you:

    \b
      {"question": "What is OwlNet?", "papers": ["10.1000/owl"], "facts": ["40 tokens"]}
      {"question": "How large is it?", "history": ["What is OwlNet?"],
       "facts": [["three million", "3M"], "/[0-9]M parameters/"]}
      {"question": "Who sells OwlNet?", "answerable": false}

    papers are ids, DOIs, arXiv ids, titles or how they begin; a fact is found however its number
    or words are written, a list is ways of saying one, /…/ a regular expression. More fields are
    in the manual of the command line.

    Nothing is saved: no conversation, no answer. What it may cost is said first, and with --dry-run
    shown with the first request of each model; nothing is sent then. -v shows each
    question as it is answered, --jsonl prints an event for each, then done. Ctrl-C keeps what
    came. Exit code 1 when some questions failed.

    Example: quire eval questions.jsonl -m extractive -m big
    """
    from assistant.cli.signals import run
    from assistant.evaluation.questions import STDIN, read_questions

    if record is not None and len(models) > 1:
        raise click.UsageError("--record keeps the replies of one model: name one")
    questions = read_questions(STDIN if str(file) == "-" else file)
    if not questions:
        raise click.UsageError(f"{'stdin' if str(file) == '-' else file} holds no question")
    names: tuple[str | None, ...] = tuple(dict.fromkeys(models)) or (None,)
    course = _Course(file)
    if dry_run:
        from assistant.cli.eval_preview import show_evaluation

        show_evaluation(frame, questions, names, check=check)
        return
    try:
        with frame.open() as library:
            work = _evaluate(
                frame, library, questions, names, course, (check, max_cost, yes, record)
            )
            run(frame, work)
    except BaseException:
        if runs := course.runs():  # what came is kept, whatever ended it
            _show(frame, runs, is_whole=False)
        raise
    runs = course.runs()
    _show(frame, runs, is_whole=True)
    if any(one.failed for each in runs for one in each.records):
        frame.exit_code = 1


async def _evaluate(
    frame: Frame,
    library: Library,
    questions: list[AskedQuestion],
    names: tuple[str | None, ...],
    course: _Course,
    options: tuple[bool, float | None, bool, Path | None],
) -> None:
    import asyncio

    from assistant.cli.eval_preview import prepared
    from assistant.evaluation.candidates import candidate
    from store.library.library import READ_LIMIT

    check, max_cost, yes, record = options
    await asyncio.to_thread(library.catch_up, READ_LIMIT)
    questions, filters, course.notes = await asyncio.to_thread(prepared, library, questions)
    course.papers, course.embedder = library.count(), library.status().embedder
    for note in course.notes:
        frame.narrate(f"note: {note}")
    async with AsyncExitStack() as open_models:
        candidates = [
            await open_models.enter_async_context(
                candidate(library, name, frame.settings, frame.narrate, record=record, check=check)
            )
            for name in names
        ]
        await _agree(frame, candidates, questions, filters, max_cost=max_cost, yes=yes)
        for one in candidates:
            await _ask(frame, one, questions, filters, course)


async def _agree(
    frame: Frame,
    candidates: list[Candidate],
    questions: list[AskedQuestion],
    filters: Filters,
    *,
    max_cost: float | None,
    yes: bool,
) -> None:
    """Tell what it will take, and have the reader agree where it costs; raises CostRefused."""
    from assistant.answers.cost import FREE_OF_CHARGE
    from assistant.answers.preview import requests
    from assistant.cli.dry_run import agree
    from assistant.types.usage import Estimate

    frame.wait("reading the questions…")
    cap = frame.cap(max_cost)
    spent: float | None = 0.0
    calls = tokens = most = 0
    for one in candidates:
        estimate = await one.estimate(questions, filters)
        if estimate == FREE_OF_CHARGE:
            continue
        one.accounting.allow(estimate, cap, spent)
        spent = None if spent is None or estimate.cost is None else spent + estimate.cost
        calls, tokens = calls + estimate.calls, tokens + estimate.input_tokens
        most += estimate.output_tokens
    if not calls:
        return
    places = ", ".join(
        f"{one.name} at {one.sends_to}" if one.sends_to else one.name for one in candidates
    )
    whole = Estimate(calls=calls, input_tokens=tokens, output_tokens=most, cost=spent)
    number = counted(len(questions), "question")
    told = f"{number}: {requests(calls)} or more to {places}"
    agree(frame, whole, told, "ask all of them?", "quire eval", max_cost=max_cost, yes=yes)


async def _ask(
    frame: Frame,
    one: Candidate,
    questions: list[AskedQuestion],
    filters: Filters,
    course: _Course,
) -> None:
    from contextlib import aclosing

    from assistant.evaluation.comparison import record_lines

    records = course.records.setdefault(one.name, [])
    frame.wait(f"{one.name}: 1 of {len(questions)}…")
    async with aclosing(one.ask(questions, filters)) as came:
        async for record in came:
            records.append(record)
            if frame.jsonl:
                frame.event("answer", model=one.name, answer=asdict(record))
            elif frame.verbose and not frame.json:
                for line in record_lines(one.name, record):
                    frame.line(line)
            if len(records) < len(questions):
                frame.wait(f"{one.name}: {len(records) + 1} of {len(questions)}…")


def _show(frame: Frame, runs: list[Run], *, is_whole: bool) -> None:
    from assistant.evaluation.comparison import changes, differences, side_by_side
    from assistant.evaluation.report import table_of_kinds

    frame.end_waiting()
    if frame.json:
        document = _shape(runs)
        if is_whole and frame.jsonl:
            frame.event("done", **document)
        elif is_whole:
            frame.document(document)
        else:
            frame.partial = document
        return
    for line in side_by_side(runs).splitlines():
        frame.line(line)
    for line in differences(runs[0], runs[-1]) if len(runs) == 2 else ():
        frame.line(line)
    if frame.verbose:
        for one in runs:
            frame.line("")
            for line in table_of_kinds(one):
                frame.line(line)
        for line in changes(runs[0], runs[1]) if len(runs) == 2 else ():
            frame.line(line)


def _shape(runs: list[Run]) -> dict[str, Any]:
    from assistant.evaluation.report import run_shape

    first = runs[0]
    return {
        "file": first.file,
        "papers": first.papers,
        "embedder": first.embedder,
        "notes": list(first.notes),
        "models": [{"model": one.model, **run_shape(one)} for one in runs],
    }
