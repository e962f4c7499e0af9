"""An answer keeps what it was asked of: shown when its chat is opened again, and asked again."""

from __future__ import annotations

from pathlib import Path

from desk import Desk, app_over, conversations, records
from waiting import until

from assistant.types.asked_of import AskedOf
from store.library.library import Library

QUESTION = "How many quantizers are needed?"
LATER = ("EelCodec", "Eels are slow. EelCodec needs three quantizers and 20 tokens a second.")


async def reopened(desk: Desk) -> None:
    """Leave the chat and open it again."""
    await desk.press("ctrl+n")
    await until(lambda: not desk.main.conversation.turns)
    await desk.press("ctrl+r")
    await desk.sees("1 chat")
    await desk.press("enter")
    await until(lambda: desk.main.conversation.turns)


async def again(desk: Desk) -> None:
    """Ask the question of the last answer again with its key."""
    before = desk.turn
    desk.main.conversation.focus()
    await desk.press("a")
    await until(lambda: desk.main.conversation.current is not before)
    await desk.idle()


async def test_a_filter_is_kept_with_the_answer(codecs: Path, tmp_path: Path) -> None:
    desk = Desk(app_over(codecs, "extractive", state=tmp_path / "state"))
    async with desk.opened(120, 40):
        await desk.press("f2", "slash", *"codec -fox")
        await desk.sees("1 of 2 papers")
        await desk.press("down", "f6")
        await desk.sees("Ask 1 paper (codec -fox)")
        await desk.ask(QUESTION)
        told = f"{QUESTION} · among 1 paper: codec -fox"
        await desk.sees(told)
        # The box asks all papers again; the answer is of those that it was asked of.
        await reopened(desk)
        await desk.sees(told)
        assert desk.main.asking.scope is None
        with Library.open(codecs) as library:
            library.ingest().run(records([LATER]))
            library.catch_up()
        await reopened(desk)
        await desk.sees("1 new abstract matches since · a asks again")
        await again(desk)
        await desk.sees(f"{QUESTION} · among 2 papers: codec -fox")
        assert "since" not in desk.main.conversation.turns[0].page.since
        answer = desk.turn.page.answer
        assert answer is not None
        assert {one.title for one in answer.references} <= {"OwlCodec", "EelCodec"}
        assert answer.evidence.considered == 2
    (session,) = conversations(codecs)
    asked = AskedOf(query="codec -fox", words="codec -fox", papers=1)
    assert [one.answer.asked_of for one in session.turns] == [
        asked,
        asked.model_copy({"papers": 2}),
    ]


async def test_what_every_paper_was_asked_is_put_to_each_again(
    codecs: Path, tmp_path: Path
) -> None:
    desk = Desk(app_over(codecs, "extractive", state=tmp_path / "state"))
    async with desk.opened(120, 40):
        await desk.press("f2")
        await desk.sees("FoxCodec")
        await desk.press("space", "f6")
        await desk.sees("(selected)")
        before = desk.main.conversation.current
        await desk.send(QUESTION, "f6")
        await until(lambda: desk.main.conversation.current is not before)
        await desk.idle()
        title = f"To the 1 paper (selected): {QUESTION}"
        await desk.sees(title)
        await reopened(desk)
        await desk.sees(title)
        await desk.press("escape", "m")
        await desk.told("F7 chooses one for all else")
        await again(desk)
        assert [one.page.question for one in desk.main.conversation.turns] == [title, title]
        answer = desk.turn.page.answer
        assert answer is not None
        assert answer.coverage is not None
        assert answer.coverage.asked == 1


async def test_a_summary_is_made_again(codecs: Path, tmp_path: Path) -> None:
    desk = Desk(app_over(codecs, "extractive", state=tmp_path / "state"))
    async with desk.opened(120, 40):
        await desk.press("f2")
        await desk.sees("FoxCodec")
        await desk.press("S")
        await until(lambda: desk.main.conversation.turns)
        await desk.idle()
        await again(desk)
        first, second = (one.page.answer for one in desk.main.conversation.turns)
        assert first is not None
        assert second is not None
        assert second.text == first.text
        assert second.question.startswith("Summary of “")
