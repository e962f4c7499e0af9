"""minilm beside `quire add`: given to new libraries where it is here, offered once where not."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from assistant.cli.frame import Frame

if TYPE_CHECKING:
    from store.library.library import Library

_UNSEEN_SECONDS = 15.0
"""How long vectors may take where no line shows how far they are."""


def want_better(frame: Frame, library: Library) -> None:
    """Let a new library use minilm where it is on this machine, and say so."""
    name = frame.embedders.for_new_libraries()
    if name is not None and library.want_embedder(name):
        frame.narrate(
            f"a new library: searched with the built-in embedder until {name} has made the vectors"
            " of its papers (to stay with the built-in one: quire config set embedder wordllama)"
        )


def after_adding(frame: Frame, wanted: str, new: int) -> None:
    """Make the vectors that a new library wants, or offer what would find more, once.

    `new` papers were added. Papers are in whatever comes of it: a failure is a note.
    """
    if not wanted:
        _offer(frame, new)
        return
    if not frame.embedders.is_here(wanted):
        return
    from store.errors import StoreError

    try:
        _make(frame, wanted)
    except StoreError as failure:
        frame.narrate(f"note: searched with the built-in embedder: {failure.message}")


def _make(frame: Frame, name: str) -> None:
    """Make a library's vectors with an embedder, as far as a reader can be let wait for it."""
    from assistant.cli.progress import Steps, duration

    steps = Steps(frame)
    patience = _Patience(None if steps.shown else _UNSEEN_SECONDS)

    def progress(step: str, done: int, total: int) -> None:
        steps.advance(f"papers, {step} with {name}", done, total)
        patience.advance(step, done, total)

    go_on = f"quire models use {name}, or the app, goes on from there"
    with frame.open() as library:
        if steps.shown:
            frame.narrate(
                f"the papers can be searched; Ctrl-C leaves the vectors of {name} to later"
            )
        try:
            report = library.use_embedder(name, progress, patience.is_over)
        except KeyboardInterrupt:
            steps.end()
            done, total = library.vectors_kept(name)
            frame.tell(f"interrupted: {done} of {total} papers have their vectors; {go_on}")
            raise
        finally:
            steps.end()
        if report.done:
            frame.narrate(f"searched with {name} now")
        else:
            done, total = library.vectors_kept(name)
            frame.narrate(
                f"{done} of {total} papers have the vectors of {name}, the others take about"
                f" {duration(patience.seconds_left)}: {go_on}"
            )


class _Patience:
    """Tells when making vectors has to end, for it would take longer than so many seconds.

    None is any time. It is known after the first batch.
    """

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._begun = time.monotonic()
        self._first: int | None = None
        self._done = self._total = 0
        self._step = ""

    def advance(self, step: str, done: int, total: int) -> None:
        """So many of all papers have gone through a step."""
        self._step = step
        if step == "embedding":
            self._first = done if self._first is None else self._first
            self._done, self._total = done, total

    @property
    def seconds_left(self) -> float:
        """How long the other vectors take; 0 until there is one to tell it by."""
        made = self._done - (self._first or 0)
        return (time.monotonic() - self._begun) / made * (self._total - self._done) if made else 0

    def is_over(self) -> bool:
        """True when it has to end."""
        if self._seconds is None or self._step != "embedding" or self._done == self._first:
            return False
        return max(time.monotonic() - self._begun, self.seconds_left) > self._seconds


def _offer(frame: Frame, new: int) -> None:
    """Offer minilm after an adding of more than a screenful, once on this machine."""
    if frame.json or frame.quiet or new <= shutil.get_terminal_size().lines:
        return
    from assistant.wiring.embedders import OFFER, is_offered, note_offered

    if is_offered(frame.embedders):
        note_offered()
        frame.narrate(OFFER)
