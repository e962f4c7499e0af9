"""The built-in embedder: tokens put together from words are those of the whole text."""

from __future__ import annotations

import random

import numpy as np
import pytest
from reading import spelled
from tables import table

from store.embedders.wordllama import WordLlama

TEXTS = [spelled(row["text"]) for row in table(__file__, "texts.jsonl")]


@pytest.fixture(scope="module")
def embedder() -> WordLlama:
    found = WordLlama.find()
    assert found is not None
    return found


def whole(embedder: WordLlama, text: str) -> list[int]:
    encoded = embedder._tokenizer.encode(text, add_special_tokens=False)
    return list(encoded.ids)


def test_tokens_of_words_are_those_of_the_text(embedder: WordLlama) -> None:
    chance = random.Random(5)
    letters = "abc DEF é  .,-%0123\n▁東🙂<s>/"
    drawn = ["".join(chance.choices(letters, k=chance.randint(0, 60))) for _ in range(1000)]
    for text in (*TEXTS, *TEXTS, *drawn):
        tokens = np.frombuffer(embedder._tokens(text), dtype=np.uint16).tolist()
        assert tokens == whole(embedder, text), repr(text)


def test_no_token_reaches_over_a_space(embedder: WordLlama) -> None:
    for token in embedder._tokenizer.get_vocab():
        assert "▁" not in token.lstrip("▁"), token


def test_many_texts_and_few_give_the_same_vectors(embedder: WordLlama) -> None:
    texts = [f"{text} number {at}" for at, text in enumerate(TEXTS * 20)]
    together = embedder.embed(texts)
    one_by_one = np.concatenate([embedder.embed([text]) for text in texts])
    assert np.array_equal(together, one_by_one)
    assert np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)


def test_english_words_are_told_from_mistyped_ones(embedder: WordLlama) -> None:
    """Words and their plain forms, then words with one slip."""
    for word in ("contest", "species", "Talking", "reordered", "tenth"):
        assert embedder.is_word(word), word
    for word in ("difusion", "retreival", "transfomer", "atention", "codcs"):
        assert not embedder.is_word(word), word
