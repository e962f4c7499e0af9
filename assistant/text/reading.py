"""Reading a paper once: the borders of its sentences, the terms in each, and a vector of each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from assistant.text.sentences import source_spans
from assistant.text.words import terms
from store.sentences.codes import quantised
from store.sentences.readings import Readings

if TYPE_CHECKING:
    from store.embedders.base import Embedder
    from store.ledger.vectors import Keys, Vectors

_RULES = 2
"""Counted up whenever sentences are cut, or terms are told, otherwise than before."""
_TEXTS = 2048
"""Sentences embedded at once: their vectors take 2 MB."""
_MOST_WORDS, _LONGEST_WORD = 60_000, 40
_MARKS = ".,;:!?()[]\"'"


class TextReader:
    """Reads papers: borders as `source_sentences` cuts them, distinct terms as `terms` tells them.

    The vectors are those of `embedder`, quantised; without one there are none.
    """

    def __init__(self, embedder: Embedder | None) -> None:
        self._embedder = embedder
        name = "none" if embedder is None else embedder.fingerprint
        self.version = f"{_RULES}/{name}"
        self._terms = _WordTerms()

    def read(self, papers: Sequence[tuple[str, str, str]]) -> Readings:
        """The readings of papers given as id, title and abstract; raises EmbedderUnavailable."""
        import numpy as np

        spans = [source_spans(title, abstract) for _, title, abstract in papers]
        texts: list[str] = []
        held: list[int] = []
        counts: list[int] = []
        lines: list[str] = []
        terms_first = [0]
        known = self._terms.__getitem__
        for (_, title, abstract), (lead, *cut) in zip(papers, spans, strict=True):
            own = [title[lead[0] : lead[1]], *(abstract[start:end] for start, end in cut)]
            sets = [set(chain.from_iterable(map(known, text.split()))) for text in own]
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
        codes, scales = self._codes(texts)
        return Readings(
            ids=tuple(name for name, _, _ in papers),
            first=np.cumsum([0, *map(len, spans)]),
            starts=borders[:, 0],
            ends=borders[:, 1],
            terms=("\n" + "\n".join(lines) + "\n").encode() if lines else b"",
            terms_first=np.array(terms_first),
            held=numbered[order],
            holding=holding[order],
            codes=codes,
            scales=scales,
        )

    def _codes(self, texts: Sequence[str]) -> tuple[Keys, Vectors]:
        import numpy as np

        if self._embedder is None:
            return quantised(np.empty((len(texts), 0), dtype=np.float32))
        parts = [
            quantised(self._embedder.embed(texts[start : start + _TEXTS]))
            for start in range(0, max(len(texts), 1), _TEXTS)
        ]
        return np.concatenate([one for one, _ in parts]), np.concatenate([one for _, one in parts])


class _WordTerms(dict[str, tuple[str, ...]]):
    """The terms of words, what a space parts: none of them reaches over it.

    Most words were met before. Common ones come early: what stands here first is worth keeping.
    """

    def __missing__(self, word: str) -> tuple[str, ...]:
        plain = word.strip(_MARKS)
        if not (plain.isalpha() and plain.isascii()):
            plain = word  # else the marks around it are no part of any term
        found = self.get(plain)
        if found is None:
            found = terms(plain)
        if len(word) <= _LONGEST_WORD and len(self) < _MOST_WORDS:
            self[plain] = self[word] = found
        return found
