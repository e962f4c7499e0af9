"""What a claim cites of one paper, as the rules of its check are given it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class CitedPaper(NamedTuple):
    """What a claim cites of one paper: the sentences in order, all of them for a whole paper.

    `entries` are the paper as lists name it, `record` is what its record says; empty where
    neither its title is cited nor the whole of it.
    """

    title: str
    abstract: str
    sentences: tuple[str, ...]
    entries: tuple[str, ...] = ()
    record: str = ""

    @property
    def text(self) -> str:
        """The title, what the record says where that is cited, and the sentences, a line each."""
        return "\n".join((self.title, *filter(None, (self.record,)), *self.sentences))

    @property
    def whole(self) -> str:
        """The title and all of the abstract, cited or not."""
        return f"{self.title}\n{self.abstract}"


Rule = Callable[[str, Sequence[CitedPaper]], tuple[str, ...]]
"""From the text of a claim and what it cites to reasons in words for the reader."""
