"""JSON of services: what is found in it, in what it is wrapped, and what is said of the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import reading
from tables import Row, for_each, holds, table

from store.errors import UnusableSource
from store.readers.json.services import Mapper
from store.readers.json.walk import found_in
from store.readers.json.window import Window
from store.types import Record, Rejection

Pieces = Iterator[bytes]


def test_a_paper_of_each_service() -> None:
    def check(row: Row) -> None:
        for indent in (None, 1):
            items = reading.read(json.dumps(row["given"], indent=indent))
            (record,) = (item for item in items if isinstance(item, Record))
            assert record.reader == "jsonl"
            holds(json.loads(record.model_dump_json()), row["right"])
            assert [one.message for one in reading.notices(items)] == row.get("said", [])
            assert not reading.refused(items)

    for_each(table(__file__, "services.jsonl"), check)


def test_papers_in_whatever_they_are_wrapped() -> None:
    def check(row: Row) -> None:
        given, asked = row["given"], row.get("asked", {})
        if "mapping" in asked:
            asked = {**asked, "mapping": tuple((name, path) for name, path in asked["mapping"])}
        text = given if isinstance(given, str) else json.dumps(given)
        if "unusable" in row:
            with pytest.raises(UnusableSource) as caught:
                reading.read(text, "jsonl", **asked)
            assert row["unusable"] in caught.value.message
            assert caught.value.hint
            return
        items = reading.read(text, "jsonl", **asked)
        assert [title for title, _ in reading.papers_of(items)] == row["titles"]
        for (line, reason), (at, right) in zip(
            reading.refused(items), row.get("refused", []), strict=True
        ):
            assert line == at
            assert right in reason
        assert [one.message for one in reading.notices(items)] == row.get("said", [])
        counted = [one.record for one in items if isinstance(one, Record | Rejection)]
        assert counted == list(range(1, len(counted) + 1))
        assert all(
            list(one.authors) == row.get("authors", list(one.authors))
            for one in items
            if isinstance(one, Record)
        )

    for_each(table(__file__, "wrapped.jsonl"), check)


@pytest.mark.parametrize("cut", [1, 7, 4096, 65_536])
def test_a_document_is_read_in_pieces_of_any_size(cut: int) -> None:
    """Values that the pieces cut are read whole, at their lines."""
    papers = [
        {"title": f"Título {n} \U0001f9a6", "abstract": "Ä. " * (n % 50), "n": -n * 1e9, "x": None}
        for n in range(300)
    ]
    text = json.dumps({"meta": {"n": 300}, "results": papers}, indent=1, ensure_ascii=False)
    pieces = (text[at : at + cut] for at in range(0, len(text), cut))
    found = list(found_in(Window(pieces), Mapper()))
    taken = [one for one in found if one.path == "results[]"]
    assert [one.value for one in taken] == papers
    lines = text.split("\n")
    assert all(lines[one.line - 1].strip() == "{" for one in taken)


@pytest.mark.slow
def test_a_document_of_any_length_is_read_in_flat_memory() -> None:
    """What tells a wrapper from a paper is looked at once; then a record is held, and a piece."""
    paper = json.dumps({"title": "T", "abstract": "A sentence. " * 80, "year": 2020}).encode()
    for begin, between, end in ((b"[\n", b",\n", b"]"), (b'{"m": {}, "results": [', b",", b"]}")):

        def pieces(begin: bytes = begin, between: bytes = between, end: bytes = end) -> Pieces:
            yield begin + paper
            for _ in range(8):
                yield (between + paper) * 1_000
            yield end

        items = reading.stream(pieces())
        for _ in range(7_000):
            next(items)
        count, peak = reading.with_peak(
            lambda items=items: sum(isinstance(item, Record) for item in items)
        )
        assert count == 1_001
        assert peak < 3_000_000


def test_a_paper_with_more_papers_than_are_read_at_once_is_one() -> None:
    """Services list with a paper what cites it, which may be longer than anything else."""
    other = {"citingPaper": {"paperId": "b" * 40, "title": "Other", "abstract": "Not this. " * 300}}
    paper = {
        "externalIds": {"DOI": "10.1000/otter.7"},
        "title": "Otters",
        "abstract": "They sleep.",
        "citations": [other] * 4_000,
        "venue": "Sleep",
    }
    (record,) = reading.read(json.dumps(paper))
    assert isinstance(record, Record)
    assert (record.title, record.doi, record.venue) == ("Otters", "10.1000/otter.7", "Sleep")
