"""The check of claims by tokens, with vectors that say which words mean the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from corpus_statistics import FlatStatistics
from made_sources import made_source

from assistant.checking.text_check import check_claims
from assistant.checking.token_similarity import TokenReader
from assistant.citations.claims import Address, DraftClaim
from assistant.text.words import terms
from assistant.types.evidence import Evidence
from store.embedders.token_vectors import TokenVectors

ALIKE = {"myocardial": "heart", "infarction": "attack", "elderly": "old"}
ABSTRACT = "Aspirin prevents myocardial infarction in elderly men. The trial lasted 24 months."
ATTACK = "Old men have a heart attack less often"


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


EVIDENCE = Evidence(sources=(made_source(1, "On aspirin", ABSTRACT),))


def verdict(claim: str, sentence: int | None, reader: TokenReader | None) -> str:
    draft = DraftClaim(claim, 0, len(claim), (Address(1, sentence, 1),), ())
    (found,) = check_claims([draft], EVIDENCE, FlatStatistics(), None, reader)
    return found.verdict


def test_other_words_carry_a_claim_where_they_mean_the_same() -> None:
    reader = TokenReader(MeaningfulTokens())
    for claim, sentence in ((ATTACK, 1), ("Old men may prevent heart attack", None)):
        assert verdict(claim, sentence, None) == "weak"
        assert verdict(claim, sentence, reader) == "matched"
    for sentence in (1, None):
        other = "Vaccines shorten the common cold of children"
        assert verdict(other, sentence, reader) == "weak", "they mean something else"


def test_numbers_are_compared_as_before() -> None:
    reader = TokenReader(MeaningfulTokens())
    assert verdict("The trial lasted 24 months.", 2, reader) == "matched"
    assert verdict("The trial lasted 36 months.", 2, reader) == "number_not_found"


def test_each_text_is_read_once() -> None:
    tokens = MeaningfulTokens()
    reader = TokenReader(tokens)
    for _ in range(2):
        verdict(ATTACK, None, reader)
    assert len(tokens.read) == len(set(tokens.read)) == 4


def test_without_tokens_of_the_embedder_the_words_decide() -> None:
    assert verdict(ATTACK, 1, TokenReader(lambda texts: None)) == verdict(ATTACK, 1, None)


def scores(claim: str, *texts: str) -> list[float]:
    """How much of a claim each text says, every word of it weighing the same."""
    reader = TokenReader(MeaningfulTokens())
    assert reader.learn([claim, *texts])
    weighted = dict.fromkeys(terms(claim), 1.0)
    return [
        reader.score(
            claim, weighted, frozenset(terms(text)), [text], whole=False, numbers_found=True
        )
        for text in texts
    ]


def test_the_score_grows_with_what_is_found_and_stays_within_bounds() -> None:
    claim = "Aspirin prevents a heart attack"
    none, some, whole = scores(claim, "Ice melts", "Aspirin prevents colds", claim)
    assert none <= some <= whole
    assert none < 0.2
    assert whole == pytest.approx(1.0)
    # An accent does not lose the words after it.
    cafe = "Café visitors have a myocardial infarction"
    assert scores("Café visitors have a heart attack", cafe) == [pytest.approx(1.0)]
