"""How far a sentence answers a question: one score, the weighted sum of eight numbers of 0 to 1.

Weights are those of a conditional logistic regression (softmax over the sentences of a question)
of the sentences that hold a fact asked for, 191 questions of three sets. Facts found by sentences
so chosen where none is refused, each set by the weights of the others:

| | two | dev | blind |
|---|---|---|---|
| all of them | .690 | .829 | .781 |
| without own part | .651 | .800 | .803 |
| without any figure, too | .625 | .785 | .804 |
| and without figures asked for | .625 | .749 | .733 |
| with those, without the place | .560 | .778 | .809 |
| with those, without similarity | .599 | .792 | .771 |

(the last three beside terms of the whole abstract, names and figures of the question.) Tried, and
of no use: figures and names of the question, terms of the whole abstract, length, results,
background, leaning on the sentence before. Not fitted, for these questions have none: where it is
asked what something is, its proposal counts and the place does not; nor that of a sentence on code
or data with none of the words of the question. `python -m tests.bench.answers` reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.query.named_systems import is_own_part
from assistant.query.question import asks_for_number, asks_what, core_weights
from assistant.retrieval.evidence_similarity import (
    Similarity,
    coverages,
    covered,
    positive,
)
from assistant.text.discourse_cues import HOUSEKEEPING, PROPOSAL
from assistant.text.words import Statistics, beginnings, terms_beginning
from assistant.types.evidence import Sentence, Source
from store.pattern import pattern

_DIGIT = pattern(r"(?<![\w-])\d")

_WEIGHTS = {
    "similarity": 4.5,
    "words": 4.5,
    "rank": 8.5,
    "position": 2.5,
    "figure": 1.1,
    "figure asked": 3.7,
    "own part": 0.9,
    "proposal": 2.5,
}


@dataclass(frozen=True)
class Candidate:
    """A sentence with its score and its place in the evidence."""

    source: Source
    index: int
    score: float

    @property
    def text(self) -> str:
        """The sentence as it stands in the source."""
        return self.source.sentences[self.index].text


def ranked_sentences(
    question: str, sources: Sequence[Source], statistics: Statistics, similarity: Similarity | None
) -> list[Candidate]:
    """All sentences of all sources by how far they answer a question, best first.

    A title is none unless nothing else is there.
    """
    bodies = [[one for one in each.sentences if one.index] or each.sentences for each in sources]
    texts = [one.text for body in bodies for one in body]
    if not texts:
        return []
    row = iter(similarity([question], texts)[0] if similarity else [0.0] * len(texts))
    top = max(max(source.score for source in sources), 1e-9)
    asked = _Asked.of(question, statistics)
    found = [
        Candidate(source, one.index, score)
        for source, body in zip(sources, bodies, strict=True)
        for one, score in zip(
            body, asked.scores(source, body, row, max(source.score, 0.0) / top), strict=True
        )
    ]
    return sorted(found, key=lambda one: (-one.score, one.source.number, one.index))


@dataclass(frozen=True)
class _Asked:
    """What a question asks for: its telling terms with their weights, and whether a figure."""

    core: Mapping[str, float]
    starts: frozenset[str]
    figure: bool
    what: bool

    @classmethod
    def of(cls, question: str, statistics: Statistics) -> _Asked:
        core = core_weights(question, statistics)
        return cls(core, beginnings(core), asks_for_number(question), asks_what(question))

    def scores(
        self, source: Source, body: Sequence[Sentence], similar: Iterator[float], rank: float
    ) -> Iterator[float]:
        """The score of each sentence of a source; its title is read along with each."""
        texts = [one.text for one in (source.sentences[0], *body)]
        held = terms_beginning(texts, self.starts)
        title, *shares = coverages(self.core, held)
        last = max(len(body) - 1, 1)
        for at, (one, share) in enumerate(zip(body, shares, strict=True)):
            read = {term: max(own, title[term]) for term, own in share.items()}
            figure = bool(_DIGIT.search(one.text))
            aside = not any(share.values()) and bool(HOUSEKEEPING.search(one.text))
            numbers = {
                "similarity": positive(next(similar)),
                "words": covered(self.core, read),
                "rank": rank,
                "position": 0.0 if self.what or aside else at / last,
                "figure": figure,
                "figure asked": figure and self.figure,
                "own part": is_own_part(one.text, source.paper),
                "proposal": self.what and bool(PROPOSAL.search(one.text)),
            }
            yield sum(_WEIGHTS[name] * value for name, value in numbers.items())
