"""What the papers said so far, and the answer that is made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answers.ask_all.batches import AskedPaper, as_source
from assistant.answers.context import AnswerContext
from assistant.generation.extractive.verbatim import addressed
from assistant.text.discourse_cues import is_dangling
from assistant.types.answers import Coverage, PaperSays, PaperVerdict
from assistant.types.evidence import Evidence, Sentence, Source

LISTED = 20
"""So many papers stand in the text of an answer; the whole list is in `papers`."""


@dataclass(frozen=True)
class Verdict:
    """What one paper says, the sentence that shows it, and how much it speaks to the question.

    `sentence` is an index as in `Sentence`, None without one; `quote` is its text.
    """

    says: PaperSays
    sentence: int | None = None
    quote: str | None = None
    score: float = 0.0


class VerdictCounts:
    """Collects what papers say; papers not heard yet count in no figure but `asked`."""

    def __init__(self, papers: Sequence[AskedPaper]) -> None:
        self._papers = {one.id: one for one in papers}
        self._said: dict[str, Verdict] = {}
        self._figures: Counter[PaperSays] = Counter()

    def take(self, said: dict[str, Verdict]) -> None:
        """Take what some papers say; what was said of one before is replaced."""
        self._figures.update(one.says for one in said.values())
        self._figures.subtract(self._said[name].says for name in said if name in self._said)
        self._said.update(said)

    @property
    def heard(self) -> int:
        """How many papers were heard, those that failed included."""
        return len(self._said)

    @property
    def coverage(self) -> Coverage:
        """The figures."""
        counts = self._figures
        return Coverage(
            asked=len(self._papers),
            yes=counts["yes"],
            no=counts["no"],
            unclear=counts["unclear"],
            failed=counts["failed"],
            not_asked=len(self._papers) - len(self._said),
        )

    def line(self) -> str:
        """How far it has come, in one line."""
        figures = self.coverage
        return (
            f"asked {self.heard} of {figures.asked} papers: {figures.yes} yes,"
            f" {figures.unclear} unclear, {figures.failed} failed"
        )

    def papers(self) -> tuple[PaperVerdict, ...]:
        """What each paper heard says: yes first, then unclear, the best of each first."""
        order = {"yes": 0, "unclear": 1, "failed": 2, "no": 3}
        ranked = sorted(self._said.items(), key=lambda one: (order[one[1].says], -one[1].score))
        return tuple(
            PaperVerdict(
                id=name, title=self._papers[name].title, verdict=one.says, sentence=one.quote
            )
            for name, one in ranked
        )

    def best(self) -> list[tuple[str, int]]:
        """The papers that say yes, the best first: ids with the sentence that shows it."""
        said = [(name, one) for name, one in self._said.items() if one.says == "yes"]
        said.sort(key=lambda pair: -pair[1].score)
        return [(name, one.sentence or 0) for name, one in said]


def figures(coverage: Coverage) -> str:
    """The figures of an answer, in words: "37 of 299 papers, 12 unclear, 0 failed"."""
    papers = "1 paper" if coverage.asked == 1 else f"{coverage.asked} papers"
    missing = f", {coverage.not_asked} not asked" if coverage.not_asked else ""
    return (
        f"{coverage.yes} of {papers}, {coverage.unclear} unclear, {coverage.failed} failed{missing}"
    )


def answer_text(context: AnswerContext, counts: VerdictCounts) -> tuple[tuple[str, ...], Evidence]:
    """The answer with its denominator, before it is cited, and the evidence it rests on.

    The figures, then the best papers, a sentence each. Synchronous, for a thread.
    """
    best = counts.best()
    listed = best[:LISTED]
    papers = context.library.papers_by_id([name for name, _ in listed])
    there = [(papers[name], index) for name, index in listed if name in papers]
    sources = tuple(as_source(number, paper) for number, (paper, _) in enumerate(there, 1))
    coverage = counts.coverage
    head = figures(coverage)
    if len(best) > len(listed):
        head += f"; the best {len(listed)} of the {len(best)}"
    pieces = [f"{head}:\n\n" if sources else f"{head}."]
    for source, (_, index) in zip(sources, there, strict=True):
        sentence = source.sentence(index) or source.sentences[0]
        pieces.append(f"- {_named(source, sentence)}\n")
    return tuple(pieces), Evidence(sources=sources, considered=coverage.asked)


def _named(source: Source, sentence: Sentence) -> str:
    """A sentence with its address, behind the title where it says "it" of the paper."""
    said = addressed(sentence.text, source.number, sentence.index)
    if sentence.index == 0 or not is_dangling(sentence.text):
        return said
    return f"{addressed(source.sentences[0].text, source.number, 0)} {said}"
