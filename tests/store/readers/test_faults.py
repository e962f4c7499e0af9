"""The corpus of malformed inputs, each read as its manifest says."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from reading import notices, refused
from tables import Row, for_each, table

from store.errors import UnusableSource
from store.readers.registry import read_source
from store.readers.sources import Source, find_sources
from store.types import Notice, Record, Rejection

READ = {"txt", "jsonl", "dir", "fifo", "symlink", "device", "noise"}


@pytest.fixture(scope="module")
def corpus(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults") / "bad"
    maker = shared / "faults" / "make_bad_inputs.py"
    subprocess.run([sys.executable, str(maker), str(folder)], check=True, capture_output=True)
    return folder


def cases(corpus: Path) -> list[Row]:
    """The cases of the manifest with the names of their files, and what we say of them."""
    found: list[Row] = json.loads((corpus / "manifest.json").read_text("utf-8"))
    ours = {row["path"]: row for row in table(__file__, "faults.jsonl")}
    for case in found:
        path = str(case["path"])
        if path.startswith("'"):
            path = ast.literal_eval(path)
        case["path"] = os.fsdecode(
            path.replace("bad\\xff", "bad\udcff").encode("utf-8", "surrogateescape")
        )
        case |= ours.pop(case["path"], {})
    assert not ours, "every one is a file of the corpus"
    return [case for case in found if "passed_over" not in case]


def outcome(corpus: Path, path: str) -> tuple[int, list[str], list[Notice]]:
    """How many records, the reasons for what was refused, and the notices."""
    records, reasons, said = 0, [], []
    for found in find_sources([f"{corpus}/{path}"]):
        if isinstance(found, Rejection):
            reasons.append(found.reason)
        if not isinstance(found, Source):
            continue
        try:
            items = list(read_source(found))
        except UnusableSource as failure:
            reasons.append(failure.message)
            continue
        for item in items:
            if isinstance(item, Record):
                records += 1
                check_clean(item)
        reasons += [reason for _, reason in refused(items)]
        said += notices(items)
    return records, reasons, said


def check_clean(record: Record) -> None:
    text = record.model_dump_json() + record.source
    text.encode("utf-8")
    assert not any(ord(one) < 32 or 0x7F <= ord(one) < 0xA0 for one in text if one != "\n")
    assert not any(one in text for one in "\ufeff\u200b\u202e\u2066")
    assert len(record.title) < 2001


def test_every_kind_is_read_or_refused_as_the_manifest_says(corpus: Path) -> None:
    """Kinds that are not read are refused as what they are, so nothing in them can do harm."""

    def check(case: Row) -> None:
        path, wanted = case["path"], case["records"]
        started = time.perf_counter()
        records, reasons, said = outcome(corpus, path)
        assert time.perf_counter() - started < 10
        if case["kind"] not in READ:
            assert (records, len(reasons), said) == (0, 1, [])
            named = path.startswith("empty") or path == "nul.csv"
            assert named or "not supported" in reasons[0]
        elif case["expect"] == "reject":
            assert (records, bool(reasons)) == (0, True)
        else:
            assert records == wanted or (wanted is None and records)
            assert bool(reasons) is (case["expect"] == "partial"), reasons
            assert not any(notice.partial for notice in said), said

    checked = cases(corpus)
    assert sum(case["kind"] in READ for case in checked) > 55
    assert sum(case["kind"] not in READ for case in checked) > 35
    for_each(checked, check)
