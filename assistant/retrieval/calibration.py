"""What was measured of each embedder: how much its list counts, and its cosines by chance."""

from __future__ import annotations

from assistant.retrieval.fusion import Calibration
from store.embedders.base import Embedder

_WORDS_ALONE = Calibration(weight=0.0, mean=0.0, spread=1.0)
_UNKNOWN = Calibration(weight=0.6, mean=0.2, spread=0.09)
_KNOWN = {
    "wordllama": Calibration(weight=0.5, mean=0.22, spread=0.083),
    "minilm": Calibration(weight=0.75, mean=0.16, spread=0.1),
}
"""By embedder. Weights were chosen on the train claims of SciFact and the dev summaries of
SciTLDR, means and spreads measured there; `python -m tests.bench.retrieval --help`."""


def calibration_of(embedder: Embedder | None) -> Calibration:
    """The calibration of an embedder; a cautious one for an embedder nobody has measured."""
    return _WORDS_ALONE if embedder is None else _KNOWN.get(embedder.name, _UNKNOWN)
