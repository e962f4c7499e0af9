"""The theme: as configured, previewed as the list is walked, and kept where one is chosen."""

from __future__ import annotations

import pytest
from desk import Desk
from fake_service import FakeService, opener
from waiting import until

from assistant.errors import WrongUse
from tui import themes
from tui.app import QuireApp
from tui.screens.looks import ChooseTheme

pytestmark = pytest.mark.asyncio


def keeping(theme: str, kept: list[str], failure: Exception | None = None) -> Desk:
    def keep(name: str) -> None:
        kept.append(name)
        if failure is not None:
            raise failure

    service = FakeService()
    return Desk(QuireApp(opener(service), theme=(theme, keep)), service)


async def test_a_theme_is_previewed_taken_back_and_kept() -> None:
    kept: list[str] = []
    desk = keeping("nord", kept)
    async with desk.opened(120, 40):
        assert desk.app.theme == "nord"
        desk.commands()["Theme"]()
        await desk.met(ChooseTheme)
        assert "nord" in desk.text
        await desk.press("g")
        assert desk.app.theme == "dark"
        await desk.press("down", "down")
        assert desk.app.theme == "high-contrast"
        await desk.press("escape")
        assert (desk.app.theme, kept) == ("nord", [])
        desk.commands()["Theme"]()
        await desk.met(ChooseTheme)
        await desk.press("g", "down", "enter")
        await until(lambda: kept == ["light"])
        assert desk.app.theme == "light"
        # the one there is, chosen again, is not written again
        desk.commands()["Theme"]()
        await desk.met(ChooseTheme)
        await desk.press("enter")
        assert (desk.app.theme, kept) == ("light", ["light"])


async def test_every_theme_that_is_offered_is_there_and_one_is_usual() -> None:
    desk = keeping("", [])
    async with desk.opened(60, 20):
        assert desk.app.theme == themes.USUAL
        assert set(themes.offered()) <= desk.app.available_themes.keys()
        desk.commands()["Theme"]()
        await desk.met(ChooseTheme)
        for name in themes.offered()[1:]:
            await desk.press("j")
            assert desk.app.theme == name


async def test_a_theme_that_is_not_there_or_cannot_be_kept_is_said() -> None:
    kept: list[str] = []
    desk = keeping("no such theme", kept, WrongUse("the disk is full", "make room"))
    async with desk.opened(120, 40):
        await desk.told("No theme is called no such theme")
        desk.commands()["Theme"]()
        await desk.met(ChooseTheme)
        await desk.press("down", "enter")
        await desk.told("The theme is not kept. The disk is full. Make room.")
