"""XML and HTML as programs and services write them, broken, hostile, and in other encodings."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import (
    as_rows,
    notices,
    papers_of,
    read,
    read_file,
    refusal,
    refused,
    stream,
    with_peak,
)
from tables import Row, for_each, holds, table

from store.errors import UnusableSource
from store.types import ReadItem, Record, Rejection

XML, HTML = table(__file__, "xml.toml"), table(__file__, "html.toml")
RECORD = "<PubmedArticle><MedlineCitation><PMID>{}</PMID><Article><ArticleTitle>T</ArticleTitle>{}\
<Abstract><AbstractText>A.</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>"


def papers(items: list[ReadItem]) -> list[dict[str, Any]]:
    """The records as JSON, with title and abstract as the readers handed them over."""
    found = []
    for one in items:
        if isinstance(one, Record):
            texts = (one.raw_title or one.title, one.raw_abstract or one.abstract)
            title, abstract = (" ".join(text.split()) for text in texts)
            (row,) = as_rows([one])
            found.append(row | {"title": title, "abstract": abstract})
    return found


def check_file(row: Row, data: str | bytes, *, times: int = 1) -> None:
    items = read(data)
    right = row.get("papers", []) * times
    if times > 1:
        right = [{k: one[k] for k in one if k not in ("line", "record")} for one in right]
    found = papers(items)
    holds(found, right)
    assert {one["reader"] for one in found} <= {row["reads"]}
    gone = row.get("refused", []) * times
    assert [reason for _, reason in refused(items)] == [reason for _, reason in gone]
    assert times > 1 or [line for line, _ in refused(items)] == [line for line, _ in gone]
    assert [one.message for one in notices(items)] == row.get("said", []) * times


def test_files_are_told_by_content_and_read_whole() -> None:
    def check(row: Row) -> None:
        text = row["text"]
        check_file(row, text)
        check_file(row, "\ufeff" + text.replace("\n", "\r\n"))
        check_file(row, text.encode("utf-16"))
        if "broken" not in row["about"] and row in XML:
            check_file(row, f"{text}\n{text}", times=2)

    for_each([*XML, *HTML], check)


def test_a_document_is_read_in_the_encoding_that_it_declares() -> None:
    title = "Zürich – “Шум”"
    for name, text in (("ISO-8859-1", "Zürich – “x”"), ("koi8-r", "Шум"), ("UTF-16", title)):
        document = f'<?xml version="1.0" encoding="{name}"?>\n{RECORD.format(1, "")}'
        data = document.replace(">T<", f">{text}<")
        codec = {"ISO-8859-1": "cp1252"}.get(name, name)
        assert papers_of(read(data.encode(codec))) == [(text, "A.")]
        if name != "koi8-r":  # programs declare one encoding and write another
            assert papers_of(read(data.encode())) == [(text, "A.")]
    page = '<html><head><meta charset="gb2312"><meta name="citation_title" content="研究">'
    page += '<meta name="citation_abstract" content="研究。"></head></html>'
    assert papers_of(read(page.encode("gbk"))) == [("研究", "研究。")]
    for part in ('encoding="x-none"', 'encoding="utf-7"'):
        failure = refusal(f"<?xml version='1.0' {part}?>{RECORD.format(1, '')}".encode())
        assert failure is not None
        assert "which is not known" in failure.message
    records = "".join(RECORD.format(number, "") + "\n" for number in range(1, 501))
    broken = f"<PubmedArticleSet>{records}</PubmedArticleSet>".replace("A.", "é.", 1)
    items = read(broken.encode("latin-1"))
    assert len(papers_of(items)) == 499
    assert refused(items) == [(1, "not well-formed XML in line 1: it is not UTF-8")]


def test_a_document_cut_anywhere_keeps_the_records_before() -> None:
    for row in XML:
        text = row["text"]
        right = [json.dumps(one) for one in papers(read(text))]
        for end in range(1, len(text), 41):
            try:
                items = read(text[:end])
            except UnusableSource:
                continue
            if not isinstance(items[0], Record | Rejection):
                continue
            found = [json.dumps(one) for one in papers(items)]
            if found and found[0].count('"reader": "text"') == 0:
                assert found == right[: len(found)]


def test_what_is_hostile_or_unknown_is_refused_by_name(tmp_path: Path) -> None:
    entity = '<!DOCTYPE feed [<!ENTITY a "b">]><feed><entry><title>&a;</title></entry></feed>'
    outside = '<!DOCTYPE feed [<!ENTITY a SYSTEM "a.txt">]><feed><entry/></feed>'
    inside = f"<feed><entry/></feed>{entity}"
    for data in (entity, outside, inside, '<!DOCTYPE feed [<!ENTITY % p "x">]><feed/>'):
        failure = refusal(data.encode())
        assert failure is not None
        assert "declares entities" in failure.message
    for data, name in (
        ("<!DOCTYPE x SYSTEM 'x.dtd'><feed><entry/></feed>", "whose document type is of <x>"),
        (f"<feed>{'<a>' * 9000}", "nested deeper than 500 elements (line 1)"),
        ("<opml><body/></opml>", "an XML file with the root element <opml>"),
        ("<html><body><p>Hello</p></body></html>", "this is an HTML page"),
        ("<html>" + "<p>x</p>" * 10_000, "an HTML page that names no paper"),
    ):
        failure = refusal(data.encode())
        assert failure is not None
        assert name in failure.message
    many = RECORD.format(1, "<x/>" * 500_000)
    long = RECORD.format(2, f"<x y='{'z' * (5 * 2**20)}'/>")
    deep = RECORD.format(3, f"<VernacularTitle>{'<i>' * 5000}{'</i>' * 5000}</VernacularTitle>")
    large = RECORD.format(4, "<x>" + "z" * (17 * 2**20) + "</x>")
    whole = RECORD.format(5, "")
    items = read(f"<PubmedArticleSet>\n{many}\n{long}\n{deep}\n{large}\n{whole}</PubmedArticleSet>")
    assert [one.line for one in items] == [2, 3, 4, 5, 6]
    reasons = ("400000 tags", "a tag or comment of more than 4 MiB", "too deeply", "16 MiB")
    for (_, reason), right in zip(refused(items), reasons, strict=True):
        assert right in reason
    assert isinstance(items[-1], Record)
    # In a folder what is known by its content is read whatever its suffix.
    assert read_file(tmp_path / "set.xml", whole.encode())


@settings(deadline=None, max_examples=150)
@given(st.sampled_from([*XML, *HTML]), st.data())
def test_no_change_of_bytes_makes_a_reader_fail(row: Row, data: st.DataObject) -> None:
    text = row["text"].encode()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        put = data.draw(
            st.sampled_from([b"<", b"&", b"</x>", b'"', b"<!--", b"]]>", b"\xff", b"<entry>", b">"])
        )
        text = text[:at] + put + text[at + data.draw(st.integers(0, 30)) :]
    with contextlib.suppress(UnusableSource):
        read(text)


@pytest.mark.slow
def test_many_records_in_flat_memory() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"<PubmedArticleSet>"
        for number in range(1, 601):
            yield RECORD.format(number, "<x>word </x>" * 50).encode()
        yield b"</PubmedArticleSet>"

    items = stream(pieces())
    for _ in range(100):
        next(items)
    count, peak = with_peak(lambda: sum(isinstance(item, Record) for item in items))
    assert count == 500
    assert peak < 2_000_000


def test_pages_of_any_length_are_looked_through_in_a_time_that_grows_with_it() -> None:
    """Tags that never end, comments and quotes that are not closed."""
    for piece in ("<div a='", "<!--", "<script>", '<p class="abstract">', "<", "<a b"):
        page = f"<html><meta name='citation_title' content='T'>{piece * 100_000}"
        ((_, reason),) = refused(read(page))
        assert "abstract" in reason
