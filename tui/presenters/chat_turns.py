"""The turns of a saved conversation, with what they have to do with each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, overload

from tui.presenters.asked_again import asked_again, other_model_refusal
from tui.presenters.key_names import AS_THEY_COME, KeyNames
from tui.presenters.turn import Again, TurnPage, named, saved

if TYPE_CHECKING:
    from assistant.types.sessions import Turn, UnreadTurn

SHOWN = 5
"""Turns of a saved conversation that are laid out at first: there may be a thousand, and each takes
some 20 ms."""

MORE = 15
"""So many more are laid out where the reader scrolls to their end."""


class SavedPages(Sequence[TurnPage]):
    """The turns of a saved conversation, marked where another model answered the same before.

    A page is made when it is asked for. `asked` are the questions as they would be asked again.
    """

    def __init__(
        self, turns: Sequence[Turn | UnreadTurn] = (), keys: KeyNames = AS_THEY_COME
    ) -> None:
        self._keys = keys
        self._turns = turns
        self._again: list[Again | None] = []
        self.asked: list[str] = []
        models: list[str] = []
        earlier: dict[str, list[int]] = {}
        for at, page in enumerate(map(named, turns)):
            model, text = page.answer.model if page.answer else "", asked_again(page)
            again = None
            if not other_model_refusal(page):
                of = (one for one in reversed(earlier.get(text, ())) if models[one] != model)
                again = next((Again(model, one) for one in of), None)
                earlier.setdefault(text, []).append(at)
            models.append(model)
            self._again.append(again)
            self.asked.append(text or page.question)

    def __len__(self) -> int:
        return len(self._turns)

    @overload
    def __getitem__(self, at: int) -> TurnPage: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[TurnPage]: ...
    def __getitem__(self, at: int | slice) -> TurnPage | Sequence[TurnPage]:
        """The page of a turn, or those of a slice."""
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        page, again = saved(self._turns[at], self._keys), self._again[at]
        return replace(page, again=again) if again is not None else page

    def around(self, number: int | None) -> range:
        """The turns to be laid out first: the last ones, or those about one, counted from 0.

        With a turn that stands beside an earlier one, that is laid out as well.
        """
        if number is None:
            shown = range(max(0, len(self) - SHOWN), len(self))
        else:
            begins = max(0, number - SHOWN // 2)
            shown = range(begins, min(len(self), begins + SHOWN))
        return range(self.needed(shown.start, shown.stop), shown.stop)

    def needed(self, begins: int, ends: int) -> int:
        """From where on turns are to be laid out so that those of a stretch can stand as they do.

        One that is farther off than two such stretches is left out.
        """
        beside = [one.of for one in self._again[begins:ends] if one is not None]
        return min((one for one in beside if begins - one <= 2 * MORE), default=begins)


def earlier(number: int) -> str:
    """What stands above the turns that are laid out, where so many are not."""
    return f"{number:,} earlier {'question' if number == 1 else 'questions'}: scroll up for them"
