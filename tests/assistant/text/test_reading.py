"""A paper is read once: its sentences, the terms in each, a vector of each."""

from __future__ import annotations

from dataclasses import fields
from hashlib import sha256
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import table

from assistant.text.reading import TextReader
from assistant.text.sentences import source_sentences
from assistant.text.words import terms
from store.embedders.base import paper_text
from store.embedders.wordllama import WordLlama, built_in_embedder
from store.sentences.readings import Readings

Paper = tuple[str, str, str]

CUT = [" ".join(row["right"]) for row in table(__file__, "sentences.jsonl")]
WORDS = [str(row["text"]) for row in table(__file__, "terms.jsonl")]
ODD = [
    "",
    " \t\n",
    "…",
    "10 000\u00a0mice.\u2003Naïve café, 1,000 of them.",
    "東京で深層学習を行う。結果は良い。",
    "🙂🙂 👩‍🔬.",
    "ﬁrst ½ x² Å a´b \u0301mark",
    "It is so. " * 1100,
    "x" * 70_000,
    "IL-6 is seen. U-Net, k-means++ and CIFAR-100\tagain.\x85Then none.",
]
TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from([*CUT, *WORDS, *ODD]),
    st.lists(st.sampled_from([*CUT, *WORDS, *ODD[:7]]), max_size=4).map(" ".join),
)


@pytest.fixture(scope="module")
def embedder() -> WordLlama:
    found = built_in_embedder()
    if found is None:
        pytest.skip("wordllama is not installed")
    return found


def sentences_of(readings: Readings) -> list[list[tuple[int, int, set[str]]]]:
    """Of each paper its sentences: where they begin and end, and their terms."""
    words = readings.terms.decode().split("\n")[1:-1]
    held: list[set[str]] = [set() for _ in readings.starts]
    for number, row in zip(readings.held, readings.holding, strict=True):
        held[row].add(words[number])
    whole = list(zip(readings.starts.tolist(), readings.ends.tolist(), held, strict=True))
    first = readings.first.tolist()
    return [whole[start:end] for start, end in pairwise(first)]


def as_read_apart(papers: list[Paper]) -> list[list[tuple[int, int, set[str]]]]:
    return [
        [(one.start, one.end, set(terms(one.text))) for one in source_sentences(title, abstract)]
        for _, title, abstract in papers
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_what_is_read_at_once_is_what_is_read_apart(texts: list[tuple[str, str]]) -> None:
    papers = [(f"p{at}", *text) for at, text in enumerate(texts)]
    readings = TextReader(None).read(papers)
    assert readings.ids == tuple(name for name, _, _ in papers)
    assert sentences_of(readings) == as_read_apart(papers)
    words = readings.terms.decode().split("\n")[1:-1]
    first = readings.terms_first.tolist()
    assert len(words) == first[-1]
    for start, end in pairwise(first):
        assert words[start:end] == sorted(set(words[start:end]))
    assert np.all(np.diff(readings.held) >= 0)
    assert set(readings.held.tolist()) == set(range(len(words)))


def test_the_similarities_are_those_of_the_embedder(embedder: WordLlama) -> None:
    papers = [(f"p{at}", text, text) for at, text in enumerate([*CUT, *WORDS, *ODD])]
    readings = TextReader(embedder).read(papers)
    texts = [one.text for _, *text in papers for one in source_sentences(*text)]
    query = embedder.embed(["how much memory does training take"])[0]
    off = readings.similarities(query) - embedder.embed(texts) @ query
    assert abs(off).max() < 0.06
    assert np.sqrt(np.mean(off**2)) < 0.01
    one = TextReader(embedder).read(papers[3:4])
    rows = slice(*readings.first[3:5])
    assert np.array_equal(one.codes, readings.codes[rows])
    assert np.array_equal(one.scales, readings.scales[rows])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_papers_are_embedded_as_they_are_read(texts: list[tuple[str, str]]) -> None:
    embedder = built_in_embedder()
    if embedder is None:
        pytest.skip("wordllama is not installed")
    papers = [(f"p{at}", *text) for at, text in enumerate(texts)]
    reader = TextReader(embedder)
    readings, vectors = reader.read_and_embed(papers)
    apart = reader.read(papers)
    for field in fields(Readings):
        one, other = getattr(readings, field.name), getattr(apart, field.name)
        assert np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other
    assert np.array_equal(vectors, embedder.embed([paper_text(*text) for text in texts]))


def test_without_an_embedder_there_are_no_vectors(embedder: WordLlama) -> None:
    readings = TextReader(None).read([("p", "A title", "One. Two.")])
    assert readings.codes.shape == (3, 0)
    assert TextReader(None).version != TextReader(embedder).version


def test_the_version_changes_with_what_is_read() -> None:
    """Where this fails, and no table of texts changed, count `_RULES` up, then mend it.

    What was kept by the older rules is read anew then.
    """
    papers = [(f"p{at}", text, text) for at, text in enumerate([*CUT, *WORDS, *ODD])]
    reader = TextReader(None)
    readings = reader.read(papers)
    parts = (readings.starts, readings.ends, readings.held, readings.holding)
    whole = b"".join([readings.terms, *(part.astype("<i8").tobytes() for part in parts)])
    assert (reader.version, sha256(whole).hexdigest()[:16]) == ("2/none", "b0a8633d6b1fcae4")
