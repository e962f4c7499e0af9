"""What a reader does to papers, in a list of them or before one: the keys, and what they want."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

if TYPE_CHECKING:
    from store.types import Status
    from tui.presenters.sources import Item


class PapersMessage(Message):
    """What is wanted of some papers, by id."""

    def __init__(self, ids: tuple[str, ...]) -> None:
        super().__init__()
        self.ids = ids


class MarkWanted(PapersMessage):
    """The reader wants papers marked."""

    def __init__(self, ids: tuple[str, ...], status: Status) -> None:
        super().__init__(ids)
        self.status = status


class TagWanted(PapersMessage):
    """The reader wants tags given to papers, or taken."""


class RemoveWanted(PapersMessage):
    """The reader wants papers out of the library."""


class ExportWanted(PapersMessage):
    """The reader wants papers written to a file; without ids those that are listed."""


class UndoWanted(Message):
    """The reader wants the last mark, tag or note taken back."""


class SummaryWanted(Message):
    """The reader wants a summary of a paper."""

    def __init__(self, item: Item) -> None:
        super().__init__()
        self.item = item


def marking(prefix: str) -> Sequence[BindingType]:
    """The keys that mark and tag papers, their ids behind a prefix."""
    return (
        Binding("asterisk", "mark('kept')", "keep", key_display="*", id=f"{prefix}.keep"),
        Binding("t", "tag", "tag", id=f"{prefix}.tag"),
        Binding("r", "mark('read')", "read", id=f"{prefix}.read"),
        Binding("y", "screen.copy", "copy", id=f"{prefix}.copy"),
        Binding("x", "mark('skipped')", "skip", id=f"{prefix}.skip"),
        Binding("l", "mark('later')", "later", id=f"{prefix}.later"),
        Binding("u", "undo", "undo", id=f"{prefix}.undo"),
        Binding("e", "export", "export", id=f"{prefix}.export"),
        Binding("D,delete", "remove", "remove", key_display="D", id=f"{prefix}.remove"),
    )


class PaperActs(Widget):
    """Does what the keys of `marking` say to the papers that are meant."""

    @property
    def meant(self) -> tuple[str, ...]:
        """The ids of these papers."""
        return ()

    def statuses(self, ids: Collection[str]) -> set[Status]:
        """The marks of those of some papers that are at hand."""
        return set()

    def action_mark(self, status: Status) -> None:
        """Mark them; those that all have the mark are unread again."""
        if ids := self.meant:
            wanted: Status = "unread" if self.statuses(ids) == {status} else status
            self.marked(ids, wanted)
            self.post_message(MarkWanted(ids, wanted))

    def marked(self, ids: tuple[str, ...], status: Status) -> None:
        """Show a mark that is about to be kept."""

    def action_tag(self) -> None:
        """Ask for tags for them."""
        if ids := self.meant:
            self.post_message(TagWanted(ids))

    def action_remove(self) -> None:
        """Ask for them to be taken out of the library."""
        if ids := self.meant:
            self.post_message(RemoveWanted(ids))

    def action_export(self) -> None:
        """Ask for them to be written to a file."""
        if ids := self.meant:
            self.post_message(ExportWanted(ids))

    def action_undo(self) -> None:
        """Take the last change back."""
        self.post_message(UndoWanted())
