"""The service from when it is open, and what is said to who wants something of it before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.errors import AssistantError
from store.errors import StoreError

if TYPE_CHECKING:
    from tui.service import Service

Failure = (AssistantError, StoreError)
"""What the service raises for the reader to see; anything else is a fault of ours."""

OPENING = "The library is still opening."


class Opened:
    """Holds the service once there is one; `say` is told why there is none.

    `failure` is why the library could not be opened.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.service: Service | None = None
        self.failure = ""

    def or_told(self) -> Service | None:
        """The service; where there is none the reader is told why."""
        if self.service is None:
            self._say(self.failure or OPENING)
        return self.service
