"""The turns of a conversation that are laid out: of many, some, and more with the scrolling."""

from __future__ import annotations

import asyncio

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.presenters.asked_again import asked_again
from tui.presenters.chat_turns import MORE, SavedPages, earlier
from tui.widgets.turn import TurnView


class LaidOutTurns(VerticalScroll):
    """Has a stretch of the saved turns, and behind the last of these the new ones.

    `laying_out` is held while turns are laid out: a question may be asked meanwhile, and comes
    after them.
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.laying_out = asyncio.Lock()
        self._saved = SavedPages()
        self._laid_out = range(0)
        self._settled = asyncio.Event()
        self._settled.set()

    @property
    def turns(self) -> list[TurnView]:
        """The turns, in their order."""
        return [one for one in self.children if isinstance(one, TurnView)]

    @property
    def placed(self) -> list[tuple[int, TurnView]]:
        """The turns that are laid out, with their places in the conversation, counted from 0."""
        return list(enumerate(self.turns, self._laid_out.start))

    def place_of(self, turn: TurnView) -> int:
        """The place of a turn in the conversation, counted from 0."""
        return self._laid_out.start + self.turns.index(turn)

    @property
    def asked(self) -> int:
        """How many questions the conversation holds."""
        return len(self._saved) - len(self._laid_out) + len(self.turns)

    @property
    def questions(self) -> list[str]:
        """The questions asked here, as they would be asked again, each once."""
        new = self.turns[len(self._laid_out) :]
        found = (asked_again(one.page) or one.page.question for one in new)
        return list(dict.fromkeys([*self._saved.asked, *found]))

    async def lay_out(self, saved: SavedPages, number: int | None) -> None:
        """Lay out saved turns in the place of all there are: the last, or those about one.

        No more are laid out with the scrolling until `settle_soon`.
        """
        self._settled.clear()
        self._saved, self._laid_out = saved, saved.around(number)
        await self.remove_children()
        if saved:
            views = map(TurnView, saved[_slice(self._laid_out)])
            await self.mount(Static(classes="earlier"), *views)
            self._tell_earlier()

    def settle_soon(self) -> None:
        """From when all stands where it belongs, lay out more with the scrolling."""
        # Once more is the scrolling to where the reader is to be.
        self.call_after_refresh(self.call_after_refresh, self._settle)

    async def lay_out_last(self) -> None:
        """Have the last saved turns laid out: what comes now stands behind them."""
        if self._laid_out.stop < len(self._saved):
            await self.lay_out(self._saved, None)

    async def have(self, least: int) -> None:
        """Have at least so many of the last turns laid out, where the last one is.

        To be awaited in a worker: what is waited for comes to this widget as a message.
        """
        await self._settled.wait()
        shown = self._laid_out
        if shown.stop == len(self._saved) and len(shown) < min(least, shown.stop):
            await self.grow(-1)

    def _settle(self) -> None:
        self._settled.set()
        self.fill()

    def _tell_earlier(self) -> None:
        number = self._laid_out.start
        for one in self.query(".earlier").results(Static):
            one.update(Content(earlier(number)))
            one.display = number > 0

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Lay out more where the reader scrolls to an end of what is."""
        super().watch_scroll_y(old_value, new_value)
        self.fill()

    def fill(self) -> None:
        """Lay out more where an end of what is laid out is in view that is not one of the chat."""
        if not self._settled.is_set() or self.laying_out.locked():
            return
        if self._laid_out.start and self.scroll_y <= 0:
            self.run_worker(self.grow(-1), group="turns")
        elif self._laid_out.stop < len(self._saved) and self.scroll_y >= self.max_scroll_y:
            self.run_worker(self.grow(1), group="turns")

    async def grow(self, by: int) -> bool:
        """Lay out more saved turns, before or behind; False where there are none.

        What is in view stays there.
        """
        async with self.laying_out:
            shown, turns = self._laid_out, self.turns
            if by > 0 and shown.stop < len(self._saved):
                more = range(shown.stop, min(len(self._saved), shown.stop + MORE))
                views = [TurnView(page) for page in self._saved[_slice(more)]]
                self._laid_out = range(shown.start, more.stop)
                await self.mount_all(views, after=turns[len(shown) - 1])
                self.call_after_refresh(self.fill)
            elif by < 0 and shown.start and turns:
                begins = max(0, shown.start - MORE)
                more = range(self._saved.needed(begins, shown.start), shown.start)
                views = [TurnView(page) for page in self._saved[_slice(more)]]
                first, offset = turns[0], turns[0].virtual_region.y - self.scroll_y
                self._laid_out = range(more.start, shown.stop)
                self._settled.clear()
                await self.mount_all(views, before=first)
                self._tell_earlier()
                self.call_after_refresh(self._keep_in_view, first, offset)
            else:
                return False
        return True

    def _keep_in_view(self, turn: TurnView, offset: float) -> None:
        y = turn.virtual_region.y - offset
        self.scroll_to(y=y, animate=False, force=True, immediate=True)
        self._settle()


def _slice(places: range) -> slice:
    return slice(places.start, places.stop)
