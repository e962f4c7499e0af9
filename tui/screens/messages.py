"""What the reader wants that the screen cannot do itself."""

from __future__ import annotations

from typing import Literal

from textual.message import Message

from assistant.types.sessions import SessionLine
from tui.widgets.turn import TurnView

View = Literal["conversation", "papers", "sessions"]
"""What the left pane shows."""


class StopWanted(Message):
    """The reader wants the answer stopped."""


class AddWanted(Message):
    """The reader wants to add papers; `or_stop`: or, while some are added, to stop that."""

    def __init__(self, or_stop: bool) -> None:
        super().__init__()
        self.or_stop = or_stop


class JobStopWanted(Message):
    """The reader wants the long job stopped."""


class CopyWanted(Message):
    """The reader wants papers of the list copied; as what is to be asked."""

    def __init__(self, ids: tuple[str, ...]) -> None:
        super().__init__()
        self.ids = ids


class CheckWanted(Message):
    """The reader wants a model to check the answer of a turn."""

    def __init__(self, turn: TurnView) -> None:
        super().__init__()
        self.turn = turn


class AskAllWanted(Message):
    """The reader wants the question in the box put to every paper."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class AgainWanted(Message):
    """The reader wants a question asked again."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class NewWanted(Message):
    """The reader wants a new conversation."""


class ViewShown(Message):
    """Another view came into the left pane."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view


class ChatsWanted(Message):
    """The reader wants to see the saved chats."""


class SessionWanted(Message):
    """The reader wants a saved conversation opened."""

    def __init__(self, line: SessionLine) -> None:
        super().__init__()
        self.line = line
