"""What the reader wants that the screen cannot do itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from assistant.types.answers import Answer
    from assistant.types.sessions import SessionLine
    from tui.presenters.copies import Form
    from tui.presenters.places import Place


class StopWanted(Message):
    """The reader wants the answer stopped."""


class AddWanted(Message):
    """The reader wants to add papers; `or_stop`: or, while some are added, to stop that."""

    def __init__(self, or_stop: bool) -> None:
        super().__init__()
        self.or_stop = or_stop


class SampleWanted(Message):
    """The reader wants the sample added."""


class JobStopWanted(Message):
    """The reader wants the long job stopped."""


class AskAllWanted(Message):
    """The reader wants the question in the box put to every paper."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class ScopeWanted(Message):
    """The reader wants to ask the papers selected in the library, or those listed."""


class CopyWanted(Message):
    """The reader wants papers copied in a form."""

    def __init__(self, ids: tuple[str, ...], form: Form) -> None:
        super().__init__()
        self.ids = ids
        self.form = form


class CitedCopyWanted(Message):
    """The reader wants the papers that an answer cites copied as BibTeX."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class NewWanted(Message):
    """The reader wants a new conversation."""


class PlaceShown(Message):
    """The reader came to another place."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place


class ChatsWanted(Message):
    """The reader wants to see the saved chats."""


class SessionWanted(Message):
    """The reader wants a saved conversation opened."""

    def __init__(self, line: SessionLine) -> None:
        super().__init__()
        self.line = line
