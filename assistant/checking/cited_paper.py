"""What a claim cites of one paper, as the rules of its check are given it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class CitedPaper(NamedTuple):
    """What a claim cites of one paper: the sentences in order, all of them for a whole paper."""

    title: str
    abstract: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """The title and the sentences, a line each."""
        return "\n".join((self.title, *self.sentences))

    @property
    def whole(self) -> str:
        """The title and all of the abstract, cited or not."""
        return f"{self.title}\n{self.abstract}"


Rule = Callable[[str, Sequence[CitedPaper]], tuple[str, ...]]
"""From the text of a claim and what it cites to reasons in words for the reader."""
