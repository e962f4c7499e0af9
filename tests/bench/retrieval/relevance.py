"""Whether "nothing here speaks to that" is said where it is true, at several sizes.

    python -m tests.bench.retrieval.relevance [--sizes 300,1000,3000] [--embedder NAME]

Questions are put to the collection they belong to and to foreign ones, each cut to several
sizes (the papers that answer stay in), through the code of `search` and `ask`. Printed are the
share that is refused of each, and how well the chance of the first hit parts them (AUROC).
PubMedQA's questions, SciFact's train claims and SciTLDR's dev summaries were chosen on; the
questions of tests/bench/*.jsonl on the pages were not.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from assistant.query.breadth import FEW_SOURCES
from assistant.retrieval.answerability import SPEAKS_THRESHOLD
from assistant.retrieval.retriever import Retriever
from store.library.library import Library
from store.types import Filter
from tests.bench.answers.places import fill
from tests.bench.calibration_data import auroc, read_lines, read_pages
from tests.bench.retrieval import collection
from tests.bench.retrieval.collection import Query
from tests.bench.retrieval.metrics import mean

ASKED = 250
"""At most so many questions of a collection."""
FOREIGN = {"scifact": ("scitldr",), "pubmedqa": ("scitldr",), "scitldr": ("scifact", "pubmedqa")}
"""Whose questions a collection cannot answer; two medical ones answer some of each other's."""
HERE = Path(__file__).parents[1]


def questions_of(folder: Path) -> list[Query]:
    """The questions a collection answers: those of its training part where it has one."""
    if folder.name == "scifact":
        return collection.judged_queries(folder / "queries_train.jsonl", folder / "qrels_train.tsv")
    if folder.name == "scitldr":
        return collection.known_items(folder, "dev")
    return collection.judged_queries(folder / "queries.jsonl", folder / "qrels.tsv")


def cut(folder: Path, size: int) -> tuple[list[dict[str, str]], list[Query]]:
    """About `size` documents, with questions whose documents are all among them."""
    draw = random.Random(1)
    questions = questions_of(folder)
    draw.shuffle(questions)
    questions = questions[: min(ASKED, size // 2)]
    kept = {name for one in questions for name, grade in one.grades.items() if grade > 0}
    every = collection.documents(folder)
    others = [one for one in every if one["id"] not in kept]
    draw.shuffle(others)
    return [one for one in every if one["id"] in kept] + others[: max(0, size - len(kept))], (
        questions
    )


def chances(library: Library, questions: Sequence[str]) -> list[float]:
    """The score that the first hit of each question has in a search, 0 without one."""
    retriever = Retriever(library)
    found = ((one, retriever.ranked(one, Filter())[:FEW_SOURCES]) for one in questions)
    return [retriever.judge(one, ranked).chance for one, ranked in found]


def tell(name: str, papers: int, own: Sequence[float], foreign: Sequence[float]) -> None:
    """One line: what is refused of questions that are answered, and of those that are not."""
    refused = [mean([float(one < SPEAKS_THRESHOLD) for one in both]) for both in (own, foreign)]
    print(
        f"{name:<10} {papers:>6} papers  refused: own {refused[0]:.3f} of {len(own)},"
        f" foreign {refused[1]:.3f} of {len(foreign)}   AUROC {auroc(own, foreign):.4f}",
        flush=True,
    )


def pages_questions() -> tuple[list[str], list[str]]:
    """The project's own questions on the pages: those answered there, and those not."""
    answered, not_answered = [], []
    for one in read_lines(HERE / "unanswerable.jsonl"):
        (answered if one["kind"] == "answerable" else not_answered).append(one["text"])
    return answered, not_answered


def main() -> None:
    """Read the arguments and measure every collection at every size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--sizes", default="300,1000,3000")
    parser.add_argument("--embedder", help="search with this one instead of the built-in")
    asked = parser.parse_args()
    data = asked.shared / "eval"
    texts = {name: [one.text for one in questions_of(data / name)] for name in FOREIGN}
    for name, others in FOREIGN.items():
        foreign = [
            text
            for other in others
            for text in random.Random(2).sample(texts[other], ASKED // len(others))
        ]
        for size in map(int, asked.sizes.split(",")):
            found, questions = cut(data / name, size)
            if len(found) < 0.9 * size:
                continue
            with collection.passing_library(asked.embedder) as library:
                collection.fill_documents(library, found, name)
                own = chances(library, [one.text for one in questions])
                tell(name, len(collection.names_of(library)), own, chances(library, foreign))
    with collection.passing_library(asked.embedder) as library:
        fill(library, read_pages(asked.shared / "pages"), "pages")
        answered, not_answered = pages_questions()
        medical = texts["pubmedqa"][::4]
        own = chances(library, answered)
        tell("pages", library.count(), own, chances(library, not_answered))
        tell("pages", library.count(), own, chances(library, medical))


if __name__ == "__main__":
    main()
