"""A few telling words for each group of papers: frequent in it, rare elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.query.question import asking_terms
from assistant.text.words import is_figure, is_name, stem, word_of
from store.sentences.readings import Readings

if TYPE_CHECKING:
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

    read = [_Group.of(*one) for one in groups]
    terms = sorted({term for one in read for term in one.shares})
    shares = np.array([[one.shares.get(term, 0.0) for term in terms] for one in read])
    found: list[str] = []
    for at, share in enumerate(shares):
        others = np.delete(shares, at, axis=0).sum(axis=0) / max(len(read) - 1, 1)
        ratio = (share + _SMOOTH) / (others + _SMOOTH) + (0.0 if len(read) > 1 else 1.0)
        scores = share * np.log(ratio)
        # Terms stand in order: of equal ones the first.
        chosen = np.argsort(-scores, kind="stable").tolist()
        telling = (terms[one] for one in chosen if share[one] > 0)
        forms = (_form(Counter(_words(term, read))) for term in telling)
        found.append(", ".join(_distinct(forms)))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Group:
    """Papers of a group: their readings and texts, and the terms that may tell of it.

    `numbers` are those of the distinct terms, and `entries`, shape (t,), the number of each term
    of a paper. `shares` is the share of papers that hold a term.
    """

    readings: Readings
    texts: Sequence[Text]
    numbers: dict[bytes, int]
    entries: Keys
    rows: Keys
    """Shape (t,): the first sentence that holds a term of a paper."""
    shares: dict[str, float]

    @classmethod
    def of(cls, readings: Readings, texts: Sequence[Text]) -> _Group:
        import numpy as np

        lines = readings.terms.split(b"\n")[1:-1]
        numbers: dict[bytes, int] = {}
        entries = np.array([numbers.setdefault(one, len(numbers)) for one in lines], dtype=np.int64)
        rows = readings.holding[np.searchsorted(readings.held, np.arange(len(lines)))]
        papers = np.repeat(np.arange(len(readings.ids)), np.diff(readings.terms_first))
        counted = np.where(rows == readings.first[papers], 1.0, _IN_ABSTRACT)
        weights = np.bincount(entries, counted) / max(len(readings.ids), 1)
        asking = asking_terms()
        named = ((one.decode(), float(weights[at])) for one, at in numbers.items())
        shares = {
            term: share
            for term, share in named
            if len(term) > 2 and not is_figure(term) and term not in asking
        }
        return cls(readings, texts, numbers, entries, rows, shares)

    def words(self, term: str) -> Iterator[str]:
        """The word with a term that each paper that holds it writes first."""
        import numpy as np

        number = self.numbers.get(term.encode())
        if number is None:
            return
        rows = self.rows[self.entries == number]
        read = self.readings
        for row, at in zip(rows, np.searchsorted(read.first, rows, side="right") - 1, strict=True):
            text = self.texts[at][int(row != read.first[at])]
            sentence = text[read.starts[row] : read.ends[row]]
            word = word_of(sentence, term) or term
            yield word if is_name(word) else word.lower()


def _words(term: str, groups: Sequence[_Group]) -> Iterator[str]:
    for one in groups:
        yield from one.words(term)


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
