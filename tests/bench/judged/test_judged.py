"""What quire reads of the judged records is what they say, one by one and as one file."""

from __future__ import annotations

import pytest
import reading

from store.types import Record
from tests.bench.judged.__main__ import joined, judge_format, records
from tests.bench.judged.judges import QUIRE_FORMATS, quire
from tests.bench.judged.plain import FIELDS, plain

KEPT = {
    ("range", "date"),  # the year where a range begins is the year, and no date
    ("oddkeys", "title"),  # programs escape the braces that protect words, so those go
    *((one, "abstract") for one in ("mendeley", "scopus")),  # a notice of copyright is none of it
}


@pytest.mark.parametrize("kind", QUIRE_FORMATS)
def test_quire_is_right(kind: str) -> None:
    found = records(kind)
    assert len({record["name"] for record in found}) == 40
    wrong = set()
    for record in found:
        read = quire(record["text"], record["name"])
        wrong |= {
            (record["name"], field)
            for field in FIELDS
            if plain(field, read.get(field)) != plain(field, record.get(field))
            and not (field == "type" and field not in record)
        }
    assert wrong <= KEPT
    papers = [one for one in reading.read(joined(kind, found)) if isinstance(one, Record)]
    right = {plain("title", one["title"]) for one in found if one["name"] != "oddkeys"}
    assert right <= {plain("title", paper.title) for paper in papers}
    assert len(papers) == len(found)


def test_it_is_told_who_is_right() -> None:
    told = judge_format("csl", [("quire", quire)])
    assert "| range | date | 1988/1992 | – |" in told
    assert "| title | 40 | 40 |" in told
