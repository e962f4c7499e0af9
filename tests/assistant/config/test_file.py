"""The configuration is changed in place, and what the reader wrote stays."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import pytest

from assistant.config.file import ConfigFile
from assistant.errors import WrongUse

OWN = """# what I use
prompts = "/p"  # mine

[models.a]   # at home
base_url = "http://127.0.0.1:1/v1"
model = "m"   # small

# for vectors
[embedders.e]
base_url = "http://127.0.0.1:2/v1"
model = "v"
"""
SHAPES = {
    "none": "",
    "own": OWN,
    "no line end": OWN.rstrip(),
    "crlf": OWN.replace("\n", "\r\n"),
    "inline": '[models]\na = {base_url = "http://127.0.0.1:1/v1", model = "m"}\n',
    "dotted": 'models.a.base_url = "http://x/v1"\nmodels.a.model = "m"\nprompts = "/p"\n',
    "apart": '[models.a]\nbase_url="x"\nmodel="m"\n[embedders.e]\nbase_url="x"\nmodel="v"\n'
    '[models.b]\nbase_url="x"\nmodel="m"\n',
}
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
    text = config.path.read_text()
    assert tomllib.loads(text)["models"]["new:1b"] == VALUES
    assert config.path.read_bytes().decode().startswith(before)
    config.set_model("new:1b", {"context_tokens": 8192})
    config.use_model("new:1b")
    settings = config.settings()
    assert settings.model == "new:1b"
    assert settings.models["new:1b"].context_tokens == 8192
    assert settings.models["new:1b"].model == 'quo"te'
    config.use_model("a" if before else "extractive")
    config.use_model("new:1b")
    assert config.remove_model("new:1b") is True
    left = tomllib.loads(config.path.read_text())
    left = {key: value for key, value in left.items() if value}
    assert left == {key: value for key, value in tomllib.loads(before).items() if value}
    for line in before.splitlines():
        assert line in config.path.read_text().splitlines()


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


@pytest.mark.parametrize(
    "text",
    ["[models.a", "models = 3", '[models.a]\nbase_url = "sk-secret"\n', "\xff", "x = 'sk-secret'"],
)
def test_what_makes_no_sense_is_left_alone(config: ConfigFile, text: str) -> None:
    config.path.parent.mkdir(parents=True)
    config.path.write_bytes(text.encode("latin-1"))
    with pytest.raises(WrongUse) as caught:
        config.set_model("b", VALUES)
    assert config.path.read_bytes() == text.encode("latin-1")
    assert "sk-secret" not in caught.value.message


def test_a_value_that_makes_no_sense_is_not_written(config: ConfigFile) -> None:
    write(config, OWN)
    for values in ({**VALUES, "context_tokens": 3}, {**VALUES, "price_in": -1.0}):
        with pytest.raises(WrongUse):
            config.set_model("b", values)
    assert config.path.read_text() == OWN


def test_an_unusual_shape_is_refused(config: ConfigFile) -> None:
    text = 'models = {a = {base_url = "http://x/v1", model = "m"}}\n'
    write(config, text)
    with pytest.raises(WrongUse, match="unusual shape"):
        config.set_model("b", VALUES)
    assert config.path.read_text() == text


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
