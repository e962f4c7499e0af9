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

from store.errors import UnusableSource
from store.readers.lines import split_lines
from store.readers.registry import READERS, read_source, supported_kinds
from store.readers.source import Source
from store.types import Notice, ReadItem, Record, Rejection

ABSTRACT = "We study sparse retrieval for long documents."


def read(data: bytes, format: str | None = None) -> list[ReadItem]:
    return list(read_source(Source("-", None, io.BytesIO(data)), format))


def read_file(path: Path, data: bytes) -> list[ReadItem]:
    path.write_bytes(data)
    return list(read_source(Source(str(path), path)))


@pytest.mark.parametrize(
    ("data", "title", "notice"),
    [
        (f"Café\n\n{ABSTRACT}\n".encode(), "Café", None),
        (b"\xef\xbb\xbf" + f"Café\n\n{ABSTRACT}\n".encode(), "Café", None),
        (f"\ufeffCafé\n\n{ABSTRACT}\n".encode("utf-16-le"), "Café", None),
        (f"\ufeffCafé\n\n{ABSTRACT}\n".encode("utf-16-be"), "Café", None),
        (f"Cafe\u0301\n\n{ABSTRACT}\n".encode(), "Café", None),
        (f"Été à l'Élysée, où Ångström\n\n{ABSTRACT}\n".encode("latin-1"),
         "Été à l'Élysée, où Ångström", "offset 0); read as Latin-1"),
        (b"\x93Quoted\x94 \x96 a title\n\n" + ABSTRACT.encode(),
         "“Quoted” – a title", "offset 0); read as Windows-1252"),
        (b"Plain \xc3\xa9 and caf\xe9\n\n" + ABSTRACT.encode(),
         "Plain é and café", "offset 16); read as Latin-1"),
        (f"מחקר أبحاث\n\n{ABSTRACT}\n".encode(), "מחקר أبحاث", None),
        (b"Z" + "\u0301\u0327".encode() * 20_000 + b"\n\n" + ABSTRACT.encode(), None, None),
    ],
    ids=range(10),
)  # fmt: skip
def test_encodings_that_are_read(data: bytes, title: str | None, notice: str | None) -> None:
    """Cases 2 to 4: a mark is no letter; an assumed encoding is named."""
    *notices, record = read(data)
    assert isinstance(record, Record)
    assert record.abstract == ABSTRACT
    assert len(record.title) < 100
    assert title is None or record.title == title
    assert [isinstance(one, Notice) and one.partial for one in notices] == [False] * bool(notice)
    if notice:
        assert notice in getattr(notices[0], "message", "")


def test_a_guess_is_said_once() -> None:
    line = "Café au lait\n\nDéjà vu, naïve.\n\n".encode("latin-1")
    items = read(line * 10)
    assert sum(isinstance(item, Record) for item in items) == 10
    assert sum(isinstance(item, Notice) for item in items) == 1


def test_a_file_cut_inside_a_character_is_said() -> None:
    items = read(f"T\n\n{ABSTRACT} ε".encode()[:-1])
    assert [item.abstract for item in items if isinstance(item, Record)] == [ABSTRACT]
    (notice,) = (item for item in items if isinstance(item, Notice))
    assert notice.partial
    assert "inside a character" in notice.message


def test_what_utf16_cannot_say_is_noticed() -> None:
    data = b"\xff\xfe" + "T \ud800 x\n\nA.\n".encode("utf-16-le", "surrogatepass")
    notice, record = read(data)
    assert isinstance(notice, Notice)
    assert "could not be decoded" in notice.message
    assert isinstance(record, Record)
    assert record.title == "T \ufffd x"


TEXT = f"A title\n\n{ABSTRACT}\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no record in the standard input"),
        (b" \n\t\r\n", "no record in"),
        (b"\xef\xbb\xbf", "no record in"),
        (TEXT.encode("utf-16-be"), "UTF-16 (big-endian) without a byte order mark"),
        (TEXT.encode("utf-16-le"), "UTF-16 (little-endian) without a byte order mark"),
        (TEXT.encode("utf-32"), "it is UTF-32"),
        ("日本語の要旨\n\n本研究では検索を扱う。\n".encode("shift_jis"), "not UTF-8 text"),
        ("中文摘要\n\n我们研究稀疏检索。\n".encode("gb18030"), "not UTF-8 text"),
        ("Исследование поиска\n\nМы изучаем.\n".encode("cp1251"), "not UTF-8 text"),
        (b"title \xc0\xaf\xc1\x9c\n\nabstract\n", "not UTF-8 text"),
        (b"T\x00 hidden\n\nA.\n", "NUL bytes"),
        (bytes(range(256)) * 64, "NUL bytes"),
        (bytes(range(1, 32)) * 64, "binary"),
        (bytes(100_000), "NUL bytes"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "this is a PNG image"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "this is a PDF"),
        (b"\x1f\x8b\x08\x00rest", "this is a gzip archive"),
        (b"PK\x03\x04rest", "this is a zip archive"),
        (b"link" + bytes(253) + b"ustar\x00", "this is a tar archive"),
        (b"<!doctype html><html><body>limit exceeded</body></html>", "this is an HTML page"),
        (b"\n <html><head><script>alert(1)</script>", "this is an HTML page"),
        (b'<?xml version="1.0"?><feed/>', "this is an XML file"),
        (b"<feed><entry><title>t</title></entry></feed>", "this is an XML file"),
        (b"@article{a,\n title = {T}\n}\n", "this is a BibTeX file"),
        (b"TY  - JOUR\nTI  - T\nER  - \n", "this is an RIS file"),
    ],
    ids=range(25),
)
def test_what_is_refused_by_name(data: bytes, message: str) -> None:
    """Cases 1, 3, 6 and 22."""
    with pytest.raises(UnusableSource) as caught:
        read(data)
    assert message in caught.value.message
    assert caught.value.hint or "NUL" in message or "binary" in message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.bib", "named as a BibTeX file"),
        ("a.ris", "named as an RIS file"),
        ("a.csv", "named as a CSV file"),
        ("a.XML", "named as an XML file"),
        ("a.jsonl.gz", "named as a compressed file"),
    ],
)
def test_kinds_that_are_not_read(tmp_path: Path, name: str, message: str) -> None:
    """Case 23: what is named as an archive is never opened as one."""
    with pytest.raises(UnusableSource, match=message) as caught:
        read_file(tmp_path / name, b"1,Title,Abstract text\n")
    assert "not supported" in caught.value.message
    assert caught.value.hint.endswith(supported_kinds())


def test_content_goes_before_the_suffix(tmp_path: Path) -> None:
    (record,) = read_file(tmp_path / "a.txt", b'{"title": "T", "abstract": "A."}\n')
    assert isinstance(record, Record)
    assert record.reader == "jsonl"
    (record,) = read_file(tmp_path / "no suffix", TEXT.encode())
    assert isinstance(record, Record)
    assert record.reader == "text"
    (refused,) = read_file(tmp_path / "a.jsonl", b"plain words\n")
    assert isinstance(refused, Rejection)
    assert refused.reason.startswith("not valid JSON")


def test_a_format_goes_before_both() -> None:
    (record,) = read(b'{"title": 1}\n\nA.\n', "text")
    assert isinstance(record, Record)
    assert (record.title, record.reader) == ('{"title": 1}', "text")
    with pytest.raises(UnusableSource) as caught:
        read_source(Source("-", None, io.BytesIO(b"")), "bibtex")
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
    """Case 28."""
    line = b'{"title": "T", "abstract": "A."}\n'
    *records, refused = read_source(Source("-", None, Failing(line * 5000)))
    assert len(records) == 5000
    assert refused == Rejection(source="-", reason="not read to its end: input/output error")


def test_a_file_that_changes_while_it_is_read_is_said(tmp_path: Path) -> None:
    """Case 28."""
    path = tmp_path / "a.jsonl"
    line = b'{"title": "T", "abstract": "A."}\n'
    path.write_bytes(line)
    items = read_source(Source(str(path), path))
    next(items)
    with path.open("ab") as file:
        file.write(line)
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
    """Case 7."""
    data = b"".join(parts)
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[a:b] for a, b in pairwise(places)]
    lines = list(split_lines(pieces))
    assert [line.data for line in lines] == data.splitlines()
    assert [data[line.offset : line.offset + line.size] for line in lines] == data.splitlines()
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=300), st.sampled_from(["hf-page", "jsonl", "text", None]))
def test_no_bytes_make_a_reader_fail(data: bytes, format: str | None) -> None:
    with contextlib.suppress(UnusableSource):
        assert read(data, format)
