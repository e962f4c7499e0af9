"""What was measured of each embedder: how much its list counts, and its cosines by chance."""

from __future__ import annotations

from assistant.retrieval.fusion import Calibration
from store.embedders.base import Embedder

_WORDS_ALONE = Calibration(weight=0.0, mean=0.0, spread=1.0)
_UNKNOWN = Calibration(weight=0.6, mean=0.2, spread=0.09)
_KNOWN = {
    "wordllama": Calibration(0.6, mean=0.22, spread=0.083, by_sentence=3.0, by_similarity=2.0),
    "minilm": Calibration(weight=0.75, mean=0.16, spread=0.1),
}
"""By embedder. Weights were chosen on the train claims of SciFact and the dev summaries of
SciTLDR, means and spreads measured there; `python -m tests.bench.retrieval --help`.

wordllama, in place of a weight of .5, 2 for a sentence and 0 for its similarity: half-remembered
dev +.015 (reciprocal rank), SciFact train +.002, SciTLDR dev +.002, PubMedQA -.001 (nDCG@10);
on what was not chosen on: half-remembered held +.018, SciFact test +.002, Cranfield +.001, SciTLDR
test +.001. Tried and left out, each for what it loses there (SciFact test; Cranfield): an order of
the first 30 or 100 learnt from ten such features (-.01 to -.016; -.005 to -.014); smoothing scores
over neighbouring papers (0 to -.005; +.006 to +.015, PubMedQA -.002, SciTLDR test to -.005); the
vector moved towards the first papers' (-.002 to -.004; +.008); vectors centred, without their first
components, or whitened (half-remembered dev -.007 to -.019). And what the sets chosen on refused:
tokens of the question weighed by their rarity in its vector (SciFact train +.001 to +.004 but R@100
to -.006, half-remembered dev -.002 to -.019); acronyms with the long forms that the collection
gives them (SciFact train +.000, SciTLDR dev -.001 to +.000); neighbouring terms within eight words
(half-remembered dev -.002 to -.003; SciFact test -.001 to -.003)."""


def calibration_of(embedder: Embedder | None) -> Calibration:
    """The calibration of an embedder; a cautious one for an embedder nobody has measured."""
    return _WORDS_ALONE if embedder is None else _KNOWN.get(embedder.name, _UNKNOWN)
