"""The settings changed from inside the app: over a real library and a real file."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk, app_over
from textual.widgets import Input
from waiting import until

from assistant.config.file import ConfigFile
from tui.screens.looks import ChooseTheme
from tui.screens.settings import ChangeSetting, ShowSettings
from tui.widgets.virtual_list import LineList

pytestmark = pytest.mark.asyncio


@pytest.fixture
def config(tmp_path: Path) -> ConfigFile:
    """A configuration with two models and a comment."""
    path = tmp_path / "config.toml"
    path.write_text("# mine\n", "utf-8")
    file = ConfigFile(path)
    for name in ("one", "two"):
        file.set_model(name, {"base_url": "http://127.0.0.1:1/v1", "model": name})
    return file


@pytest.fixture
def desk(codecs: Path, config: ConfigFile) -> Desk:
    """A reader before a library of two papers."""
    return Desk(app_over(codecs, config=config))


async def at(desk: Desk, name: str) -> None:
    """Put the cursor on a setting."""
    shown = desk.app.screen.query_one("#setting-list", LineList)
    await until(lambda: len(shown.items) > 8)
    names = [one.name for one in shown.items if one is not None]
    shown.cursor = names.index(name)
    shown.tell_current()
    await desk.pilot.pause()


async def test_settings_are_shown_changed_and_put_into_force(
    desk: Desk, config: ConfigFile
) -> None:
    async with desk.opened(100, 40):
        desk.commands()["Settings"]()
        await desk.met(ShowSettings)
        await at(desk, "model")
        await desk.sees("model = extractive, the built-in one")
        await desk.sees("A change holds from the next question on.")
        await desk.press("enter")
        await desk.met(ChangeSetting)
        await desk.press("down", "enter")
        await desk.met(ShowSettings)
        await desk.sees("model = one. It holds from the next question on.")
        await desk.sees("model = one · set in the file")
        await at(desk, "check_model")
        await desk.press("enter")
        await desk.met(ChangeSetting)
        await desk.press("end", "enter")
        await desk.met(ShowSettings)
        await desk.sees("check_model = two. It holds")
        service = desk.app._service
        assert service is not None
        await until(lambda: (service.model, service.judge) == ("one", "two"))
        await desk.press("d")
        await desk.sees("check_model is as it comes.")
        await until(lambda: service.judge == "one")
        await desk.press("d")
        await desk.sees("check_model is as it comes already.")
    assert config.path.read_text("utf-8").count("# mine\n") == 1
    assert config.settings().model == "one"


async def test_a_wrong_value_is_refused_in_one_line_and_nothing_is_written(
    desk: Desk, config: ConfigFile
) -> None:
    before = config.path.read_text("utf-8")
    async with desk.opened(80, 24):
        desk.commands()["Settings"]()
        await desk.met(ShowSettings)
        await at(desk, "max_cost")
        await desk.press("enter")
        await desk.met(ChangeSetting)
        await desk.press(*"much", "enter")
        await desk.sees("max_cost takes a number from 0, not “much”.")
        assert config.path.read_text("utf-8") == before
        desk.app.screen.query_one("#setting-text", Input).value = "0.5"
        await desk.press("enter")
        await desk.met(ShowSettings)
        await desk.sees("max_cost = 0.5. It holds from the next question on.")
        await until(lambda: desk.app._controllers.answers._max_cost == 0.5)
        await at(desk, "services.arxiv")
        await desk.sees("A change holds from the next start on.")


async def test_what_the_environment_says_is_changed_there_and_a_theme_is_looked_at(
    codecs: Path, config: ConfigFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUIRE_MODEL", "two")
    desk = Desk(app_over(codecs, "extractive", config=config))
    async with desk.opened(100, 40):
        desk.commands()["Settings"]()
        await desk.met(ShowSettings)
        await at(desk, "model")
        await desk.sees("model = two · from $QUIRE_MODEL")
        await desk.press("enter")
        await desk.sees("$QUIRE_MODEL comes first: change it there.")
        await at(desk, "theme")
        await desk.press("enter")
        await desk.met(ChooseTheme)
