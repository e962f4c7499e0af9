"""Adding in a process of its own, over a real library; and the words and paths around it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from papers import made_up

from assistant.config.tables import ServiceSettings
from assistant.ingest import add
from assistant.ingest.process import Adding, _end
from assistant.ingest.sample import SAMPLE_PAPERS, SAMPLE_TAG
from store.errors import StoreError, UnusableSource
from store.library.library import Library
from store.types import Filter, IngestReport, Rejection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty library."""
    with Library.open(tmp_path / "library", create=True):
        return tmp_path / "library"


def papers_file(path: Path, number: int) -> Path:
    papers = [{"title": one.title, "abstract": one.abstract} for one in made_up(number)]
    path.write_text("".join(json.dumps(one) + "\n" for one in papers))
    return path


async def added(
    folder: Path, source: Path, stop_at: int | None = None
) -> tuple[list[add.AddProgress], add.AddReport]:
    """The progress and the report of an adding, which is stopped at so many records."""
    adding = Adding(folder, add.AddRequest(sources=(str(source),), tags=("mine",)), print)
    found: list[add.AddEvent] = []
    async for event in adding.events():
        found.append(event)
        if stop_at is not None and isinstance(event, add.AddProgress) and event.records >= stop_at:
            adding.stop()
    (report,) = [one.report for one in found if isinstance(one, add.AddDone)]
    return [one for one in found if isinstance(one, add.AddProgress)], report


async def test_stopping_keeps_what_was_read_the_same_goes_on(folder: Path, tmp_path: Path) -> None:
    source = papers_file(tmp_path / "papers.jsonl", 20_000)
    (first, *_), report = await added(folder, source, stop_at=256)
    assert report.stopped
    assert 256 <= report.read < 20_000
    with Library.open(folder) as library:
        assert library.count() == report.new == report.read
    assert first.share is not None
    assert 0 < first.share < 1
    papers_file(source, report.read + 40)
    with source.open("a") as out:
        out.write('{"title": "No abstract"}\n')
    _, again = await added(folder, source)
    assert (again.same, again.new, again.refused) == (report.read, 40, 1)
    assert again.refusals == (f"{source}, line {again.read}: no abstract",)
    assert not again.stopped
    with Library.open(folder) as library:
        assert library.count() == again.read - 1
        assert library.papers(limit=1)[0].tags == ("mine",)
        assert library.status().pending == 0


async def test_a_service_that_cannot_answer_is_said(folder: Path) -> None:
    """Also a base address that the process, which reads it, finds to make no sense."""
    for address, said in (("http://127.0.0.1:1", "refused"), ("ftp://x", "services.arxiv")):
        request = add.AddRequest(sources=("arxiv:2403.01234",))
        adding = Adding(folder, request, print, services=ServiceSettings(arxiv=address))
        with pytest.raises(StoreError, match=said):
            [event async for event in adding.events()]


@pytest.mark.slow
@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "closed"])
async def test_an_early_end_keeps_what_was_added(
    folder: Path, tmp_path: Path, is_killed: bool
) -> None:
    source = papers_file(tmp_path / "papers.jsonl", 20_000)
    adding = Adding(folder, add.AddRequest(sources=(str(source),)), print)
    events = adding.events()
    first = await anext(events)
    process = adding._process
    assert isinstance(first, add.AddProgress)
    assert process is not None
    async with asyncio.timeout(15):
        if is_killed:
            process.kill()
            with pytest.raises(StoreError, match="ended early") as raised:
                [event async for event in events]
            assert "kept" in raised.value.hint
        await events.aclose()
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
    with Library.open(folder) as library:
        assert 0 < first.records <= library.count() < 20_000


async def test_a_process_that_goes_on_behind_its_report_is_ended() -> None:
    process = await asyncio.create_subprocess_exec("sleep", "60", stdin=asyncio.subprocess.PIPE)
    await asyncio.wait_for(_end(process, is_done=True), 5)
    assert process.returncode == -signal.SIGKILL


def check_refusal(refusal: StoreError, said: str) -> None:
    assert said in refusal.message
    assert "\n" not in refusal.message + refusal.hint
    assert refusal.hint


async def test_what_cannot_be_added_is_said_in_one_line(folder: Path, tmp_path: Path) -> None:
    papers, none = papers_file(tmp_path / "papers.jsonl", 3), tmp_path / "none"
    for place, source, said in (
        (folder, none, "no such file or folder"),
        (none, papers, "no library"),
    ):
        with pytest.raises(StoreError) as raised:
            await added(place, source)
        check_refusal(raised.value, said)
    assert not none.exists()
    # What holds no papers is refused with what to do.
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7\n%")
    for name, said in (("empty", "no file that can be read"), ("x.pdf", "PDF")):
        gathered = add.Gathered([str(tmp_path / name)], hint="name a file")
        rejections = tuple(one for one in gathered.items() if isinstance(one, Rejection))
        with pytest.raises(UnusableSource) as raised:
            gathered.refuse_nothing(IngestReport(rejections=rejections))
        check_refusal(raised.value, said)


def test_the_share_read_rises_to_the_whole(tmp_path: Path) -> None:
    place = tmp_path / "many"
    place.mkdir()
    for at in range(4):
        papers_file(place / f"{at}.jsonl", 50)
    (place / "other.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    gathered = add.Gathered([str(place)])
    assert gathered.share is None
    shares = [gathered.share for _ in gathered.items()]
    assert shares == sorted(shares)
    assert gathered.share == 1.0
    assert [Path(one).name for one in gathered.skipped] == ["other.png"]
    packed = tmp_path / "many.zip"
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.write(papers_file(tmp_path / "some.jsonl", 2_000), "some.jsonl")
    gathered = add.Gathered([str(packed)])
    shares = [gathered.share for _ in gathered.items()]
    assert shares == sorted(shares)
    assert len({round(share or 0, 1) for share in shares}) > 5


def test_progress_says_what_is_left_once_it_can_be_told() -> None:
    assert add.AddProgress().rate == 0
    assert add.AddProgress(records=900, seconds=3.0, share=0.75).seconds_left == pytest.approx(1.0)
    for seconds, share in ((1.0, 0.5), (9.0, 0.001), (9.0, None)):
        assert add.AddProgress(records=9, seconds=seconds, share=share).seconds_left is None
    rejections = tuple(Rejection(source="s", line=at, reason="no") for at in range(1, 1000))
    report = IngestReport(read=2000, new=1001, refused=999, rejections=rejections)
    short = add.in_short(report, skipped=2, stopped=True)
    assert short.refusals == ("s, line 1: no", "s, line 2: no", "s, line 3: no")
    assert (short.more_refusals, short.skipped, short.stopped) == (996, 2, True)


def test_a_path_as_readers_write_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my papers").mkdir()
    wanted = str(tmp_path / "my papers")
    quoted = ("'~/my papers'", f"'{wanted}'", f'"{wanted}"', wanted.replace(" ", "\\ "))
    for typed in ("~/my papers", " my papers ", "./my papers/", *quoted):
        assert add.named_path(typed) == wanted, typed
        assert add.wrong_path(typed) == ""
    assert add.wrong_path("~/other") == "No such file or folder: ~/other"
    assert add.wrong_path("  ").startswith("Type")


async def test_a_text_that_was_pasted_and_the_sample_are_added(folder: Path) -> None:
    for request, new, place in (
        (
            add.AddRequest(
                tags=("mine",),
                pasted="\n".join(
                    json.dumps({"title": one.title, "abstract": one.abstract}) for one in made_up(2)
                ),
            ),
            2,
            "-",
        ),
        (add.AddRequest(tags=(SAMPLE_TAG,), is_sample=True), SAMPLE_PAPERS, "sample:landmarks"),
    ):
        *_, last = [event async for event in Adding(folder, request, print).events()]
        assert isinstance(last, add.AddDone)
        assert (last.report.new, last.report.refused) == (new, 0)
        with Library.open(folder) as library:
            found = library.papers(wanted=Filter(tags=request.tags), limit=200)
            assert len(found) == new
            assert all(one.provenance[0].source.startswith(place) for one in found)
    with pytest.raises(StoreError, match="-: "):
        [
            one
            async for one in Adding(folder, add.AddRequest(pasted="nothing\nhere"), print).events()
        ]
