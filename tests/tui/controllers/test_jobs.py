"""Adding papers from inside the app, over a service that adds by script."""

from __future__ import annotations

import asyncio

from desk import Desk, walks
from fake_service import whole_answer

from assistant.ingest.add import AddDone, AddProgress, AddReport
from store.errors import LibraryReadOnly

HALF = AddProgress(records=5000, seconds=10.0, share=0.5)
WALKS = walks(__file__)
REPORT = AddReport(
    read=341,
    new=299,
    same=40,
    refused=2,
    refusals=("/p/a.jsonl, line 5: no abstract", "/p/a.jsonl, line 9: not JSON"),
    notes=("/p/page.txt, record 3: the abstract seems cut",),
    skipped=1,
)


async def test_papers_are_added_beside_a_question(desk: Desk) -> None:
    added, answered = asyncio.Event(), asyncio.Event()
    desk.service.adds = [HALF, added, AddDone(report=REPORT)]
    begin, *rest = whole_answer()
    desk.service.scripts = [[begin, answered, *rest]]
    walk = WALKS["papers are added beside a question"]
    await desk.walk(walk, added=added.set, answered=answered.set)
    (adding,) = desk.service.additions
    assert adding.wanted.sources == ("/tmp",)
    assert adding.wanted.tags == ("audio", "speech")


async def test_adding_is_stopped_by_its_key_or_by_esc_once_nothing_else_is_left(
    desk: Desk,
) -> None:
    def more() -> None:
        desk.service.adds = [HALF, asyncio.Event()]

    more()
    await desk.walk(WALKS["adding is stopped"], more=more)
    assert [one.is_closed for one in desk.service.additions] == [True, True]


async def test_what_goes_wrong_is_said_and_the_path_is_kept(desk: Desk) -> None:
    desk.service.adds = [LibraryReadOnly("The library cannot be written", "change its permissions")]
    await desk.walk(WALKS["adding goes wrong"])


async def test_leaving_ends_the_adding(desk: Desk) -> None:
    desk.service.adds = [HALF, asyncio.Event()]
    walk = WALKS["leaving while papers are added"]
    await desk.walk(walk, quit=lambda: desk.pilot.press("ctrl+q"))
    assert desk.service.additions[0].is_closed
    assert desk.service.is_closed
