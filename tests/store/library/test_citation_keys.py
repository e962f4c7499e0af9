"""Citation keys: unique, kept whatever happens to a paper, and such as all programs take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tables import Row, compare, table

from store.ledger.citation_keys import DEFAULT_PATTERN
from store.ledger.database import Ledger
from store.ledger.erase import erase_rows
from store.ledger.images import remove_paper
from store.ledger.joining import merge, split
from store.ledger.journal import Change
from store.ledger.papers import find_paper
from store.ledger.write import write_record
from store.library.citation_keys import citation_keys, renew
from store.library.key_pattern import WrongPattern, is_valid, parts_of
from store.types import Record


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with closing(Ledger.in_memory()) as opened:
        yield opened


def put(ledger: Ledger, number: int, reader: str = "jsonl", **fields: object) -> str:
    """A paper, and its id."""
    said = {"title": f"Title {number}", "authors": (), **fields}
    said |= {"source_id": said.pop("id", None), "abstract": f"Text {said['title']} of {number}."}
    with ledger.write():
        record = Record.model_validate({**said, "source": "x", "reader": reader, "record": number})
        key = write_record(ledger, record, ()).key
    return str(ledger.value("SELECT id FROM papers WHERE key = ?", (key,)))


def keys(ledger: Ledger, *ids: str, pattern: str = DEFAULT_PATTERN) -> list[str]:
    found = citation_keys(ledger, ids, pattern)
    return [found[one] for one in ids]


def test_keys_are_made_by_a_pattern() -> None:
    def came(row: Row) -> list[str]:
        ids: list[str] = []
        with closing(Ledger.in_memory()) as ledger:
            for number, fields in enumerate(row["papers"]):
                ids.append(put(ledger, number, row.get("reader", "jsonl"), **fields))
                if row.get("given") == len(ids):
                    keys(ledger, *ids)
            found = keys(ledger, *ids, pattern=row.get("pattern", DEFAULT_PATTERN))
            assert all(map(is_valid, found))
            assert [find_paper(ledger, one.upper()).id for one in found] == ids
        return ["ID" if key == name else key for key, name in zip(found, ids, strict=True)]

    compare(table(__file__, "citation_keys.jsonl"), came, "keys")


@pytest.mark.parametrize(
    "wrong", ["", "{author", "{}", "{family}", "smith", "{author} {year}", "{id}é"]
)
def test_a_pattern_is_told_what_may_stand_in_it(wrong: str) -> None:
    with pytest.raises(WrongPattern, match="author, authors, year, title, venue, doi, arxiv, id"):
        parts_of(wrong)


def test_a_key_stays_whatever_becomes_of_the_paper(ledger: Ledger) -> None:
    one, two = (put(ledger, at, authors=("A. Roux",), title="Kelp", year=at) for at in (1, 2))
    assert keys(ledger, two) == ["roux2kelp"], "asked for alone"
    with ledger.write():
        ledger.run("UPDATE papers SET year = 1999, authors = '[]'")
    assert keys(ledger, one, two, pattern="{id}") == ["roux1kelp", "roux2kelp"]
    three = put(ledger, 3, title="Tide")
    assert keys(ledger, one, two, three) == ["roux1kelp", "roux2kelp", "tide"]
    with ledger.write():
        remove_paper(ledger, one)
    assert keys(ledger, put(ledger, 4, title="roux1kelp")) == ["roux1kelp-2"], "it may come back"
    assert renew(ledger, [two], "{id}") == {two: two}


def test_a_key_leads_to_what_its_paper_became_part_of(ledger: Ledger) -> None:
    one, two, three = (put(ledger, at, title=f"Kelp{at}") for at in range(3))
    assert keys(ledger, one, two) == ["kelp0", "kelp1"]
    with ledger.write():
        merge(ledger, [one, two], Change(ledger, "merge", lambda line: None, ""))
    assert (keys(ledger, one), find_paper(ledger, "kelp1").id) == (["kelp0"], one)
    with ledger.write():
        split(ledger, one, Change(ledger, "split", lambda line: None, ""))
    assert keys(ledger, one, two, three) == ["kelp0", "kelp1", "kelp2"]


def test_a_paper_takes_over_the_key_of_one_that_became_part_of_it(ledger: Ledger) -> None:
    one = put(ledger, 1, title="Kelp")
    assert keys(ledger, one) == ["kelp"]
    two = put(ledger, 2, title="Tide")
    with ledger.write():
        merge(ledger, [two, one], Change(ledger, "merge", lambda line: None, ""))
    assert keys(ledger, two) == ["kelp"]


def test_what_is_erased_leaves_no_key(ledger: Ledger) -> None:
    one, two = (put(ledger, at, title=f"Kelp{at}") for at in range(2))
    assert keys(ledger, one, two) == ["kelp0", "kelp1"]
    erase_rows(ledger, [one], lambda erased, is_elsewhere: lambda question, answer: ("", ""))
    assert ledger.rows("SELECT name FROM citation_keys") == [("kelp1",)]


def test_a_library_that_is_not_written_to_has_the_keys_that_it_would_keep(tmp_path: Path) -> None:
    with closing(Ledger.open(tmp_path, create=True)) as ledger:
        ids = [put(ledger, at, title="Kelp", authors=(f"{'AB'[at]}. Roux",)) for at in range(2)]
        ledger.read_only = True
        assert keys(ledger, ids[1]) == ["rouxkelp-2"]
        ledger.read_only = False
        assert ledger.rows("SELECT name FROM citation_keys") == []
        assert keys(ledger, *ids) == ["rouxkelp", "rouxkelp-2"]
