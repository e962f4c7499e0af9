"""What any app of ours does around its screen: exit codes, keys, signals, unexpected errors."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.app import App

from assistant.errors import Exit
from store.files import is_abandoned
from tui.crash import record, state_folder
from tui.terminal.typed_ahead import TypedAhead

if TYPE_CHECKING:
    from tui.terminal.driver import OwnTerminal

CRASHED = 70
"""Exit code after an unexpected error (EX_SOFTWARE of sysexits.h)."""

_NEVER = 1_000_000
_WORTH_IT = 30
"""Collections of younger objects after which going through all of them is worth its time."""
_LOOK_SECONDS = 2.0
"""How often the app looks whether its terminal is still there."""
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Shell(App[int]):
    """An app that ends with an exit code, and leaves one line and a log when it fails.

    Textual itself would print the values of variables, and end with 0.
    """

    def __init__(self, state: Path | None = None) -> None:
        super().__init__()
        self._state = state or state_folder()
        self._crashed = False
        self._owns_process = False
        self.own_terminal: OwnTerminal | None = None

    @property
    def is_leaving(self) -> bool:
        """True from the wish to leave on: widgets may be gone from now on."""
        return self._exit or self._crashed

    def run(self, **options: Any) -> int:
        """Run the app; returns the exit code."""
        try:
            super().run(**options)
        except KeyboardInterrupt:
            return Exit.INTERRUPTED
        return CRASHED if self.return_code is None else self.return_code

    def run_to_exit(self, typed: TypedAhead | None = None) -> int:
        """Run the app on this terminal, in a process of its own; returns the exit code.

        `typed` holds what was typed before the app was there.
        """
        self._owns_process = True
        if os.name != "posix":
            return self.run()
        from tui.terminal.driver import OwnDriver, OwnTerminal

        self.driver_class = OwnDriver
        self.own_terminal = OwnTerminal(self._state, typed or TypedAhead())
        try:
            return self.run()
        finally:
            self.own_terminal.close()

    def on_load(self) -> None:
        """Set the keys before the first one is read."""
        _let_alt_digits_through()

    def take_keys(self) -> None:
        """Take the keys that were typed so far, and every one from now on."""
        if self.own_terminal is not None and self._driver is not None:
            self._driver.release()  # type: ignore[attr-defined]

    def catch_signals(self) -> None:
        """End in good order when the process is told to, or its terminal is gone."""
        if self._owns_process:
            self.set_interval(_LOOK_SECONDS, self._leave_without_terminal)
        loop = asyncio.get_running_loop()
        for name in _SIGNALS:
            if number := getattr(signal, name, None):
                try:
                    loop.add_signal_handler(number, self._leave, 128 + number)
                except (NotImplementedError, RuntimeError, ValueError):
                    return  # not the main thread, or no such thing on this system

    def settle(self) -> None:
        """Take what has been loaded so far out of all garbage collections to come.

        A collection of everything stops all threads: it took 70 to 90 ms of processor time
        with what the imported modules made, and up to 150 ms while papers were indexed. So
        what is in use by now, which stays to the end anyway, is left out, and `tidy` decides
        when the rest is gone through. Only where the process is the app's own.
        """
        if self._owns_process:
            gc.freeze()
            gc.set_threshold(*gc.get_threshold()[:2], _NEVER)

    def tidy(self) -> None:
        """Collect garbage, for a moment when nothing else runs: it takes about 30 ms."""
        if self._owns_process and gc.get_count()[2] > _WORTH_IT:
            gc.collect()

    def release_signals(self) -> None:
        """Leave signals to whoever comes next."""
        loop = asyncio.get_running_loop()
        for name in _SIGNALS:
            if number := getattr(signal, name, None):
                try:
                    loop.remove_signal_handler(number)
                except (NotImplementedError, RuntimeError, ValueError):
                    return  # none was set, for the reasons in `catch_signals`

    def _leave_without_terminal(self) -> None:
        """Leave when nobody is at the other end of the terminal.

        A terminal that does not control the process sends no SIGHUP, and Textual (8.2.8) reads
        its end over and over.
        """
        if self._driver is None or os.name != "posix" or self._exit:
            return
        if is_abandoned(self._driver.fileno):  # type: ignore[attr-defined]
            self._leave(128 + signal.SIGHUP)

    def _leave(self, code: int) -> None:
        self.exit(code, return_code=code)

    def _handle_exception(self, error: Exception) -> None:
        if not self._crashed:
            self._crashed = True
            self._exit_renderables.clear()
            self._exit_renderables.append(Text(record(error, self._state)))
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._return_code = CRASHED
        self._close_messages_no_wait()


def _let_alt_digits_through() -> None:
    """Make Textual read Escape and a digit as Alt with that digit.

    Its table says that they are the characters which Option composes on one make of
    keyboard (£ for Alt+3). Terminals of that make send the characters themselves.
    """
    for digit in "0123456789":
        ANSI_SEQUENCES_KEYS.pop(f"\x1b{digit}", None)  # type: ignore[attr-defined]
