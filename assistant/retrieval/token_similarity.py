"""How far sentences say what a claim says, by vectors of tokens read in their context.

Words that are not the same still stand near each other where they mean the same ("heart
attack", "myocardial infarction"). So a term of a claim counts as found where it stands in the
sentences, and in part where tokens near its own do; and all tokens of the claim, small words
too, count by the nearest of the sentences (greedy matching as in BERTScore, Zhang et al.
2020, recall). On the dev part of SciFact that parts supported claims from those not stated at
an AUROC of .912 (the built-in embedder: .903), on that of citint at .865 (.855).
`python -m tests.bench.calibration --minilm MODELS` prints what it gives. Ten claims that cite a
sentence each take .2 s on two cores, ten that cite an abstract each .6 s, once an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from assistant.retrieval.evidence_similarity import (
    SIMILARITY_WEIGHT,
    coverage,
    similar_texts,
)
from assistant.text.words import is_figure, term_words
from store.embedders.token_vectors import TokenVectors

ReadTokens = Callable[[Sequence[str]], Sequence[TokenVectors] | None]
"""Vectors of texts and their tokens; None where the library's embedder does not give them."""

_FROM_NEARNESS = 0.6
"""From this cosine of its tokens on, a term that is missing counts in part."""
_TOKEN_WEIGHT, _TOKEN_FLOOR = 1.4, 0.3
"""The weight of all tokens beside the terms (1) and the similarity of sentences (.8), and the
cosine that counts as nothing. Chosen on the training pairs of SciFact and citint."""


class TokenReader:
    """Reads texts once, and compares claims with sentences by what was read."""

    def __init__(self, read: ReadTokens) -> None:
        self._read = read
        self._known: dict[str, TokenVectors] = {}

    def learn(self, texts: Sequence[str]) -> bool:
        """Read texts that were not read before; False where they cannot be read."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        found = self._read(new) if new else []
        if found is None:
            return False
        self._known.update(zip(new, found, strict=True))
        return True

    def score(
        self,
        claim: str,
        weighted: Mapping[str, float],
        held: Collection[str],
        texts: Sequence[str],
        *,
        whole: bool,
        numbers_found: bool,
    ) -> float:
        """How far texts carry a claim, 0 to 1; all of them were learnt.

        `weighted` are the claim's terms, `held` those of the texts. Where all numbers were
        found as quantities, so are their terms. `whole` says that the texts are all of a
        source, which scores higher by its mere length.
        """
        own = self._known[claim]
        nearest = self._nearest(own, texts)
        shares = coverage(weighted, held)
        places = term_places(claim, own.spans)
        found = 0.0
        for term, weight in weighted.items():
            share = shares[term]
            if numbers_found and is_figure(term):
                share = 1.0
            elif at := places.get(term):
                near = sum(nearest[place] for place in at) / len(at)
                share = max(share, (near - _FROM_NEARNESS) / (1 - _FROM_NEARNESS))
            found += weight * share
        expressed = found / (sum(weighted.values()) or 1.0)
        row = [float(own.whole @ self._known[text].whole) for text in texts]
        similar = similar_texts(row, whole=whole)
        alike = sum(nearest) / len(nearest) if nearest else 0.0
        alike = max(alike - _TOKEN_FLOOR, 0.0) / (1 - _TOKEN_FLOOR)
        top = 1 + SIMILARITY_WEIGHT + _TOKEN_WEIGHT
        return (expressed + SIMILARITY_WEIGHT * similar + _TOKEN_WEIGHT * alike) / top

    def _nearest(self, own: TokenVectors, texts: Sequence[str]) -> list[float]:
        """Of each token of a claim the cosine of the nearest one in texts."""
        if not own.spans:
            return []
        best = [0.0] * len(own.spans)
        for text in texts:
            tokens = self._known[text].tokens
            if len(tokens):
                rows: list[float] = (own.tokens @ tokens.T).max(axis=1).tolist()
                best = list(map(max, best, rows))
        return best


def term_places(claim: str, spans: Sequence[tuple[int, int]]) -> dict[str, list[int]]:
    """The tokens that make up each term of a claim, by their places."""
    found: dict[str, list[int]] = {}
    at = 0
    for word, term in term_words(claim):
        start = claim.find(word, at)
        if start < 0:  # a word with an accent is read without it
            continue
        at, end = start, start + len(word)
        inside = [one for one, (begin, stop) in enumerate(spans) if begin < end and stop > start]
        known = found.setdefault(term, [])
        known += [one for one in inside if one not in known]
    return found
