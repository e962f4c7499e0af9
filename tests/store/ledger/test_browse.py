"""Papers listed by pages, and filters as selections: the same papers as by SQL alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from papers import made_up
from tables import Row, compare, for_each, table

import store.lexical.projection
from store.errors import LibraryMissing
from store.ledger.browse import AS_ADDED, Browser, Order
from store.ledger.database import Ledger
from store.ledger.images import remove_paper
from store.ledger.looked import Looked
from store.ledger.papers import ids_by_filter
from store.ledger.selection import Selector
from store.ledger.write import write_record
from store.library.library import Library
from store.types import Details, Filter, Record, Words


def add(ledger: Ledger, *records: Record) -> None:
    with ledger.write():
        for one in records:
            write_record(ledger, one, ())


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger of forty papers and three others."""
    with closing(Ledger.open(tmp_path, create=True)) as opened:
        add(opened, *made_up(40))
        rows = table(__file__, "browsed.jsonl")
        add(opened, *(Record.model_validate(row["record"]) for row in rows))
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
    with pytest.raises(LibraryMissing):
        Browser.open(ledger.path.parent / "none")


def test_every_word_must_be_somewhere(browser: Browser) -> None:
    def came(row: Row) -> object:
        listing = browser.listing(row["words"])
        lines = browser.lines(listing, 0, 10)
        assert (len(listing), listing.total) == (len(lines), 43)
        assert list(browser.ids(listing)) == [one.id for one in lines]
        return [one.title for one in lines]

    compare(table(__file__, "listed.jsonl"), came)
    assert len(browser.ids(browser.listing(""))) == 43


def test_fields_phrases_and_orders_narrow_a_list(browser: Browser) -> None:
    def titles(looked: Looked, order: Order = AS_ADDED) -> list[str]:
        listing = browser.listing("typed", looked, order)
        return [one.title for one in browser.lines(listing, 0, 50)]

    kelp, spit, waves = "Rockfish in KELP forests", "Surges on a spit", "ÜBER Wellen"
    own = (Words(text="study"),)
    assert titles(Looked(excluded=own)) == [kelp, spit, waves]
    assert titles(Looked(excluded=own), Order(by="title")) == [kelp, spit, waves]
    assert titles(Looked(excluded=own), Order(by="title", reverse=True)) == [waves, spit, kelp]
    # what has no year comes last, in reverse too
    newest = Order(by="year", reverse=True)
    assert titles(Looked(excluded=own), newest) == [kelp, spit, waves]
    assert titles(Looked(wanted=Filter(tags=("sea_life",)))) == [kelp]
    assert titles(Looked(excluded=own, without=(Filter(year_from=2021),))) == [spit, waves]
    assert titles(Looked(required=(Words(text="kelp forests"),))) == [kelp]
    assert titles(Looked(required=(Words(text="100%", in_title=True),))) == []


def test_columns_that_nobody_has_anything_for(browser: Browser, ledger: Ledger) -> None:
    assert browser.listing().told == {"author", "year", "tag"}
    assert browser.listing("spit").told == set()
    assert browser.listing("kelp").told == {"author", "year", "tag"}
    (line,) = browser.lines(browser.listing("kelp"), 0, 9)
    assert line.tags == ("sea_life",)
    with ledger.write():
        remove_paper(ledger, line.id)
    assert "tag" not in browser.listing().told


def test_papers_that_come_and_go_meanwhile(browser: Browser, ledger: Ledger) -> None:
    everything, found = browser.listing(), browser.listing("wellen")
    gone = browser.lines(found, 0, 1)[0]
    with ledger.write():
        remove_paper(ledger, gone.id)
    assert browser.lines(found, 0, 10) == ()
    assert len(browser.lines(everything, 40, 10)) == 2
    new = made_up(41)[40].model_copy({"details": Details(retracted=True)})
    add(ledger, new)
    assert browser.listing().total == 43
    (last,) = browser.lines(everything, 42, 10)
    assert (last.title, last.is_retracted) == (new.title, True)


def mixed_papers() -> list[Record]:
    """Papers with years, venues, authors and tags in all mixtures."""
    return [
        one.model_copy(
            update={
                "year": None if at % 7 == 0 else 1995 + at % 30,
                "venue": "Venue" if at % 2 else None,
                "authors": ("Ada A.",) if at % 5 else (),
                "tags": ("odd",) * (at % 2 == 1) + ("third",) * (at % 3 == 1),
            }
        )
        for at, one in enumerate(made_up(200))
    ]


def test_filters_leave_the_same_papers(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """The word index is asked for papers by name, or ranks more of them than are wanted."""
    library.ingest().run(mixed_papers())
    library.catch_up()
    text = "random forest for speech coding of glaciers"
    asked = (library.lexical, library.dense)
    every = [dict(ask(text, 200, library.ids(Filter()))) for ask in asked]

    def check(row: Row) -> None:
        wanted = Filter.model_validate(row["filter"])
        expected, selection = library.ids(wanted), library.within(wanted)
        assert list(selection) == expected
        assert len(selection) == len(expected) == row["papers"]
        assert bool(selection) == bool(expected)
        for ask, scores in zip(asked, every, strict=True):
            kept = sorted((scores[one] for one in expected if one in scores), reverse=True)
            found = ask(text, 20, selection)
            assert [score for _, score in found] == pytest.approx(kept[:20], abs=1e-4)
            assert {name for name, _ in found} <= set(expected)
            of_each = {name: scores[name] for name, _ in found}
            assert dict(found) == pytest.approx(of_each, abs=1e-4)

    for named_from in (0, 10**9):
        monkeypatch.setattr(store.lexical.projection, "_NAMED_FROM", named_from)
        for_each(table(__file__, "filters.jsonl"), check)


def test_a_selection_is_not_kept_over_a_change(ledger: Ledger) -> None:
    selector, wanted = Selector(ledger), Filter(tags=("sea_life",))
    ids = list(selector.of_filter(wanted))
    assert len(ids) == 1
    with ledger.write():
        ledger.run("INSERT INTO tags VALUES (1, 'sea_life')")
    assert len(list(selector.of_filter(wanted))) == 2
    assert list(selector.of_filter(wanted))[1:] == ids
