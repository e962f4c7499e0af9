"""What the reader of the papers asked for when they are read."""

from __future__ import annotations

from store.value import Value


class ReadOptions(Value):
    """What the reader of the papers asked for, beside the sources.

    `format` names the reader of the format instead of the content. `mapping` says which column
    or field of a source holds which field of a record: pairs of both names. With `titles`
    records without an abstract are taken, to be found by their titles.
    """

    format: str | None = None
    mapping: tuple[tuple[str, str], ...] = ()
    titles: bool = False


NO_OPTIONS = ReadOptions()
"""What is read as it comes."""
