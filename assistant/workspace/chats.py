"""The saved conversations of an open library, as front ends that stay open use them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.sessions import Conversations
from assistant.types.answers import Answer
from assistant.types.sessions import Citing, Session, SessionChoice, SessionLine
from assistant.workspace.citing import cited_in
from store.ledger.database import now
from store.library.library import Library

if TYPE_CHECKING:
    from assistant.answers.documents.target import Target


class Chats:
    """The conversations of an open library; what blocks runs in a thread. Raises StoreError."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._conversations = Conversations(library)

    async def sessions(self) -> tuple[SessionLine, ...]:
        """All conversations, the last one used first."""
        return await asyncio.to_thread(self._conversations.lines)

    async def session(self, session_id: str) -> Session:
        """A conversation with its turns."""
        return await asyncio.to_thread(self._conversations.open, session_id)

    async def choose_session(self, name: str) -> SessionChoice:
        """The conversation of this name, or the one that an answer is to begin."""
        return await asyncio.to_thread(self._conversations.choose, name)

    async def rename_session(self, session_id: str, name: str) -> str:
        """Give a conversation another name; returns it as it is kept. Raises InputError."""
        return await asyncio.to_thread(self._conversations.rename, session_id, name)

    async def last_session(self) -> str | None:
        """The id of the conversation used last."""
        return await asyncio.to_thread(self._conversations.last)

    async def delete_session(self, session_id: str) -> None:
        """Forget a conversation."""
        await asyncio.to_thread(self._conversations.delete, session_id)

    async def write_document(self, target: Target, what: Answer | Session) -> tuple[Path, ...]:
        """Write an answer of now, or a conversation, as a document; returns its files."""
        return await asyncio.to_thread(self._write_document, target, what)

    def _write_document(self, target: Target, what: Answer | Session) -> tuple[Path, ...]:
        from assistant.answers.documents.target import document_of, write

        return write(target, document_of(self._library, what, now()))

    async def cited_in(self, paper_id: str) -> tuple[Citing, ...]:
        """The saved answers that cite a paper, the last one first; raises UnknownPaper."""
        return await asyncio.to_thread(lambda: cited_in(self._library, paper_id))
