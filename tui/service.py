"""The seam between the app and everything that knows papers, models and conversations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from store.ledger.browse import AS_ADDED, Listing, Order, PaperLine, Progress
from store.types import Filter, LibraryStatus, Narrate, Paper, Status

if TYPE_CHECKING:
    from assistant.answers.documents.target import Target
    from assistant.answers.preview import Sending
    from assistant.config.settings import Settings
    from assistant.ingest.add import AddEvent, AddRequest
    from assistant.ingest.embedder_change import ChangeEvent
    from assistant.types.answers import Answer
    from assistant.types.asked_of import AskedOf
    from assistant.types.events import Event
    from assistant.types.questions import Question, SummaryRequest
    from assistant.types.search import SearchResult
    from assistant.types.sessions import Citing, Session, SessionLine, Turn, TurnText
    from assistant.types.usage import Estimate
    from assistant.wiring.embedders import EmbedderChoice
    from assistant.workspace.browsing import Emptied
    from assistant.workspace.collection import ExportTarget
    from assistant.workspace.left_off import LeftOff
    from store.ledger.undo import Undoing

EVERYTHING = Filter()
"""The filter that leaves every paper in."""


class Adding(Protocol):
    """Papers being added; failures are StoreError."""

    def events(self) -> AsyncIterator[AddEvent]:
        """Add, and tell how far it has come; closing the iterator stops it as well."""
        ...

    def stop(self) -> None:
        """Take no further record; what was read is kept, and `events` ends with a report."""
        ...


class Changing(Protocol):
    """A library's embedder being changed; failures are AssistantError or StoreError."""

    def events(self) -> AsyncIterator[ChangeEvent]:
        """Change it, and tell how far it has come; closing the iterator stops it as well."""
        ...

    def stop(self) -> None:
        """End soon; what was made stays, the library too, and `events` ends with a report."""
        ...


class Finding(Protocol):
    """Finds conversations by parts of words of their names, questions and answers."""

    @property
    def left_out(self) -> int:
        """Turns whose answers are not looked at, for there are very many later ones."""
        ...

    def read(self) -> None:
        """Read what is searched, for a thread; `found` may be asked meanwhile."""
        ...

    def stop(self) -> None:
        """Read no further."""
        ...

    def found(self, words: str, lines: Iterable[SessionLine]) -> dict[str, int | None]:
        """The conversations that hold every word, each with the turn that does (None: its name)."""
        ...


class Service(Protocol):
    """What the app asks of the assistant; failures are AssistantError or StoreError."""

    @property
    def model(self) -> str:
        """The name of the model that answers, "extractive" for the built-in one."""
        ...

    @property
    def is_extractive(self) -> bool:
        """True for the built-in model, which chooses sentences and judges none."""
        ...

    @property
    def sends_to(self) -> str | None:
        """The host that questions and abstracts are sent to; None: nothing leaves this machine."""
        ...

    @property
    def judge(self) -> str:
        """The name of the model that judges claims, empty where none can."""
        ...

    @property
    def judges_at(self) -> str | None:
        """The host that claims are sent to for that; None: they do not leave this machine."""
        ...

    @property
    def library(self) -> str:
        """The path of the library, for display."""
        ...

    @property
    def stopped(self) -> Answer | None:
        """What came of the last answer that was stopped early, as it was saved."""
        ...

    async def use_model(self, name: str, settings: Settings) -> None:
        """Have another model answer from the next question on, and judge; raises WrongUse."""
        ...

    def ask(self, question: Question) -> AsyncIterator[Event]:
        """Answer a question; closing the iterator stops the model and saves what came."""
        ...

    def ask_with(self, name: str, settings: Settings, question: Question) -> AsyncIterator[Event]:
        """Have another model answer this question alone, without the turns before it.

        Raises WrongUse once it is iterated; closing the iterator stops the model and saves what
        came.
        """
        ...

    def summarize(self, request: SummaryRequest) -> AsyncIterator[Event]:
        """Summarize papers; closing the iterator stops the model and saves what came."""
        ...

    def ask_all(self, question: Question) -> AsyncIterator[Event]:
        """Put a question to every paper of its filter; closing the iterator saves what came."""
        ...

    async def sending(self, request: Question, *, all_papers: bool) -> Sending:
        """What a question would send, with `all_papers` to every paper; nothing is sent."""
        ...

    async def holding(self, text: str) -> tuple[str, ...]:
        """The ids of the papers that `listing` finds; raises QuerySyntaxError."""
        ...

    async def papers_of(self, asked: AskedOf | None) -> Filter | None:
        """What leaves the papers that an answer was asked of, as they are now; None for none left.

        Those that a query chose are those that it finds now.
        """
        ...

    async def mark(self, ids: Sequence[str], status: Status) -> int:
        """Give papers a status; returns how many changed."""
        ...

    async def marked(self) -> Mapping[Status, int]:
        """How many papers have which mark; one that no paper has may be left out."""
        ...

    async def change_tags(
        self, ids: Sequence[str], add: Sequence[str], remove: Sequence[str]
    ) -> int:
        """Give tags to papers and take some; returns how many changed. Raises InputError."""
        ...

    async def change_note(self, paper_id: str, text: str) -> int:
        """Give a paper its note, the last one of several; "" takes it away.

        Returns how many papers changed; `take_back` undoes it. Raises InputError.
        """
        ...

    async def exported(self, ids: Sequence[str], form: str) -> str:
        """Papers as an exporter of that name writes them."""
        ...

    async def tags(self) -> tuple[str, ...]:
        """The tags of the library, the one of most papers first."""
        ...

    async def next_undo(self) -> Undoing:
        """What taking back the last change would do; raises NothingToUndo."""
        ...

    async def take_back(self, number: int) -> Undoing:
        """Take back the last change, by its number; raises NothingToUndo."""
        ...

    async def remove(self, ids: Sequence[str]) -> int:
        """Take papers out of the library, until `take_back`; returns how many."""
        ...

    async def export_target(self, path: str) -> ExportTarget:
        """The file that a path names and what it is written as; raises InputError."""
        ...

    async def export_to(self, target: ExportTarget, ids: Sequence[str]) -> None:
        """Write papers into a file, whole or not at all."""
        ...

    async def checking(self, answer: Answer) -> Estimate:
        """What checking an answer will take; nothing is sent."""
        ...

    def check(self, answer: Answer, max_cost: float | None) -> AsyncIterator[Event]:
        """Have the model judge each claim of an answer; closing the iterator stops it.

        Raises CostRefused when that may cost more than `max_cost` in USD.
        """
        ...

    async def listing(self, text: str, order: Order = AS_ADDED) -> Listing:
        """The papers that have what a query asks for, in an order; raises QuerySyntaxError."""
        ...

    async def first_listed(self, text: str, order: Order = AS_ADDED) -> Listing:
        """As `listing`; of many papers a part that is found soon, `is_part`."""
        ...

    async def lines(self, listing: Listing, start: int, limit: int) -> tuple[PaperLine, ...]:
        """A window of a listing, counted from 0."""
        ...

    async def emptied(self, text: str) -> Emptied | None:
        """The part of a query that left no paper, where papers are left without it."""
        ...

    async def place(self, listing: Listing, paper_id: str) -> int | None:
        """The place of a paper in a listing, counted from 0; None where it is not in it."""
        ...

    async def progress(self, listing: Listing) -> Progress | None:
        """How far what a list is gone through has come; None where it is not there for that."""
        ...

    async def tldr(self, name: str) -> str:
        """What a paper is about in one of its sentences, "" for none; raises UnknownPaper."""
        ...

    async def left_off(self) -> LeftOff | None:
        """Where the reader last left off going through the papers; None where nothing is kept."""
        ...

    async def leave_off(self, at: LeftOff) -> None:
        """Keep where the reader left off, as well as that can be kept."""
        ...

    def add(self, request: AddRequest, narrate: Narrate) -> Adding:
        """An adding of papers, not started yet; `narrate` takes lines on it."""
        ...

    async def embedders(self) -> tuple[EmbedderChoice, ...]:
        """The embedders that the library may use, with the one in use marked."""
        ...

    async def embedding_host(self) -> str | None:
        """The host that texts are sent to for their vectors; None: they stay on this machine."""
        ...

    async def wanted_embedder(self) -> str:
        """The embedder on this machine that papers wait for; "" for none."""
        ...

    async def offer_better(self) -> bool:
        """True where an empty library is to be offered a better embedder; the next time not."""
        ...

    def use_embedder(self, name: str) -> Changing:
        """A change of the library's embedder, not started yet."""
        ...

    async def paper(self, name: str) -> Paper:
        """One paper by id; raises UnknownPaper."""
        ...

    async def search(self, text: str, limit: int = 20, wanted: Filter = EVERYTHING) -> SearchResult:
        """The papers that speak most to a text, best first."""
        ...

    async def similar(
        self, name: str, limit: int = 20, wanted: Filter = EVERYTHING
    ) -> SearchResult:
        """The papers nearest to one, the nearest first; raises UnknownPaper."""
        ...

    async def cited_in(self, paper_id: str) -> tuple[Citing, ...]:
        """The saved answers that cite a paper, the last one first; raises UnknownPaper."""
        ...

    async def sessions(self) -> tuple[SessionLine, ...]:
        """The saved conversations."""
        ...

    async def session(self, session_id: str) -> Session:
        """One saved conversation with all its turns."""
        ...

    async def new_matches(self, turn: Turn) -> int:
        """How many papers added since a turn it would rest on now, of those that it was asked of.

        Nothing is sent.
        """
        ...

    async def usual_tokens(self) -> tuple[int, int]:
        """Tokens in that a question takes as a rule, at least and at most; 0 where none go out."""
        ...

    async def suggested_questions(self) -> tuple[str, ...]:
        """At most three questions that the papers can answer; nothing is sent."""
        ...

    async def rename_session(self, session_id: str, name: str) -> str:
        """Give a conversation another name; returns it as it is kept."""
        ...

    async def delete_session(self, session_id: str) -> None:
        """Forget a saved conversation, until `restore_session` puts it back."""
        ...

    async def restore_session(self, session_id: str) -> None:
        """Put back a conversation that was deleted here; raises NothingToUndo."""
        ...

    def session_finder(self) -> Finding:
        """What finds conversations by words; it has read nothing yet."""
        ...

    async def turn_text(self, session_id: str, number: int | None = None) -> TurnText | None:
        """The texts of a turn, of the last one without a number; None where it is gone."""
        ...

    async def document_target(self, path: str) -> Target:
        """The document that a path names; raises WrongUse, UnwritableTarget."""
        ...

    async def write_document(self, target: Target, what: Answer | Session) -> tuple[Path, ...]:
        """Write an answer, or a conversation, as a document; returns its files."""
        ...

    async def status(self) -> LibraryStatus:
        """How the library stands."""
        ...

    async def changed(self) -> bool:
        """True when another process changed the library since the last call."""
        ...

    async def catch_up(self, narrate: Narrate) -> None:
        """Do the long work of projecting and rebuilding; `narrate` may run in any thread."""
        ...

    async def aclose(self) -> None:
        """Close what is open."""
        ...
