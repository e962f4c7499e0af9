"""A few telling words for each group of papers: frequent in it, rare elsewhere."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from assistant.query.question import asking_terms
from assistant.text.words import is_figure, is_name, stem, word_of
from store.sentences.readings import Readings

if TYPE_CHECKING:
    from assistant.retrieval.sentence_coverage import Shares
    from store.ledger.vectors import Keys

_LABEL_WORDS = 3
_SMOOTH = 0.02
_IN_ABSTRACT = 0.5
"""What a paper counts that has a term in its abstract alone."""

Text = tuple[str, str]
"""Title and abstract of a paper."""


def labels(groups: Sequence[tuple[Readings, Sequence[Text]]]) -> tuple[str, ...]:
    """A few telling words for each group, of which some papers were read; their texts in order."""
    import numpy as np

    numbers: defaultdict[bytes, int] = defaultdict(count().__next__)
    read = [_Group.of(*one, numbers) for one in groups]
    # Terms in order: of equal ones the first is told.
    terms = sorted(numbers)
    places = [numbers[one] for one in terms]
    shares = np.array([one.shares(len(numbers))[places] for one in read])
    found: list[str] = []
    for at, share in enumerate(shares):
        others = np.delete(shares, at, axis=0).sum(axis=0) / max(len(read) - 1, 1)
        ratio = (share + _SMOOTH) / (others + _SMOOTH) + (0.0 if len(read) > 1 else 1.0)
        scores = share * np.log(ratio)
        chosen = np.argsort(-scores, kind="stable").tolist()
        telling = (one for one in chosen if share[one] > 0 and _may_tell(terms[one].decode()))
        forms = (_form(Counter(_words(terms[one], places[one], read))) for one in telling)
        found.append(", ".join(_distinct(forms)))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Group:
    """Papers of a group: their readings and texts, and their terms by number.

    `entries`, shape (t,), has the number of each distinct term of each paper.
    """

    readings: Readings
    texts: Sequence[Text]
    entries: Keys
    rows: Keys
    """Shape (t,): the first sentence that holds a term of a paper."""

    @classmethod
    def of(
        cls, readings: Readings, texts: Sequence[Text], numbers: defaultdict[bytes, int]
    ) -> _Group:
        """A group whose terms have numbers; `numbers` gives one to each that it is asked for."""
        import numpy as np

        lines = readings.terms.split(b"\n")[1:-1]
        entries = np.fromiter(map(numbers.__getitem__, lines), np.int64, len(lines))
        rows = readings.holding[np.searchsorted(readings.held, np.arange(len(lines)))]
        return cls(readings, texts, entries, rows)

    def shares(self, number: int) -> Shares:
        """The share of papers that hold each of so many terms, shape (number,)."""
        import numpy as np

        read = self.readings
        papers = np.repeat(np.arange(len(read.ids)), np.diff(read.terms_first))
        counted = np.where(self.rows == read.first[papers], 1.0, _IN_ABSTRACT)
        found: Shares = np.bincount(self.entries, counted, number) / max(len(read.ids), 1)
        return found

    def words(self, term: str, number: int) -> Iterator[str]:
        """The word with a term that each paper that holds it writes first."""
        import numpy as np

        rows = self.rows[self.entries == number]
        read = self.readings
        for row, at in zip(rows, np.searchsorted(read.first, rows, side="right") - 1, strict=True):
            text = self.texts[at][int(row != read.first[at])]
            sentence = text[read.starts[row] : read.ends[row]]
            word = word_of(sentence, term) or term
            yield word if is_name(word) else word.lower()


def _may_tell(term: str) -> bool:
    return len(term) > 2 and not is_figure(term) and term not in asking_terms()


def _words(term: bytes, number: int, groups: Sequence[_Group]) -> Iterator[str]:
    for one in groups:
        yield from one.words(term.decode(), number)


def _form(forms: Counter[str]) -> str:
    return min(forms, key=lambda word: (-forms[word], len(word), word))


def _distinct(words: Iterable[str]) -> list[str]:
    """The first words that are no forms or parts of one another."""
    kept: list[str] = []
    for word in words:
        own = {stem(part) for part in word.lower().split("-")}
        if all(own.isdisjoint({stem(part) for part in one.lower().split("-")}) for one in kept):
            kept.append(word)
        if len(kept) == _LABEL_WORDS:
            break
    return kept
