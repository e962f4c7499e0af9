"""The app over a real library: real Chroma, real tantivy, a scripted endpoint on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from endpoint_fixture import ScriptedEndpoint
from waiting import until

from assistant.config.settings import Settings
from assistant.sessions import Conversations
from assistant.workspace import Workspace, open_workspace
from store.library.library import Library
from store.types import Record
from tui.app import QuireApp

PAPERS = [
    ("FoxCodec", "Audio codecs make tokens. FoxCodec needs a single quantizer and 40 tokens."),
    ("OwlCodec", "Nights are noisy. OwlCodec needs two quantizers and 80 tokens a second."),
]


def record(title: str, abstract: str) -> Record:
    return Record(title=title, abstract=abstract, source="own.jsonl", reader="jsonl")


@pytest.fixture
def stocked(tmp_path: Path) -> Path:
    folder = tmp_path / "quire-home"
    with Library.open(folder, create=True) as library:
        library.ingest().run([record(*one) for one in PAPERS])
        library.catch_up()
    return folder


def app_over(folder: Path, model: str | None = None, settings: Settings | None = None) -> QuireApp:
    async def open_this_workspace() -> Workspace:
        return await open_workspace(folder, model, settings or Settings(), lambda line: None)

    return QuireApp(open_this_workspace)


def screen_text(app: QuireApp) -> str:
    return "\n".join(
        "".join(segment.text for segment in strip)
        for strip in app.screen._compositor.render_strips()
    )


async def test_a_question_a_neighbours_paper_and_a_saved_conversation(stocked: Path) -> None:
    app = app_over(stocked)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: "2 papers" in screen_text(app))
        await pilot.press(*"how many tokens does FoxCodec need?", "enter")
        await until(lambda: "[1]" in screen_text(app) and "40 tokens" in screen_text(app))
        assert "nothing leaves this machine" in screen_text(app)

        def add_beside() -> None:
            with Library.open(stocked) as neighbour:
                neighbour.ingest().run([record("Zebra stripes", "Zebra stripes confuse flies.")])
                neighbour.catch_up()

        await asyncio.to_thread(add_beside)
        await until(lambda: "3 papers" in screen_text(app))
        await pilot.press(*"what do zebra stripes confuse?", "enter")
        await until(lambda: "confuse flies" in screen_text(app))
    assert app.return_code in (0, None)
    with Library.open(stocked) as library:
        conversations = Conversations(library)
        (line,) = conversations.lines()
        assert line.turns == 2
        assert conversations.open(line.id).turns[1].answer.outcome == "answered"
        library.catch_up()
        assert library.status().pending == 0


async def test_papers_are_added_from_inside(stocked: Path, tmp_path: Path) -> None:
    lines = [{"title": f"Gull {n}", "abstract": f"Gull {n} eats fish."} for n in range(700)]
    source = tmp_path / "gulls.jsonl"
    source.write_text("".join(json.dumps(one) + "\n" for one in [*lines, {"title": "Bare"}]))
    app = app_over(stocked)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: "2 papers" in screen_text(app))
        await pilot.press("f2", "f5")
        await pilot.pause()
        await pilot.press(*str(source), "tab", *"birds", "enter")
        await until(lambda: "702 papers" in screen_text(app), 60)
        await until(lambda: not app.main.working, 60)
        listed = app.main.papers.listed
        await until(lambda: len(listed.items) == 702)
        await pilot.press("G")
        await until(lambda: "❯ Gull 699" in screen_text(app))
        await pilot.press("enter")
        await until(lambda: "Gull 699 eats fish." in screen_text(app))
        await pilot.press("escape", "slash", *"birds 41", "down")
        await until(lambda: "17 of 702 papers" in screen_text(app))
        await pilot.press("escape", *"what does gull 420 eat?", "enter")
        await until(lambda: "[1]" in screen_text(app))
        report = "read 701, new 700, same 0, changed 0, refused 1."
        shown = "".join(str(one.render()) for one in app.main.conversation.query(".noted"))
        assert report in shown
        assert f"Refused: {source}, line 701: no abstract." in shown
    assert app.return_code in (0, None)


async def test_esc_closes_the_socket_and_keeps_what_came(
    stocked: Path, scripted_endpoint: Callable[..., ScriptedEndpoint]
) -> None:
    """Case 71, in the app."""
    endpoint = scripted_endpoint("FoxCodec needs a single quantizer [1.2]. " * 300, delay=0.05)
    settings = Settings.model_validate(
        {"models": {"slow": {"base_url": endpoint.base_url, "model": "scripted"}}}
    )
    app = app_over(stocked, "slow", settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: "2 papers" in screen_text(app))
        await pilot.press(*"how many quantizers?", "enter")
        await until(lambda: "single quantizer" in screen_text(app))
        await pilot.press("escape")
        await until(lambda: bool(endpoint.closed_early), 5)
        await until(lambda: app.main.box.text == "how many quantizers?", 5)
    with Library.open(stocked) as library:
        conversations = Conversations(library)
        turn = conversations.open(conversations.lines()[0].id).turns[-1]
    assert turn.answer.outcome == "interrupted"
    assert "single quantizer" in turn.answer.text


async def test_an_endpoint_that_is_gone(stocked: Path) -> None:
    settings = Settings.model_validate(
        {"models": {"gone": {"base_url": "http://127.0.0.1:9/v1", "model": "x"}}}
    )
    app = app_over(stocked, "gone", settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: "2 papers" in screen_text(app))
        await pilot.press(*"how many quantizers?", "enter")
        await until(lambda: "127.0.0.1:9" in screen_text(app), 30)
        await until(lambda: app.main.box.text == "how many quantizers?", 20)


async def test_no_library(tmp_path: Path) -> None:
    app = app_over(tmp_path / "nothing")
    async with app.run_test(size=(80, 24)):
        await until(lambda: "no library" in screen_text(app))
