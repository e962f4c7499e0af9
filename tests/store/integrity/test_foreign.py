"""What a foreign library raises becomes our error, and what is not its to raise passes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from store.errors import LibraryBusy, ProjectionFailed
from store.integrity.foreign import Foreign


class Panic(BaseException):
    """Stands for pyo3's PanicException, which is no Exception either."""


GUARD = Foreign(lambda failure: ProjectionFailed(f"the index failed: {failure}", "mend it"))


def met(raised: BaseException) -> BaseException:
    """What comes out of the guard when this is raised within."""
    with pytest.raises(BaseException) as caught, GUARD:  # noqa: PT011
        raise raised
    return caught.value


def test_what_a_library_raises_becomes_our_error_and_keeps_its_cause() -> None:
    panic = Panic("byte index 7 is out of range")
    several = BaseExceptionGroup("several", [Panic("one")])
    for raised in (panic, ValueError("not an index"), MemoryError(), several):
        came = met(raised)
        assert isinstance(came, ProjectionFailed), raised
        assert came.__cause__ is raised
        assert (came.message, came.hint) == (f"the index failed: {raised}", "mend it")


def test_what_is_not_the_librarys_passes_as_it_is() -> None:
    busy = LibraryBusy("held", "wait")
    for raised in (KeyboardInterrupt(), SystemExit(3), GeneratorExit(), busy):
        assert met(raised) is raised
        assert raised.__cause__ is None


def test_one_guard_serves_nested_blocks_and_threads_and_lets_a_block_be_left() -> None:
    for _ in range(2):
        with GUARD:
            continue
    with pytest.raises(ProjectionFailed) as caught, GUARD, GUARD:
        raise Panic("inner")
    assert isinstance(caught.value.__cause__, Panic)

    inside = threading.Barrier(4)

    def fail(number: int) -> None:
        with GUARD:
            inside.wait(10)
            raise Panic(str(number))

    with ThreadPoolExecutor(4) as threads:
        failed = [threads.submit(fail, number).exception for number in range(4)]
        assert [str(one()) for one in failed] == [f"the index failed: {at}" for at in range(4)]
