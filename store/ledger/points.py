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
"""Every name that `reach` is called with while papers are taken in."""

REEMBEDDING_POINTS = (
    "vectors.made",
    "vectors.committed",
    "chroma.before",
    "chroma.upserted",
    "chroma.watermark",
    "embedder.built",
    "embedder.swapped",
)
"""Every name that `reach` is called with while a library changes its embedder."""

UNDO_POINTS = ("undo.written", "undo.committed", "lexical.added", "chroma.before")
"""Every name that `reach` is called with while a change is taken back."""

RESTORE_POINTS = (
    "restore.staged",
    "restore.locked",
    "backup.copied",
    "backup.packed",
    "restore.kept",
    "restore.written",
)
"""Every name that `reach` is called with while a backup takes the place of a library."""


def reach(name: str) -> None:
    """Do nothing: the store is at the named place."""
