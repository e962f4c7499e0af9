"""What an answer was asked of."""

from __future__ import annotations

from typing import Literal

from store.types import Filter
from store.value import Value

Length = Literal["sentence", "short", "long"]
"""How long a summary is."""


class AskedOf(Value):
    """The papers that a question was put to, or a summary made of, so that it can be again.

    `filter` leaves them. Where a search `query` chose them it is empty: they are those that the
    query finds. `words` say in the reader's way what they have in common, `papers` counts them, 0
    where they were not counted. `topic` and `length` are those of a summary.
    """

    filter: Filter = Filter()
    query: str = ""
    words: str = ""
    papers: int = 0
    is_summary: bool = False
    topic: str = ""
    length: Length = "short"
