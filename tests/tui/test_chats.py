"""The chats over any place: found, opened, renamed, deleted and given back, written to a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from desk import Desk, app_over, conversations
from fake_service import FakeService, make_answer, make_session
from waiting import until

from assistant.sessions import Conversations
from store.errors import LibraryBusy
from store.library.library import Library
from tui.screens.chats import Chats
from tui.screens.dialogs import Confirm, NameConversation
from tui.screens.name_file import NameFile


def talk(folder: Path, questions: Iterable[tuple[str, str]]) -> None:
    """Save a conversation of each question and its answer."""
    with Library.open(folder) as library:
        saved = Conversations(library)
        for question, text in questions:
            saved.keep(make_answer(question, text=text, claims=()), None)


@pytest.fixture
def desk(codecs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A reader of a library with three chats, in a folder of one's own."""
    talk(codecs, [("Which owls?", "Owls hoot."), ("Which foxes?", "Foxes bark.")])
    talk(codecs, [("What of [MASK]?", "Where a<b and c>d.")])
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Desk(app_over(codecs, "extractive", state=tmp_path / "state"))


def chats(desk: Desk) -> Chats:
    assert isinstance(desk.app.screen, Chats)
    return desk.app.screen


def listed(desk: Desk) -> list[str]:
    return [one.title for one in chats(desk).list.items if one]


async def test_chats_are_found_and_gone_on_with(desk: Desk) -> None:
    async with desk.opened(120, 36):
        await desk.press("ctrl+r")
        await desk.met(Chats)
        await until(lambda: listed(desk) == ["What of [MASK]?", "Which foxes?", "Which owls?"])
        await desk.sees("Where a<b and c>d.")
        await desk.press("down")
        await desk.sees("Foxes bark.")
        await desk.press(*"HOOT")
        await until(lambda: listed(desk) == ["Which owls?"])
        await desk.sees("1 of 3 chats")
        await desk.press(*"xx")
        await until(lambda: not listed(desk))
        await desk.press("enter")
        assert isinstance(desk.app.screen, Chats), "there is none to go on with"
        await desk.press("backspace", "backspace", "enter")
        await until(lambda: desk.app.screen is desk.main)
        await desk.sees("Owls hoot.")
        assert desk.main.conversation.session
        await desk.press("ctrl+r")
        await desk.met(Chats)
        await desk.press("ctrl+r")
        await until(lambda: desk.app.screen is desk.main)


async def test_a_chat_is_deleted_given_back_and_renamed(desk: Desk, codecs: Path) -> None:
    before = conversations(codecs)
    async with desk.opened(80, 24):
        await desk.press("ctrl+r")
        await desk.met(Chats)
        await until(lambda: len(listed(desk)) == 3)
        await desk.press("down", "ctrl+d")
        await until(lambda: listed(desk) == ["What of [MASK]?", "Which owls?"])
        await desk.sees("Deleted: Which foxes?")
        assert chats(desk).list.current == next(
            one for one in chats(desk).list.items if one and one.title == "Which owls?"
        )
        assert len(conversations(codecs)) == 2
        await desk.press("tab", "u")
        await until(lambda: len(listed(desk)) == 3)
        assert conversations(codecs) == before
        await desk.press("u")
        await desk.sees("No chat was deleted here.")
        await desk.press("r")
        await desk.met(NameConversation)
        await desk.press("ctrl+a", "ctrl+k", *"Foxes", "enter")
        await until(lambda: listed(desk)[1:] == ["Foxes", "Which owls?"])
        await desk.press("e")
        await desk.met(NameConversation)
        await desk.press("ctrl+a", "ctrl+k", *"which owls?", "enter")
        await desk.sees("called “which owls?” already")


async def test_a_chat_is_written_and_nothing_is_replaced_unasked(desk: Desk) -> None:
    async with desk.opened(100, 30):
        await desk.press("ctrl+r")
        await desk.met(Chats)
        await until(lambda: len(listed(desk)) == 3)
        await desk.press(*"fox", "ctrl+s")
        await desk.met(NameFile)
        await desk.press("enter")
        await desk.sees("Written: which-foxes.md")
        assert "Foxes bark." in Path("which-foxes.md").read_text("utf-8")
        Path("which-foxes.md").write_text("mine", "utf-8")
        await desk.press("ctrl+s")
        await desk.met(NameFile)
        await desk.press("enter")
        await desk.met(Confirm)
        await desk.press("n")
        await until(lambda: isinstance(desk.app.screen, Chats))
        assert Path("which-foxes.md").read_text("utf-8") == "mine"
        await desk.press("ctrl+s")
        await desk.met(NameFile)
        await desk.press("enter")
        await desk.met(Confirm)
        await desk.press("y")
        await until(lambda: Path("which-foxes.md").read_text("utf-8") != "mine")
        await desk.press("ctrl+s")
        await desk.met(NameFile)
        await desk.press("end", *".zip", "enter")
        await desk.sees("An answer cannot be written as “.zip”")


async def test_what_fails_is_said_and_the_open_chat_goes(service: FakeService, app: object) -> None:
    session = make_session(1)
    service.saved[session.id] = session
    desk = Desk(app, service)  # type: ignore[arg-type]
    async with desk.opened(80, 24):
        await desk.press("ctrl+r")
        await desk.met(Chats)
        await until(lambda: len(listed(desk)) == 1)
        await desk.press("enter")
        await until(lambda: desk.main.conversation.session == session.id)
        service.fails["delete_session"] = LibraryBusy("another quire writes", "wait")
        await desk.press("ctrl+r")
        await desk.met(Chats)
        await until(lambda: len(listed(desk)) == 1)
        await desk.press("ctrl+d")
        await desk.sees("Another quire writes")
        assert len(listed(desk)) == 1
        service.fails.clear()
        await desk.press("ctrl+d")
        await until(lambda: not listed(desk))
        await desk.sees("No chat is saved yet")
        await until(lambda: desk.main.conversation.session is None)
        await desk.press("enter", "ctrl+e", "ctrl+s")
        assert isinstance(desk.app.screen, Chats)
        await desk.press("ctrl+z")
        await until(lambda: len(listed(desk)) == 1)
