"""What a model thinks aloud, on stderr: that it does, or with -v every line of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.cli.frame import Frame

_LONGEST_LINE = 500


class ThinkingWriter:
    """Tells a reader of thoughts as they come, apart from the answer."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._held = ""

    def feed(self, piece: str) -> None:
        """Take a piece of what is thought."""
        if not self._frame.verbose:
            self._frame.narrate("thinking…")
            return
        self._held += piece
        while (at := self._held.find("\n")) >= 0 or len(self._held) > _LONGEST_LINE:
            at = at if 0 <= at <= _LONGEST_LINE else _LONGEST_LINE
            self._tell(self._held[:at])
            self._held = self._held[at:].lstrip("\n")

    def end(self) -> None:
        """Tell what is left of it."""
        self._tell(self._held)
        self._held = ""

    def _tell(self, line: str) -> None:
        if line.strip():
            self._frame.tell(f"thinking: {line.strip()}")
