"""What the reader wants of the library: each message is a job in a worker of its own."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.message import Message
from textual.worker import WorkType

from store.ledger.browse import Order
from tui.controllers.library import LibraryController
from tui.screens import messages
from tui.widgets.going_through import SentenceWanted, ThroughWanted
from tui.widgets.paper_acts import ExportWanted, MarkWanted, RemoveWanted, TagWanted, UndoWanted
from tui.widgets.paper_list import PaperList
from tui.widgets.paper_pane import PaperPane
from tui.widgets.paper_place import PaperPlace
from tui.widgets.papers import PapersView
from tui.widgets.preview import Preview

if TYPE_CHECKING:
    from tui.controllers.opened import Opened
    from tui.screens.main import MainScreen

Job = Callable[[LibraryController], Coroutine[Any, Any, None]]
"""Something done with the library."""


_BY_KEY = (ThroughWanted, PapersView.SortWanted, ExportWanted, UndoWanted, messages.ScopeWanted)
"""What a key wants of the library also where no paper is listed yet."""


class LibraryJobs:
    """Runs jobs of the library, one of a group at a time; before it is open none runs."""

    def __init__(self, screen: MainScreen, opened: Opened) -> None:
        self._screen = screen
        self._opened = opened
        self.library: LibraryController | None = None

    def do(self, job: Job, group: str, exclusive: bool = True) -> None:
        """Run a job in a worker; with `exclusive` it takes the place of another of its group."""
        if library := self.library:

            async def do() -> None:
                # Made in the worker: one that is cancelled before its first step would else be
                # a coroutine that nothing awaits.
                await job(library)

            work: WorkType[None] = do
            self._screen.app.run_worker(work, group=group, exclusive=exclusive)

    def take(self, wanted: Message) -> None:
        """Do what a message wants; one that is about something else changes nothing.

        Before the library is open what a key wants is answered by that.
        """
        if self.library is None and isinstance(wanted, _BY_KEY):
            self._opened.or_told()
            return
        match wanted:
            case messages.PlaceShown(place="library"):
                self._screen.papers.pane.ask_leads()
                if not self._screen.papers.listed.is_loaded:
                    self.do(LibraryController.list_papers, "papers")
            case messages.PlaceShown(place="paper"):
                if self.library is not None and self.library.reading.is_behind:
                    self.do(lambda library: library.reading.read_again(), "reading")
            case PapersView.ListingWanted():
                self.do(LibraryController.list_papers, "papers")
            case PapersView.SearchWanted(text=text):
                self.do(lambda library: library.rank(text), "papers")
            case PapersView.SortWanted(order=None):
                self.do(LibraryController.offer_orders, "papers")
            case PapersView.SortWanted(order=Order() as order):
                self.do(lambda library: library.order_by(order), "papers")
            case PaperList.PageWanted(listing=listing, page=page):
                self.do(lambda library: library.page(listing, page), "page", exclusive=False)
            case PaperPane.PaperWanted(pane=pane, item=item):
                self.do(lambda library: library.complete(pane, item), f"{pane.id}")
            case Preview.LeadsWanted(item=item):
                self.do(lambda library: library.previewing.lead_on(item), "leads")
            case messages.ScopeWanted():
                self.do(LibraryController.narrow, "scope")
            case messages.SessionWanted(line=line):
                self._reopen(line.id)
            case PaperPlace.ChatWanted(citing=citing):
                self._reopen(citing.session, citing.turn)
            case _:
                self._take_of_papers(wanted)

    def _take_of_papers(self, wanted: Message) -> None:
        """Do what a message wants of certain papers."""
        match wanted:
            case MarkWanted(ids=ids, status=status):
                self.do(lambda library: library.marks.mark(ids, status), "marks", exclusive=False)
            case TagWanted(ids=ids):
                self.do(lambda library: library.marks.offer_tags(ids), "marks", exclusive=False)
            case ThroughWanted():
                self.do(lambda library: library.going.begin_or_end(), "papers")
            case SentenceWanted(item=item):
                self.do(lambda library: library.going.say_of(item), "sentence")
            case RemoveWanted(ids=ids):
                self.do(lambda library: library.marks.offer_removal(ids), "marks", exclusive=False)
            case ExportWanted(ids=ids):
                self.do(lambda library: library.copies.offer_export(ids), "copy")
            case UndoWanted():
                self.do(lambda library: library.marks.take_back(), "marks", exclusive=False)
            case messages.CopyWanted(ids=ids, form=form):
                self.do(lambda library: library.copies.copy(ids, form), "copy")
            case messages.CitedCopyWanted(answer=answer):
                self.do(lambda library: library.copies.copy_cited(answer), "copy")
            case PaperPlace.Opened(place=place, item=item):
                if self.library is not None:
                    self.library.reading.is_behind = False
                self.do(lambda library: library.reading.read(place, item), "reading")
            case PaperPlace.NoteWanted(paper=paper):
                self.do(
                    lambda library: library.reading.edit_note(paper, library.show_changed), "note"
                )

    def _reopen(self, session: str, turn: int | None = None) -> None:
        if self._screen.busy:
            self._screen.status.say(f"{self._screen.keys['back']} stops the answer first.")
        else:
            self.do(lambda library: library.reopen(session, turn), "sessions")
