"""JSON Lines, arrays of objects, and objects over several lines."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from store.errors import UnusableSource
from store.readers.fields import FIELD_LIMIT, split_authors
from store.readers.jsonl import NESTED_LIMIT
from store.readers.lines import LINE_LIMIT
from store.readers.records import ABSTRACT_LIMIT, TITLE_LIMIT
from store.readers.registry import read_source
from store.readers.source import Source
from store.readers.text import DOCUMENT_LIMIT
from store.types import Notice, ReadItem, Record, Rejection


class Pieces(io.RawIOBase):
    """A stream whose bytes are made while it is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._held = piece
        size = min(len(buffer), len(self._held))
        buffer[:size] = self._held[:size]
        self._held = self._held[size:]
        return size


def stream(pieces: Iterator[bytes]) -> Iterator[ReadItem]:
    return read_source(Source("-", None, io.BufferedReader(Pieces(pieces))))


def read(text: str | bytes) -> list[ReadItem]:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return list(read_source(Source("-", None, io.BytesIO(data)), "jsonl"))


def one(**fields: object) -> Record:
    item, *_ = read(json.dumps({"title": "T", "abstract": "A."} | fields))
    assert isinstance(item, Record), item
    return item


def reasons(items: list[ReadItem]) -> dict[int | None, str]:
    return {item.line: item.reason for item in items if isinstance(item, Rejection)}


def titles(items: list[ReadItem]) -> list[str]:
    return [item.title for item in items if isinstance(item, Record)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": " A\n title "}, {"title": "A title"}),
        ({"abstract": None, "summary": "S."}, {"abstract": "S."}),
        ({"abstract": " ", "text": "X."}, {"abstract": "X."}),
        ({"abstract": "one\ntwo\n\n three \n"}, {"abstract": "one two\n\nthree"}),
        ({"abstract": ["One.", "Two."]}, {"abstract": "One. Two."}),
        ({"year": 2017}, {"year": 2017}),
        ({"year": "2017"}, {"year": 2017}),
        ({"year": 2017.0}, {"year": 2017}),
        ({"year": None, "date": "2016-05-04"}, {"year": 2016, "date": "2016-05-04"}),
        ({"published": "2016-05-04T10:00:00Z"}, {"year": 2016, "date": "2016-05-04"}),
        ({"date": "4 May 2016", "year": 2015}, {"year": 2015, "date": "4 May 2016"}),
        ({"doi": "https://doi.org/10.1234/AbC"}, {"doi": "10.1234/abc"}),
        ({"doi": "doi:10.1234/abc"}, {"doi": "10.1234/abc"}),
        ({"url": "https://doi.org/10.1234/abc"}, {"doi": "10.1234/abc"}),
        ({"id": "10.1234/abc"}, {"doi": "10.1234/abc", "source_id": "10.1234/abc"}),
        ({"arxiv_id": "arXiv:2301.00001v3"}, {"arxiv_id": "2301.00001"}),
        ({"arxiv_id": "hep-th/9901001v1"}, {"arxiv_id": "hep-th/9901001"}),
        ({"url": "http://arxiv.org/abs/2301.00001v2"}, {"arxiv_id": "2301.00001"}),
        ({"url": "https://arxiv.org/pdf/2301.00001v2.pdf"}, {"arxiv_id": "2301.00001"}),
        ({"url": "https://huggingface.co/papers/2301.00001"}, {"arxiv_id": "2301.00001"}),
        ({"id": "2301.00001v2"}, {"arxiv_id": "2301.00001", "source_id": "2301.00001v2"}),
        ({"id": "9999.00001"}, {"arxiv_id": None, "source_id": "9999.00001"}),
        ({"doi": "10.48550/arXiv.2301.00001"}, {"arxiv_id": "2301.00001"}),
        ({"id": 7}, {"source_id": "7"}),
        ({"_id": "x"}, {"source_id": "x"}),
        ({"id": "a\nb\x00"}, {"source_id": "a b"}),
        ({"url": "https://example.org/p"}, {"url": "https://example.org/p"}),
        ({"venue": " A  Journal "}, {"venue": "A Journal"}),
        ({"tags": "a, b,a,"}, {"tags": ("a", "b")}),
        ({"tags": ["a", " b "]}, {"tags": ("a", "b")}),
        ({"authors": ["A. One", {"name": "B. Two"}]}, {"authors": ("A. One", "B. Two")}),
        ({"authors": [{"given": "C.", "family": "Three"}]}, {"authors": ("C. Three",)}),
        ({"authors": "One, A.; Two, B."}, {"authors": ("One, A.", "Two, B.")}),
        ({"title": "lone \udfff"}, {"title": "lone \ufffd"}),
        ({"id": "s\ud800"}, {"source_id": "s\ufffd"}),
        ({"title": "a\u200bb \x1b[31mred"}, {"title": "ab red"}),
    ],
)  # fmt: skip
def test_fields(fields: dict[str, object], expected: dict[str, object]) -> None:
    """Case 12 among them: lone surrogates are replaced."""
    record = one(**fields)
    assert {name: getattr(record, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Vaswani, Ashish; Shazeer, Noam", ["Vaswani, Ashish", "Shazeer, Noam"]),
        ("A. Vaswani, N. Shazeer", ["A. Vaswani", "N. Shazeer"]),
        ("A. Vaswani, N. Shazeer, and N. Parmar", ["A. Vaswani", "N. Shazeer", "N. Parmar"]),
        ("A. Vaswani, N. Shazeer and N. Parmar", ["A. Vaswani", "N. Shazeer", "N. Parmar"]),
        ("Vaswani, Ashish and Shazeer, Noam", ["Vaswani, Ashish", "Shazeer, Noam"]),
        ("Vaswani, A., Shazeer, N. M.", ["Vaswani, A.", "Shazeer, N. M."]),
        ("Smith J, Doe K, Roe L", ["Smith J", "Doe K", "Roe L"]),
        ("Vaswani, Ashish", ["Vaswani, Ashish"]),
        ("Ashish Vaswani", ["Ashish Vaswani"]),
        ("Martin King, Jr., Ada Love", ["Martin King, Jr.", "Ada Love"]),
        ("Alexander Sandberg & Andy Anders", ["Alexander Sandberg", "Andy Anders"]),
    ],
)
def test_authors_in_one_string(text: str, names: list[str]) -> None:
    assert [name.strip() for name in split_authors(text)] == names


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"year": "MMXX"}, "year"),
        ({"year": 99999}, "year"),
        ({"doi": "none"}, "doi"),
        ({"arxiv_id": "?"}, "arxiv_id"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"venue": "v" * (FIELD_LIMIT + 1)}, "venue"),
        ({"authors": ["n" * (FIELD_LIMIT + 1), "B. Two"]}, "authors"),
    ],
)
def test_a_value_that_is_not_understood_is_left_out_and_said(
    fields: dict[str, object], field: str
) -> None:
    record, notice = read(json.dumps({"title": "T", "abstract": "A.", **fields}))
    assert isinstance(record, Record)
    assert isinstance(notice, Notice)
    assert f"“{field}”" in notice.message
    assert not notice.partial
    assert (notice.line, notice.record) == (1, 1)
    assert getattr(record, field) in (None, ("B. Two",))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"title": "T"}', "no abstract"),
        (b'{"title": "T", "abstract": " "}', "no abstract"),
        (b'{"abstract": "A."}', "no title"),
        (b"{}", "no abstract"),
        (b"{oops", "not valid JSON"),
        (b'{"title": "T", "abst', "not valid JSON"),
        (b'{"title": "T", "abstract": "A."} x', "extra data"),
        (b'{"title": "a\x00b", "abstract": "A."}', "invalid control character"),
        (b'{"title": "\xff\xfe", "abstract": "A."}',
         "not UTF-8 text (first bad byte at offset 44)"),
        (b"[1, 2]", "not an object"),
        (b'"text"', "not an object"),
        (b"null", "not an object"),
        (b'{"title": ["a"], "abstract": "A."}', "“title”: expected text, found a list"),
        (b'{"title": "T", "abstract": {"x": 1}}', "“abstract”: expected text, found an object"),
        (b'{"title": "T", "abstract": "A.", "year": true}', "“year”: expected a year, found a tr"),
        (b'{"title": "T", "abstract": "A.", "year": NaN}', "“year”: expected a year, found a nu"),
        (b'{"title": "T", "abstract": "A.", "authors": [1]}', "“authors”"),
        (b'{"title": "T", "abstract": "A.", "tags": [1]}', "“tags”"),
        (b'{"title": "T", "abstract": "A.", "id": [1]}', "“id”"),
        (b'{"title": "T", "abstract": "A.", "x": ' + b"9" * 5000 + b"}", "too many digits"),
        (b'{"title": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"x": [' + b"{}," * (NESTED_LIMIT + 1) + b"{}]}", "nested objects"),
        (b'{"title": "' + b"t" * 2001 + b'", "abstract": "A."}',
         f"the title has 2001 characters; the limit is {TITLE_LIMIT}"),
        (b'{"title": "T", "abstract": "' + b"x " * 60_000 + b'"}',
         f"the abstract has 119999 characters; the limit is {ABSTRACT_LIMIT}"),
    ],
    ids=range(24),
)  # fmt: skip
def test_a_bad_line_is_named_and_the_rest_taken(line: bytes, reason: str) -> None:
    """Cases 5, 8, 11, 13 and 32."""
    good = b'{"title": "T", "abstract": "A."}\n'
    items = read(good + line + b"\n" + good)
    assert [type(item) for item in items] == [Record, Rejection, Record]
    assert [getattr(item, "line", None) for item in items] == [1, 2, 3]
    assert [getattr(item, "record", None) for item in items] == [1, 2, 3]
    refused = items[1]
    assert isinstance(refused, Rejection)
    assert reason in refused.reason


def test_numbers_that_json_does_not_have_are_no_obstacle() -> None:
    """Case 13."""
    (record,) = read('{"title": "T", "abstract": "A.", "x": NaN, "y": -Infinity, "z": 1e999}')
    assert isinstance(record, Record)
    json.loads(record.model_dump_json(), parse_constant=lambda name: pytest.fail(name))


def test_the_last_of_equal_keys_counts() -> None:
    """Case 9."""
    (record,) = read('{"title": "first", "abstract": "A.", "title": "second"}')
    assert isinstance(record, Record)
    assert record.title == "second"


def test_line_ends_are_lf_cr_and_crlf_alone() -> None:
    """Case 7: U+2028, U+2029 and U+0085 inside a string do not cut it."""
    first = json.dumps({"title": "a\u2028b", "abstract": "A\u2029\x85."}, ensure_ascii=False)
    good = json.dumps({"title": "T", "abstract": "A."})
    items = read(f"{first}\r\n{good}\n\n\r\n{good}\r{good}")
    assert titles(items) == ["a b", "T", "T", "T"]
    assert [getattr(item, "line", None) for item in items] == [1, 2, 5, 6]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([{"title": "1", "abstract": "A."}, {"title": "2", "abstract": "A."}]),
        json.dumps([{"title": "1", "abstract": "A."}, {"title": "2", "abstract": "A."}], indent=1),
        '[\n{"title": "1", "abstract": "A."},\n{"title": "2", "abstract": "A."}\n]\n',
        json.dumps({"title": "1", "abstract": "A."}, indent=2)
        + "\n"
        + json.dumps({"title": "2", "abstract": "A.", "x": []}, indent=2),
    ],
)
def test_arrays_and_objects_over_several_lines(text: str) -> None:
    for data in (text.encode(), b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16")):
        items = list(read_source(Source("-", None, io.BytesIO(data))))
        assert titles(items) == ["1", "2"]
        assert [getattr(item, "record", None) for item in items] == [1, 2]


def test_a_cut_array_keeps_what_came_before() -> None:
    text = json.dumps([{"title": str(i), "abstract": "A."} for i in range(3)], indent=1)
    for end, reason in ((-1, "the array is not closed"), (-20, "not valid JSON")):
        items = read(text[:end])
        assert titles(items) == ["0", "1", "2"][: 3 if end == -1 else 2]
        (refused,) = reasons(items).items()
        assert reason in refused[1]
        assert refused[0] is not None
        assert refused[0] > 9


def test_a_cut_first_line_does_not_make_a_document() -> None:
    good = '{"title": "T", "abstract": "A."}\n'
    items = read('{"title": "T",\n' + good + good)
    assert titles(items) == ["T", "T"]
    assert list(reasons(items)) == [1]


def test_odd_elements_of_an_array_are_named() -> None:
    items = read('[{"title": "T", "abstract": "A."}, 7,\n {"title": "no more"}]')
    assert titles(items) == ["T"]
    assert [item.reason for item in items if isinstance(item, Rejection)] == [
        "not an object",
        "no abstract",
    ]


def test_a_document_has_a_limit() -> None:
    def endless() -> Iterator[bytes]:
        yield b"[\n"
        for _ in range(DOCUMENT_LIMIT // 2**20 + 1):
            yield b'{"x": "' + b"x" * 2**20 + b'"},\n'

    with pytest.raises(UnusableSource, match="64 MiB"):
        list(stream(endless()))


def test_a_broken_document_is_refused_with_its_line() -> None:
    with pytest.raises(UnusableSource, match=r"not valid JSON: .*line 3"):
        read('{\n "title": "T",\n abstract: 1\n}')
    with pytest.raises(UnusableSource, match="no record"):
        read("[]")


def test_many_records_in_flat_memory() -> None:
    """Case 27: records are made one by one, whatever their number."""
    line = json.dumps({"id": "x", "title": "T", "abstract": "A sentence. " * 20}).encode() + b"\n"
    items = stream(line for _ in range(20_000))
    for _ in range(1000):
        next(items)
    tracemalloc.start()
    try:
        count = 1000 + sum(isinstance(item, Record) for item in items)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 1_000_000


def test_a_line_beyond_the_limit_is_named_and_passed_over() -> None:
    """Case 27: 64 MB in one line, then a good one; the line is never held."""
    size = 64 * 10**6

    def pieces() -> Iterator[bytes]:
        yield b'{"title": "T", "abstract": "'
        for _ in range(64):
            yield b"x" * 10**6
        yield b'"}\n{"title": "after", "abstract": "A."}\n'

    tracemalloc.start()
    try:
        items = list(stream(pieces()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert titles(items) == ["after"]
    (refused,) = reasons(items).items()
    assert refused == (1, f"a line of {size + 30} bytes; the limit is 16 MiB")
    assert peak < 2 * LINE_LIMIT
