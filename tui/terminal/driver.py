"""The driver of the app's terminal: its own way to the screen, and keys that wait for the box."""

from __future__ import annotations

import io
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui.crash import note
from tui.terminal.own_stderr import StderrRedirect

if TYPE_CHECKING:
    from textual.app import App

    from tui.terminal.typed_ahead import TypedAhead

_ESCAPE = "\x1b"


class Screen(io.TextIOWrapper):
    """Where the app draws; what cannot be drawn since the terminal is gone is dropped.

    The thread of Textual (8.2.8) that writes would end at such an error, and who has something
    to write then would wait for it without end.
    """

    def write(self, text: str) -> int:
        """Write a text; returns its length in characters."""
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        """Write out what is held."""
        with suppress(OSError):
            super().flush()

    def close(self) -> None:
        """Close the descriptor."""
        with suppress(OSError):
            super().close()


class OwnTerminal:
    """What the app needs of the terminal: a way to the screen that no library writes on.

    Textual draws on descriptor 2, where libraries write too. So the screen gets a descriptor of
    its own, and the other leads to the log in the folder `state` while the app draws.
    """

    def __init__(self, state: Path, typed: TypedAhead) -> None:
        self.typed = typed
        self.redirect = StderrRedirect(lambda data: note(data, state))
        drawn_on = next((one for one in (sys.stderr, sys.stdout) if one.isatty()), sys.stderr)
        number = os.dup(drawn_on.fileno())
        self.screen = Screen(
            io.FileIO(number, "w"), drawn_on.encoding, errors="backslashreplace", newline=""
        )

    def close(self) -> None:
        """Have descriptor 2 lead to where it did before, however the app ended."""
        self.redirect.end()
        self.screen.close()


class OwnDriver(LinuxDriver):
    """Draws on a descriptor of its own, and holds keys back until the app can take them.

    What is typed before there is a box would go to no widget, and be lost.
    """

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._own = cast(OwnTerminal, app.own_terminal)  # type: ignore[attr-defined]
        self._file = cast(Any, self._own.screen)
        self._held: list[Message] | None = []
        self._holding = threading.Lock()

    def start_application_mode(self) -> None:
        """Take the terminal, keys typed before the app was there first."""
        self._own.redirect.begin()
        early, self._own.typed.early = self._own.typed.early, b""
        self._take_early(early.decode("utf-8", "replace"))
        super().start_application_mode()  # type: ignore[no-untyped-call]
        # Textual found the terminal as it was made for typing ahead: that is not how it was.
        before, self._own.typed.before = self._own.typed.before, None
        if before is not None:
            self.attrs_before = before

    def close(self) -> None:
        """Leave the terminal, for good or for the shell."""
        super().close()
        # The thread that writes leaves the last of it in the file when more is to be written.
        with suppress(ValueError):  # closed already
            self._own.screen.flush()
        self._own.redirect.end()

    def process_message(self, message: Message) -> None:
        """Pass on what the terminal says; keys wait for `release`."""
        if isinstance(message, events.Key | events.Paste):
            with self._holding:
                if self._held is not None:
                    self._held.append(message)
                    return
        super().process_message(message)

    def release(self) -> None:
        """Pass on the keys that were held back, in order, and every one from now on."""
        with self._holding:
            held, self._held = self._held or [], None
            for one in held:
                super().process_message(one)

    def _take_early(self, text: str) -> None:
        # A parser would wait for what comes behind a bare Escape.
        whole = text.removesuffix(_ESCAPE)
        found = tuple(XTermParser().feed(whole)) if whole else ()
        for left, event in enumerate(found, -len(found)):
            event.time += left  # they were typed, and are read at once
            self.process_message(event)
        if whole != text:
            self.process_message(events.Key("escape", _ESCAPE))
