"""The corpus of malformed inputs, each read as its manifest says."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tables import Row, for_each, table

from store.errors import UnusableSource
from store.readers.registry import read_source
from store.readers.sources import Skipped, find_sources
from store.types import Notice, Record, Rejection

READ = {"txt", "jsonl", "dir", "fifo", "symlink", "device", "noise"}
REFUSED_BY_CHOICE = {
    # Where the manifest says "or refused", and HTML, which is to be saved as text first.
    "nul_bytes.txt",
    "long_title.txt",
    "one_mb_word.txt",
    "html_page.txt",
}
NAMED_ANYWAY = {
    # Passed over in a folder; here they are named, so they are read or refused.
    "passwd_link.txt",
    ".hidden.jsonl",
    "Thumbs.db",
    "README",
}


@pytest.fixture(scope="module")
def corpus(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults") / "bad"
    maker = shared / "faults" / "make_bad_inputs.py"
    subprocess.run([sys.executable, str(maker), str(folder)], check=True, capture_output=True)
    return folder


def cases(corpus: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((corpus / "manifest.json").read_text("utf-8"))
    for case in found:
        path = str(case["path"])
        if path.startswith("'"):
            path = ast.literal_eval(path)
        case["path"] = os.fsdecode(
            path.replace("bad\\xff", "bad\udcff").encode("utf-8", "surrogateescape")
        )
    return found


def outcome(corpus: Path, path: str) -> tuple[int, list[str], list[Notice]]:
    """How many records, the reasons for what was refused, and the notices."""
    records, reasons, notices = 0, [], []
    for found in find_sources([f"{corpus}/{path}"]):
        match found:
            case Skipped():
                continue
            case Rejection():
                reasons.append(found.reason)
                continue
        try:
            for item in read_source(found):
                match item:
                    case Record():
                        records += 1
                        check_clean(item)
                    case Rejection():
                        reasons.append(item.reason)
                    case Notice():
                        notices.append(item)
        except UnusableSource as failure:
            reasons.append(failure.message)
    return records, reasons, notices


def check_clean(record: Record) -> None:
    text = record.model_dump_json() + record.source
    text.encode("utf-8")
    assert not any(ord(one) < 32 or 0x7F <= ord(one) < 0xA0 for one in text if one != "\n")
    assert not any(one in text for one in "\ufeff\u200b\u202e\u2066")
    assert len(record.title) < 2001


def test_every_supported_kind_is_read_as_the_manifest_says(corpus: Path) -> None:
    checked = 0
    for case in cases(corpus):
        path, expect, wanted = case["path"], case["expect"], case["records"]
        if case["kind"] not in READ or path in NAMED_ANYWAY or path == "no_permission.txt":
            continue
        started = time.perf_counter()
        records, reasons, notices = outcome(corpus, path)
        assert time.perf_counter() - started < 10, path
        checked += 1
        if expect == "reject" or path in REFUSED_BY_CHOICE:
            assert (records, bool(reasons)) == (0, True), path
            continue
        if path == "dup_ids.jsonl":
            wanted = 3  # One id thrice: the ledger makes one paper of the three.
        assert records == wanted or (wanted is None and records), path
        assert bool(reasons) is (expect == "partial"), (path, reasons)
        assert not any(notice.partial for notice in notices), (path, notices)
    assert checked > 55


def test_the_reasons_and_notices_name_what_it_is(corpus: Path) -> None:
    def check(row: Row) -> None:
        _, reasons, notices = outcome(corpus, row["path"])
        said = reasons if "reason" in row else [one.message for one in notices]
        assert len(said) == 1
        assert row.get("reason", row.get("notice")) in said[0]

    for_each(table(__file__, "faults.jsonl"), check)


def test_other_kinds_are_refused_as_what_they_are(corpus: Path) -> None:
    """These kinds are not read, so nothing in them can do harm."""
    kinds = {case["path"]: case["kind"] for case in cases(corpus) if case["kind"] not in READ}
    assert len(kinds) > 35
    for path, kind in kinds.items():
        started = time.perf_counter()
        records, (reason,), notices = outcome(corpus, path)
        assert time.perf_counter() - started < 1, path
        assert (records, notices) == (0, []), path
        if not path.startswith("empty") and path != "nul.csv":
            assert "not supported" in reason, (path, kind, reason)


def test_the_whole_folder_is_read_to_its_end(corpus: Path) -> None:
    """Hidden names and links are passed over, each file is read once."""
    found = list(find_sources([str(corpus)]))
    names = [getattr(one, "name", getattr(one, "source", "")) for one in found]
    assert len(names) == len(set(names))
    assert all(name.isprintable() for name in names)
    skipped = {Path(one.name).name: one.reason for one in found if isinstance(one, Skipped)}
    assert {"passwd_link.txt", "zero.txt", "README", "Thumbs.db", "fifo.jsonl", "up"} <= set(
        skipped
    )
    assert not [name for name in names if "hidden" in name]
    assert sum(name.endswith("cycle/sub/a.jsonl") for name in names) == 1
