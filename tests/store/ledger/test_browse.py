"""Listing papers by pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from papers import made_up
from tables import Row, compare, table

from store.errors import LibraryMissing
from store.ledger.browse import Browser
from store.ledger.database import Ledger
from store.ledger.papers import ids_by_filter
from store.ledger.write import remove_paper, write_record
from store.types import Filter, Record


def record(**fields: object) -> Record:
    return Record.model_validate({"source": "s", "reader": "jsonl", **fields})


def add(ledger: Ledger, *records: Record) -> None:
    with ledger.write():
        for one in records:
            write_record(ledger, one, ())


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger of forty papers and three others."""
    with closing(Ledger.open(tmp_path, create=True)) as opened:
        add(opened, *made_up(40))
        for row in table(__file__, "browsed.jsonl"):
            add(opened, record(**row["record"]))
        yield opened


@pytest.fixture
def browser(ledger: Ledger) -> Iterator[Browser]:
    """That ledger, looked through."""
    with closing(Browser.open(ledger.path.parent)) as opened:
        yield opened


def test_all_papers_by_windows_in_the_order_added(browser: Browser, ledger: Ledger) -> None:
    listing = browser.listing()
    assert (len(listing), listing.total, listing.keys) == (43, 43, None)
    shown = [line for at in range(0, 43, 10) for line in browser.lines(listing, at, 10)]
    assert [one.id for one in shown] == ids_by_filter(ledger, Filter())
    assert shown[40].authors == ("Zoë Müller", "Jon Blum")
    assert (shown[40].year, shown[40].venue, shown[40].status) == (2021, "Reef Letters", "unread")
    assert browser.lines(listing, 43, 10) == ()
    found = browser.lines(browser.listing("study"), 38, 10)
    assert [one.title.split()[1] for one in found] == ["38", "39"]


def test_every_word_must_be_somewhere(browser: Browser) -> None:
    def came(row: Row) -> object:
        listing = browser.listing(row["words"])
        lines = browser.lines(listing, 0, 10)
        assert (len(listing), listing.total) == (len(lines), 43)
        assert list(browser.ids(row["words"])) == [one.id for one in lines]
        return [one.title for one in lines]

    compare(table(__file__, "listed.jsonl"), came)
    assert len(browser.ids("")) == 43


def test_papers_that_come_and_go_meanwhile(browser: Browser, ledger: Ledger) -> None:
    everything, found = browser.listing(), browser.listing("wellen")
    gone = browser.lines(found, 0, 1)[0]
    with ledger.write():
        remove_paper(ledger, gone.id)
    assert browser.lines(found, 0, 10) == ()
    assert len(browser.lines(everything, 40, 10)) == 2
    add(ledger, record(title="New", abstract="Later."))
    assert browser.listing().total == 43
    assert browser.lines(everything, 42, 10)[0].title == "New"


def test_no_library(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing):
        Browser.open(tmp_path / "none")
