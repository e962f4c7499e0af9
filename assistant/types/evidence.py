"""What an answer is made from: papers cut into sentences, and what came near."""

from __future__ import annotations

from store.types import Paper, Ranks
from store.value import Value


class Sentence(Value):
    """One sentence of a source.

    `index` counts from 1, 0 is the title; `start` and `end` are character offsets into
    the abstract (into the title for index 0); `text` is that slice.
    """

    index: int
    start: int
    end: int
    text: str


class Source(Value):
    """A retrieved paper as the model sees it: its number, its title and its sentences.

    `number` counts from 1 in the order given to the model; sentence s has the address
    `number.s`; `sentences[0]` is the title.
    """

    number: int
    paper: Paper
    sentences: tuple[Sentence, ...]
    score: float
    ranks: Ranks

    def sentence(self, index: int) -> Sentence | None:
        """The sentence with this index, or None."""
        return self.sentences[index] if 0 <= index < len(self.sentences) else None


class NearMiss(Value):
    """A paper that came close, and why it does not do.

    `quote` is the sentence of it that comes nearest to the question, `sentence` its index;
    None for a paper of which no sentence comes near.
    """

    id: str
    title: str
    score: float
    why: str
    sentence: int | None = None
    quote: str = ""


class Evidence(Value):
    """What a question was grounded on.

    `considered` counts papers retrieved, `dropped` those that did not fit the budget.
    `answerable` is False when nothing retrieved speaks to the question by the calibrated
    measure; `near_misses` then says what came closest. `sure` is False where it may not: the
    sources are then the nearest there are. `notes` are lines for the reader.
    """

    sources: tuple[Source, ...] = ()
    considered: int = 0
    dropped: int = 0
    answerable: bool = True
    sure: bool = True
    near_misses: tuple[NearMiss, ...] = ()
    notes: tuple[str, ...] = ()

    def source(self, number: int) -> Source | None:
        """The source with this number, or None."""
        return self.sources[number - 1] if 1 <= number <= len(self.sources) else None
