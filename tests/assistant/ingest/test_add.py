"""Adding in a process of its own, over a real library; and the words and paths around it."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import pytest
from papers import made_up

from assistant.ingest.add import (
    AddDone,
    AddEvent,
    AddProgress,
    AddReport,
    AddRequest,
    Gathered,
    in_short,
    named_path,
    wrong_path,
)
from assistant.ingest.process import Adding
from store.errors import LibraryMissing, StoreError
from store.library.library import Library
from store.types import IngestReport, Rejection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty library."""
    with Library.open(tmp_path / "library", create=True):
        return tmp_path / "library"


def papers_file(path: Path, number: int) -> Path:
    with path.open("w") as out:
        for one in made_up(number):
            out.write(json.dumps({"title": one.title, "abstract": one.abstract}) + "\n")
    return path


async def events_of(adding: Adding, stop_at: int | None = None) -> list[AddEvent]:
    found: list[AddEvent] = []
    async for event in adding.events():
        found.append(event)
        if stop_at is not None and isinstance(event, AddProgress) and event.records >= stop_at:
            adding.stop()
    return found


async def _drain(events: AsyncIterator[AddEvent]) -> None:
    async for _ in events:
        pass


def report_of(events: list[AddEvent]) -> AddReport:
    (done,) = [one for one in events if isinstance(one, AddDone)]
    return done.report


async def test_a_file_is_added_with_tags(folder: Path, tmp_path: Path) -> None:
    source = papers_file(tmp_path / "papers.jsonl", 600)
    with source.open("a") as out:
        out.write('{"title": "No abstract"}\n')
    request = AddRequest(sources=(str(source),), tags=("mine",))
    report = report_of(await events_of(Adding(folder, request, print)))
    assert (report.read, report.new, report.refused) == (601, 600, 1)
    assert report.refusals == (f"{source}, line 601: no abstract",)
    assert not report.stopped
    with Library.open(folder) as library:
        assert library.count() == 600
        assert library.papers(limit=1)[0].tags == ("mine",)
        assert library.status().pending == 0


async def test_stopping_keeps_what_was_read_and_the_same_again_goes_on(
    folder: Path, tmp_path: Path
) -> None:
    source = papers_file(tmp_path / "papers.jsonl", 20_000)
    request = AddRequest(sources=(str(source),))
    events = await events_of(Adding(folder, request, print), stop_at=256)
    report = report_of(events)
    assert report.stopped
    assert 256 <= report.read < 20_000
    with Library.open(folder) as library:
        assert library.count() == report.new == report.read
    (first, *_) = [one for one in events if isinstance(one, AddProgress)]
    assert first.share is not None
    assert 0 < first.share < 1
    source = papers_file(tmp_path / "papers.jsonl", 1500)
    again = report_of(await events_of(Adding(folder, request, print)))
    assert (again.read, again.same) == (1500, min(report.read, 1500))


Begun = tuple[asyncio.subprocess.Process, AddProgress, AsyncGenerator[AddEvent, None]]


async def begun(folder: Path, tmp_path: Path) -> Begun:
    """The process that adds 20 000 papers, its first event, and those to come."""
    source = papers_file(tmp_path / "papers.jsonl", 20_000)
    adding = Adding(folder, AddRequest(sources=(str(source),)), print)
    events = adding.events()
    first = await anext(events)
    assert isinstance(first, AddProgress)
    assert adding._process is not None
    return adding._process, first, events


async def test_closing_the_stream_ends_the_process(folder: Path, tmp_path: Path) -> None:
    process, _, events = await begun(folder, tmp_path)
    at = time.monotonic()
    await events.aclose()
    assert time.monotonic() - at < 15
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
    with Library.open(folder) as library:
        assert 0 < library.count() < 20_000


async def test_a_killed_process_is_said_and_what_it_did_is_kept(
    folder: Path, tmp_path: Path
) -> None:
    process, first, events = await begun(folder, tmp_path)
    process.kill()
    with pytest.raises(StoreError, match="ended early") as raised:
        await _drain(events)
    assert "kept" in raised.value.hint
    with Library.open(folder) as library:
        assert library.count() >= first.records > 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such file or folder"),
        ({}, "no file that can be read"),
        ({"x.pdf": b"%PDF-1.7\n%"}, "PDF"),
    ],
    ids=["missing", "empty folder", "a folder with a PDF"],
)
async def test_what_holds_no_papers_is_one_line(
    folder: Path, tmp_path: Path, content: dict[str, bytes] | None, said: str
) -> None:
    place = tmp_path / "place"
    if content is not None:
        place.mkdir()
        for name, data in content.items():
            (place / name).write_bytes(data)
    if said == "PDF":
        place = place / "x.pdf"
    with pytest.raises(StoreError, match=said) as raised:
        await events_of(Adding(folder, AddRequest(sources=(str(place),)), print))
    assert "\n" not in raised.value.message + raised.value.hint
    assert raised.value.hint


async def test_without_a_library(tmp_path: Path) -> None:
    source = papers_file(tmp_path / "papers.jsonl", 3)
    with pytest.raises(StoreError, match="no library"):
        await events_of(Adding(tmp_path / "none", AddRequest(sources=(str(source),)), print))
    with pytest.raises(LibraryMissing):
        Library.open(tmp_path / "none")


def test_the_share_read_rises_to_the_whole(tmp_path: Path) -> None:
    place = tmp_path / "many"
    place.mkdir()
    for at in range(4):
        papers_file(place / f"{at}.jsonl", 50)
    (place / "other.pdf").write_bytes(b"%PDF-1.7")
    gathered = Gathered([str(place)])
    assert gathered.share is None
    shares = [gathered.share for _ in gathered.items()]
    assert shares == sorted(shares)
    assert gathered.share == 1.0
    assert [Path(one).name for one in gathered.skipped] == ["other.pdf"]


def test_progress_says_what_is_left_once_it_can_be_told() -> None:
    assert AddProgress().rate == 0
    assert AddProgress(records=900, seconds=3.0, share=0.75).seconds_left == pytest.approx(1.0)
    for early in (
        AddProgress(records=9, seconds=1.0, share=0.5),
        AddProgress(records=9, seconds=9.0, share=0.001),
        AddProgress(records=9, seconds=9.0),
    ):
        assert early.seconds_left is None


def test_a_report_in_short_does_not_grow() -> None:
    rejections = tuple(Rejection(source="s", line=at, reason="no") for at in range(1, 1000))
    report = IngestReport(read=2000, new=1001, refused=999, rejections=rejections)
    short = in_short(report, skipped=2, stopped=True)
    assert short.refusals == ("s, line 1: no", "s, line 2: no", "s, line 3: no")
    assert (short.more_refusals, short.skipped, short.stopped) == (996, 2, True)


def test_a_path_as_a_reader_or_a_terminal_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my papers").mkdir()
    wanted = str(tmp_path / "my papers")
    quoted = ("'~/my papers'", f"'{wanted}'", f'"{wanted}"', wanted.replace(" ", "\\ "))
    for typed in ("~/my papers", " my papers ", "./my papers/", *quoted):
        assert named_path(typed) == wanted, typed
        assert wrong_path(typed) == ""
    assert wrong_path("~/other") == "No such file or folder: ~/other"
    assert wrong_path("  ").startswith("Type")
