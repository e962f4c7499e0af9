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


def evidence() -> Evidence:
    return Evidence(sources=(made_source(1, "On aspirin", ABSTRACT),))


def verdict(claim: str, sentence: int | None, reader: TokenReader | None) -> str:
    draft = DraftClaim(claim, 0, len(claim), (Address(1, sentence, 1),), ())
    (found,) = check_claims([draft], evidence(), FlatStatistics(), None, reader)
    return found.verdict


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("Old men have a heart attack less often", 1),
        ("Old men may prevent heart attack", None),
    ],
)
def test_other_words_that_mean_the_same_carry_a_claim(claim: str, sentence: int | None) -> None:
    assert verdict(claim, sentence, None) == "weak"
    assert verdict(claim, sentence, TokenReader(MeaningfulTokens())) == "matched"


@pytest.mark.parametrize("sentence", [1, None])
def test_words_that_mean_something_else_do_not(sentence: int | None) -> None:
    reader = TokenReader(MeaningfulTokens())
    assert verdict("Vaccines shorten the common cold of children", sentence, reader) == "weak"


def test_numbers_are_compared_as_before() -> None:
    reader = TokenReader(MeaningfulTokens())
    assert verdict("The trial lasted 24 months.", 2, reader) == "matched"
    assert verdict("The trial lasted 36 months.", 2, reader) == "number_not_found"


def test_each_text_is_read_once() -> None:
    tokens = MeaningfulTokens()
    reader = TokenReader(tokens)
    for _ in range(2):
        verdict("Old men have a heart attack less often", None, reader)
    assert len(tokens.read) == len(set(tokens.read)) == 4


def test_without_tokens_of_the_embedder_the_words_decide() -> None:
    claim = "Old men have a heart attack less often"
    assert verdict(claim, 1, TokenReader(lambda texts: None)) == verdict(claim, 1, None)


def test_the_score_grows_with_what_is_found_and_stays_within_bounds() -> None:
    reader = TokenReader(MeaningfulTokens())
    claim = "Aspirin prevents a heart attack"
    texts = ["Ice melts", "Aspirin prevents colds", "Aspirin prevents a heart attack"]
    assert reader.learn([claim, *texts])
    scores = [
        reader.score(
            claim,
            dict.fromkeys(terms(claim), 1.0),
            frozenset(terms(text)),
            [text],
            whole=False,
            numbers_found=True,
        )
        for text in texts
    ]
    assert scores == sorted(scores)
    assert scores[0] < 0.2
    assert scores[2] == pytest.approx(1.0)


def test_an_accent_does_not_lose_the_words_after_it() -> None:
    reader = TokenReader(MeaningfulTokens())
    claim = "Café visitors have a heart attack"
    text = "Café visitors have a myocardial infarction"
    weighted = dict.fromkeys(terms(claim), 1.0)
    reader.learn([claim, text])
    score = reader.score(
        claim, weighted, frozenset(terms(text)), [text], whole=False, numbers_found=True
    )
    assert score == pytest.approx(1.0)
