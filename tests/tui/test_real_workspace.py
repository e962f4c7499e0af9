"""The app over a real library: real Chroma, real tantivy, a scripted endpoint on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from endpoint_fixture import ScriptedEndpoint
from real_app import CODECS, app_over, shown, stock
from waiting import until

from assistant.config.settings import Settings
from assistant.sessions import Conversations
from store.library.library import Library


@pytest.fixture
def stocked(tmp_path: Path) -> Path:
    return stock(tmp_path / "quire-home", CODECS)


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
    lines = [{"title": f"Gull {n}", "abstract": f"Gull {n} eats fish."} for n in range(700)]
    source = tmp_path / "gulls.jsonl"
    source.write_text("".join(json.dumps(one) + "\n" for one in [*lines, {"title": "Bare"}]))
    app = app_over(stocked)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: "2 papers" in shown(app))
        await pilot.press("f2", "f5")
        await pilot.pause()
        await pilot.press(*str(source), "tab", *"birds", "enter")
        await until(lambda: "702 papers" in shown(app), 60)
        await until(lambda: not app.main.working, 60)
        listed = app.main.papers.listed
        await until(lambda: len(listed.items) == 702)
        await pilot.press("G")
        await until(lambda: "❯ Gull 699" in shown(app))
        await pilot.press("enter")
        await until(lambda: "Gull 699 eats fish." in shown(app))
        await pilot.press("escape", "slash", *"birds 41", "down")
        await until(lambda: "17 of 702 papers" in shown(app))
        await pilot.press("escape", *"what does gull 420 eat?", "enter")
        await until(lambda: "[1]" in shown(app))
        report = "read 701, new 700, same 0, changed 0, refused 1."
        told = "".join(str(one.render()) for one in app.main.conversation.query(".noted"))
        assert report in told
        assert f"Refused: {source}, line 701: no abstract." in told
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
        await until(lambda: "2 papers" in shown(app))
        await pilot.press(*"how many quantizers?", "enter")
        await until(lambda: "single quantizer" in shown(app))
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
        await until(lambda: "2 papers" in shown(app))
        await pilot.press(*"how many quantizers?", "enter")
        await until(lambda: "127.0.0.1:9" in shown(app), 30)
        await until(lambda: app.main.box.text == "how many quantizers?", 20)


async def test_no_library(tmp_path: Path) -> None:
    app = app_over(tmp_path / "nothing")
    async with app.run_test(size=(80, 24)):
        await until(lambda: "no library" in shown(app))
