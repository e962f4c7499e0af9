"""Adding papers from inside the app, over a service that adds by script."""

from __future__ import annotations

import asyncio
from pathlib import Path

from desk import Desk
from fake_service import whole_answer
from textual.widgets import Input
from waiting import until

from assistant.ingest.add import AddDone, AddProgress, AddReport
from store.errors import LibraryReadOnly
from tui.screens.dialogs import AddPapers

HALF = AddProgress(records=5000, seconds=10.0, share=0.5)
REPORT = AddReport(
    read=341,
    new=299,
    same=40,
    refused=2,
    refusals=("/p/a.jsonl, line 5: no abstract", "/p/a.jsonl, line 9: not JSON"),
    notes=("/p/page.txt, record 3: the abstract seems cut",),
    skipped=1,
)


async def add(desk: Desk, *path: str) -> None:
    """Have papers added from a path, typed behind what stands there."""
    await desk.press("f5")
    await desk.met(AddPapers)
    await desk.press(*path, "enter")


def path_box(desk: Desk) -> Input:
    return desk.app.screen.query_one("#add-path", Input)


async def test_papers_are_added_beside_a_question(desk: Desk, tmp_path: Path) -> None:
    added, answered = asyncio.Event(), asyncio.Event()
    service = desk.service
    service.adds = [HALF, added, AddDone(report=REPORT)]
    begin, *rest = whole_answer()
    service.scripts = [[begin, answered, *rest]]
    async with desk.opened(60, 20):
        await add(desk, *str(tmp_path), "tab", *"audio, speech")
        await desk.sees("Adding: 5,000 read")
        (adding,) = service.additions
        assert adding.wanted.sources == (str(tmp_path),)
        assert adding.wanted.tags == ("audio", "speech")
        assert desk.main.box.has_focus
        await desk.press(*"What lives in kelp?", "enter")
        await until(lambda: service.running)
        await desk.press(*"and then")
        added.set()
        await desk.job_done()
        assert desk.main.busy
        assert "read 341, new 299, same 40, changed 0, refused 2." in desk.text
        assert "Refused: /p/a.jsonl, line 5: no abstract." in desk.text
        assert "1 file of no known kind passed over." in desk.text
        assert desk.main.box.has_focus
        assert desk.main.box.text == "and then"
        answered.set()
        await desk.idle()
        assert desk.turn.page.is_answered


async def test_adding_is_stopped_by_its_key_or_by_esc_once_nothing_else_is_left(
    desk: Desk,
) -> None:
    async with desk.opened():
        desk.service.adds = [HALF, asyncio.Event()]
        await add(desk, *"/tmp")
        await desk.sees("Adding")
        desk.commands()["Change embedder"]()
        await desk.told("Papers are being added: F5 stops that.")
        await desk.press("f5")
        await desk.job_done()
        assert "Stopped adding /tmp. Kept: read 256, new 256," in desk.text
        assert desk.service.additions[0].is_closed
        desk.service.adds = [HALF, asyncio.Event()]
        await desk.press("f2", "a")
        await desk.met(AddPapers)
        assert path_box(desk).value == "/tmp", "the same again goes on from there"
        await desk.press("enter")
        await desk.sees("Adding")
        desk.main.status.quieten()
        await desk.press("a")
        await desk.told("F5 stops that")
        assert desk.main.working
        await desk.press("escape")
        assert desk.main.view == "conversation"
        assert desk.main.working
        await desk.press("escape")
        await desk.job_done()
        assert desk.service.additions[1].is_closed


async def test_what_goes_wrong_is_said_and_the_path_is_kept(desk: Desk) -> None:
    wrong = ("", "/no/such/place", "~/no such place either")
    failure = LibraryReadOnly("The library cannot be written", "change its permissions")
    desk.service.adds = [failure]
    async with desk.opened(120, 40):
        await desk.press("f5")
        await desk.met(AddPapers)
        for typed in wrong:
            path_box(desk).value = ""
            await desk.press(*typed, "enter")
            said = f"No such file or folder: {typed}" if typed else "Type the path"
            assert said in desk.text
            assert path_box(desk).has_focus
        await desk.press("escape")
        assert desk.service.additions == []
        assert desk.main.box.has_focus
        await add(desk, *"/tmp")
        line = "The library cannot be written. Change its permissions."
        await until(lambda: desk.notice == line)
        await desk.sees(line)
        assert not desk.main.working
        await desk.press("f5")
        await desk.met(AddPapers)
        assert path_box(desk).value == "/tmp"


async def test_leaving_ends_the_adding(desk: Desk) -> None:
    desk.service.adds = [HALF, asyncio.Event()]
    async with desk.opened():
        await add(desk, *"/tmp")
        await until(lambda: desk.main.working)
        await desk.pilot.press("ctrl+q")
    assert desk.service.additions[0].is_closed
    assert desk.service.is_closed
