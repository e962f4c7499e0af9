"""The saved chats, over any place: found while words are typed, with what was said last beside."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Protocol

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Input, Static

from assistant.errors import AssistantError
from assistant.types.sessions import SessionLine, TurnText
from store.clean import clean_line
from store.errors import StoreError
from tui.presenters import chats, sessions, status
from tui.screens.dialogs import Confirm, NameConversation
from tui.screens.name_file import NameFile
from tui.widgets.bound_keys import key_now
from tui.widgets.dialog_keys import DialogKeys
from tui.widgets.inputs import LineInput
from tui.widgets.virtual_list import LineList

WIDE = 100
"""Columns from which the last turn stands beside the list, and no more below it."""
_WORDS = 400
"""Characters that the filter may have."""


_ACTIONS = (
    ("ctrl+e", "rename", "Rename"),
    ("ctrl+d", "delete", "Delete"),
    ("ctrl+z", "take_back", "Undo"),
    ("ctrl+s", "export", "Export"),
)
"""Key, action and name of what is done to a chat, wherever the focus is."""


class Keeper(Protocol):
    """What keeps the chats; failures are AssistantError or StoreError."""

    async def lines(self) -> tuple[SessionLine, ...]:
        """All chats, the last one used first."""
        ...

    async def read(self) -> None:
        """Read what a filter looks at; `found` may be asked meanwhile."""
        ...

    def close(self) -> None:
        """Read no further."""
        ...

    @property
    def left_out(self) -> int:
        """Turns whose answers a filter does not look at."""
        ...

    def found(self, words: str, lines: tuple[SessionLine, ...]) -> dict[str, int | None]:
        """The chats that hold every word, each with the turn that does; None: its name does."""
        ...

    async def turn(self, line: SessionLine, number: int | None) -> TurnText | None:
        """The texts of a turn of a chat, of the last one without a number."""
        ...

    async def rename(self, line: SessionLine, name: str) -> str:
        """Give a chat another name; returns what is to be said."""
        ...

    async def delete(self, line: SessionLine) -> str:
        """Delete a chat; returns what is to be said."""
        ...

    async def take_back(self) -> tuple[str, str | None]:
        """Put the chat deleted last back; returns what is to be said, and its id."""
        ...

    async def there(self, path: str) -> tuple[Path, ...]:
        """The files that a document of this path would replace."""
        ...

    async def export(self, line: SessionLine, path: str) -> str:
        """Write a chat as a document; returns what is to be said."""
        ...


class Chats(ModalScreen[SessionLine | None]):
    """Finds a chat and gives it back, to be gone on with; None where none is chosen."""

    AUTO_FOCUS = "#chat-filter"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+r", "dismiss(None)", "Close", id="chats.close"),
        *(
            Binding(key, f"screen.{action}", name, id=f"chats.{action}")
            for key, action, name in _ACTIONS
        ),
    ]

    def __init__(self, keeper: Keeper) -> None:
        super().__init__()
        self._keeper = keeper
        self._lines: tuple[SessionLine, ...] = ()
        self._turns: dict[str, int | None] = {}
        self._found_by = ""

    def compose(self) -> ComposeResult:
        """The filter, the list with a turn beside it, what is said, the keys."""
        with Vertical(classes="dialog", id="chats"):
            with Horizontal(id="chat-top"):
                yield ChatFilter(placeholder="Find a chat", id="chat-filter", max_length=_WORDS)
                yield Static(id="chat-count")
            with Vertical(id="chat-panes"):
                yield ChatList(chats.row, empty="Reading…", id="chat-list")
                with VerticalScroll(id="chat-beside", can_focus=False):
                    yield Static(id="chat-question")
                    yield Static(id="chat-when")
                    yield Static(id="chat-text")
            yield Static(id="chat-said")
            yield DialogKeys(id="chat-keys")

    def on_mount(self) -> None:
        """Fill the list, then read what the filter looks at."""
        self._do(self._open())

    def on_unmount(self) -> None:
        """Let go of what is read."""
        self._keeper.close()

    def on_resize(self, event: events.Resize) -> None:
        """Show as many keys as have room."""
        self.call_after_refresh(self._show_keys)

    def _show_keys(self) -> None:
        line = self.query_one("#chat-keys", DialogKeys)
        line.tell(chats.keys(line.size.width or 80))

    @property
    def list(self) -> ChatList:
        """The list."""
        return self.query_one("#chat-list", ChatList)

    @property
    def words(self) -> str:
        """What is typed into the filter."""
        return self.query_one("#chat-filter", Input).value

    def say(self, line: str) -> None:
        """Say what was done, or why it was not."""
        self.query_one("#chat-said", Static).update(Content(clean_line(line)))

    async def _open(self) -> None:
        await self._load()
        # The rows are drawn first, for reading takes the time of the interpreter.
        self.call_after_refresh(lambda: self._do(self._read()))

    async def _read(self) -> None:
        await self._keeper.read()
        if self.words:
            self._find()

    async def _load(self, current: str | None = None) -> None:
        self._lines = await self._keeper.lines()
        self._find(current)

    @on(Input.Changed, "#chat-filter")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._find()

    def _find(self, current: str | None = None) -> None:
        """Show the chats that hold what is typed, the cursor on one of them."""
        self._found_by = self.words
        self._turns = self._keeper.found(self._found_by, self._lines)
        shown = [one for one in self._lines if one.id in self._turns]
        at = next((at for at, one in enumerate(shown) if one.id == current), 0)
        none = chats.NONE_FOUND % (key_now(self, "escape") or "Esc")
        self.list.fill(shown, none if self._lines else chats.NONE_SAVED, at)
        said = chats.count(
            len(shown),
            len(self._lines),
            is_filtered=bool(self.words.strip()),
            left_out=self._keeper.left_out,
        )
        self.query_one("#chat-count", Static).update(Content(said))
        self._look()

    @on(LineList.Highlighted)
    def _passed(self, event: LineList.Highlighted) -> None:
        event.stop()
        self._look()

    def _look(self) -> None:
        """Show a turn of the chat under the cursor: the last one, or the one that was found."""
        self._do(self._beside(self.list.current), "beside")

    async def _beside(self, line: SessionLine | None) -> None:
        turn = None
        if line is not None:
            turn = await self._keeper.turn(line, self._turns.get(line.id))
        shown = chats.beside(turn)
        for name, text in (
            ("question", shown.question),
            ("when", shown.when),
            ("text", shown.text),
        ):
            self.query_one(f"#chat-{name}", Static).update(Content(text))
        self.query_one("#chat-beside").scroll_home(animate=False)

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.dismiss(event.item)

    def action_move(self, by: int) -> None:
        """Move in the list while the filter has the focus."""
        self.list.action_move(by)

    def action_page(self, direction: int) -> None:
        """Move by what fits in view while the filter has the focus."""
        self.list.action_page(direction)

    @on(Input.Submitted, "#chat-filter")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if (line := self._current()) is not None:
            self.dismiss(line)

    def _current(self) -> SessionLine | None:
        """The chat under the cursor, by what is typed by now."""
        if self.words != self._found_by:
            self._find()
        return self.list.current

    def action_rename(self) -> None:
        """Ask for another name of the chat under the cursor."""
        if (line := self._current()) is None:
            return

        def named(name: str | None) -> None:
            if name is not None:
                self._do(self._change(self._keeper.rename(line, name), line.id))

        self.app.push_screen(NameConversation(sessions.title(line)), named)

    def action_delete(self) -> None:
        """Delete the chat under the cursor; the next one is under it then."""
        if (line := self._current()) is not None:
            shown = self.list.items
            beside = [*shown[self.list.cursor + 1 :], *shown[: self.list.cursor][::-1]]
            current = next((one.id for one in beside if one is not None), None)
            self._do(self._change(self._keeper.delete(line), current))

    def action_take_back(self) -> None:
        """Put the chat deleted last back."""
        self._do(self._take_back())

    def action_export(self) -> None:
        """Ask where the chat under the cursor is to be written."""
        if (line := self._current()) is None:
            return

        def named(path: str | None) -> None:
            if path is not None:
                self._do(self._export(line, path))

        self.app.push_screen(NameFile(chats.WRITES, chats.file_name(line), chats.WRITTEN_AS), named)

    async def _change(self, change: Coroutine[Any, Any, str], current: str | None) -> None:
        with self._noticing():
            self.say(await change)
        await self._load(current)

    async def _take_back(self) -> None:
        with self._noticing():
            said, name = await self._keeper.take_back()
            self.say(said)
            if name is not None:
                await self._load(name)

    async def _export(self, line: SessionLine, path: str) -> None:
        with self._noticing():
            there = await self._keeper.there(path)
            if not there:
                self.say(await self._keeper.export(line, path))
                return

            def answered(yes: bool | None) -> None:
                if yes:
                    self._do(self._change(self._keeper.export(line, path), line.id))

            named = "\n".join(clean_line(str(one)) for one in there)
            self.app.push_screen(Confirm("Replace what is there?", named), answered)

    def _do(self, job: Coroutine[Any, Any, None], group: str = "chats") -> None:
        """Run a job in a worker; of those that show a turn the last one alone."""
        self.run_worker(self._noticed(job), group=group, exclusive=group != "chats")

    async def _noticed(self, job: Coroutine[Any, Any, None]) -> None:
        with self._noticing():
            await job

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        try:
            yield
        except (AssistantError, StoreError) as error:
            if self.is_running:
                self.say(status.failure(error))


class ChatFilter(LineInput):
    """Takes words, and leaves to the list what moves in it or is done to a chat."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "screen.move(-1)", show=False, id="chats.up"),
        Binding("down", "screen.move(1)", show=False, id="chats.down"),
        Binding("pageup", "screen.page(-1)", show=False, id="chats.page_up"),
        Binding("pagedown", "screen.page(1)", show=False, id="chats.page_down"),
        # The box has keys of its own for some of these.
        *(
            Binding(key, f"screen.{action}", name, show=False, id=f"chats.{action}")
            for key, action, name in _ACTIONS
        ),
    ]


class ChatList(LineList[SessionLine]):
    """Chats of which the one under the cursor is seen while the filter has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "screen.take_back", "Undo", show=False, id="chats.undo_here"),
        Binding("delete,d", "screen.delete", "Delete", show=False, id="chats.delete_here"),
        Binding("r,e", "screen.rename", "Rename", show=False, id="chats.rename_here"),
    ]

    def draw(self, item: SessionLine | None, part: int, width: int, *, is_current: bool) -> Strip:
        """Draw a line of a chat, as the current one too where the list has no focus."""
        return self.drawn(item, part, width, is_current=is_current, is_lit=is_current)
