"""Make the axes that minilm's tokens are turned onto, of the principal components of some tokens.

    python -m tests.bench.token_axes FOLDER... [--papers 256] [--out FILE]

A FOLDER holds corpus.jsonl(.gz) with title and text; its first abstracts and the bundled sample
are read. The table in the package was made with ../shared/eval/pubmedqa. Printed is the share of
the variance that the axes hold.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.config.settings import models_folder
from store.embedders.base import paper_text
from store.embedders.minilm.embedder import AXES_FILE, MiniLM
from store.tokens.signs import Spans, telling
from tests.bench.half_remembered import read_sample
from tests.bench.retrieval.collection import documents

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

AXES = 128


def fit(tokens: Vectors) -> tuple[Vectors, float]:
    """The mean and the axes of tokens, shape (d, 129), and their share of the variance.

    The components are turned at random among themselves: so each sign tells as much. On the
    development questions that gives .864 in place of .846 (two draws).
    """
    mean = tokens.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((tokens - mean).T))
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(AXES, AXES)))
    axes = vectors[:, ::-1][:, :AXES] @ turn
    return np.column_stack([mean, axes]), float(values[-AXES:].sum() / values.sum())


def main() -> None:
    """Read the arguments, embed the texts and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--papers", type=int, default=256, help="abstracts of each folder")
    parser.add_argument("--out", type=Path, default=AXES_FILE)
    asked = parser.parse_args()
    texts = [paper_text(title, abstract) for title, abstract in read_sample()]
    for folder in asked.folders:
        found = documents(folder)[: asked.papers]
        texts += [paper_text(one["title"], one["text"]) for one in found]
    kept: list[Vectors] = []

    def read(at: int, spans: Spans, tokens: Vectors) -> None:
        kept.append(tokens[telling(texts[at], spans)])

    MiniLM(models_folder()).embed_and_read(texts, read)
    tokens = np.concatenate(kept)
    table, share = fit(tokens)
    np.save(asked.out, table.astype(np.float16))
    print(f"{len(texts)} abstracts, {len(tokens)} tokens: the axes hold {share:.3f}")


if __name__ == "__main__":
    main()
