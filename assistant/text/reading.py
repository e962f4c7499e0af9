"""Reading a paper once: the borders of its sentences, the terms in each, and a vector of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from assistant.text.sentences import source_spans
from assistant.text.words import terms
from store.embedders.base import paper_text
from store.met_words import MetWords
from store.sentences.codes import quantised
from store.sentences.readings import Readings

if TYPE_CHECKING:
    from store.embedders.base import PartEmbedder
    from store.ledger.vectors import Keys, Vectors

_RULES = 2
"""Counted up whenever sentences are cut, or terms are told, otherwise than before."""
_TEXTS = 2048
"""Sentences embedded at once: their vectors take 2 MB."""
_MARKS = ".,;:!?()[]\"'"


class TextReader:
    """Reads papers: borders as `source_sentences` cuts them, distinct terms as `terms` tells them.

    The vectors are those of `embedder`, quantised; without one there are none.
    """

    def __init__(self, embedder: PartEmbedder | None) -> None:
        self._embedder = embedder
        name = "none" if embedder is None else embedder.fingerprint
        self.version = f"{_RULES}/{name}"
        self._terms = _word_terms()

    def read(self, papers: Sequence[tuple[str, str, str]]) -> Readings:
        """The readings of papers given as id, title and abstract; raises EmbedderUnavailable."""
        return self._read(papers, self._codes)

    def read_and_embed(self, papers: Sequence[tuple[str, str, str]]) -> tuple[Readings, Vectors]:
        """The readings of papers, and their own vectors, shape (n, d): once through each text.

        Raises EmbedderUnavailable.
        """
        import numpy as np

        assert self._embedder is not None
        embed = self._embedder.embed_with_parts
        vectors: list[Vectors] = []

        def codes(texts: Sequence[Sequence[str]], first: Keys) -> tuple[Keys, Vectors]:
            parts = [texts[start:end] for start, end in pairwise(first.tolist())]
            found = []
            for some in _parted(first, _TEXTS):
                wholes = [paper_text(title, abstract) for _, title, abstract in papers[some]]
                own, of_parts = embed(wholes, parts[some])
                vectors.append(own)
                found.append(quantised(of_parts))
            return _joined(found)

        readings = self._read(papers, codes)
        return readings, np.concatenate(vectors)

    def _read(
        self,
        papers: Sequence[tuple[str, str, str]],
        codes_of: Callable[[Sequence[Sequence[str]], Keys], tuple[Keys, Vectors]],
    ) -> Readings:
        import numpy as np

        spans = [source_spans(title, abstract) for _, title, abstract in papers]
        texts: list[list[str]] = []
        held: list[int] = []
        counts: list[int] = []
        lines: list[str] = []
        terms_first = [0]
        known = self._terms.__getitem__
        for (_, title, abstract), (lead, *cut) in zip(papers, spans, strict=True):
            own = [
                title[lead[0] : lead[1]].split(" "),
                *[abstract[start:end].split(" ") for start, end in cut],
            ]
            sets = [set(chain.from_iterable(map(known, words))) for words in own]
            distinct = sorted(set().union(*sets))
            numbers = dict(
                zip(distinct, range(len(lines), len(lines) + len(distinct)), strict=True)
            )
            for some in sets:
                held += map(numbers.__getitem__, some)
            counts += map(len, sets)
            texts += own
            lines += distinct
            terms_first.append(len(lines))
        borders = np.array(list(chain.from_iterable(spans)), dtype=np.int64).reshape(-1, 2)
        numbered = np.array(held, dtype=np.int64)
        holding = np.repeat(np.arange(len(texts)), counts)
        order = np.argsort(numbered * max(len(texts), 1) + holding)
        first = np.cumsum([0, *map(len, spans)])
        codes, scales = codes_of(texts, first)
        return Readings(
            ids=tuple(name for name, _, _ in papers),
            first=first,
            starts=borders[:, 0],
            ends=borders[:, 1],
            terms=("\n" + "\n".join(lines) + "\n").encode() if lines else b"",
            terms_first=np.array(terms_first),
            held=numbered[order],
            holding=holding[order],
            codes=codes,
            scales=scales,
        )

    def _codes(self, texts: Sequence[Sequence[str]], _: Keys) -> tuple[Keys, Vectors]:
        import numpy as np

        if self._embedder is None:
            return quantised(np.empty((len(texts), 0), dtype=np.float32))
        embed = self._embedder.embed
        found = []
        for start in range(0, max(len(texts), 1), _TEXTS):
            found.append(quantised(embed(list(map(" ".join, texts[start : start + _TEXTS])))))
        return _joined(found)


def _parted(first: Keys, most: int) -> Iterator[slice]:
    """Papers in a row that have together at most so many sentences, or one that has more."""
    import numpy as np

    start, number = 0, len(first) - 1
    while start < number:
        end = int(np.searchsorted(first, first[start] + most, side="right")) - 1
        end = min(max(end, start + 1), number)
        yield slice(start, end)
        start = end


def _joined(parts: Sequence[tuple[Keys, Vectors]]) -> tuple[Keys, Vectors]:
    import numpy as np

    return np.concatenate([one for one, _ in parts]), np.concatenate([one for _, one in parts])


def _word_terms() -> MetWords[tuple[str, ...]]:
    """The terms of words, what a space parts: none of them reaches over it."""

    def made(word: str) -> tuple[str, ...]:
        plain = word.strip(_MARKS)
        # The marks around a word are no part of any term.
        return found[plain] if plain != word and _is_plain(plain) else terms(word)

    found = MetWords(made)
    return found


def _is_plain(word: str) -> bool:
    return word.isalpha() and word.isascii()
