"""Tagged texts, PubMed's abstracts as text and arXiv's listings, as their programs write them."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import as_rows, notices, read, refusal, refused, stream, with_peak
from tables import Row, for_each, holds, table

from store.errors import UnusableSource
from store.readers.lines import RECORD_LIMIT
from store.types import Record, Rejection

FILES = [*table(__file__, "tagged.toml"), *table(__file__, "texts.toml")]


def check_file(row: Row, text: str, *, times: int = 1, places: bool = False) -> None:
    items = read(text)
    right = row.get("papers", []) * times
    gone = row.get("refused", []) * times
    if not places:
        right = [{k: one[k] for k in one if k not in ("line", "record")} for one in right]
    found = as_rows(items)
    holds(found, right)
    assert {one["reader"] for one in found} <= {row["reads"]}
    assert [reason for _, reason in refused(items)] == [reason for _, reason in gone]
    assert not places or [line for line, _ in refused(items)] == [line for line, _ in gone]
    said = [one.message for one in notices(items)]
    for told, part in zip(said, row.get("said", []) * times, strict=True):
        assert part in told


def test_files_are_told_by_content_and_read_whole() -> None:
    def check(row: Row) -> None:
        text = row["text"]
        check_file(row, text, places=True)
        check_file(row, "\ufeff" + text.lstrip("\n").replace("\n", "\r\n"))
        check_file(row, text.replace("\n", "\r"))
        check_file(row, f"{text}\n\n\n{text}", times=2)

    for_each(FILES, check)


def test_what_pubmed_saves_without_abstracts_is_refused_by_name() -> None:
    summary = (
        "1: Berg K. Salt. J Sea Med. 2020;1:1. doi: 10.5555/one. PMID: 31110027.\n\n2: Dahl M."
    )
    for text, name in ((summary, "PubMed's summary"), ("31110027\n31110028\n", "a list of PMIDs")):
        failure = refusal(text.encode())
        assert failure is not None
        assert name in failure.message
        assert "Abstract (text)" in failure.hint


def test_texts_that_hold_a_record_of_another_kind_are_not_taken() -> None:
    quoted = "TY  - JOUR\nTI  - T\nAB  - A.\nER  - \n"
    assert read(json.dumps({"title": "RIS", "abstract": "A.", "x": quoted}, indent=0))
    for text in (
        f"<html><body><pre>\n{quoted}</pre></body></html>",
        f"@misc{{a,\nnote={{\n{quoted}}}}}",
    ):
        failure = refusal(text.encode())
        assert failure is None or "RIS" not in failure.message.partition(",")[0]
        assert failure is not None or all(one["reader"] != "ris" for one in as_rows(read(text)))


@pytest.mark.slow
def test_a_record_without_end_costs_itself_alone() -> None:
    ends = {
        "ris": ("TY  - JOUR\nTI  - T\n", "AB  - A sentence that says little.\n", "ER  -\n\n"),
        "pubmed-text": (
            "1. J. 2020;1.\n\nT.\n\nBerg K.\n\n",
            "A sentence of it.\n",
            "\nPMID: 1\n\n\n",
        ),
        "arxiv-list": ("\\\\\narXiv:2403.90001\nTitle: T\n\\\\\n", "A sentence.\n", "\\\\\n----\n"),
    }
    for format, (begin, line, end) in ends.items():
        endless = begin + line * (2 * RECORD_LIMIT // len(line)) + end
        first, second = read(endless + begin + line + end, format)
        assert isinstance(first, Rejection)
        assert first.reason == f"a record of more than {RECORD_LIMIT} characters"
        assert isinstance(second, Record)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(FILES), st.data())
def test_pieces_of_files_in_any_order_never_fail(row: Row, data: st.DataObject) -> None:
    lines = row["text"].splitlines(keepends=True)
    picked = data.draw(st.lists(st.integers(0, len(lines) - 1), max_size=40))
    format = data.draw(st.sampled_from([row["reads"], None]))
    with contextlib.suppress(UnusableSource):
        for item in read("".join(lines[one] for one in picked), format):
            assert not isinstance(item, Record) or (item.title and item.abstract)


def test_no_value_takes_long() -> None:
    """Patterns that go back over a text would take minutes for these."""
    odd = [" ", "1 ", "; ", "[", "(", "doi:http://", "(showing ", ". ", "A, ", " & ", "2020 "]
    forms = {
        "ris": "TY  - JOUR\nTI  - T\nAU  - {0}\nKW  - {0}\nN1  - |{0}\nAB  - A.\nAB  - {0}\n",
        "ovid": "VN  - Ovid\nTI  - T\nAU  - {0}\nSO  - {0}\nAB  - A.\n",
        "pubmed-text": "1. {0}. 2020;1.\n\n{0}\n\n{0}\n\n{0}\n\nA.\n\nPMID: 1\n",
        "arxiv-list": "\\\\\narXiv:2403.90001\nDate: {0}\nTitle: T\nAuthors: {0}\n\\\\\n{0}\n",
    }
    for format, form in forms.items():
        for piece in odd:
            began = time.process_time()
            read(form.format(f"x{piece * (30_000 // len(piece))}x"), format)
            assert time.process_time() - began < 2, (format, piece)


@pytest.mark.slow
def test_many_records_in_flat_memory() -> None:
    def pieces(text: str) -> Iterator[bytes]:
        return (f"{text}\n\n\n".encode() for _ in range(40))

    for row in {row["reads"]: row for row in FILES}.values():
        items = stream(pieces(row["text"]))
        for _ in range(10):
            next(items)
        _, peak = with_peak(partial(sum, (1 for _ in items)))
        assert peak < 1_000_000, row["about"]
