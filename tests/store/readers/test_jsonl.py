"""JSON Lines, arrays of objects, and objects over several lines."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from reading import encoded, notices, papers_of, read, refused, stream, with_peak
from tables import Row, for_each, table

from store.errors import UnusableSource
from store.readers.fields import FIELD_LIMIT
from store.readers.lines import LINE_LIMIT
from store.readers.text import DOCUMENT_LIMIT
from store.types import Record, Rejection


def test_fields() -> None:
    """A value that is not understood is left out and said; of a list the others are kept."""
    rows = table(__file__, "fields.jsonl")
    long = "v" * (FIELD_LIMIT + 1)
    rows.append({"given": {"venue": long}, "right": {"venue": None}, "said": "venue"})
    authors = {"authors": [long, "B. Two"]}
    rows.append({"given": authors, "right": {"authors": ["B. Two"]}, "said": "authors"})

    def check(row: Row) -> None:
        record, *said = read(json.dumps({"title": "T", "abstract": "A."} | row["given"]), "jsonl")
        assert isinstance(record, Record)
        found = json.loads(record.model_dump_json())
        assert {name: found[name] for name in row["right"]} == row["right"]
        assert len(said) == ("said" in row)
        for notice in notices(said):
            assert f"“{row['said']}”" in notice.message
            assert (notice.line, notice.record, notice.partial) == (1, 1, False)

    for_each(rows, check)


def test_a_bad_line_is_named_and_the_rest_taken() -> None:
    good = b'{"title": "T", "abstract": "A."}\n'

    def check(row: Row) -> None:
        items = read(good + encoded(row) + b"\n" + good, "jsonl")
        assert [type(item) for item in items] == [Record, Rejection, Record]
        assert [getattr(item, "line", None) for item in items] == [1, 2, 3]
        assert [getattr(item, "record", None) for item in items] == [1, 2, 3]
        assert row["reason"] in refused(items)[0][1]

    for_each(table(__file__, "bad_lines.jsonl"), check)


def test_documents() -> None:
    def check(row: Row) -> None:
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            items = read(row["text"].encode(encoding))
            records = [item for item in items if isinstance(item, Record)]
            assert [item.title for item in records] == row["titles"]
            assert [item.line for item in records] == row["lines"]
            places = [getattr(item, "record", None) for item in items]
            assert places == list(range(1, len(items) + 1)) or row["refused"]
            for (line, reason), (at, right) in zip(refused(items), row["refused"], strict=True):
                assert line == at
                assert right in reason
            for item in records:
                json.loads(item.model_dump_json(), parse_constant=pytest.fail)

    for_each(table(__file__, "documents.jsonl"), check)


def test_a_document_has_a_limit() -> None:
    def endless() -> Iterator[bytes]:
        yield b"[\n"
        for _ in range(DOCUMENT_LIMIT // 2**20 + 1):
            yield b'{"x": "' + b"x" * 2**20 + b'"},\n'

    with pytest.raises(UnusableSource, match="64 MiB"):
        list(stream(endless()))


@pytest.mark.slow
def test_many_records_in_flat_memory() -> None:
    """Records are made one by one, whatever their number."""
    line = json.dumps({"id": "x", "title": "T", "abstract": "A sentence. " * 20}).encode() + b"\n"
    items = stream(line for _ in range(3_000))
    for _ in range(1000):
        next(items)
    count, peak = with_peak(lambda: sum(isinstance(item, Record) for item in items))
    assert count == 2_000
    assert peak < 1_000_000


@pytest.mark.slow
def test_a_line_beyond_the_limit_is_named_and_passed_over() -> None:
    """64 MB in one line, then a good one; the line is never held."""

    def pieces() -> Iterator[bytes]:
        yield b'{"title": "T", "abstract": "'
        for _ in range(64):
            yield b"x" * 10**6
        yield b'"}\n{"title": "after", "abstract": "A."}\n'

    items, peak = with_peak(lambda: list(stream(pieces())))
    assert papers_of(items) == [("after", "A.")]
    assert refused(items) == [(1, "a line of 64000030 bytes; the limit is 16 MiB")]
    assert peak < 2 * LINE_LIMIT
