"""How well quire finds: nDCG@10, R@10, R@100 and MRR@10 of any folder of evaluation data.

    python -m tests.bench.retrieval FOLDER... [--embedder NAME] [--runs FOLDER]

A FOLDER holds corpus.jsonl(.gz) with id, title and text, queries.jsonl with id and text, and
qrels.tsv. Each is added to a library of its own as `quire add` does it (Chroma and tantivy
included) and searched by the code of `search` and `ask`. Beside the fused list stand its
parts, BM25 alone and the vectors alone; the interval is that of the difference to BM25 by a
paired bootstrap over the queries. Every list is written as a TREC run with --runs.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.evaluation.intervals import paired_bootstrap
from assistant.retrieval.retriever import Retriever
from assistant.wiring.models import open_library
from store.library.library import Library
from store.types import Filter
from tests.bench.retrieval.collection import (
    Query,
    documents,
    fill_documents,
    judged_queries,
    known_items,
    names_of,
)
from tests.bench.retrieval.metrics import MEASURES, mean

DEPTH = 100
Run = dict[str, list[tuple[str, float]]]


@dataclass
class Job:
    """One folder with the files that are asked of it."""

    folder: Path
    queries: str
    qrels: str
    known: str | None

    @property
    def name(self) -> str:
        """How the job is called in what is printed."""
        return f"{self.folder.name}-{self.known}" if self.known else self.folder.name

    def load(self) -> list[Query]:
        """Its queries with their grades."""
        if self.known:
            return known_items(self.folder, self.known)
        return judged_queries(self.folder / self.queries, self.folder / self.qrels)


def search(library: Library, queries: Sequence[Query]) -> tuple[dict[str, Run], list[float]]:
    """The three runs over corpus ids, and the seconds of each fused search."""
    retriever, names = Retriever(library), names_of(library)
    runs: dict[str, Run] = {"BM25": {}, "vectors": {}, "fused": {}}
    seconds = []
    retriever.ranked("warm up", Filter())
    for query in queries:
        begun = time.perf_counter()
        fused = retriever.ranked(query.text, Filter())
        seconds.append(time.perf_counter() - begun)
        lexical = [(one.id, one.lexical_score) for one in fused if one.lexical_score is not None]
        dense = [
            (one.id, one.dense_score)
            for one in fused
            if one.dense_rank is not None and one.dense_score is not None
        ]
        lists = {
            "BM25": sorted(lexical, key=lambda pair: (-pair[1], pair[0])),
            "vectors": sorted(dense, key=lambda pair: (-pair[1], pair[0])),
            "fused": [(one.id, one.score) for one in fused],
        }
        for name, ranked in lists.items():
            runs[name][query.id] = [
                (corpus_id, score)
                for paper, score in ranked
                for corpus_id in names.get(paper, [paper])
            ][:DEPTH]
    return runs, seconds


def tell(name: str, queries: Sequence[Query], runs: dict[str, Run]) -> None:
    """Print the measures of every run, and the fused one's difference to BM25."""
    table = {
        run: {
            measure: [
                function([one for one, _ in ranked[query.id]], query.grades) for query in queries
            ]
            for measure, function in MEASURES.items()
        }
        for run, ranked in runs.items()
    }
    print(f"{name:<16}" + "".join(f"{measure:>9}" for measure in MEASURES))
    for run, values in table.items():
        print(f"  {run:<14}" + "".join(f"{mean(values[one]):>9.4f}" for one in MEASURES))
    for measure in MEASURES:
        gain, low, high = paired_bootstrap(table["fused"][measure], table["BM25"][measure])
        print(f"    {measure:<8} fused - BM25: {gain:+.4f}  [{low:+.4f}, {high:+.4f}]")


def write_runs(folder: Path, name: str, runs: dict[str, Run]) -> None:
    """One TREC run a list: query, Q0, document, rank, score, tag."""
    folder.mkdir(parents=True, exist_ok=True)
    for run, ranked in runs.items():
        with (folder / f"{name}-{run}.run").open("w", encoding="utf-8") as lines:
            for query, found in ranked.items():
                for rank, (document, score) in enumerate(found, 1):
                    lines.write(f"{query} Q0 {document} {rank} {score:.5f} quire-{run}\n")


def main() -> None:
    """Read the arguments and run every folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--queries", default="queries.jsonl", help="the queries' file name")
    parser.add_argument("--qrels", default="qrels.tsv", help="the judgements' file name")
    parser.add_argument("--known", help="known items: the summaries of SPLIT.jsonl.gz as queries")
    parser.add_argument("--embedder", help="search with this one instead of the built-in")
    parser.add_argument("--libraries", type=Path, help="keep the libraries here and use them again")
    parser.add_argument("--runs", type=Path, help="write TREC runs to this folder")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for folder in asked.folders:
            job = Job(folder, asked.queries, asked.qrels, asked.known)
            home = (asked.libraries or Path(scratch)) / job.folder.name
            with open_library(home, print, create=True) as library:
                if asked.embedder:
                    library.use_embedder(asked.embedder)
                if not library.count():
                    found = documents(folder)
                    begun = time.perf_counter()
                    refused = fill_documents(library, found, job.folder.name)
                    rate = library.count() / (time.perf_counter() - begun)
                    print(f"{job.folder.name}: {library.count()} papers of {len(found)} documents")
                    print(f"  added at {rate:.0f} papers/s, refused for lack of a text: {refused}")
                library.warm_up()
                queries = job.load()
                runs, seconds = search(library, queries)
            tell(job.name, queries, runs)
            ordered = sorted(seconds)
            middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
            print(f"    a search: p50 {1e3 * middle:.1f} ms, p95 {1e3 * late:.1f} ms")
            if asked.runs:
                write_runs(asked.runs, job.name, runs)


if __name__ == "__main__":
    main()
