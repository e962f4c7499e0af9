"""Named places between two commits, where a test can end the process."""

from __future__ import annotations

POINTS = (
    "batch.embedded",
    "batch.written",
    "batch.committed",
    "lexical.added",
    "lexical.committed",
    "lexical.watermark",
    "chroma.before",
    "chroma.upserted",
    "chroma.watermark",
)
"""Every name that `reach` is called with."""


def reach(name: str) -> None:
    """Do nothing: the store is at the named place."""
