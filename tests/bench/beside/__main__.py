"""quire beside what a user would pick instead: same abstracts, vectors, replies, machine, run.

    python -m tests.bench.beside --out FOLDER [--corpus scifact] [--papers 1000] [--rounds 3]

Run from the root of the repository, with quire installed. Each tool is installed with pip into
an environment of its own under FOLDER (0.1 to 0.5 GB each, minutes once), and does four jobs:
adding all papers, warm searches in one process, one search and one question as whole processes.
An OpenAI-compatible endpoint on loopback gives all of them the same vectors, which one of
quire's embedders made (`--embedder`; `vectors.npz` keeps them), and a fixed reply in the shape
that each asks for; it counts calls and tokens, and its own time is taken off every second told.
A round is every tool once, one after the other; told are medians of the rounds. What fails is
told with its error. `beside.json` and `beside.md` are written into FOLDER.

`--corpus` is a folder with corpus.jsonl[.gz], queries.jsonl and qrels.tsv (SciFact as BEIR has
it); of a sample (`--papers`) the judged papers come first. 1 000 papers, three rounds: about
8 minutes once all is installed; all 5 183 of SciFact: about 40.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from store.embedders.base import paper_text
from tests.bench.beside import tools as jobs
from tests.bench.beside.endpoint import Call, Endpoint, seconds_of, serving
from tests.bench.beside.environments import NotInstalled, disk_bytes, installed
from tests.bench.beside.report import write_report
from tests.bench.beside.tools import TOOLS, Job, Tool, environment
from tests.bench.beside.vectors import Vectors, embedder_named
from tests.bench.retrieval.collection import Query, documents, judged_queries
from tests.bench.retrieval.metrics import MEASURES, mean
from tests.bench.scale.measure import Run, percentile, run

ROOT = Path(__file__).resolve().parents[3]
WARM, TIMED = 10, 100

Found = dict[str, Any]


class Failed(Exception):
    """A tool did not do a job; its text is the end of what it said."""


def main() -> None:
    """Install, run the rounds, write the report."""
    options = _options()
    folder: Path = options.out.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    queries = judged_queries(options.corpus / "queries.jsonl", options.corpus / "qrels.tsv")
    papers = _papers(options.corpus, queries, options.papers)
    held = {one["id"] for one in papers}
    queries = [one for one in queries if held.issuperset(one.grades)]
    texts = [{"id": one["id"], "text": f"{one['title']}\n\n{one['abstract']}"} for one in papers]
    _write(folder / "papers.jsonl", papers)
    _write(folder / "texts.jsonl", texts)
    _write(folder / "queries.jsonl", [{"id": one.id, "text": one.text} for one in queries])
    wanted = [one for one in TOOLS if any(one.name.startswith(name) for name in options.tools)]
    embedder = embedder_named(options.embedder, options.models)
    vectors = Vectors(folder / f"vectors-{options.embedder}.npz", embedder)
    own = [paper_text(one["title"], one["abstract"]) for one in papers]
    vectors.of([*own, *(one["text"] for one in texts), *(one.text for one in queries)])
    vectors.keep()
    found: Found = {
        "papers": len(papers),
        "queries": len(queries),
        "rounds": options.rounds,
        "embedder": options.embedder,
        "day": time.strftime("%Y-%m-%d"),
        "tools": _install(wanted, folder),
    }
    with serving(vectors) as endpoint:
        for number in range(1, options.rounds + 1):
            for tool in wanted:
                _round(tool, number, found["tools"][tool.name], endpoint, folder, queries)
                vectors.keep()
                (folder / "beside.json").write_text(json.dumps(found, indent=1), "utf-8")
                write_report(found, folder)
    print((folder / "beside.md").read_text("utf-8"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument(
        "--tools",
        type=lambda text: text.split(","),
        default=[one.name for one in TOOLS if one.is_installed],
        help=f"by name, with commas between: {', '.join(one.name for one in TOOLS)}",
    )
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared/eval/scifact")
    parser.add_argument("--papers", type=int, help="how many of them (all)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--embedder", default="minilm", help="minilm or wordllama")
    parser.add_argument(
        "--models",
        type=Path,
        default=user_data_path("quire", appauthor=False) / "models",
        help="the folder where `quire models add minilm` put it",
    )
    return parser.parse_args()


def _papers(corpus: Path, queries: Sequence[Query], number: int | None) -> list[dict[str, str]]:
    """Papers with id, title and abstract, the judged ones first."""
    judged = {name for one in queries for name in one.grades}
    found = [one for one in documents(corpus) if one["text"].strip() and one["title"].strip()]
    found.sort(key=lambda one: one["id"] not in judged)
    return [
        {"id": one["id"], "title": one["title"].strip(), "abstract": one["text"].strip()}
        for one in found[:number]
    ]


def _write(file: Path, rows: Sequence[dict[str, str]]) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def _install(tools: Sequence[Tool], folder: Path) -> Found:
    """What is known of each tool before it runs; one package is installed once."""
    made: dict[str, Found] = {}
    for package, tool in {one.package: one for one in tools if one.is_installed}.items():
        print(time.strftime("%H:%M:%S"), "installing", package, flush=True)
        try:
            here = installed(tool, folder / "environments")
        except (NotInstalled, OSError) as failure:
            made[package] = {"error": f"not installed: {failure}"}
        else:
            made[package] = {"environment": {**vars(here), "programs": str(here.programs)}}
    return {
        tool.name: {
            "how": tool.how,
            "apart": tool.apart,
            "rounds": [],
            **made.get(tool.package, {}),
        }
        for tool in tools
    }


def _round(
    tool: Tool,
    number: int,
    found: Found,
    endpoint: Endpoint,
    folder: Path,
    queries: Sequence[Query],
) -> None:
    """One round of a tool: its figures, or the error, are added to what was found."""
    if tool.commands is None or "environment" not in found or "error" in found:
        return
    print(time.strftime("%H:%M:%S"), "round", number, tool.name, flush=True)
    place = folder / "work" / f"{tool.name.replace(', ', '-').replace(' ', '-')}-{number}"
    _clear(place)
    asked = queries[number % len(queries)].text
    job = Job(
        Path(found["environment"]["programs"]),
        place,
        folder / "papers.jsonl",
        folder / "texts.jsonl",
        endpoint.base_url,
        endpoint.vectors.dimension,
        query=asked,
        question=asked,
    )
    task = {
        "texts": str(job.texts),
        "papers": str(job.papers),
        "queries": str(folder / "queries.jsonl"),
        "query": job.query,
        "question": job.question,
        "warm": WARM,
        "timed": TIMED,
    }
    (place / "job.json").write_text(json.dumps(task), "utf-8")
    try:
        figures = _jobs(tool, job, endpoint, queries)
    except Failed as failure:
        found["error"] = str(failure)
        print("   ", failure, flush=True)
        return
    figures["library_mb"] = round(disk_bytes(place) / 1e6, 2)
    found["rounds"].append(figures)
    print("   ", figures, flush=True)
    if number > 1:
        _clear(place)


def _jobs(tool: Tool, job: Job, endpoint: Endpoint, queries: Sequence[Query]) -> Found:
    assert tool.commands is not None
    for command in tool.prepare(job):
        _run(command, job, endpoint)
    commands = tool.commands(job)
    figures: Found = {}
    for name in (jobs.ADD, jobs.ONCE, jobs.ASK):
        ran, calls = _run(commands[name], job, endpoint)
        chats = [one for one in calls if one.kind == "chat"]
        figures[name] = {
            "cpu_s": round(ran.cpu, 3),
            "wall_s": round(ran.wall - seconds_of(calls), 3),
            "peak_mb": ran.peak_mb.get("all", 0.0),
            "calls": len(calls),
            "chats": len(chats),
            "tokens": sum(one.tokens for one in chats),
            "said": ran.output.strip()[-300:],
        }
    ran, _ = _run(commands[jobs.SEARCH], job, endpoint)
    found = json.loads(ran.output.strip().splitlines()[-1])
    seconds = [
        ended - begun - seconds_of(endpoint.between(begun, ended))
        for begun, ended in found["timed"]
    ]
    ranked: dict[str, list[str]] = found["ranked"]
    figures[jobs.SEARCH] = {
        "p50_ms": round(1000 * statistics.median(seconds), 2),
        "p95_ms": round(1000 * percentile(seconds, 0.95), 2),
        "cpu_ms": round(1000 * found["cpu_s"] / len(seconds), 2),
        "peak_mb": ran.peak_mb.get("all", 0.0),
        **{
            name: round(mean([measure(ranked.get(one.id, []), one.grades) for one in queries]), 4)
            for name, measure in MEASURES.items()
            if name in ("nDCG@10", "R@100")
        },
    }
    return figures


def _run(command: list[str], job: Job, endpoint: Endpoint) -> tuple[Run, list[Call]]:
    begun = time.monotonic()
    ran = run(command, cwd=job.folder, env=environment(job))
    if ran.code:
        last = [line for line in ran.output.strip().splitlines() if line.strip()][-4:]
        raise Failed(f"{Path(command[0]).name} {' '.join(command[1:3])}: {' / '.join(last)}"[-600:])
    return ran, endpoint.between(begun, time.monotonic())


def _clear(place: Path) -> None:
    import shutil

    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)


if __name__ == "__main__":
    main()
