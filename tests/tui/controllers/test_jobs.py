"""Adding papers from inside the app, over a service that adds by script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_service import FakeService, whole_answer
from real_app import flat
from textual.widgets import Input
from waiting import Until

from assistant.ingest.add import AddDone, AddProgress, AddReport
from store.errors import LibraryReadOnly
from tui.app import QuireApp
from tui.screens.dialogs import AddPapers

SIZES = [(80, 24), (120, 40), (60, 20)]
See = Callable[[QuireApp], str]

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


@pytest.mark.parametrize("size", SIZES)
async def test_papers_are_added_beside_a_question(
    app: QuireApp,
    service: FakeService,
    until: Until,
    screen_text: See,
    tmp_path: Path,
    size: tuple[int, int],
) -> None:
    go_on = asyncio.Event()
    service.adds = [HALF, go_on, AddDone(report=REPORT)]
    async with app.run_test(size=size) as pilot:
        await until(lambda: app._library)
        await pilot.press("f5")
        await pilot.pause()
        assert isinstance(app.screen, AddPapers)
        await pilot.press(*str(tmp_path), "tab", *"audio, speech", "enter")
        await until(lambda: "Adding: 5,000 read" in screen_text(app))
        (adding,) = service.additions
        assert adding.wanted.sources == (str(tmp_path),)
        assert adding.wanted.tags == ("audio", "speech")
        assert app.main.box.has_focus
        await pilot.press(*"What lives in kelp?", "enter")
        await until(lambda: service.questions and not app.main.busy)
        assert app.main.working
        await pilot.press(*"and then")
        go_on.set()
        await until(lambda: not app.main.working)
        await pilot.pause()
        text = flat(screen_text(app))
        assert "read 341, new 299, same 40, changed 0, refused 2." in text
        assert "Refused: /p/a.jsonl, line 5: no abstract." in text
        assert "1 file of no known kind passed over." in text
        assert app.main.box.has_focus
        assert app.main.box.text == "and then"


@pytest.mark.parametrize("key", ["f5", "escape"])
async def test_adding_is_stopped(
    app: QuireApp, service: FakeService, until: Until, screen_text: See, key: str
) -> None:
    service.adds = [HALF, asyncio.Event()]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app._library)
        await pilot.press("f5", *"/tmp", "enter")
        await until(lambda: "Adding" in screen_text(app))
        await pilot.press(key)
        await until(lambda: not app.main.working)
        await pilot.pause()
        text = flat(screen_text(app))
        assert "Stopped adding /tmp. Kept: read 256, new 256," in text
        assert service.additions[0].is_closed
        await pilot.press("f5")
        await pilot.pause()
        assert isinstance(app.screen, AddPapers)
        assert app.screen.query_one("#add-path", Input).value == "/tmp"


async def test_esc_goes_back_before_it_stops(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    service.adds = [HALF, asyncio.Event()]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app._library)
        await pilot.press("f2", "a", *"/tmp", "enter")
        await until(lambda: "Adding" in screen_text(app))
        await pilot.press("a")
        await until(lambda: "F5 stops that" in app.main.status.notice)
        assert app.main.working
        await pilot.press("escape")
        assert app.main.view == "conversation"
        assert app.main.working
        await pilot.press("escape")
        await until(lambda: not app.main.working)


@pytest.mark.parametrize("typed", ["", "/no/such/place", "~/no such place either"])
async def test_a_wrong_path_is_said_where_it_was_typed(
    app: QuireApp, service: FakeService, until: Until, screen_text: See, typed: str
) -> None:
    async with app.run_test(size=(60, 20)) as pilot:
        await until(lambda: app._library)
        await pilot.press("f5", *typed, "enter")
        await pilot.pause()
        assert isinstance(app.screen, AddPapers)
        wanted = f"No such file or folder: {typed}" if typed else "Type the path"
        assert wanted in screen_text(app)
        assert app.screen.query_one("#add-path", Input).has_focus
        await pilot.press("escape")
        await pilot.pause()
        assert service.additions == []
        assert app.main.box.has_focus


async def test_a_failure_is_one_line_and_the_path_is_kept(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    service.adds = [LibraryReadOnly("The library cannot be written", "change its permissions")]
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: app._library)
        await pilot.press("f5", *"/tmp", "enter")
        line = "The library cannot be written. Change its permissions."
        await until(lambda: app.main.status.notice == line)
        await pilot.pause()
        assert line in screen_text(app)
        assert not app.main.working
        await pilot.press("f5")
        await pilot.pause()
        assert app.screen.query_one("#add-path", Input).value == "/tmp"


async def test_the_report_does_not_disturb_an_answer(
    app: QuireApp, service: FakeService, until: Until, screen_text: See
) -> None:
    added, answered = asyncio.Event(), asyncio.Event()
    service.adds = [added, AddDone(report=REPORT)]
    service.scripts = [[*whole_answer()[:2], answered, *whole_answer()[2:]]]
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: app._library)
        await pilot.press("f5", *"/tmp", "enter", *"kelp?", "enter")
        await until(lambda: service.running)
        added.set()
        await until(lambda: not app.main.working)
        assert app.main.busy
        answered.set()
        await until(lambda: not app.main.busy)
        await pilot.pause()
        assert "eight reefs [1]✓." in screen_text(app)
        assert "read 341, new 299" in flat(screen_text(app))


async def test_leaving_ends_the_adding(app: QuireApp, service: FakeService, until: Until) -> None:
    service.adds = [HALF, asyncio.Event()]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app._library)
        await pilot.press("f5", *"/tmp", "enter")
        await until(lambda: app.main.working)
        await pilot.press("ctrl+q")
    assert service.additions[0].is_closed
    assert service.is_closed
