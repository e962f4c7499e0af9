"""Plain text: alternating blocks, and records between lines of ---."""

from __future__ import annotations

import json
from functools import partial

import pytest
from reading import encoded, notices, papers_of, read, refused, with_peak
from tables import Row, for_each, table

from store.types import Rejection

LONG = (
    "We study retrieval on long documents, where earlier methods are slow. Our method orders the "
    "candidates by a cheap score first, and looks at the best of them again with a larger model. "
    "On 18 collections it answers 2.5 times faster and finds one more document in twenty."
)


def test_layouts() -> None:
    def check(row: Row) -> None:
        items = read(encoded(row).replace(b"LONG", LONG.encode()), "text")
        papers = json.loads(json.dumps(row.get("papers", [])).replace("LONG", LONG))
        assert papers_of(items) == [(title, abstract) for title, abstract in papers]
        assert refused(items) == [(line, reason) for line, reason in row.get("refused", [])]
        cut = f"the last abstract may be cut: it ends in {row.get('cut')}"
        said = [(one.message, one.partial) for one in notices(items)]
        assert said == ([(cut, True)] if "cut" in row else [])

    for_each(table(__file__, "plaintext.jsonl"), check)


def test_records_are_placed() -> None:
    for text, lines in (("\nT\n\nA.\n\nU\n\nB.\n", [2, 6]), ("T\nA.\n---\n\nU\nB.\n", [1, 5])):
        items = read(text, "text")
        assert [getattr(item, "line", None) for item in items] == lines
        assert [getattr(item, "record", None) for item in items] == [1, 2]
        assert {getattr(item, "reader", None) for item in items} == {"text"}


def test_a_bad_line_spoils_its_own_record_alone() -> None:
    filler = "".join(f"T{i}\n\n{LONG}\n\n" for i in range(300)).encode()
    bad = "検索の研究。".encode("shift_jis") + b"\n\n" + LONG.encode() + b"\n\n"
    nul = b"Nothing\n\nhid\x00den.\n\n"
    items = read(filler + bad + b"U\n\nB.\n\n" + nul + b"V\n\nC.\n", "text")
    assert [title for title, _ in papers_of(items)][-3:] == ["T299", "U", "V"]
    (first, not_utf8), (second, holds_nul) = refused(items)
    assert first == 1201
    assert not_utf8.startswith(f"not UTF-8 text (first bad byte at offset {len(filler)})")
    assert (second, holds_nul) == (1209, "not text: it holds NUL bytes")


@pytest.mark.slow
def test_a_paragraph_of_any_length_is_read_in_flat_memory() -> None:
    """Neither one line nor one paragraph is held whole."""
    size = 40 * 10**6
    one_line = b"x" * size
    paragraph = b"T\n\n" + (b"word " * 2000 + b"\n") * (size // 10_001)
    for data, length in ((one_line, size), (paragraph, size // 10_001 * 10_000 - 1)):
        (item,), peak = with_peak(partial(read, data, "text"))
        assert isinstance(item, Rejection)
        assert str(length) in item.reason
        assert peak < 36 * 10**6
