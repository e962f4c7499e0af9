"""Projecting in threads of their own while papers are taken in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from store.errors import StoreError
from store.types import Narrate

BACKLOG = 4500
"""Papers that may wait for a projection that is at work before taking in waits for it. What
waits is scanned by every question meanwhile, so it stays small."""
LEXICAL_BATCH, CHROMA_BATCH = 1000, 256
"""Papers that a projection waits for before it projects, while papers are taken in. Chroma takes
as long for few at once as for many, and has less left to do at the end."""
_LOOK_SECONDS = 0.5


class Follower:
    """One projection, following the ledger in a thread.

    `behind` tells how many changes wait; `step` projects a batch and returns whether it came
    any further. A StoreError of `step` is narrated and projecting tried again with the next
    batch taken in; any other error ends the thread and is returned by `close`.
    """

    def __init__(
        self,
        name: str,
        behind: Callable[[], int],
        step: Callable[[], bool],
        *,
        batch: int,
        narrate: Narrate,
    ) -> None:
        self._behind = behind
        self._step = step
        self._batch = batch
        self._narrate = narrate
        self._change = threading.Condition()
        self._woken = self._at_work = self._ending = False
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"follow-{name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look at what waits; returns when it is little, or cannot be projected now."""
        with self._change:
            self._woken = True
            self._change.notify_all()
            while (self._at_work or self._woken) and not self._ending:
                if not self._thread.is_alive() or self._behind() <= BACKLOG:
                    return
                self._change.wait(_LOOK_SECONDS)

    def end(self) -> None:
        """Stop after the batch under way, without waiting for it."""
        with self._change:
            self._ending = True
            self._change.notify_all()

    def close(self) -> Exception | None:
        """Stop after the batch under way; returns what went wrong that is no StoreError."""
        self.end()
        self._thread.join()
        return self._failure

    def _run(self) -> None:
        try:
            while self._next():
                self._project()
        except Exception as failure:  # carried over to the thread that closes
            self._failure = failure
        finally:
            with self._change:
                self._at_work = self._woken = False
                self._change.notify_all()

    def _next(self) -> bool:
        with self._change:
            self._at_work = False
            self._change.notify_all()
            while not (self._woken or self._ending):
                self._change.wait()
            self._at_work, self._woken = True, False
            return not self._ending

    def _project(self) -> None:
        further = True
        while further and not self._ending and self._behind() >= self._batch:
            try:
                further = self._step()
            except StoreError as failure:
                # The papers are in the ledger: taking in goes on, what follows can wait.
                self._narrate(f"{failure.message}; {failure.hint}")
                return
            with self._change:
                self._change.notify_all()


class Following:
    """All projections of a library, following while papers are taken in.

    The threads start with the first batch.
    """

    def __init__(self, start: Callable[[], Sequence[Follower]]) -> None:
        self._start = start
        self._followers: Sequence[Follower] | None = None

    def committed(self) -> None:
        """A batch is in the ledger: let the projections follow."""
        if self._followers is None:
            self._followers = self._start()
        for one in self._followers:
            one.wake()

    def close(self) -> None:
        """End all threads after the batches under way; raises what is no StoreError of theirs."""
        followers, self._followers = self._followers or (), None
        for one in followers:
            one.end()
        failures = [one.close() for one in followers]
        for failure in filter(None, failures):
            raise failure
