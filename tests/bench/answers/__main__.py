"""How good answers are: citations, facts, refusals, tokens and time, by kind of question.

    python -m tests.bench.answers                           # questions, built-in model
    python -m tests.bench.answers -m NAME --out run.json    # any model that quire knows
    python -m tests.bench.answers -m NAME --record FILE     # then: -m recorded:FILE
    python -m tests.bench.answers --compare a.json b.json
    python -m tests.bench.answers --evidence                # sources and tokens, no model
    python -m tests.bench.answers --summaries [FILE]
    python -m tests.bench.answers --sentences [FILE] [--check -m NAME | --paper FOLDER] [--seed 1]
    python -m tests.bench.answers --hostile [FILE]

Questions go through the code of `quire ask`, with the model that `-m` names there too, over
a library folder or, without one, over saved pages, or the papers of a file (`--papers`), in a
temporary library. Files are JSONL; the fields are those of assistant/evaluation/questions.py, or
`q` or `turns`, `args`, and what is `right` (names, not, only, says). Without a file it is
tests/bench/questions_dev.jsonl; tests/bench/questions_blind.jsonl has others over the same pages,
written without sight of the code, of which "dev" were then looked at and "held" were not.
tests/bench/questions_two.jsonl asks about the pages and, with `--pubmed ../shared/eval/pubmedqa`,
the first 300 abstracts of PubMedQA; its "dev" half is what the built-in model's measure was
chosen on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.answers.ask import Assistant
from assistant.answers.context import keep_nothing
from assistant.cli.filters import parsed_filter
from assistant.config.settings import Settings, load_settings
from assistant.errors import WrongUse
from assistant.evaluation.asking import ask_all
from assistant.evaluation.candidates import candidate
from assistant.evaluation.comparison import compare_lines
from assistant.evaluation.measures import Record
from assistant.evaluation.papers import PaperNames, titles_of
from assistant.evaluation.questions import KINDS, AskedQuestion, read_questions
from assistant.evaluation.report import Run, run_lines
from assistant.wiring.models import make_model, open_library
from assistant.workspace.workspace import Workspace, open_workspace
from store.library.library import Library
from tests.bench.answers import hostile, judging, summing
from tests.bench.answers.asking import PromptCounter
from tests.bench.answers.defences import DEFENCES
from tests.bench.answers.places import library_folder
from tests.bench.answers.questions import read_payloads, read_sentences, read_topics

HERE = Path(__file__).parent
QUESTIONS = HERE.parent / "questions_dev.jsonl"
TOPICS = HERE / "topics_dev.jsonl"
SENTENCES = HERE / "sentences_dev.jsonl"
PAYLOADS = HERE / "payloads.jsonl"


def main() -> None:
    """Read the arguments and run one mode."""
    asked = _arguments()
    if asked.compare:
        one, other = (Run.load(path) for path in asked.compare)
        print("\n".join(compare_lines(one, other)))
        return
    # What a model answers is measured here; how it judges is measured by itself (--check).
    settings = replace(load_settings(asked.config), check="off")
    if asked.hostile:
        if asked.library:
            sys.exit("--hostile plants papers: it works in a temporary library only")
        _with_library(asked, lambda folder: _hostile(asked, settings, folder))
    elif asked.summaries:
        _with_library(asked, lambda folder: _summaries(asked, settings, folder))
    elif asked.sentences:
        _with_library(asked, lambda folder: _sentences(asked, settings, folder))
    else:
        _with_library(asked, lambda folder: _questions(asked, settings, folder))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.answers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("questions", nargs="?", type=Path, default=QUESTIONS, metavar="QUESTIONS")
    parser.add_argument("-m", "--model", help="the model, as `quire ask -m` takes it")
    parser.add_argument("--config", help="the configuration file of quire")
    parser.add_argument("--library", type=Path, help="a library folder to ask")
    parser.add_argument("--pages", type=Path, default=Path("../shared/pages"))
    parser.add_argument("--pubmed", type=Path, metavar="FOLDER", help="with abstracts of PubMedQA")
    parser.add_argument("--embedder", help="of the temporary library, instead of the built-in")
    parser.add_argument("--papers", type=Path, metavar="FILE.jsonl", help="instead of the pages")
    parser.add_argument("--kind", action="append", help="such as " + ", ".join(KINDS))
    parser.add_argument("--split", choices=("dev", "held"))
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="write the run here")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("A.json", "B.json"))
    parser.add_argument("--evidence", action="store_true", help="sources and tokens, no model")
    parser.add_argument("--summaries", nargs="?", type=Path, const=TOPICS, metavar="FILE")
    parser.add_argument("--sentences", nargs="?", type=Path, const=SENTENCES, metavar="FILE")
    parser.add_argument("--check", action="store_true", help="let the model judge what is said")
    parser.add_argument("--record", type=Path, metavar="FILE", help="keep what the model replies")
    parser.add_argument(
        "--paper", type=Path, metavar="FOLDER", help="write the requests of a check, read replies"
    )
    parser.add_argument("--seed", type=int, help="shuffle the sentences")
    parser.add_argument("--hostile", nargs="?", type=Path, const=PAYLOADS, metavar="FILE")
    parser.add_argument("--defence", choices=DEFENCES, action="append")
    parser.add_argument("--runs", type=int, help="answers to each payload (3; built-in 1)")
    parser.add_argument("-v", "--verbose", action="store_true", help="print every question")
    return parser.parse_args()


def _with_library(asked: argparse.Namespace, work: Callable[[Path], Awaitable[None]]) -> None:
    with library_folder(asked.library, asked.pages, asked.pubmed, asked.papers) as folder:
        if asked.embedder and not asked.library:
            with open_library(folder, _tell) as library:
                library.use_embedder(asked.embedder)
                library.catch_up()
        asyncio.run(_awaited(work(folder)))


async def _awaited(work: Awaitable[None]) -> None:
    await work


async def _questions(asked: argparse.Namespace, settings: Settings, folder: Path) -> None:
    questions = [
        one
        for one in read_questions(asked.questions)
        if (not asked.kind or one.kind in asked.kind)
        and (not asked.split or one.split == asked.split)
    ]
    with open_library(folder, _tell) as library:
        names = PaperNames(library)
        questions = [names.named(one) for one in questions]
        notes = tuple(f"no paper “{one}” in the library" for one in names.missing)
        run = await (_evidence if asked.evidence else _asked)(library, questions, asked, settings)
        run = replace(run, notes=notes)
    print("\n".join(run_lines(run)))
    if asked.verbose:
        for one in run.records:
            found = f"{len(one.facts_found)}/{len(one.facts)} facts"
            print(f"{one.id} {one.kind} {one.outcome}, {found}: {one.question}\n    {one.text}")
    if asked.out:
        run.save(asked.out)


async def _asked(
    library: Library, questions: list[AskedQuestion], asked: argparse.Namespace, settings: Settings
) -> Run:
    """What a model answers, and how often it is asked; nothing is kept of it in the library."""
    filters = {one.arguments: parsed_filter(one.arguments, library) for one in questions}
    making = candidate(
        library, asked.model, settings, _tell, record=asked.record, check=asked.check
    )
    async with making as made:
        records = await _heard(made.ask(questions, filters), len(questions))
    return _run(made.name, library, asked, records)


async def _heard(asking: AsyncGenerator[Record, None], total: int) -> list[Record]:
    records: list[Record] = []
    async for one in asking:
        records.append(one)
        _progress(f"{len(records)} of {total}: {one.id} {one.outcome}")
    return records


def _run(model: str, library: Library, asked: argparse.Namespace, records: Sequence[Record]) -> Run:
    embedder = library.status().embedder
    return Run(model, embedder, library.count(), asked.questions.name, tuple(records))


async def _evidence(
    library: Library, questions: list[AskedQuestion], asked: argparse.Namespace, settings: Settings
) -> Run:
    """What a chat model would be sent for each question: its sources and tokens."""
    built_in, _ = make_model("extractive", settings, library, _tell)
    earlier = Assistant(library, built_in, keep_nothing)
    counter = PromptCounter()
    asker = Assistant(library, counter, keep_nothing, settings.prompts)
    filters = {one.arguments: parsed_filter(one.arguments, library) for one in questions}
    records = await _heard(ask_all(asker, questions, earlier, filters=filters), len(questions))
    print("\n".join(await judging.check_shares(earlier, records, settings.prompts)))
    return _run(counter.name, library, asked, records)


async def _forget(workspace: Workspace, known: set[str]) -> None:
    """Take the conversations of a run out of the reader's library again."""
    for one in await workspace.sessions():
        if one.id not in known:
            await workspace.delete_session(one.id)


async def _summaries(asked: argparse.Namespace, settings: Settings, folder: Path) -> None:
    topics = read_topics(asked.summaries)
    with open_library(folder, _tell) as library:
        missing = summing.unknown_titles(topics, list(titles_of(library).values()))
    workspace = await open_workspace(folder, asked.model, settings, _tell)
    try:
        await workspace.catch_up_briefly()
        known = {one.id for one in await workspace.sessions()}
        found = await summing.sum_up(workspace, topics, _progress)
        await _forget(workspace, known)
    finally:
        await workspace.aclose()
    print("\n".join([*(f"note: no paper “{one}”" for one in missing), f"model: {workspace.model}"]))
    print("\n".join(summing.summary_lines(found)))
    _save(asked.out, summing.as_json(found, workspace.model))


async def _sentences(asked: argparse.Namespace, settings: Settings, folder: Path) -> None:
    sentences = read_sentences(asked.sentences)
    with open_library(folder, _tell) as library:
        model, _ = make_model(asked.model, settings, library, _tell)
        by = "words, numbers and similarity"
        judge = judging.built_in
        paper = judging.OnPaper(asked.paper) if asked.paper else None
        asks = paper or (model if asked.check and not model.is_extractive else None)
        if asks:
            judge, by = judging.by_model(asks, settings.prompts), asks.name
        try:
            found = await judging.judge_sentences(library, sentences, judge, _progress, asked.seed)
        finally:
            await model.aclose()
    print(f"{len(found)} sentences, judged by {by}")
    if paper:
        print(f"{len(paper.tokens)} requests of {sum(paper.tokens)} tokens in all")
    print("\n".join(judging.judged_lines(found)))
    _save(asked.out, judging.as_json(found, by))


async def _hostile(asked: argparse.Namespace, settings: Settings, folder: Path) -> None:
    payloads = read_payloads(asked.hostile)
    shared = asked.pages.parent / "faults" / "injections.jsonl"
    if asked.hostile == PAYLOADS and shared.is_file():
        payloads = [*read_payloads(shared), *payloads]
    with open_library(folder, _tell) as library:
        model, _ = make_model(asked.model, settings, library, _tell)
        runs = asked.runs or (1 if model.is_extractive else 3)
        defences = asked.defence or list(DEFENCES)
        try:
            found = await hostile.attack(library, model, payloads, defences, runs, _progress)
        finally:
            await model.aclose()
    print(f"{model.name}: {len(payloads)} payloads, {runs} answers to each")
    print("\n".join(hostile.hostile_lines(found)))
    _save(asked.out, hostile.as_json(found, model.name))


def _save(path: Path | None, value: dict[str, Any]) -> None:
    if path is not None:
        path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except WrongUse as failure:
        sys.exit(failure.message)
