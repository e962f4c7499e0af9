"""The long work of the library beside what the reader does, and what neighbours do to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.types import Narrate
    from tui.controllers.jobs import JobController
    from tui.controllers.library import LibraryController
    from tui.controllers.library_jobs import LibraryJobs
    from tui.controllers.opened import Opened
    from tui.screens.main import MainScreen


class Upkeep:
    """Has the library follow what was added, here or by a neighbour, and told by `narrate`.

    `settle` and `tidy` are called when something was loaded for good, and when nothing runs.
    """

    def __init__(
        self,
        screen: MainScreen,
        opened: Opened,
        work: LibraryJobs,
        jobs: JobController,
        *,
        narrate: Narrate,
        settle: Callable[[], None],
        tidy: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._opened = opened
        self._work = work
        self._jobs = jobs
        self._narrate = narrate
        self._settle = settle
        self._tidy = tidy

    def begin(self) -> None:
        """Catch up after the library was opened."""
        self._work.do(self._begin, "catch up")

    def follow_job(self) -> None:
        """Keep up with a long job that has ended."""
        self._work.do(self._keep_up, "keep up")

    def offer(self) -> None:
        """Offer what may be asked and gone on with, where nothing is asked yet."""
        self._work.do(lambda library: library.openings.offer(), "openings")

    def look(self) -> None:
        """Look whether a neighbour changed the library, and follow it."""
        if not (self._screen.busy or self._screen.working or self._is_catching_up):
            self._tidy()
        if not self._screen.busy:
            self._work.do(lambda library: library.look(self._narrate), "look", exclusive=False)

    def tell(self, line: str) -> None:
        """Show a line of the long work; one may come late, when the count stands there again."""
        if self._is_catching_up:
            self._screen.tell_state(line)

    @property
    def _is_catching_up(self) -> bool:
        return self._work.library is not None and self._work.library.is_catching_up

    async def _begin(self, library: LibraryController) -> None:
        await library.openings.offer_chats()
        await library.offer_better()
        self._settle()
        await library.catch_up(self._narrate)
        self._settle()
        await library.openings.offer()
        await self._make_wanted(library)

    async def _keep_up(self, library: LibraryController) -> None:
        await library.keep_up(self._narrate)
        await library.openings.offer_anew()
        await self._make_wanted(library)

    async def _make_wanted(self, library: LibraryController) -> None:
        """Make what papers wait for by an embedder, beside what the reader does."""
        service = self._opened.service
        if service is not None and not self._screen.is_leaving:
            await library.make_wanted(partial(self._jobs.make_wanted, service))
