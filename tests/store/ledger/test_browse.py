"""Listing papers by pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from papers import made_up

from store.errors import LibraryMissing
from store.ledger.browse import Browser
from store.library.library import Library
from store.types import Record


@pytest.fixture
def browser(library: Library) -> Iterator[Browser]:
    """A library of forty papers and three others, looked through."""
    others = (
        Record(
            title="Rockfish in KELP forests",
            abstract="We counted 412 rockfish. 100% of them.",
            authors=("Zoë Müller", "Jon Blum"),
            year=2021,
            venue="Reef Letters",
            tags=("sea_life",),
            source="s",
            reader="jsonl",
        ),
        Record(title="Surges on a spit", abstract="Tides move sand.", source="s", reader="jsonl"),
        Record(title="ÜBER Wellen", abstract="Wellen im Meer.", source="s", reader="jsonl"),
    )
    library.ingest().run([*made_up(40), *others])
    opened = Browser.open(library.folder)
    yield opened
    opened.close()


def test_all_papers_by_windows_in_the_order_added(browser: Browser, library: Library) -> None:
    listing = browser.listing()
    assert (len(listing), listing.total, listing.keys) == (43, 43, None)
    shown = [line for at in range(0, 43, 10) for line in browser.lines(listing, at, 10)]
    papers = library.papers()
    assert [one.id for one in shown] == [one.id for one in papers]
    assert shown[40].authors == ("Zoë Müller", "Jon Blum")
    assert (shown[40].year, shown[40].venue, shown[40].status) == (2021, "Reef Letters", "unread")
    assert browser.lines(listing, 43, 10) == ()


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("KELP rockfish", ["Rockfish in KELP forests"]),
        ("kelp 2021", ["Rockfish in KELP forests"]),
        ("müller", ["Rockfish in KELP forests"]),
        ("MÜLLER reef", ["Rockfish in KELP forests"]),
        ("über", ["ÜBER Wellen"]),
        ("sea_life", ["Rockfish in KELP forests"]),
        ("100%", ["Rockfish in KELP forests"]),
        ("sea%life", []),
        ("seaxlife", []),
        ("kelp tides", []),
        ("'; DROP TABLE papers; --", []),
        ("\\", []),
    ],
)
def test_every_word_must_be_somewhere(browser: Browser, words: str, titles: list[str]) -> None:
    listing = browser.listing(words)
    assert [one.title for one in browser.lines(listing, 0, 10)] == titles
    assert (len(listing), listing.total) == (len(titles), 43)
    assert list(browser.ids(words)) == [one.id for one in browser.lines(listing, 0, 10)]
    assert len(browser.ids("")) == 43


def test_windows_of_what_was_found(browser: Browser) -> None:
    listing = browser.listing("study")
    assert len(listing) == 40
    assert [one.title.split()[1] for one in browser.lines(listing, 38, 10)] == ["38", "39"]


def test_papers_that_come_and_go_meanwhile(browser: Browser, library: Library) -> None:
    everything, found = browser.listing(), browser.listing("wellen")
    gone = browser.lines(found, 0, 1)[0]
    library.remove([gone.id])
    assert browser.lines(found, 0, 10) == ()
    assert len(browser.lines(everything, 40, 10)) == 2
    library.ingest().run([Record(title="New", abstract="Later.", source="s", reader="jsonl")])
    assert browser.listing().total == 43
    assert browser.lines(everything, 42, 10)[0].title == "New"


def test_no_library(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing):
        Browser.open(tmp_path / "none")
