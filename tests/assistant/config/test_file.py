"""The configuration is changed in place, and what the reader wrote stays."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import pytest
from tables import Row, for_each, table

from assistant.config.file import ConfigFile
from assistant.errors import WrongUse

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
    config.use_model("a" if before else "extractive")
    config.use_model("new:1b")
    settings = config.settings()
    assert settings.model == "new:1b"
    assert settings.models["new:1b"].context_tokens == 8192
    assert settings.models["new:1b"].model == 'quo"te'
    assert config.remove_model("new:1b") is True
    after = config.path.read_text()
    assert meaning(after) == meaning(before)
    assert set(before.splitlines()) <= set(after.splitlines())


def meaning(text: str) -> dict[str, object]:
    return {key: value for key, value in tomllib.loads(text).items() if value}


def test_comments_of_others_outlive_a_model(config: ConfigFile) -> None:
    write(config, OWN)
    assert config.remove_model("a") is False
    text = config.path.read_text()
    assert "# for vectors\n[embedders.e]" in text
    assert "# what I use" in text
    assert "at home" not in text


def test_it_is_the_owners_alone_and_no_half_is_left(config: ConfigFile) -> None:
    old = os.umask(0o022)
    try:
        config.set_model("a", VALUES)
    finally:
        os.umask(old)
    assert stat.S_IMODE(config.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(config.path.parent.stat().st_mode) == 0o700
    assert [one.name for one in config.path.parent.iterdir()] == ["config.toml"]


def test_a_link_stays_a_link(config: ConfigFile, tmp_path: Path) -> None:
    write(config, "")
    config.path.unlink()
    (tmp_path / "dotfiles.toml").write_text(OWN)
    config.path.symlink_to(tmp_path / "dotfiles.toml")
    config.use_model("a")
    assert config.path.is_symlink()
    assert (tmp_path / "dotfiles.toml").read_text().startswith('model = "a"\n')


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
            config.use_model("a")
    finally:
        config.path.parent.chmod(0o700)
    assert config.path.read_text() == OWN
