"""What SQLite raises over a ledger: an interrupt inside one of our functions stays one."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from store.errors import StoreError
from store.ledger.failures import explained, give_function

LEDGER = Path("/a/ledger.sqlite3")


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as opened:
        yield opened


@pytest.fixture
def interrupt() -> Iterator[Callable[[], None]]:
    """Presses Ctrl-C; it is heeded even where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)


# Python delivers a signal as a function begins, before it can catch anything: the second.
@pytest.mark.parametrize("give", [give_function, sqlite3.Connection.create_function])
def test_an_interrupt_while_sql_calls_a_function_stays_an_interrupt(
    connection: sqlite3.Connection, interrupt: Callable[[], None], give: Callable[..., None]
) -> None:
    give(connection, "stop", 0, interrupt)
    with pytest.raises(KeyboardInterrupt), explained(LEDGER):
        connection.execute("SELECT stop()").fetchall()


def test_a_value_on_which_a_function_fails_is_null(connection: sqlite3.Connection) -> None:
    give_function(connection, "half", 1, lambda value: value / 2)
    with explained(LEDGER):
        rows = connection.execute("SELECT half(4), half('four'), half(NULL)").fetchall()
    assert rows == [(2.0, None, None)]


def test_what_sqlite_itself_raises_is_an_error_of_the_store(
    connection: sqlite3.Connection,
) -> None:
    with pytest.raises(StoreError, match="no such function"), explained(LEDGER):
        connection.execute("SELECT stop()")
