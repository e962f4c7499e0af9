"""Half-remembered questions: how often the paper meant is first, and among the first ten.

    python -m tests.bench.retrieval.paraphrases [--split dev|held|all] [--embedder NAME]

The questions are those of tests/bench/half_remembered.jsonl, none of which has a word of its
paper's title. They are put to one library of the saved pages in ../shared and the bundled
sample; without ../shared to the sample alone. Choose on dev, report held.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from assistant.retrieval.retriever import Retriever
from store.library.library import Library
from store.types import Filter
from tests.bench.answers.places import fill
from tests.bench.calibration_data import read_pages
from tests.bench.half_remembered import HalfRemembered, read_half_remembered, read_sample
from tests.bench.retrieval.collection import passing_library
from tests.bench.retrieval.metrics import mean

LISTS = ("BM25", "vectors", "fused")


def ranks(library: Library, questions: list[HalfRemembered]) -> dict[str, list[int]]:
    """The rank of the paper meant in each list, 10 000 where it is not there."""
    retriever = Retriever(library)
    papers = {paper.title.casefold(): paper.id for paper in library.papers()}
    found: dict[str, list[int]] = {name: [] for name in LISTS}
    for question in questions:
        meant = papers[question.title.casefold()]
        fused = retriever.ranked(question.text, Filter())
        by_score = {
            "BM25": sorted(fused, key=lambda one: -(one.lexical_score or 0.0)),
            "vectors": sorted(fused, key=lambda one: -(one.dense_score or -1.0)),
            "fused": fused,
        }
        for name, ranked in by_score.items():
            order = [one.id for one in ranked]
            found[name].append(order.index(meant) + 1 if meant in order else 10_000)
    return found


def main() -> None:
    """Read the arguments, fill a library, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=("dev", "held", "all"), default="dev")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--embedder", help="search with this one instead of the built-in")
    asked = parser.parse_args()
    pages = asked.shared / "pages"
    questions = [
        one
        for one in read_half_remembered()
        if asked.split in ("all", one.split) and (pages.is_dir() or one.collection == "sample")
    ]
    with passing_library(asked.embedder) as library:
        papers = [*read_sample(), *(read_pages(pages) if pages.is_dir() else ())]
        fill(library, papers, "bench")
        print(f"{len(questions)} questions ({asked.split}), {library.count()} papers")
        for name, places in ranks(library, questions).items():
            shares = [mean([float(rank <= k) for rank in places]) for k in (1, 3, 10)]
            reciprocal = mean([1 / rank for rank in places])
            print(
                f"  {name:<8} success@1 {shares[0]:.3f}  @3 {shares[1]:.3f}  @10 {shares[2]:.3f}"
                f"  MRR {reciprocal:.3f}"
            )


if __name__ == "__main__":
    main()
