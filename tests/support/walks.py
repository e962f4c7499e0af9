"""Several looks at one app, and a failure that tells which of them it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def naming(step: object) -> Iterator[None]:
    """Add to a failure at which step of a walk it came."""
    try:
        yield
    except Exception as failure:
        failure.add_note(f"at this step of the walk: {step}")
        raise
