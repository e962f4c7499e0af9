"""Every file of a corpus of malformed ones, named to `quire add`, against its manifest."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_fixture import Quire, Ran
from reading import with_peak
from tables import Row, for_each, table

MOST_SECONDS = 2
"""Most CPU time of one file."""
MOST_MEMORY = 60 * 2**20
"""Most bytes that Python holds for a file that grows."""
EXIT = {"ok": 0, "partial": 1, "reject": 2, "skip": 0}


@pytest.fixture(scope="module")
def corpus(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults") / "bad"
    maker = shared / "faults" / "make_bad_inputs.py"
    subprocess.run([sys.executable, str(maker), str(folder)], check=True, capture_output=True)
    return folder


def cases(corpus: Path) -> list[Row]:
    """The cases of the manifest with the names of their files, and where we differ."""
    found: list[Row] = json.loads((corpus / "manifest.json").read_text("utf-8"))
    ours = {row["path"]: row for row in table(__file__, "bad_inputs.jsonl")}
    for case in found:
        path = str(case["path"])
        if path.startswith("'"):
            path = ast.literal_eval(path)
        case["path"] = os.fsdecode(
            path.replace("bad\\xff", "bad\udcff").encode("utf-8", "surrogateescape")
        )
        case |= ours.pop(case["path"], {})
    assert not ours, "every one is a file of the corpus"
    return found


def test_every_file_is_taken_or_refused_as_the_manifest_says(corpus: Path, quire: Quire) -> None:
    """The whole way of `quire add`, short of the indexes; what is passed over, in its folder."""
    rows = ["expect   exit  papers  seconds  file, and what was said"]

    def check(case: Row) -> None:
        path = corpus / case["path"]
        names = [str(path)]
        if case["expect"] == "skip":
            (corpus.parent / "folder").mkdir(exist_ok=True)
            alone = corpus.parent / "folder" / case["path"]
            alone.symlink_to(path.readlink()) if path.is_symlink() else os.link(path, alone)
            (alone.parent / "good.jsonl").write_text('{"title": "T", "abstract": "A."}')
            names = [str(alone.parent)]
        before = time.process_time()
        ran, peak = measured(lambda: quire("add", "--dry-run", "--json", "--", *names), case)
        seconds = time.process_time() - before
        said = what_was_said(ran)
        papers = ran.json.get("new", 0)
        rows.append(
            f"{case['expect']!s:8} {ran.code:4} {papers:7} {seconds:8.2f}"
            f"  {case['path']!a}: {'; '.join(said)[:200]}"
        )
        for sign in ran.out + ran.err:
            assert sign.isprintable() or sign == "\n", f"{sign!r} is printed"
        assert seconds < MOST_SECONDS
        assert peak < MOST_MEMORY
        if case["expect"] is None:
            return
        assert ran.code == EXIT[case["expect"]], said
        taken = papers - (case["expect"] == "skip")
        assert taken == case["records"] if case["records"] is not None else taken or ran.code == 2
        assert bool(said) or ran.code == 0
        assert case.get("said", "") in "; ".join(said)

    try:
        for_each(cases(corpus), check)
    finally:
        print("\n".join(rows))
    assert len(rows) == 1 + len(cases(corpus)) > 114


def measured(act: Callable[[], Ran], case: Row) -> tuple[Ran, int]:
    """What came, and the most bytes held where the manifest asks for that: it takes time."""
    return with_peak(act) if "MB" in case["about"] + case["must"] else (act(), 0)


def what_was_said(ran: Ran) -> list[str]:
    """Why records, or all of it, were refused, and what was noticed."""
    told = ran.json
    if "error" in told:
        return [told["error"]["message"]]
    reasons = [one["reason"] for one in told["rejections"]]
    return reasons + [one["message"] for one in told["notices"]]
