"""The app over a real library: real Chroma, real tantivy."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from desk import Desk, app_over, conversations, stock, walks

from store.library.library import Library


async def test_a_question_a_neighbours_paper_and_a_saved_conversation(codecs: Path) -> None:
    desk = Desk(app_over(codecs))
    async with desk.opened(120, 40):
        await desk.sees("2 papers")
        await desk.ask("how many tokens does FoxCodec need?")
        assert not [word for word in ("[1]", "40 tokens") if word not in desk.text]
        assert "nothing leaves this machine" in desk.text
        zebras = ("Zebra stripes", "Zebra stripes confuse flies.")
        await asyncio.to_thread(stock, codecs, [zebras])
        await desk.sees("3 papers")
        await desk.ask("what do zebra stripes confuse?")
        assert "confuse flies" in desk.text
    assert desk.app.return_code in (0, None)
    (saved,) = conversations(codecs)
    assert [turn.answer.outcome for turn in saved.turns] == ["answered", "answered"]
    with Library.open(codecs) as library:
        library.catch_up()
        assert library.status().pending == 0


async def test_papers_are_added_from_inside(codecs: Path, tmp_path: Path) -> None:
    lines = [{"title": f"Gull {n}", "abstract": f"Gull {n} eats fish."} for n in range(300)]
    source = tmp_path / "gulls.jsonl"
    source.write_text("".join(json.dumps(one) + "\n" for one in [*lines, {"title": "Bare"}]))
    desk = Desk(app_over(codecs))

    async def type_the_path() -> None:
        await desk.press(*str(source))

    def reported() -> None:
        told = "".join(str(one.render()) for one in desk.main.conversation.query(".noted"))
        assert "read 301, new 300, same 0, changed 0, refused 1." in told
        assert f"Refused: {source}, line 301: no abstract." in told

    walk = walks(__file__)["papers are added"]
    await desk.walk(walk, type_the_path=type_the_path, reported=reported)
    assert desk.app.return_code in (0, None)


async def test_no_library(tmp_path: Path) -> None:
    desk = Desk(app_over(tmp_path / "nothing"))
    async with desk.app.run_test():
        await desk.sees("no library")
