"""Plain text, JSON Lines and documents, their encodings, and what is no text or not read."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
import reading
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import Row, for_each, holds, table

from store.errors import UnusableSource
from store.readers.fields import FIELD_LIMIT
from store.readers.lines import LINE_LIMIT, split_lines
from store.readers.registry import read_source, readers
from store.readers.source import Source
from store.types import Notice, Record, Rejection

LONG = (
    "We study retrieval on long documents, where earlier methods are slow. Our method orders the "
    "candidates by a cheap score first, and looks at the best of them again with a larger model. "
    "On 18 collections it answers 2.5 times faster and finds one more document in twenty."
)


def test_layouts() -> None:
    def check(row: Row) -> None:
        items = reading.read(
            reading.encoded(row).replace(b"LONG", LONG.encode()),
            None if "reader" in row else "text",
        )
        taken = [one for one in items if isinstance(one, Record)]
        assert {one.reader for one in taken} <= {row.get("reader", "text")}
        if "authors" in row:
            assert [list(one.authors) for one in taken] == row["authors"]
        holds([one.details.model_dump() for one in taken], row.get("details", [{}] * len(taken)))
        papers = json.loads(json.dumps(row.get("papers", [])).replace("LONG", LONG))
        assert reading.papers_of(items) == [(title, abstract) for title, abstract in papers]
        assert reading.refused(items) == [(line, reason) for line, reason in row.get("refused", [])]
        cut = f"the last abstract may be cut: it ends in {row.get('cut')}"
        said = [(one.message, one.partial) for one in reading.notices(items)]
        assert said == ([(cut, True)] if "cut" in row else [])

    for_each(table(__file__, "plaintext.jsonl"), check)
    for text, lines in (("\nT\n\nA.\n\nU\n\nB.\n", [2, 6]), ("T\nA.\n---\n\nU\nB.\n", [1, 5])):
        items = reading.read(text, "text")
        assert [getattr(item, "line", None) for item in items] == lines
        assert [getattr(item, "record", None) for item in items] == [1, 2]
        assert {getattr(item, "reader", None) for item in items} == {"text"}


def test_a_bad_line_spoils_its_own_record_alone() -> None:
    filler = "".join(f"T{i}\n\n{LONG}\n\n" for i in range(300)).encode()
    bad = "検索の研究。".encode("shift_jis") + b"\n\n" + LONG.encode() + b"\n\n"
    items = reading.read(filler + bad + b"U\n\nB.\n\n", "text")
    assert [title for title, _ in reading.papers_of(items)][-2:] == ["T299", "U"]
    ((first, not_utf8),) = reading.refused(items)
    assert first == 1201
    assert not_utf8.startswith(f"not UTF-8 text (first bad byte at offset {len(filler)})")


def test_nul_bytes_are_left_out_and_said() -> None:
    """So many that a block of the file was lost are told as a loss."""
    for count, papers, lost in ((1, 300, False), (3_000, 300, True), (2_000, 20, True)):
        filler = f"T\n\n{LONG}\n\n" * papers
        items = reading.read(f"{filler}Left\n\nhid{chr(0) * count}den.\n", "text")
        assert reading.papers_of(items)[-1] == ("Left", "hidden.")
        said = [(one.message[:21], one.partial) for one in reading.notices(items)]
        assert (
            said == [("it holds NUL bytes, w", False), ("NUL bytes stand in pl", True)][: 1 + lost]
        )


@pytest.mark.slow
def test_a_paragraph_of_any_length_is_read_in_flat_memory() -> None:
    """Neither one line nor one paragraph is held whole."""
    size = 40 * 10**6
    one_line = b"x" * size
    paragraph = b"T\n\n" + (b"word " * 2000 + b"\n") * (size // 10_001)
    for data, length in ((one_line, size), (paragraph, size // 10_001 * 10_000 - 1)):
        (item,), peak = reading.with_peak(partial(reading.read, data, "text"))
        assert isinstance(item, Rejection)
        assert str(length) in item.reason
        assert peak < 36 * 10**6


def test_fields() -> None:
    """A value that is not understood is left out and said; of a list the others are kept."""
    rows = table(__file__, "fields.jsonl")
    long = "v" * (FIELD_LIMIT + 1)
    rows.append({"given": {"venue": long}, "right": {"venue": None}, "said": "venue"})
    authors = {"authors": [long, "B. Two"]}
    rows.append({"given": authors, "right": {"authors": ["B. Two"]}, "said": "authors"})

    def check(row: Row) -> None:
        record, *said = reading.read(
            json.dumps({"title": "T", "abstract": "A."} | row["given"]), "jsonl"
        )
        assert isinstance(record, Record)
        found = json.loads(record.model_dump_json())
        assert {name: found[name] for name in row["right"]} == row["right"]
        assert len(said) == ("said" in row)
        for notice in reading.notices(said):
            assert f"“{row['said']}”" in notice.message
            assert (notice.line, notice.record, notice.partial) == (1, 1, False)

    for_each(rows, check)


def test_a_bad_line_is_named_and_the_rest_taken() -> None:
    good = b'{"title": "T", "abstract": "A."}\n'

    def check(row: Row) -> None:
        items = reading.read(good + reading.encoded(row) + b"\n" + good, "jsonl")
        assert [type(item) for item in items] == [Record, Rejection, Record]
        assert [getattr(item, "line", None) for item in items] == [1, 2, 3]
        assert [getattr(item, "record", None) for item in items] == [1, 2, 3]
        assert row["reason"] in reading.refused(items)[0][1]

    for_each(table(__file__, "bad_lines.jsonl"), check)


def test_documents() -> None:
    def check(row: Row) -> None:
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            items = reading.read(row["text"].encode(encoding))
            records = [item for item in items if isinstance(item, Record)]
            assert [item.title for item in records] == row["titles"]
            assert [item.line for item in records] == row["lines"]
            places = [getattr(item, "record", None) for item in items]
            assert places == list(range(1, len(items) + 1)) or row["refused"]
            for (line, reason), (at, right) in zip(
                reading.refused(items), row["refused"], strict=True
            ):
                assert line == at
                assert right in reason
            for item in records:
                json.loads(item.model_dump_json(), parse_constant=pytest.fail)

    for_each(table(__file__, "documents.jsonl"), check)


@pytest.mark.slow
def test_many_records_in_flat_memory() -> None:
    """Records are made one by one, whatever their number."""
    line = json.dumps({"id": "x", "title": "T", "abstract": "A sentence. " * 20}).encode() + b"\n"
    items = reading.stream(line for _ in range(3_000))
    for _ in range(1000):
        next(items)
    count, peak = reading.with_peak(lambda: sum(isinstance(item, Record) for item in items))
    assert count == 2_000
    assert peak < 1_000_000


@pytest.mark.slow
def test_a_line_beyond_the_limit_is_named_and_passed_over() -> None:
    """64 MB in one line, among others or the first, then a good one; the line is never held."""

    def pieces(before: bytes) -> Iterator[bytes]:
        yield before + b'{"title": "T", "abstract": "'
        for _ in range(64):
            yield b"x" * 10**6
        yield b'"}\n{"title": "after", "abstract": "A."}\n'

    for before, reason in (
        (LINE, (2, "a line of 64000030 bytes; the limit is 16 MiB")),
        (b"", (1, "not read: a value of more than 4 MiB")),
    ):
        items, peak = reading.with_peak(lambda before=before: list(reading.stream(pieces(before))))
        assert reading.papers_of(items)[-1] == ("after", "A.")
        assert reading.refused(items) == [reason]
        assert peak < 2 * LINE_LIMIT


ABSTRACT = "We study sparse retrieval for long documents."
TEXT = f"A title\n\n{ABSTRACT}\n"
LINE = b'{"title": "T", "abstract": "A."}\n'


def test_encodings_that_are_read() -> None:
    def check(row: Row) -> None:
        items = reading.read(reading.encoded(row))
        papers = reading.papers_of(items)
        assert len(papers) == row.get("times", 1)
        for title, abstract in papers:
            assert abstract == ABSTRACT
            assert len(title) < 100
            assert title == row.get("title", title)
        said = reading.notices(items)
        assert [one.partial for one in said] == [row.get("partial", False)] * ("notice" in row)
        assert not said or row["notice"] in said[0].message

    for_each(table(__file__, "encodings.jsonl"), check)


def test_what_is_refused_by_name(tmp_path: Path) -> None:
    def check(row: Row) -> None:
        failure = reading.refusal(
            reading.encoded(row), tmp_path / row["name"] if "name" in row else None
        )
        assert failure is not None
        assert row["message"] in failure.message
        assert failure.hint == row.get("hint", f"quire reads {readers().kinds()}")

    for_each(table(__file__, "refused.jsonl"), check)


def test_a_format_goes_before_content_and_content_before_the_suffix(tmp_path: Path) -> None:
    for item, title, reader in (
        (reading.read('{"title": 1}\n\nA.\n', "text")[0], '{"title": 1}', "text"),
        (reading.read_file(tmp_path / "a.txt", LINE)[0], "T", "jsonl"),
        (reading.read_file(tmp_path / "no suffix", TEXT.encode())[0], "A title", "text"),
    ):
        assert isinstance(item, Record)
        assert (item.title, item.reader) == (title, reader)
    (item,) = reading.read_file(tmp_path / "a.jsonl", b"plain words\n")
    assert isinstance(item, Rejection)
    assert item.reason.startswith("not valid JSON")
    with pytest.raises(UnusableSource) as caught:
        reading.read(b"", "nonsense")
    assert caught.value.message == "unknown format “nonsense”"
    assert caught.value.hint == f"known formats: {', '.join(readers().names)}"
    assert readers().names[-1] == "text"


class Failing(io.BytesIO):
    """Fails once its bytes are read, as a disk may."""

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        if not piece:
            raise OSError(5, "Input/output error")
        return piece


def test_a_source_that_fails_or_changes_while_it_is_read_is_said(tmp_path: Path) -> None:
    *records, last = read_source(Source("-", None, Failing(LINE * 5000)))
    assert len(records) == 5000
    assert last == Rejection(source="-", reason="not read to its end: input/output error")
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
        assert reading.read(data, format)
