"""Sources of an answer that the tests made up, and similarities that need no weights."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from assistant.text.sentences import source_sentences
from assistant.text.words import terms
from assistant.types.evidence import Sentence, Source
from store.embedders.token_vectors import TokenVectors
from store.types import Paper, Ranks

ALIKE = {"myocardial": "heart", "infarction": "attack", "elderly": "old"}
"""Words that mean the same."""


def made_source(
    number: int, title: str, abstract: str, *, score: float = 1.0, **said: Any
) -> Source:
    """Source `number`: a paper with this title and abstract, and what else is said of it."""
    given = {"id": f"p{number}", "content_hash": "", "added_at": ""} | said
    return Source(
        number=number,
        paper=Paper(title=title, abstract=abstract, **given),
        sentences=source_sentences(title, abstract),
        score=score,
        ranks=Ranks(),
    )


def sentence_source(number: int, sentences: Sequence[str]) -> Source:
    """Source `number`: a title and its sentences, cut as they are given."""
    title, *rest = sentences
    whole = made_source(number, title, " ".join(rest))
    cut = tuple(
        Sentence(index=index, start=0, end=len(text), text=text)
        for index, text in enumerate(sentences)
    )
    return whole.model_copy(update={"sentences": cut})


def numbered_source(number: int, paper: str = "") -> Source:
    """Source `number`, with five sentences that say where they stand."""
    abstract = " ".join(f"Sentence {at} of paper {number} says so." for at in range(1, 6))
    return made_source(number, f"Paper {number}", abstract, id=paper or f"p{number}")


def shared_terms(one: Sequence[str], other: Sequence[str]) -> list[list[float]]:
    """The cosine of term counts, shape (len(one), len(other)); NaN for a text without terms."""
    left, right = ([Counter(terms(text)) for text in texts] for texts in (one, other))

    def cosine(a: Counter[str], b: Counter[str]) -> float:
        norm = math.sqrt(sum(n * n for n in a.values()) * sum(n * n for n in b.values()))
        return sum(n * b[term] for term, n in a.items()) / norm if norm else math.nan

    return [[cosine(a, b) for b in right] for a in left]


class MeaningfulTokens:
    """Reads words as tokens: one direction for each word, the same for words alike."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, texts: Sequence[str]) -> list[TokenVectors]:
        self.read += texts
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> TokenVectors:
        spans, rows, at = [], [], 0
        for word in text.replace(".", " ").split():
            at = text.index(word, at)
            spans.append((at, at + len(word)))
            at += len(word)
            word = ALIKE.get(word.lower(), word.lower())
            seed = sum(ord(letter) << 5 * place for place, letter in enumerate(word))
            row = np.random.default_rng(seed).standard_normal(64).astype(np.float32)
            rows.append(row / np.linalg.norm(row))
        tokens = np.stack(rows)
        whole = tokens.mean(axis=0)
        return TokenVectors(whole / np.linalg.norm(whole), tuple(spans), tokens)
