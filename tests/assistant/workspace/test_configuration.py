"""The settings as the app lists and changes them: over a real file."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.config.descriptions import descriptions
from assistant.config.file import ConfigFile
from assistant.errors import WrongUse
from assistant.workspace.configuration import Configuration

TABLE = """# mine
check = "off"  # dear

[models.x]
base_url = "http://127.0.0.1:1/v1"
model = "m"
key_command = ["print", "sk-planted"]
"""


def over(tmp_path: Path, environment: dict[str, str] | None = None) -> tuple[Configuration, Path]:
    path = tmp_path / "config.toml"
    path.write_text(TABLE, "utf-8")
    return Configuration(ConfigFile(path), environment or {}), path


async def test_every_setting_is_listed_with_where_its_value_is_from(tmp_path: Path) -> None:
    configuration, path = over(tmp_path, {"QUIRE_MODEL": "x"})
    lines = {one.name: one for one in await configuration.lines()}
    general = {
        name.replace("models.NAME.", "models.x.")
        for name, about in descriptions().items()
        if not about.is_variable and not name.startswith("embedders.")
    }
    assert lines.keys() == general
    model, check, theme = lines["model"], lines["check"], lines["theme"]
    assert (model.origin, model.value, model.environment) == ("environment", "x", "QUIRE_MODEL")
    assert (check.origin, check.value, check.options) == ("file", "off", ("auto", "on", "off"))
    assert (theme.origin, theme.value, theme.text) == ("default", "dark", "")
    assert lines["check_model"].options == ("x",)
    assert {one.name for one in lines.values() if not one.at_once} == {
        *("citation_key", "embedder", "prompts", "keys.NAME"),
        *(name for name in general if name.startswith("services.")),
    }
    assert "sk-planted" not in str(lines)
    assert configuration.path == str(path)


async def test_a_setting_is_changed_as_the_command_line_does(tmp_path: Path) -> None:
    configuration, path = over(tmp_path)
    await configuration.change("max_cost", "0.25")
    await configuration.change("models.x.temperature", "none")
    assert (await configuration.settings()).max_cost == 0.25
    await configuration.reset("check")
    text = path.read_text("utf-8")
    assert text.startswith("# mine\n")
    assert "check =" not in text
    assert 'temperature = "none"' in text
    before = path.read_text("utf-8")
    for name, value, said in (
        ("max_cost", "much", "max_cost takes a number from 0, not “much”"),
        ("check", "maybe", "check takes one of auto, on, off"),
        ("services.arxiv", "ftp://x", "begins with ftp:"),
        ("prompts", "/no/such/folder", "a folder that is there"),
        ("models.x.base_url", "", "blank"),
    ):
        with pytest.raises(WrongUse, match=said):
            await configuration.change(name, value)
    with pytest.raises(WrongUse):
        await configuration.reset("models.x.base_url")
    assert path.read_text("utf-8") == before


async def test_keys_are_set_by_their_whole_names_however_the_file_has_them(tmp_path: Path) -> None:
    configuration, path = over(tmp_path)
    await configuration.change("keys.papers.keep", "K")
    await configuration.change("keys.chats", '["^t", "F9"]')
    keys = (await configuration.settings()).keys
    assert keys == {"papers.keep": "K", "chats": ("^t", "F9")}
    lines = {one.name: one for one in await configuration.lines()}
    assert (lines["keys.papers.keep"].value, lines["keys.papers.keep"].origin) == ("K", "file")
    await configuration.reset("keys.papers.keep")
    await configuration.reset("keys.chats")
    assert (await configuration.settings()).keys == {}
    path.write_text(TABLE + '\n[keys]\npapers.keep = "K"\npapers.sort = "o"\n', "utf-8")
    await configuration.change("keys.papers.keep", "L")
    assert (await configuration.settings()).keys == {"papers.keep": "L", "papers.sort": "o"}
    await configuration.reset("keys.papers.keep")
    await configuration.reset("keys.papers.sort")
    assert (await configuration.settings()).keys == {}
    with pytest.raises(WrongUse, match="takes a key"):
        await configuration.change("keys.chats", "")
