"""A damaged configuration is wrong use that names the file and the line, whatever the damage."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_fixture import Quire

from assistant.cli import lastlist
from assistant.config.file import ConfigFile
from assistant.config.lines import line_of
from assistant.config.settings import load_settings
from assistant.errors import WrongUse

WHOLE = """# mine
model = "a"
max_cost = 0.5

[models.a]   # at home
base_url = "http://127.0.0.1:1/v1"
model = "m"
context_tokens = 4096

[embedders.e]
base_url = "http://127.0.0.1:2/v1"
model = "v"
"""


def _with(old: str, new: str) -> bytes:
    assert old in WHOLE
    return WHOLE.replace(old, new).encode()


DAMAGES: dict[str, tuple[bytes, int]] = {
    "flipped quote": (_with('"m"', '"m#'), 7),
    "flipped bracket": (_with("[embedders.e]", "[embedders.e}"), 10),
    "flipped letter of a key": (_with("context_tokens", "context_tokels"), 8),
    "flipped letter of a table": (_with("[embedders.e]", "[embeddars.e]"), 10),
    "flipped digit": (_with("4096", "4p96"), 8),
    "no UTF-8": (_with('"m"', "{}").replace(b"{}", b'"\xe9"'), 7),
    "no UTF-8 in a comment": (WHOLE.encode() + b"# caf\xe9\n", 13),
    "cut in a string": (WHOLE.encode()[: WHOLE.index('1/v1"')], 6),
    "cut in a key": (WHOLE.encode()[: WHOLE.index("_tokens")], 8),
    "cut in a table": (WHOLE.encode()[: WHOLE.index(".e]")], 10),
    "cut before what is needed": (WHOLE.encode()[: WHOLE.index('model = "m"')], 5),
    "zeroed": (bytes(len(WHOLE)), 1),
    "zeroed from the middle": (
        WHOLE.encode()[: WHOLE.index("context")] + bytes(100),
        8,
    ),
    "garbage": (random.Random(2).randbytes(400), 1),
    "unknown key": (_with('model = "a"', 'modell = "a"'), 2),
    "unknown key in a table": (_with('model = "m"', 'model = "m"\ncolour = "red"'), 8),
    "unknown table": (WHOLE.encode() + b'\n[keys]\na = "b"\n', 14),
    "a number for a text": (_with('model = "m"', "model = 7"), 7),
    "a text for a number": (_with("4096", '"many"'), 8),
    "a text for a table": (_with("[models.a]   # at home", "models.b = 5\n[models.a]"), 5),
    "a list for a text": (_with('model = "a"', 'model = ["a",\n  "b"]'), 2),
    "a number out of range": (_with("4096", "3"), 8),
    "not a number": (_with("0.5", "nan"), 3),
    "a date for a number": (_with("0.5", "1979-13-27"), 3),
    "no such date": (_with("0.5", "1979-02-30"), 3),
    "too many digits": (_with("4096", "9" * 5000), 8),
    "too deeply nested": (_with('"a"', "[" * 5000 + "]" * 5000), 2),
    "twice": (WHOLE.encode() + b'model = "w"\n', 13),
    "a table twice": (WHOLE.encode() + b"[models.a]\n", 13),
    "inline": (b"\n\n" + b'models = {a = {base_url = "x", model = 5}}\n', 3),
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_file_and_the_line_are_named(config: Path, damage: str) -> None:
    data, line = DAMAGES[damage]
    config.write_bytes(data)
    with pytest.raises(WrongUse) as caught:
        load_settings(str(config), {})
    assert str(config) in caught.value.message
    assert f"(line {line})" in caught.value.message
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 300
    assert "--config" in caught.value.hint
    for change in (
        lambda: ConfigFile(config).use_model("b"),
        lambda: ConfigFile(config).set_model("b", {"base_url": "x", "model": "y"}),
    ):
        with pytest.raises(WrongUse, match=config.name):
            change()
    assert config.read_bytes() == data, "a damaged file is left to the reader"


def test_the_undamaged_file_is_read(config: Path) -> None:
    config.write_text(WHOLE)
    assert load_settings(str(config), {}).models["a"].context_tokens == 4096


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("model",), 2),
        (("models",), 5),
        (("models", "a"), 5),
        (("models", "a", "model"), 7),
        (("models", "a", "gone"), 5),
        (("embedders", "e", "base_url"), 11),
        (("gone",), None),
        ((), None),
        (("models", "a", "model", 3), 7),
    ],
    ids=str,
)
def test_lines_are_found(place: tuple[str | int, ...], line: int | None) -> None:
    assert line_of(WHOLE, place) == line


COMMANDS = (
    ("status",),
    ("search", "glaciers"),
    ("ask", "how many glaciers are there?"),
    ("doctor",),
    ("list",),
    ("models", "list"),
    ("models", "use", "extractive"),
)


@pytest.mark.parametrize("damage", ["zeroed", "no UTF-8", "unknown key", "cut in a string"])
def test_every_command_ends_with_wrong_use(
    quire: Quire, stocked: Path, config: Path, damage: str
) -> None:
    data, line = DAMAGES[damage]
    config.write_bytes(data)
    for command in COMMANDS:
        ran = quire(*command, "--config", str(config))
        assert ran.code == 2, ran.err
        assert ran.out == ""
        assert ran.err.count("\n") == 1
        assert str(config) in ran.err
        assert f"(line {line})" in ran.err
        assert "broke inside" not in ran.err


def _folder(path: Path) -> None:
    path.mkdir()


def _link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def _under_a_file(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_text("no folder")


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    "put", [_folder, _link_to_itself, _under_a_file, _endless], ids=lambda one: one.__name__
)
def test_what_is_no_file_in_its_place(
    quire: Quire, stocked: Path, tmp_path: Path, put: Callable[[Path], None]
) -> None:
    config = tmp_path / "etc" / "config.toml"
    config.parent.mkdir()
    put(config)
    for command in (("list",), ("ask", "glaciers"), ("models", "use", "extractive")):
        ran = quire(*command, "--config", str(config))
        assert ran.code == 2, ran.err
        assert str(config) in ran.err
        assert ran.err.count("\n") == 1
    assert quire("list", "--config", "~nobody-of-this-name/x.toml").code == 2


@pytest.mark.parametrize("seed", range(60))
def test_any_flipped_byte_is_read_or_wrong_use(config: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(WHOLE.encode())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    config.write_bytes(bytes(data))
    said = "(line "
    try:
        load_settings(str(config), {})
    except WrongUse as failure:
        said = failure.message
    assert "(line " in said


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


def test_a_folder_in_place_of_the_last_list(
    quire: Quire, stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "list.json"
    kept.mkdir()
    monkeypatch.setattr(lastlist, "_file", lambda frame: kept)
    assert quire("list").code == 0
    assert quire("show", "%1").code == 2
