"""What each projection still has to follow, and how far it has come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from papers import made_up

from store.ledger import outbox
from store.ledger.database import Ledger
from store.ledger.outbox import Mark, Pending
from store.ledger.write import remove_paper, write_record


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """One with three papers of changes 1 to 3."""
    with closing(Ledger.open(tmp_path, create=True)) as opened:
        with opened.write():
            for one in made_up(3):
                write_record(opened, one, ())
        yield opened


@pytest.fixture
def names(ledger: Ledger) -> list[str]:
    """The ids of these papers."""
    return [row[0] for row in ledger.rows("SELECT id FROM papers ORDER BY key")]


def test_what_is_pending_after_a_watermark(ledger: Ledger, names: list[str]) -> None:
    every = [Pending(name, at, False) for at, name in enumerate(names, 1)]
    assert [outbox.pending(ledger, at) for at in range(4)] == [every[at:] for at in range(4)]
    assert outbox.pending(ledger, 0, limit=2) == every[:2]
    assert [outbox.pending_count(ledger, at) for at in range(4)] == [3, 2, 1, 0]
    assert outbox.last_seq(ledger) == outbox.distance(ledger, "lexical") == 3


def test_a_watermark_only_moves_on_in_its_own_generation(ledger: Ledger) -> None:
    for generation, watermark, then in ((1, 2, 2), (1, 1, 2), (2, 3, 2), (1, 3, 3)):
        outbox.advance(ledger, "lexical", generation, watermark)
        assert outbox.mark(ledger, "lexical") == Mark(1, then, False)
        assert outbox.distance(ledger, "lexical") == 3 - then
    assert outbox.mark(ledger, "chroma") == Mark(1, 0, False)


def test_a_tombstone_stays_until_every_projection_has_passed_it(
    ledger: Ledger, names: list[str]
) -> None:
    with ledger.write():
        remove_paper(ledger, names[0])
    outbox.advance(ledger, "lexical", 1, 4)
    outbox.advance(ledger, "chroma", 1, 3)
    assert outbox.pending(ledger, 3) == [Pending(names[0], 4, True)]
    outbox.advance(ledger, "chroma", 1, 4)
    assert [one.seq for one in outbox.pending(ledger, 0)] == [2, 3], "papers stay"


def test_a_projection_is_dirty_until_it_is_left_clean_or_begun_anew(ledger: Ledger) -> None:
    for dirty in (True, False, True):
        outbox.set_dirty(ledger, "lexical", dirty)
        assert outbox.mark(ledger, "lexical") == Mark(1, 0, dirty)
    assert not outbox.start_generation(ledger, "lexical", 4, 3, instead_of=2)
    assert outbox.mark(ledger, "lexical") == Mark(1, 0, True), "a neighbour replaced it"
    assert outbox.start_generation(ledger, "lexical", 4, 3, instead_of=1)
    assert outbox.mark(ledger, "lexical") == Mark(4, 3, False)
    assert outbox.mark(ledger, "chroma") == Mark(1, 0, False)


def test_an_index_begins_anew_above_every_folder_that_is_there(ledger: Ledger) -> None:
    for folder, generation in (("x", 2), ("7", 8)):
        (ledger.path.parent / "lexical" / folder).mkdir(parents=True)
        outbox.set_dirty(ledger, "lexical", True)
        outbox.advance(ledger, "lexical", generation - 1, 3)
        with ledger.write():
            outbox.begin_anew(ledger, "lexical")
        assert outbox.mark(ledger, "lexical") == Mark(generation, 0, False)


def test_a_chroma_in_progress_begins_and_ends(ledger: Ledger) -> None:
    for change, then in (
        (lambda: outbox.begin_generation(ledger, 3), Mark(3, 0, False)),
        (lambda: outbox.end_generation(ledger), None),
    ):
        with ledger.write():
            change()
        assert outbox.mark_in_progress(ledger) == then
        assert outbox.mark(ledger, "chroma") == Mark(1, 0, False)


def test_how_many_papers_a_projection_can_hold(ledger: Ledger, names: list[str]) -> None:
    """Of what changed after its watermark it may hold none or all, and of the rest all."""
    with ledger.write():
        remove_paper(ledger, names[2])
    came = {
        watermark: [at for at in range(6) if outbox.plausible_count(ledger, watermark, at)]
        for watermark in (0, 1, 2, 4)
    }
    assert came == {0: [0, 1, 2, 3], 1: [1, 2, 3], 2: [2, 3], 4: [2]}
