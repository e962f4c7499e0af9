"""What the calibration reads and searches: vectors, corpora, pages, collections."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.retrieval.token_similarity import TokenReader
from assistant.text.sentences import source_sentences
from assistant.text.words import terms
from assistant.types.evidence import Sentence, Source
from store.embedders.local import LocalEmbedders
from store.embedders.token_vectors import TokenEmbedder
from store.types import Paper, Ranks
from tests.support.corpus_statistics import CorpusStatistics

SOURCES = 8
"""Sources retrieved for a question."""


class Embedder:
    """Sentence vectors of wordllama: the mean of token vectors, L2-normalised, 256 numbers."""

    def __init__(self) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        found = importlib.util.find_spec("wordllama")
        if found is None or not found.submodule_search_locations:
            sys.exit("wordllama is not installed")
        folder = Path(found.submodule_search_locations[0])
        table = load_file(folder / "weights" / "l2_supercat_256.safetensors")["embedding.weight"]
        self._table = table.astype(np.float32)
        self._tokenizer = Tokenizer.from_file(
            str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json")
        )

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of texts, one a row; zeros for a text without tokens."""
        rows = np.zeros((len(texts), self._table.shape[1]), np.float32)
        coded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        for at, one in enumerate(coded):
            if one.ids:
                row = self._table[one.ids].mean(0)
                rows[at] = row / np.linalg.norm(row)
        return rows

    def similarity(self, one: Sequence[str], other: Sequence[str]) -> list[list[float]]:
        """The cosine of every text of one list to every text of the other."""
        rows: list[list[float]] = (self(one) @ self(other).T).tolist()
        return rows


def minilm_reader(models: Path) -> TokenReader:
    """What a library with minilm checks claims by."""
    embedders = LocalEmbedders(models)
    embedder = embedders.make(embedders.fingerprint("minilm"))
    if not isinstance(embedder, TokenEmbedder):
        raise TypeError("minilm tells tokens apart")
    return TokenReader(embedder.token_vectors)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a JSONL file, gzipped or not."""
    open_text = gzip.open if path.suffix == ".gz" else open
    with open_text(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """The chance that a positive scores above a negative, ties counting half."""
    one, other = np.asarray(positive)[:, None], np.asarray(negative)[None, :]
    return float((one > other).mean() + 0.5 * (one == other).mean())


def make_source(
    number: int, title: str, abstract: str, score: float, texts: Sequence[str] = ()
) -> Source:
    """A source of evidence from its texts; `texts` are its sentences where they are given."""
    sentences = source_sentences(title, abstract)
    if texts:
        sentences = tuple(
            Sentence(index=at, start=0, end=len(text), text=text) for at, text in enumerate(texts)
        )
    paper = Paper(id=f"p{number}", title=title, abstract=abstract, content_hash="", added_at="")
    return Source(number=number, paper=paper, sentences=sentences, score=score, ranks=Ranks())


class Collection:
    """Titles and abstracts with BM25 and vectors, searched by the mean of both z-scores."""

    def __init__(self, papers: Iterable[tuple[str, str]], embedder: Embedder) -> None:
        self.papers = list(papers)
        texts = [f"{title}. {abstract}" for title, abstract in self.papers]
        self.statistics = CorpusStatistics.from_texts(texts)
        self._embedder = embedder
        self._vectors = embedder(texts)
        counts = [Counter(terms(text)) for text in texts]
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for at, count in enumerate(counts):
            for term, often in count.items():
                self._postings[term].append((at, often))
        lengths = np.array([count.total() for count in counts])
        self._norm = 1.2 * (0.25 + 0.75 * lengths / lengths.mean())

    def search(self, question: str) -> list[Source]:
        """The best sources for a question, numbered in order."""
        words = np.zeros(len(self.papers))
        for term in terms(question):
            for at, often in self._postings.get(term, ()):
                words[at] += self.statistics.idf(term) * often * 2.2 / (often + self._norm[at])
        dense = self._vectors @ self._embedder([question])[0]
        fused = sum((one - one.mean()) / (one.std() + 1e-9) for one in (words, dense))
        order = np.argsort(-fused)[:SOURCES]
        top = max(float(fused[order[0]]), 1e-9)
        return [
            make_source(
                number, self.papers[at][0], self.papers[at][1], max(float(fused[at]) / top, 0.0)
            )
            for number, at in enumerate(order, 1)
        ]


def read_pages(folder: Path) -> list[tuple[str, str]]:
    """Titles and abstracts of the saved pages, each paper once."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.txt")):
        lines = [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
        lines = [
            re.sub(r"^Subscribe(?=\w)", "", line)
            for line in lines
            if not re.fullmatch(r"new|Get trending papers.*|Subscribe|byAK.*|Mar \d+", line)
        ]
        for title, abstract in zip(lines[::2], lines[1::2], strict=True):
            found.setdefault(title, abstract)
    return list(found.items())
