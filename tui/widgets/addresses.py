"""Web addresses in the text of an answer."""

from __future__ import annotations

from textual.message import Message


class AddressChosen(Message):
    """The reader chose a web address of an answer, that of a source."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
