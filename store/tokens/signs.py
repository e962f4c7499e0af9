"""Token vectors in a bit an axis: what is kept of the tokens of papers, and compared by.

Vectors are centred and turned onto the first principal components of an embedder's tokens; of a
paper's the signs alone are kept, of a question's the numbers. The cosine of the two orders papers
nearly as that of the vectors does, in a hundredth of the space (sign random projections, Charikar
2002; late interaction, Khattab and Zaharia 2020; signs of ColBERT's, Santhanam et al. 2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.lexical.stopwords import STOP_WORDS

if TYPE_CHECKING:
    from store.ledger.vectors import Vectors

Spans = tuple[tuple[int, int], ...]
"""The places of tokens in a text, as start and end."""

_NO_LENGTH = 1e-9


@dataclass(frozen=True, eq=False)
class TokenAxes:
    """The mean of an embedder's token vectors, shape (d,), and k axes, shape (d, k), k by eight."""

    mean: Vectors
    axes: Vectors

    def turned(self, tokens: Vectors) -> Vectors:
        """Tokens, shape (n, d), along the axes: shape (n, k), rows of length 1."""
        import numpy as np

        along = (tokens - self.mean) @ self.axes
        turned: Vectors = along / np.maximum(
            np.linalg.norm(along, axis=1, keepdims=True), _NO_LENGTH
        )
        return turned

    def signs(self, tokens: Vectors) -> bytes:
        """The signs of tokens, shape (n, d), along the axes: n times k / 8 bytes."""
        import numpy as np

        return np.packbits((tokens - self.mean) @ self.axes > 0, axis=1).tobytes()


@dataclass(frozen=True, eq=False)
class QuestionTokens:
    """The tokens of a question: their spans in it, and along the axes, shape (n, k)."""

    spans: Spans
    turned: Vectors


def nearest(question: Vectors, papers: Sequence[bytes]) -> Vectors:
    """Of each token of a question, shape (n, k), the cosine to the nearest token of each paper.

    `papers` are the signs of their tokens, none of them empty. Shape (n, papers).
    """
    import numpy as np

    width = question.shape[1]
    sizes = np.array([8 * len(one) // width for one in papers])
    bits = np.unpackbits(np.frombuffer(b"".join(papers), dtype=np.uint8)).reshape(-1, width)
    # Of a sign s and its bit b: s = 2b - 1.
    cosines = 2 * (question @ bits.T.astype(np.float32)) - question.sum(axis=1, keepdims=True)
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    best: Vectors = np.maximum.reduceat(cosines, firsts, axis=1)
    return best / np.float32(width**0.5)


def telling(text: str, spans: Spans) -> list[int]:
    """The tokens that carry meaning, by their places: no marks, and no stop words."""
    return [
        at
        for at, (begin, end) in enumerate(spans)
        if any(map(str.isalnum, text[begin:end]))
        and not (
            text[begin:end].lower() in STOP_WORDS
            and not text[end : end + 1].isalnum()
            and not text[max(begin - 1, 0) : begin].isalnum()
        )
    ]
