"""The saved conversations."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from assistant.types.sessions import SessionLine
from tui.presenters import sessions
from tui.widgets.virtual_list import LineList


class SessionsView(Vertical):
    """A list of saved conversations, the latest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "rename", "Rename", show=False, id="sessions.rename"),
        Binding("d", "delete", "Delete", show=False, id="sessions.delete"),
    ]

    class DeleteWanted(Message):
        """The reader wants a conversation deleted; nothing has been asked yet."""

        def __init__(self, line: SessionLine) -> None:
            super().__init__()
            self.line = line

    class RenameWanted(Message):
        """The reader wants a conversation to have another name; which is to be asked."""

        def __init__(self, line: SessionLine) -> None:
            super().__init__()
            self.line = line

    def compose(self) -> ComposeResult:
        """The count and the list."""
        yield Static(id="session-count")
        yield LineList[SessionLine](sessions.row, empty="Reading…", id="session-list")

    @property
    def lines(self) -> LineList[SessionLine]:
        """The list."""
        return self.query_one("#session-list", LineList)

    def load(self, saved: tuple[SessionLine, ...]) -> None:
        """Show these conversations."""
        self.lines.fill(sessions.latest_first(saved), sessions.NONE_SAVED, self.lines.cursor)
        self.query_one("#session-count", Static).update(Content(sessions.count(len(saved))))

    def action_rename(self) -> None:
        """Ask for another name of the conversation under the cursor."""
        if (line := self.lines.current) is not None:
            self.post_message(self.RenameWanted(line))

    def action_delete(self) -> None:
        """Ask for the deletion of the conversation under the cursor."""
        if (line := self.lines.current) is not None:
            self.post_message(self.DeleteWanted(line))
