"""A long list of which only the pages near the window are in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Generic, TypeVar, overload

T = TypeVar("T")

PAGE = 100
"""Rows that are fetched at once."""

_KEPT = 30


class Pages(Sequence[T | None], Generic[T]):
    """Rows of a list by place; None stands for a row that has not been fetched.

    The pages used last are kept, at most 30.
    """

    def __init__(self, length: int) -> None:
        self._length = length
        self._pages: OrderedDict[int, Sequence[T]] = OrderedDict()

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, at: int) -> T | None: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T | None]: ...
    def __getitem__(self, at: int | slice) -> T | Sequence[T | None] | None:
        """The row at a place, or the rows of a slice."""
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(self._length))]
        if not 0 <= at < self._length:
            raise IndexError(at)
        number, place = divmod(at, PAGE)
        if number not in self._pages:
            return None
        self._pages.move_to_end(number)
        page = self._pages[number]
        return page[place] if place < len(page) else None

    def lacks(self, at: int) -> bool:
        """True when the page that holds a place has not been fetched."""
        return at // PAGE not in self._pages

    def put(self, number: int, rows: Sequence[T]) -> None:
        """Keep a page, counted from 0; the one used longest ago may go."""
        self._pages[number] = rows
        self._pages.move_to_end(number)
        if len(self._pages) > _KEPT:
            self._pages.popitem(last=False)
