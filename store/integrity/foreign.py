"""The seam to libraries that are not ours: whatever they raise becomes our error."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from store.errors import StoreError

_PASSES = (KeyboardInterrupt, SystemExit, GeneratorExit, StoreError)


class Foreign:
    """Turns whatever is raised inside its `with` into the error that `explain` makes of it.

    A library written in Rust tells of a panic by a BaseException that no `except Exception`
    meets. KeyboardInterrupt, SystemExit, GeneratorExit and our own StoreError pass as they
    are. It holds no state: one serves any number of blocks, nested and in any thread.
    """

    __slots__ = ("_explain",)

    def __init__(self, explain: Callable[[BaseException], StoreError]) -> None:
        self._explain = explain

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Raises what `explain` makes of the failure, with the failure as its cause."""
        if failure is not None and not isinstance(failure, _PASSES):
            raise self._explain(failure) from failure
