"""Filters as selections: the same papers as by SQL alone, in both lists."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from papers import made_up

import store.lexical.projection
from store.library.library import Library
from store.types import Filter

NUMBER = 400
FILTERS = [
    Filter(year_from=2010),
    Filter(year_from=2005, year_to=2015),
    Filter(year_from=2005, year_to=2015, undated=True),
    Filter(tags=("Odd",)),
    Filter(tags=("odd", "third")),
    Filter(year_from=2000, tags=("third",)),
    Filter(year_to=2012, tags=("odd",), venues=("ven",), authors=("a",)),
    Filter(statuses=("unread",), sources=("made",)),
    Filter(tags=("no such tag",)),
    Filter(year_from=2999),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    records = [
        one.model_copy(
            update={
                "year": None if at % 7 == 0 else 1995 + at % 30,
                "venue": "Venue" if at % 2 else None,
                "authors": ("Ada A.",) if at % 5 else (),
                "tags": tuple(
                    name for name, every in (("odd", 2), ("third", 3)) if at % every == 1
                ),
            }
        )
        for at, one in enumerate(made_up(NUMBER))
    ]
    with Library.open(tmp_path_factory.mktemp("selection") / "library", create=True) as opened:
        opened.ingest().run(records)
        opened.catch_up()
        yield opened


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
@pytest.mark.parametrize("named", [True, False])
def test_a_filter_leaves_the_same_papers_everywhere(
    library: Library, wanted: Filter, named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.lexical.projection, "_NAMED_FROM", 0 if named else 10**9)
    expected = library.ids(wanted)
    selection = library.within(wanted)
    assert selection is not None
    assert list(selection) == expected
    assert (len(selection), bool(selection)) == (len(expected), bool(expected))
    text = "random forest for speech coding of glaciers"
    for ask in (library.lexical, library.dense):
        everything = dict(ask(text, NUMBER, library.ids(Filter())))
        kept = sorted((everything[one] for one in expected if one in everything), reverse=True)
        found = ask(text, 20, selection)
        assert [score for _, score in found] == pytest.approx(kept[:20], abs=1e-4)
        for name, score in found:
            assert name in expected
            assert score == pytest.approx(everything[name], abs=1e-4)


def test_a_selection_is_not_kept_over_a_change(library: Library) -> None:
    wanted = Filter(tags=("third",))
    before = library.within(wanted)
    assert before is not None
    with library.ledger.write():
        library.ledger.run("DELETE FROM tags WHERE paper = ?", (int(before.keys[0]),))
    after = library.within(wanted)
    assert after is not None
    assert list(after) == list(before)[1:]
