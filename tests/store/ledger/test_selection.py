"""Filters as selections: the same papers as by SQL alone, in both lists."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from papers import made_up
from tables import Row, for_each, table

import store.lexical.projection
from store.ledger.database import Ledger
from store.ledger.selection import Selector
from store.ledger.write import write_record
from store.library.library import Library
from store.types import Filter

NUMBER = 200


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Papers with years, venues, authors and tags in all mixtures, for reading alone."""
    records = [
        one.model_copy(
            update={
                "year": None if at % 7 == 0 else 1995 + at % 30,
                "venue": "Venue" if at % 2 else None,
                "authors": ("Ada A.",) if at % 5 else (),
                "tags": ("odd",) * (at % 2 == 1) + ("third",) * (at % 3 == 1),
            }
        )
        for at, one in enumerate(made_up(NUMBER))
    ]
    with Library.open(tmp_path_factory.mktemp("selection") / "library", create=True) as opened:
        opened.ingest().run(records)
        opened.catch_up()
        yield opened


@pytest.mark.parametrize("named", [True, False])
def test_a_filter_leaves_the_same_papers_everywhere(
    library: Library, named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The word index is asked for papers by name, or ranks more of them than are wanted."""
    monkeypatch.setattr(store.lexical.projection, "_NAMED_FROM", 0 if named else 10**9)
    text = "random forest for speech coding of glaciers"
    asked = (library.lexical, library.dense)
    every = [dict(ask(text, NUMBER, library.ids(Filter()))) for ask in asked]

    def check(row: Row) -> None:
        wanted = Filter.model_validate(row["filter"])
        expected = library.ids(wanted)
        selection = library.within(wanted)
        assert list(selection) == expected
        assert len(selection) == len(expected) == row["papers"]
        assert bool(selection) == bool(expected)
        for ask, scores in zip(asked, every, strict=True):
            kept = sorted((scores[one] for one in expected if one in scores), reverse=True)
            found = ask(text, 20, selection)
            assert [score for _, score in found] == pytest.approx(kept[:20], abs=1e-4)
            for name, score in found:
                assert name in expected
                assert score == pytest.approx(scores[name], abs=1e-4)

    for_each(table(__file__, "filters.jsonl"), check)


def test_a_selection_is_not_kept_over_a_change() -> None:
    with closing(Ledger.in_memory()) as ledger:
        selector = Selector(ledger)
        with ledger.write():
            ids = [write_record(ledger, one, ("third",)).id for one in made_up(3)]
        assert list(selector.of_filter(Filter(tags=("third",)))) == ids
        with ledger.write():
            ledger.run("DELETE FROM tags WHERE paper = 1")
        assert list(selector.of_filter(Filter(tags=("third",)))) == ids[1:]
