"""The seam between the app and everything that knows papers, models and conversations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from assistant.values import (
    Answer,
    Event,
    Question,
    SearchResult,
    Session,
    SessionLine,
    SummaryRequest,
)
from store.model import Filter, LibraryStatus, Narrate, Paper

EVERYTHING = Filter()
"""The filter that leaves every paper in."""


class Desk(Protocol):
    """What the app asks of the assistant; failures are AssistantError or StoreError."""

    @property
    def model(self) -> str:
        """The name of the model that answers, "extractive" for the built-in one."""
        ...

    @property
    def sends_to(self) -> str | None:
        """The host that questions and abstracts are sent to; None: nothing leaves this machine."""
        ...

    @property
    def library(self) -> str:
        """The path of the library, for display."""
        ...

    @property
    def stopped(self) -> Answer | None:
        """What came of the last answer that was stopped early, as it was saved."""
        ...

    def ask(self, question: Question) -> AsyncIterator[Event]:
        """Answer a question; closing the iterator stops the model and saves what came."""
        ...

    def summarize(self, request: SummaryRequest) -> AsyncIterator[Event]:
        """Summarize papers; closing the iterator stops the model and saves what came."""
        ...

    async def papers(self, wanted: Filter = EVERYTHING) -> tuple[Paper, ...]:
        """The papers that a filter leaves."""
        ...

    async def paper(self, name: str) -> Paper:
        """One paper by id; raises UnknownPaper."""
        ...

    async def search(self, text: str, limit: int = 20, wanted: Filter = EVERYTHING) -> SearchResult:
        """The papers that speak most to a text, best first."""
        ...

    async def sessions(self) -> tuple[SessionLine, ...]:
        """The saved conversations."""
        ...

    async def session(self, session_id: str) -> Session:
        """One saved conversation with all its turns."""
        ...

    async def delete_session(self, session_id: str) -> None:
        """Forget a saved conversation."""
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
