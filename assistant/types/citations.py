"""Citations as a text shows them, and its sentences before they are checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Address(NamedTuple):
    """Where a citation points: a source, and a sentence of it or None for the whole.

    `source` is the source's number in the evidence, `number` the one displayed.
    """

    source: int
    sentence: int | None
    number: int


class Mark(NamedTuple):
    """A citation as displayed: offsets into the display text, and what it points at."""

    start: int
    end: int
    addresses: tuple[Address, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class DraftClaim:
    """One sentence of an answer before it is checked.

    `text` is without marks and what only held them; `start` and `end` are character offsets
    into the display text, marks included; `unknown` are addresses that do not exist, as written.
    """

    text: str
    start: int
    end: int
    addresses: tuple[Address, ...]
    unknown: tuple[str, ...]
