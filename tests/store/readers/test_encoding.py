"""Encodings, line ends, and what is no text or of a kind that is not read."""

from __future__ import annotations

import contextlib
import io
import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import encoded, notices, papers_of, read, read_file, refusal
from tables import Row, for_each, table

from store.errors import UnusableSource
from store.readers.lines import split_lines
from store.readers.registry import READERS, read_source, supported_kinds
from store.readers.source import Source
from store.types import Notice, Record, Rejection

ABSTRACT = "We study sparse retrieval for long documents."
TEXT = f"A title\n\n{ABSTRACT}\n"
LINE = b'{"title": "T", "abstract": "A."}\n'


def test_encodings_that_are_read() -> None:
    def check(row: Row) -> None:
        items = read(encoded(row))
        papers = papers_of(items)
        assert len(papers) == row.get("times", 1)
        for title, abstract in papers:
            assert abstract == ABSTRACT
            assert len(title) < 100
            assert title == row.get("title", title)
        said = notices(items)
        assert [one.partial for one in said] == [row.get("partial", False)] * ("notice" in row)
        assert not said or row["notice"] in said[0].message

    for_each(table(__file__, "encodings.jsonl"), check)


def test_what_is_refused_by_name(tmp_path: Path) -> None:
    def check(row: Row) -> None:
        failure = refusal(encoded(row), tmp_path / row["name"] if "name" in row else None)
        assert failure is not None
        assert row["message"] in failure.message
        assert failure.hint == row.get("hint", f"quire reads {supported_kinds()}")

    for_each(table(__file__, "refused.jsonl"), check)


def test_a_format_goes_before_content_and_content_before_the_suffix(tmp_path: Path) -> None:
    for item, title, reader in (
        (read('{"title": 1}\n\nA.\n', "text")[0], '{"title": 1}', "text"),
        (read_file(tmp_path / "a.txt", LINE)[0], "T", "jsonl"),
        (read_file(tmp_path / "no suffix", TEXT.encode())[0], "A title", "text"),
    ):
        assert isinstance(item, Record)
        assert (item.title, item.reader) == (title, reader)
    (refused,) = read_file(tmp_path / "a.jsonl", b"plain words\n")
    assert isinstance(refused, Rejection)
    assert refused.reason.startswith("not valid JSON")
    with pytest.raises(UnusableSource) as caught:
        read(b"", "bibtex")
    assert caught.value.message == "unknown format “bibtex”"
    assert caught.value.hint == "known formats: hf-page, jsonl, text"
    assert list(READERS) == ["hf-page", "jsonl", "text"]


class Failing(io.BytesIO):
    """Fails once its bytes are read, as a disk may."""

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        if not piece:
            raise OSError(5, "Input/output error")
        return piece


def test_a_source_that_fails_in_the_middle_is_named() -> None:
    *records, refused = read_source(Source("-", None, Failing(LINE * 5000)))
    assert len(records) == 5000
    assert refused == Rejection(source="-", reason="not read to its end: input/output error")


def test_a_file_that_changes_while_it_is_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINE)
    items = read_source(Source(str(path), path))
    next(items)
    with path.open("ab") as file:
        file.write(LINE)
    os.utime(path, ns=(1, 1))
    *_, last = items
    assert isinstance(last, Notice)
    assert last.partial
    assert "changed while it was read" in last.message


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.sampled_from([b"a", b"\xc3\xa9", b"\r", b"\n", b"\r\n", b"\x0b", b"\xe2\x80\xa8"])),
    st.lists(st.integers(0, 40)),
)
def test_lines_do_not_depend_on_how_the_bytes_come(parts: list[bytes], cuts: list[int]) -> None:
    data = b"".join(parts)
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    lines = list(split_lines([data[a:b] for a, b in pairwise(places)]))
    assert [line.data for line in lines] == data.splitlines()
    assert [data[line.offset : line.offset + line.size] for line in lines] == data.splitlines()
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=300), st.sampled_from(["hf-page", "jsonl", "text", None]))
def test_no_bytes_make_a_reader_fail(data: bytes, format: str | None) -> None:
    with contextlib.suppress(UnusableSource):
        assert read(data, format)
