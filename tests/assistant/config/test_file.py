"""The configuration is changed in place; what the reader wrote stays, and damage is named."""

from __future__ import annotations

import json
import os
import random
import stat
import tomllib
from pathlib import Path

import pytest
from cli_fixture import Quire
from tables import Row, compare, for_each, table

from assistant.cli import lastlist
from assistant.config.file import ConfigFile
from assistant.config.lines import line_of
from assistant.config.settings import load_settings
from assistant.errors import WrongUse

WHOLE = Path(__file__).with_name("whole.toml").read_text()
SHAPES = {row["shape"]: row["text"] for row in table(__file__, "shapes.jsonl")}
OWN = SHAPES["own"]
VALUES = {"base_url": "http://127.0.0.1:9/v1", "model": 'quo"te', "context_tokens": 4096}


@pytest.fixture
def config(tmp_path: Path) -> ConfigFile:
    return ConfigFile(tmp_path / "folder" / "config.toml")


def write(config: ConfigFile, text: str) -> None:
    config.path.parent.mkdir(parents=True, exist_ok=True)
    config.path.write_bytes(text.encode())


@pytest.mark.parametrize("shape", SHAPES)
def test_a_model_is_added_changed_used_and_removed(config: ConfigFile, shape: str) -> None:
    before = SHAPES[shape]
    if before:
        write(config, before)
    config.set_model("new:1b", VALUES)
    text = config.path.read_bytes().decode()
    assert tomllib.loads(text)["models"]["new:1b"] == VALUES
    assert text.startswith(before)
    config.set_model("new:1b", {"context_tokens": 8192})
    config.set_value(("model",), "a" if before else "extractive")
    config.set_value(("model",), "new:1b")
    settings = config.settings()
    new = settings.models["new:1b"]
    assert (settings.model, new.context_tokens, new.model) == ("new:1b", 8192, 'quo"te')
    assert config.remove_model("new:1b") is True
    after = config.path.read_text()
    assert meaning(after) == meaning(before)
    assert set(before.splitlines()) <= set(after.splitlines())


def meaning(text: str) -> dict[str, object]:
    return {key: value for key, value in tomllib.loads(text).items() if value}


def test_comments_of_others_outlive_a_model(config: ConfigFile) -> None:
    write(config, f'check_model = "a"\n{OWN}')
    assert config.remove_model("a") is False
    assert config.settings().check_model is None, "the model that answers judges from now on"
    text = config.path.read_text()
    assert "# for vectors\n[embedders.e]" in text
    assert "# what I use" in text
    assert "at home" not in text
    compare(table(__file__, "lines.jsonl"), lambda row: line_of(WHOLE, row["place"]))


def test_it_is_the_owners_alone_and_a_link_stays_one(config: ConfigFile, tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        config.set_model("a", VALUES)
    finally:
        os.umask(old)
    assert stat.S_IMODE(config.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(config.path.parent.stat().st_mode) == 0o700
    assert [one.name for one in config.path.parent.iterdir()] == ["config.toml"]
    # A link stays a link.
    config.path.unlink()
    (tmp_path / "dotfiles.toml").write_text(OWN)
    config.path.symlink_to(tmp_path / "dotfiles.toml")
    config.set_value(("model",), "a")
    assert config.path.is_symlink()
    assert '  # mine\nmodel = "a"\n\n[models.a]' in (tmp_path / "dotfiles.toml").read_text()


def test_what_makes_no_sense_is_left_alone(config: ConfigFile) -> None:
    def check(row: Row) -> None:
        config.path.write_bytes(row["text"].encode("latin-1"))
        with pytest.raises(WrongUse) as caught:
            config.set_model("b", {**VALUES, **row.get("values", {})})
        assert config.path.read_bytes() == row["text"].encode("latin-1")
        assert "sk-secret" not in caught.value.message
        assert row.get("says", "") in caught.value.message

    write(config, "")
    for_each(table(__file__, "senseless.jsonl"), check)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(config: ConfigFile) -> None:
    write(config, OWN)
    config.path.parent.chmod(0o500)
    try:
        with pytest.raises(WrongUse, match="cannot be written"):
            config.set_value(("model",), "a")
    finally:
        config.path.parent.chmod(0o700)
    assert config.path.read_text() == OWN


def damaged(row: Row) -> bytes:
    """The configuration with the damage of a row."""
    text = WHOLE
    if "old" in row:
        assert row["old"] in text
        text = text.replace(row["old"], repeated(row["new"]))
    if "cut" in row:
        text = text[: text.index(row["cut"])]
    return (text + repeated(row.get("more", ""))).encode("utf-8", "surrogateescape")


def repeated(parts: str | list[tuple[str, int]]) -> str:
    return parts if isinstance(parts, str) else "".join(text * times for text, times in parts)


def test_the_file_and_the_line_of_a_damage_are_named(config: ConfigFile) -> None:
    def check(row: Row) -> None:
        data = damaged(row)
        config.path.write_bytes(data)
        with pytest.raises(WrongUse) as caught:
            load_settings(str(config.path), {})
        message = caught.value.message
        assert str(config.path) in message
        assert f"(line {row['at']})" in message
        assert "\n" not in message
        assert len(message) < 300
        assert "--config" in caught.value.hint
        with pytest.raises(WrongUse, match=config.path.name):
            config.set_value(("model",), "b")
        with pytest.raises(WrongUse, match=config.path.name):
            config.set_model("b", {"base_url": "x", "model": "y"})
        assert config.path.read_bytes() == data, "a damaged file is left to the reader"

    write(config, WHOLE)
    assert load_settings(str(config.path), {}).models["a"].context_tokens == 4096
    for_each(table(__file__, "damages.jsonl"), check)


@pytest.mark.usefixtures("stocked")
def test_every_command_ends_with_wrong_use(quire: Quire, config: ConfigFile) -> None:
    write(config, WHOLE)
    config.path.write_bytes(WHOLE.encode() + b"# caf\xe9\n")
    commands = ("status", "search ice", "ask ice", "doctor", "list", "models list", "models use x")
    for command in commands:
        ran = quire(*command.split(), "--config", str(config.path))
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1), command
        assert f"{config.path} is not UTF-8: byte 0xe9 (line 13)" in ran.err
        assert "broke inside" not in ran.err


def test_what_is_no_file_in_its_place(tmp_path: Path) -> None:
    def check(row: Row) -> None:
        path = tmp_path / row["path"]
        with pytest.raises(WrongUse) as reading:
            load_settings(str(path), {})
        with pytest.raises(WrongUse) as changing:
            ConfigFile(path).set_value(("model",), "b")
        for caught in (reading, changing):
            assert str(path) in caught.value.message
            assert "\n" not in caught.value.message

    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "link").symlink_to("link")
    (tmp_path / "endless").symlink_to("/dev/zero")
    for_each([{"path": one} for one in ("folder", "file/x.toml", "link", "endless")], check)
    with pytest.raises(WrongUse, match="no configuration at"):
        load_settings("~nobody-of-this-name/x.toml", {})


def test_any_flipped_byte_is_read_or_wrong_use(config: ConfigFile) -> None:
    def check(row: Row) -> None:
        chance = random.Random(row["seed"])
        data = bytearray(WHOLE.encode())
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        config.path.write_bytes(bytes(data))
        try:
            load_settings(str(config.path), {})
        except WrongUse as failure:
            said = failure.message
        else:
            said = "(line "
        assert "(line " in said

    write(config, WHOLE)
    for_each([{"seed": seed} for seed in range(60)], check)


@pytest.mark.usefixtures("stocked")
def test_a_damaged_last_list_is_as_if_there_were_none(
    quire: Quire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "list.json"
    monkeypatch.setattr(lastlist, "_file", lambda frame, kind: kept)
    shapes = (b"", b"{", b'{"1": "x"}', b"7", b"[1, 2]", b"[null]", b"\xff\xfe", bytes(50))
    for data in (*shapes, b"[" * 100_000):
        kept.write_bytes(data)
        ran = quire("show", "%1")
        assert (ran.code, "no list was shown" in ran.err) == (2, True), data[:20]
    assert quire("list").code == 0
    assert len(json.loads(kept.read_text())) == 4
    assert quire("show", "%1").code == 0
    kept.unlink()
    kept.mkdir()
    assert (quire("list").code, quire("show", "%1").code) == (0, 2)
