"""The saved conversations of an open library, as front ends that stay open use them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.sessions import Conversations, turn_text
from assistant.types.answers import Answer
from assistant.types.sessions import Citing, Session, SessionChoice, SessionLine, TurnText
from assistant.workspace.citing import cited_in
from store.errors import NothingToUndo
from store.ledger.database import now
from store.library.library import Library

if TYPE_CHECKING:
    from assistant.answers.documents.target import Target
    from assistant.workspace.session_finder import SessionFinder
    from store.ledger.session_return import TakenSession


class Chats:
    """The conversations of an open library; what blocks runs in a thread. Raises StoreError."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._conversations = Conversations(library)
        self._taken: dict[str, TakenSession] = {}

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
        """Forget a conversation; until this is closed `restore_session` puts it back."""
        await asyncio.to_thread(self._delete_session, session_id)

    def _delete_session(self, session_id: str) -> None:
        from store.ledger.session_return import take_session

        if (taken := take_session(self._library.ledger, session_id)) is not None:
            self._taken[session_id] = taken

    async def restore_session(self, session_id: str) -> None:
        """Put a conversation back that was deleted here; raises NothingToUndo."""
        await asyncio.to_thread(self._restore_session, session_id)

    def _restore_session(self, session_id: str) -> None:
        from store.ledger.session_return import put_session_back

        if (taken := self._taken.get(session_id)) is None:
            raise NothingToUndo("this conversation was not deleted here", "restart quire")
        put_session_back(self._library.ledger, taken)
        del self._taken[session_id]

    def session_finder(self) -> SessionFinder:
        """What finds conversations by words; it has read nothing yet."""
        from assistant.workspace.session_finder import SessionFinder

        return SessionFinder(self._library.folder)

    async def turn_text(self, session_id: str, number: int | None = None) -> TurnText | None:
        """The texts of a turn of a conversation, of the last one without a number; None: gone."""
        ledger = self._library.ledger
        return await asyncio.to_thread(lambda: turn_text(ledger, session_id, number))

    async def document_target(self, path: str) -> Target:
        """The document that a reader names by a path; raises WrongUse, UnwritableTarget."""
        return await asyncio.to_thread(_target, path)

    async def write_document(self, target: Target, what: Answer | Session) -> tuple[Path, ...]:
        """Write an answer of now, or a conversation, as a document; returns its files."""
        return await asyncio.to_thread(self._write_document, target, what)

    def _write_document(self, target: Target, what: Answer | Session) -> tuple[Path, ...]:
        from assistant.answers.documents.target import document_of, write

        return write(target, document_of(self._library, what, now()))

    async def cited_in(self, paper_id: str) -> tuple[Citing, ...]:
        """The saved answers that cite a paper, the last one first; raises UnknownPaper."""
        return await asyncio.to_thread(lambda: cited_in(self._library, paper_id))


def _target(path: str) -> Target:
    from assistant.answers.documents.target import target_of

    return target_of(Path(path.strip()).expanduser())
