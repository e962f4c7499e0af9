"""The papers that questions name, as titles of the library: measures compare titles."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.evaluation.matching import begins_title, letters
from assistant.evaluation.questions import AskedQuestion
from store.errors import AmbiguousPaper, UnknownPaper
from store.library.library import Library


class PaperNames:
    """Finds the papers that a file names: by id, DOI, arXiv id, title, or how a title begins.

    `missing` holds the names that no paper of the library has: figures about them are wrong.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._titles = list(titles_of(library).values())
        self._known: dict[str, list[str]] = {}
        for title in self._titles:
            self._known.setdefault(letters(title), []).append(title)
        self.missing: dict[str, None] = {}

    def named(self, asked: AskedQuestion) -> AskedQuestion:
        """A question whose papers are named by whole titles; an unknown name stays as it is."""
        names = {"gold_papers": asked.gold_papers, "excluded": asked.excluded}
        return asked.model_copy(update={key: self._all(of) for key, of in names.items()})

    def _all(self, names: Sequence[str]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for name in names:
            titles = self._one(name)
            if not titles:
                self.missing[name] = None
            found.update(dict.fromkeys(titles or [name]))
        return tuple(found)

    def _one(self, name: str) -> list[str]:
        if same := self._known.get(letters(name)):
            return same
        try:
            return [self._library.paper(name).title]
        except (UnknownPaper, AmbiguousPaper):
            return [one for one in self._titles if begins_title(name, one)]


def titles_of(library: Library) -> dict[str, str]:
    """The titles of all papers, by id."""
    return dict(library.ledger.rows("SELECT id, title FROM papers"))
