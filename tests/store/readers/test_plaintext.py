"""Plain text: alternating blocks, and records between lines of ---."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from store.readers.records import ABSTRACT_LIMIT, TITLE_LIMIT
from store.readers.registry import read_source
from store.readers.source import Source
from store.types import Notice, ReadItem, Record, Rejection

LONG = (
    "We study retrieval on long documents, where earlier methods are slow. Our method orders the "
    "candidates by a cheap score first, and looks at the best of them again with a larger model. "
    "On 18 collections it answers 2.5 times faster and finds one more document in twenty."
)


def read(text: str | bytes) -> list[ReadItem]:
    data = text.encode() if isinstance(text, str) else text
    return list(read_source(Source("-", None, io.BytesIO(data)), "text"))


def papers_of(items: list[ReadItem]) -> list[tuple[str, str]]:
    return [(item.title, item.abstract) for item in items if isinstance(item, Record)]


def refused(items: list[ReadItem]) -> list[tuple[int | None, str]]:
    return [(item.line, item.reason) for item in items if isinstance(item, Rejection)]


@pytest.mark.parametrize(
    ("text", "papers"),
    [
        ("T\n\nA.\n", [("T", "A.")]),
        ("\n\n  T \n\n\n \t\n A. \n\n", [("T", "A.")]),
        ("T1\n\nA1\n\nT2\n\nA2\n", [("T1", "A1"), ("T2", "A2")]),
        ("A title\nin two lines\n\nOne.\nTwo.\n", [("A title in two lines", "One. Two.")]),
        ("T\r\n\r\nA.\r\n", [("T", "A.")]),
        ("T\r\rA.\r", [("T", "A.")]),
        ("T\n\nA \u202ecod\u202c\u200b.\n", [("T", "A cod.")]),
        ("---\nT\nA.\n---\nU\n\nB.\n\nC.\n---\n", [("T", "A."), ("U", "B.\n\nC.")]),
        ("T\n\nA.\n\n---\n\nU\nB.\nC.\n", [("T", "A."), ("U", "B. C.")]),
        ("A title\nin two\n\nA.\n------\nU\n\nB.", [("A title in two", "A."), ("U", "B.")]),
        (f"T\n{LONG}\n\nMore.\n---\nU\n\nB.\n", [("T", f"{LONG}\n\nMore."), ("U", "B.")]),
        ("T\r---\rU\r\rB.\r", [("U", "B.")]),
    ],
)  # fmt: skip
def test_layouts(text: str, papers: list[tuple[str, str]]) -> None:
    assert papers_of(read(text)) == papers


def test_records_are_placed() -> None:
    for text, lines in (("\nT\n\nA.\n\nU\n\nB.\n", [2, 6]), ("T\nA.\n---\n\nU\nB.\n", [1, 5])):
        items = read(text)
        assert [getattr(item, "line", None) for item in items] == lines
        assert [getattr(item, "record", None) for item in items] == [1, 2]
        assert {getattr(item, "reader", None) for item in items} == {"text"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("T\n\nA.\n\nU\n", [(5, "no abstract")]),
        ("T\n", [(1, "no abstract")]),
        ("T\n---\nU\nB.\n", [(1, "no abstract")]),
        ("T\n\nA.\n\n---\nU\n", [(6, "no abstract")]),
        (f"{LONG}\n\nT\n\nA.\n", [(1, "no title")]),
        (f"T\n\nU\n\n{LONG}\n\nV\n\nB.\n", [(1, "no abstract")]),
        ("t" * 100_000 + "\n\nA.\n",
         [(1, f"the title has 100000 characters; the limit is {TITLE_LIMIT}")]),
        ("T\n\n" + "x" * 1_000_000,
         [(1, f"the abstract has 1000000 characters; the limit is {ABSTRACT_LIMIT}")]),
        ("---\nT\n\n" + "word word. " * 200_000,
         [(2, f"the abstract has 2199999 characters; the limit is {ABSTRACT_LIMIT}")]),
        ("---\nT\n" + "word.\n\n" * 400_000,
         [(2, f"the abstract has 2799998 characters; the limit is {ABSTRACT_LIMIT}")]),
    ],
    ids=range(10),
)  # fmt: skip
def test_what_is_no_record_is_named(text: str, said: list[tuple[int, str]]) -> None:
    """Case 32, and lengths above the limits."""
    items = read(text)
    assert refused(items) == said
    assert not [item for item in items if isinstance(item, Notice)]


def test_a_slip_does_not_shift_the_rest() -> None:
    text = "\n\n".join(["T1", LONG, "T2", "T3", LONG, LONG, "T4", "Short one", "T5", "Short two"])
    items = read(text + "\n")
    assert [title for title, _ in papers_of(items)] == ["T1", "T3", "T4", "T5"]
    assert [reason for _, reason in refused(items)] == ["no abstract", "no title"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("T\n\nWe study the", "“…We study the”"),
        ("T\n\nWe study it, e.g.", "“…We study it, e.g.”"),
        ("---\nT\n\nWe.\n\nIt is", "“…We.  It is”"),
        ("T\n\nWe study the\n", None),
        ("T\n\nWe study it.", None),
        ("T\n\nWe study it (all)", None),
        ("T\n\nHe said: “why?”", None),
        ("T\n\nCode: github.com/x/y", None),
        ("T\n\nWe study the\n\nU\n\nB.", None),
    ],
)
def test_a_last_abstract_without_sentence_or_line_end_seems_cut(
    text: str, message: str | None
) -> None:
    notices = [item for item in read(text) if isinstance(item, Notice)]
    assert [notice.partial for notice in notices] == ([True] if message else [])
    if message:
        assert notices[0].message == f"the last abstract may be cut: it ends in {message}"


def test_a_bad_line_spoils_its_own_record_alone() -> None:
    filler = "".join(f"T{i}\n\n{LONG}\n\n" for i in range(300)).encode()
    bad = "検索の研究。".encode("shift_jis") + b"\n\n" + LONG.encode() + b"\n\n"
    nul = b"Nothing\n\nhid\x00den.\n\n"
    items = read(filler + bad + b"U\n\nB.\n\n" + nul + b"V\n\nC.\n")
    assert [title for title, _ in papers_of(items)][-3:] == ["T299", "U", "V"]
    (first, not_utf8), (second, holds_nul) = refused(items)
    assert first == 1201
    assert not_utf8.startswith(f"not UTF-8 text (first bad byte at offset {len(filler)})")
    assert (second, holds_nul) == (1209, "not text: it holds NUL bytes")


def test_a_paragraph_of_any_length_is_read_in_flat_memory() -> None:
    """Case 27, for text: neither one line nor one paragraph is held whole."""
    size = 40 * 10**6
    one_line = b"x" * size
    paragraph = b"T\n\n" + (b"word " * 2000 + b"\n") * (size // 10_001)
    for data, length in ((one_line, size), (paragraph, size // 10_001 * 10_000 - 1)):
        tracemalloc.start()
        try:
            (item,) = read(data)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert isinstance(item, Rejection)
        assert str(length) in item.reason
        assert peak < 36 * 10**6
