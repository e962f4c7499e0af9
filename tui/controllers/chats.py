"""The saved chats as the screen over all places has them, asked of the service."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tui.presenters import chats
from tui.presenters.key_names import AS_THEY_COME, KeyNames
from tui.screens.chats import Chats
from tui.screens.messages import SessionWanted

if TYPE_CHECKING:
    from assistant.types.sessions import SessionLine, TurnText
    from tui.controllers.opened import Opened
    from tui.screens.main import MainScreen
    from tui.service import Service


class ChatsController:
    """Lists, finds, renames, deletes and exports chats; raises AssistantError and StoreError.

    `forgotten` is told the id of each chat that is deleted, for it may be the open one.
    """

    def __init__(
        self,
        service: Service,
        forgotten: Callable[[str], Awaitable[None]],
        keys: KeyNames = AS_THEY_COME,
    ) -> None:
        self._keys = keys
        self._service = service
        self._forgotten = forgotten
        self._finder = service.session_finder()
        self._deleted: list[SessionLine] = []

    async def lines(self) -> tuple[SessionLine, ...]:
        """All chats, the last one used first."""
        return await self._service.sessions()

    async def read(self) -> None:
        """Read what a filter looks at; `found` may be asked meanwhile."""
        await asyncio.to_thread(self._finder.read)

    def close(self) -> None:
        """Read no further."""
        self._finder.stop()

    @property
    def left_out(self) -> int:
        """Turns whose answers a filter does not look at."""
        return self._finder.left_out

    def found(self, words: str, lines: tuple[SessionLine, ...]) -> dict[str, int | None]:
        """The chats that hold every word, each with the turn that does; None: its name does."""
        return self._finder.found(words, lines)

    async def turn(self, line: SessionLine, number: int | None) -> TurnText | None:
        """The texts of a turn of a chat, of the last one without a number."""
        return await self._service.turn_text(line.id, number)

    async def rename(self, line: SessionLine, name: str) -> str:
        """Give a chat another name; returns what is to be said."""
        return chats.renamed(await self._service.rename_session(line.id, name))

    async def delete(self, line: SessionLine) -> str:
        """Delete a chat, which `take_back` puts back; returns what is to be said."""
        await self._service.delete_session(line.id)
        self._deleted.append(line)
        await self._forgotten(line.id)
        return chats.deleted(line, self._keys)

    async def take_back(self) -> tuple[str, str | None]:
        """Put the chat deleted last back; returns what is to be said, and the id of the chat."""
        if not self._deleted:
            return chats.NOTHING_TO_UNDO, None
        line = self._deleted[-1]
        await self._service.restore_session(line.id)
        self._deleted.pop()
        return chats.restored(line), line.id

    async def there(self, path: str) -> tuple[Path, ...]:
        """The files that a document of this path would replace; raises what it cannot be."""
        target = await self._service.document_target(path)
        return await asyncio.to_thread(lambda: tuple(one for one in target.files if one.exists()))

    async def export(self, line: SessionLine, path: str) -> str:
        """Write a chat as a document; returns what is to be said."""
        target = await self._service.document_target(path)
        session = await self._service.session(line.id)
        return chats.written(await self._service.write_document(target, session))


class SavedChats:
    """Shows the saved chats over what is here; one that is chosen is gone on with.

    `left` is called where none is chosen: some may be deleted, or called otherwise.
    """

    def __init__(self, main: MainScreen, opened: Opened, left: Callable[[], None]) -> None:
        self._main = main
        self._opened = opened
        self._left = left

    def show(self) -> None:
        """Show them, unless a dialog is there."""
        service = self._opened.or_told()
        if service is not None and self._main.is_current:
            keeper = ChatsController(service, self._forget, self._main.keys)
            self._main.app.push_screen(Chats(keeper), self._go_on)

    def _go_on(self, line: SessionLine | None) -> None:
        if line is not None:
            self._main.post_message(SessionWanted(line))
        else:
            self._left()

    async def _forget(self, session: str) -> None:
        """Show a chat no more that was deleted."""
        if self._main.conversation.session == session and not self._main.busy:
            await self._main.conversation.clear()
