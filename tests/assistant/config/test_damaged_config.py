"""A damaged configuration is wrong use that names the file and the line, whatever the damage."""

from __future__ import annotations

import json
import random
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


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_the_file_and_the_line_of_a_damage_are_named(config: Path) -> None:
    def check(row: Row) -> None:
        data = damaged(row)
        config.write_bytes(data)
        with pytest.raises(WrongUse) as caught:
            load_settings(str(config), {})
        assert str(config) in caught.value.message
        assert f"(line {row['at']})" in caught.value.message
        assert "\n" not in caught.value.message
        assert len(caught.value.message) < 300
        assert "--config" in caught.value.hint
        with pytest.raises(WrongUse, match=config.name):
            ConfigFile(config).use_model("b")
        with pytest.raises(WrongUse, match=config.name):
            ConfigFile(config).set_model("b", {"base_url": "x", "model": "y"})
        assert config.read_bytes() == data, "a damaged file is left to the reader"

    config.write_text(WHOLE)
    assert load_settings(str(config), {}).models["a"].context_tokens == 4096
    for_each(table(__file__, "damages.jsonl"), check)


def test_lines_are_found() -> None:
    compare(table(__file__, "lines.jsonl"), lambda row: line_of(WHOLE, row["place"]))


def test_every_command_ends_with_wrong_use(quire: Quire, stocked: Path, config: Path) -> None:
    config.write_bytes(WHOLE.encode() + b"# caf\xe9\n")
    for command in (
        "status",
        "search ice",
        "ask ice",
        "doctor",
        "list",
        "models list",
        "models use x",
    ):
        ran = quire(*command.split(), "--config", str(config))
        assert ran.code == 2, ran.err
        assert ran.out == ""
        assert ran.err.count("\n") == 1
        assert f"{config} is not UTF-8: byte 0xe9 (line 13)" in ran.err
        assert "broke inside" not in ran.err


def test_what_is_no_file_in_its_place(tmp_path: Path) -> None:
    def check(row: Row) -> None:
        path = tmp_path / row["path"]
        with pytest.raises(WrongUse) as reading:
            load_settings(str(path), {})
        with pytest.raises(WrongUse) as changing:
            ConfigFile(path).use_model("b")
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


def test_any_flipped_byte_is_read_or_wrong_use(config: Path) -> None:
    def check(row: Row) -> None:
        chance = random.Random(row["seed"])
        data = bytearray(WHOLE.encode())
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        config.write_bytes(bytes(data))
        said = "(line "
        try:
            load_settings(str(config), {})
        except WrongUse as failure:
            said = failure.message
        assert "(line " in said

    for_each([{"seed": seed} for seed in range(60)], check)


def test_a_damaged_last_list_is_as_if_there_were_none(
    quire: Quire, stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "list.json"
    monkeypatch.setattr(lastlist, "_file", lambda frame: kept)
    shapes = (b"", b"{", b'{"1": "x"}', b"7", b"[1, 2]", b"[null]", b"\xff\xfe", bytes(50))
    for data in (*shapes, b"[" * 100_000):
        kept.write_bytes(data)
        ran = quire("show", "%1")
        assert ran.code == 2
        assert "no list was shown" in ran.err
    assert quire("list").code == 0
    assert len(json.loads(kept.read_text())) == 4
    assert quire("show", "%1").code == 0
    kept.unlink()
    kept.mkdir()
    assert quire("list").code == 0
    assert quire("show", "%1").code == 2
