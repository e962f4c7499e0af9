"""The app over a real library: real Chroma, real tantivy."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from library_fixture import Shelf
from real_app import CODECS, app_over, records, shown, stock
from waiting import until

from assistant.sessions import Conversations
from store.library.library import Library


@pytest.fixture
def stocked(shelf: Shelf, tmp_path: Path) -> Path:
    """A library with two papers on codecs."""
    return shelf.library_of(records(CODECS), tmp_path / "quire-home")


async def test_a_question_a_neighbours_paper_and_a_saved_conversation(stocked: Path) -> None:
    app = app_over(stocked)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: "2 papers" in shown(app))
        await pilot.press(*"how many tokens does FoxCodec need?", "enter")
        await until(lambda: "[1]" in shown(app) and "40 tokens" in shown(app))
        assert "nothing leaves this machine" in shown(app)

        zebras = ("Zebra stripes", "Zebra stripes confuse flies.")
        await asyncio.to_thread(stock, stocked, [zebras])
        await until(lambda: "3 papers" in shown(app))
        await pilot.press(*"what do zebra stripes confuse?", "enter")
        await until(lambda: "confuse flies" in shown(app))
    assert app.return_code in (0, None)
    with Library.open(stocked) as library:
        conversations = Conversations(library)
        (line,) = conversations.lines()
        assert line.turns == 2
        assert conversations.open(line.id).turns[1].answer.outcome == "answered"
        library.catch_up()
        assert library.status().pending == 0


async def test_papers_are_added_from_inside(stocked: Path, tmp_path: Path) -> None:
    lines = [{"title": f"Gull {n}", "abstract": f"Gull {n} eats fish."} for n in range(300)]
    source = tmp_path / "gulls.jsonl"
    source.write_text("".join(json.dumps(one) + "\n" for one in [*lines, {"title": "Bare"}]))
    app = app_over(stocked)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: "2 papers" in shown(app))
        await pilot.press("f2", "f5")
        await pilot.pause()
        await pilot.press(*str(source), "tab", *"birds", "enter")
        await until(lambda: "302 papers" in shown(app), 60)
        await until(lambda: not app.main.working, 60)
        listed = app.main.papers.listed
        await until(lambda: len(listed.items) == 302)
        await pilot.press("G")
        await until(lambda: "❯ Gull 299" in shown(app))
        await pilot.press("enter")
        await until(lambda: "Gull 299 eats fish." in shown(app))
        await pilot.press("escape", "slash", *"birds 41", "down")
        await until(lambda: "3 of 302 papers" in shown(app))
        await pilot.press("escape", *"what does gull 142 eat?", "enter")
        await until(lambda: "[1]" in shown(app))
        report = "read 301, new 300, same 0, changed 0, refused 1."
        told = "".join(str(one.render()) for one in app.main.conversation.query(".noted"))
        assert report in told
        assert f"Refused: {source}, line 301: no abstract." in told
    assert app.return_code in (0, None)


async def test_no_library(tmp_path: Path) -> None:
    app = app_over(tmp_path / "nothing")
    async with app.run_test(size=(80, 24)):
        await until(lambda: "no library" in shown(app))
