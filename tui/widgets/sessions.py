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
from store.clean import clean_line
from tui.widgets.virtual_list import LineList, Row


class SessionsView(Vertical):
    """A list of saved conversations, the latest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "delete", "Delete", show=False, id="sessions.delete"),
    ]

    class DeleteWanted(Message):
        """The reader wants a conversation deleted; nothing has been asked yet."""

        def __init__(self, line: SessionLine) -> None:
            super().__init__()
            self.line = line

    def compose(self) -> ComposeResult:
        """The count and the list."""
        yield Static(id="session-count")
        yield LineList[SessionLine](_row, empty="Reading…", id="session-list")

    @property
    def lines(self) -> LineList[SessionLine]:
        """The list."""
        return self.query_one("#session-list", LineList)

    def load(self, sessions: tuple[SessionLine, ...]) -> None:
        """Show these conversations."""
        ordered = sorted(sessions, key=lambda one: one.updated_at, reverse=True)
        self.lines.fill(ordered, "No conversation is saved yet.", self.lines.cursor)
        count = "1 conversation" if len(ordered) == 1 else f"{len(ordered)} conversations"
        self.query_one("#session-count", Static).update(
            Content(f"{count} · Enter opens, d deletes")
        )

    def action_delete(self) -> None:
        """Ask for the deletion of the conversation under the cursor."""
        if (line := self.lines.current) is not None:
            self.post_message(self.DeleteWanted(line))


def _row(line: SessionLine) -> Row:
    turns = "1 question" if line.turns == 1 else f"{line.turns} questions"
    when = clean_line(line.updated_at)[:16].replace("T", " ")
    return clean_line(line.title) or "(no title)", f"{when} UTC · {turns}"
