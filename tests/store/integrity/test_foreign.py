"""What a foreign library raises becomes our error, and what is not its to raise passes."""

from __future__ import annotations

import threading

import pytest

from store.errors import LibraryBusy, ProjectionFailed, StoreError
from store.integrity.foreign import Foreign


class Panic(BaseException):
    """Stands for pyo3's PanicException, which is no Exception either."""


def _failed(failure: BaseException) -> StoreError:
    return ProjectionFailed(f"the index failed: {failure}", "mend it: quire doctor")


GUARD = Foreign(_failed)


@pytest.mark.parametrize(
    "raised",
    [
        Panic("byte index 7 is out of range"),
        ValueError("not an index"),
        OSError("Input/output error"),
        MemoryError(),
        RecursionError("too deep"),
        BaseExceptionGroup("several", [Panic("one")]),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_a_library_raises_becomes_our_error_and_keeps_its_cause(
    raised: BaseException,
) -> None:
    with pytest.raises(ProjectionFailed) as caught, GUARD:
        raise raised
    assert caught.value.__cause__ is raised
    assert caught.value.message == f"the index failed: {raised}"
    assert caught.value.hint == "mend it: quire doctor"


@pytest.mark.parametrize(
    "raised",
    [KeyboardInterrupt(), SystemExit(3), GeneratorExit(), LibraryBusy("held", "wait")],
    ids=lambda one: type(one).__name__,
)
def test_what_is_not_the_librarys_passes_as_it_is(raised: BaseException) -> None:
    with pytest.raises(type(raised)) as caught, GUARD:
        raise raised
    assert caught.value is raised
    assert caught.value.__cause__ is None


def test_nothing_is_raised_where_nothing_failed_and_the_block_may_be_left() -> None:
    seen = []
    for number in range(3):
        with GUARD:
            if number == 1:
                continue
            seen.append(number)
    assert seen == [0, 2]


def test_one_guard_serves_nested_blocks_and_threads() -> None:
    with pytest.raises(ProjectionFailed) as caught, GUARD, GUARD:
        raise Panic("inner")
    assert isinstance(caught.value.__cause__, Panic)

    met: list[BaseException] = []
    inside = threading.Barrier(4)

    def fail(number: int) -> None:
        try:
            with GUARD:
                inside.wait(10)
                raise Panic(str(number))
        except StoreError as error:
            met.append(error.__cause__ or error)

    threads = [threading.Thread(target=fail, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(one) for one in met) == ["0", "1", "2", "3"]
