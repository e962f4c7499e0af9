"""Ways to spoil a text: what is cut, doubled, swapped, mixed, repeated, or in another encoding."""

from __future__ import annotations

import gzip
import io
import json
import random
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

Mutation = Callable[[random.Random, bytes, bytes], bytes]
"""Spoils a text, given another one to mix it with."""

LONGEST = 1_000_000
"""Most bytes of a text."""
_SIGNS = (*range(9, 14), *range(32, 127), 0, 0x1B, 0xA0, 0x85)
_REPEATED = (
    *map(chr, _SIGNS),
    *tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["repeated"],
)
_ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**400, -(10**30), 1e308, "", " ", "\ud800", "\x00"),
    *([], {}, [[]], [None], [{}], {"": ""}, {"a": None}, "-", "NaN", "99999-01-01", "0000-00-00"),
    *("2020-02-31", "١٩٩٩", "9" * 400, "a" * 50_000, " " * 50_000, ["a"] * 5_000, [["a"]] * 500),
    *({"a": {"a": {"a": ["a"]}}}, {"name": ["a"]}, [{"name": {"name": "a"}}], "a; b, c and d"),
    *({"family": 1, "given": []}, "\u202e", "&" * 9_999, [[2020, 1]], {"date-parts": [[None]]}),
    *({"date-parts": [["2020", "x"]]}, {"value": {"value": []}}),
)
_CODECS = (
    *("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "utf-7"),
    *("latin-1", "cp1252", "cp037", "shift_jis"),
)


def cut(draw: random.Random, data: bytes, other: bytes) -> bytes:
    """The beginning, the end, or all but a piece."""
    at, end = _span(draw, data)
    return draw.choice((data[:at], data[at:], data[:at] + data[end:]))


def double(draw: random.Random, data: bytes, other: bytes) -> bytes:
    """A piece twice or more."""
    at, end = _span(draw, data)
    return data[:at] + data[at:end] * draw.choice((2, 3, 50)) + data[end:]


def shuffle_lines(draw: random.Random, data: bytes, other: bytes) -> bytes:
    """Two lines that change places, one that is doubled, or one that is gone."""
    lines = data.splitlines(keepends=True) or [b""]
    at, to = draw.randrange(len(lines)), draw.randrange(len(lines))
    kind = draw.randrange(3)
    if kind == 0:
        lines[at], lines[to] = lines[to], lines[at]
    elif kind == 1:
        lines.insert(to, lines[at])
    else:
        del lines[at]
    return b"".join(lines)


def spoil_bytes(draw: random.Random, data: bytes, other: bytes) -> bytes:
    """A few bytes gone, doubled, changed or put in."""
    spoiled = bytearray(data)
    for _ in range(draw.choice((1, 2, 5, 20))):
        at = draw.randrange(len(spoiled) + 1)
        byte = draw.choice((draw.randrange(256), *b'\x00\r\n"{}<>&\\,;'))
        kind = draw.randrange(3)
        if kind == 0:
            spoiled.insert(at, byte)
        elif at < len(spoiled) and kind == 1:
            spoiled[at] = byte
        else:
            del spoiled[at : at + 1]
    return bytes(spoiled)


def mix(draw: random.Random, data: bytes, other: bytes) -> bytes:
    """A piece of another text within this one, or behind it."""
    at, end = _span(draw, other)
    to = draw.choice((draw.randrange(len(data) + 1), len(data)))
    return data[:to] + other[at:end] + data[to:]


def line_ends(draw: random.Random, data: bytes, other: bytes) -> bytes:
    """Other line ends, all or some of them."""
    lines = data.splitlines()
    every = draw.choice((b"\r", b"\r\n", b"\n\r", b"\x0b", b"\xc2\x85", b"\n\n", b" ", None))
    return b"".join(
        line + (draw.choice((b"\r", b"\n", b"\r\n")) if every is None else every) for line in lines
    )


def encode(draw: random.Random, data: bytes, other: bytes) -> bytes:
    """Another encoding, one that is not said, or one said and not so."""
    text = data.decode("utf-8", "replace")
    codec = draw.choice(_CODECS)
    return text.encode(codec, "replace")


def unicode(draw: random.Random, data: bytes, other: bytes) -> bytes:
    """Letters from anywhere, halves of pairs too, within a text."""
    to = draw.randrange(len(data) + 1)
    letters = "".join(
        chr(draw.choice((draw.randrange(0x3000), draw.randrange(0x110000)))) for _ in range(20)
    )
    return data[:to] + letters.encode("utf-8", "surrogatepass") + data[to:]


def pump(draw: random.Random, data: bytes, other: bytes) -> bytes:
    """Something short that is repeated very often, at one place."""
    at = draw.randrange(len(data) + 1)
    return pumped(data, at, _unit(draw, data), draw.choice((300, 60_000, 250_000)))


def pumped(data: bytes, at: int, unit: bytes, size: int) -> bytes:
    """A text with some `size` bytes of a repeated unit at one place."""
    return data[:at] + unit * max(1, size // len(unit)) + data[at:]


def pumped_everywhere(size: int) -> Iterator[tuple[str, bytes]]:
    """Records of all formats with each repeated unit at each of their places, and what they are."""
    texts = tomllib.loads(Path(__file__).with_name("places.toml").read_text("utf-8"))
    for name, text in texts.items():
        for at, unit in product(range(text.count("§")), _REPEATED):
            parts = text.split("§")
            before, after = "".join(parts[: at + 1]), "".join(parts[at + 1 :])
            run = unit * (size // len(unit))
            told = f"{name}, {unit!r} after {before[-20:]!r}"
            spelled = json.dumps(run)[1:-1] if name == "jsonl" else run
            yield told, (before + spelled + after).encode("utf-8", "surrogatepass")


def _unit(draw: random.Random, data: bytes) -> bytes:
    if data and draw.random() < 0.3:
        at = draw.randrange(len(data))
        return data[at : at + draw.choice((1, 2, 3, 5, 9, 30))]
    units = draw.choices(_REPEATED, k=draw.choice((1, 1, 1, 2)))
    return "".join(units).encode("utf-8", "surrogatepass")


def change_values(draw: random.Random, data: bytes, other: bytes) -> bytes:
    """JSON in which some values are of another type, much longer, or stand deeper."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return spoil_bytes(draw, data, other)
    for _ in range(draw.choice((1, 2, 5))):
        value = _changed(draw, value)
    return json.dumps(value).encode()


def _changed(draw: random.Random, value: Any) -> Any:
    if isinstance(value, dict) and value and draw.random() < 0.9:
        key = draw.choice(list(value))
        return {**value, key: _changed(draw, value[key])}
    if isinstance(value, list) and value and draw.random() < 0.9:
        at = draw.randrange(len(value))
        return [*value[:at], _changed(draw, value[at]), *value[at + 1 :]]
    if isinstance(value, str) and draw.random() < 0.5:
        whole = value.encode("utf-8", "surrogatepass")
        return pump(draw, whole, b"").decode("utf-8", "replace")
    if draw.random() < 0.1:
        return json.loads("[" * 90 + json.dumps(value) + "]" * 90)
    return draw.choice(_ODD)


def compress(draw: random.Random, data: bytes, other: bytes) -> bytes:
    """The text in a gzip or zip file, which may be cut or spoiled."""
    packed = gzip.compress(data)
    if draw.random() < 0.3:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a", data)
        packed = whole.getvalue()
    return draw.choice((packed, cut(draw, packed, b""), spoil_bytes(draw, packed, b"")))


MUTATIONS: tuple[Mutation, ...] = (
    cut, double, shuffle_lines, spoil_bytes, mix, line_ends, encode, unicode, pump, pump, pump,
    change_values, change_values, compress,
)  # fmt: skip
"""All of them; what finds most stands several times."""


def spoiled(draw: random.Random, data: bytes, other: bytes) -> bytes:
    """A text after one to four mutations."""
    for _ in range(draw.choice((1, 1, 2, 4))):
        data = draw.choice(MUTATIONS)(draw, data, other)[:LONGEST]
    return data


def _span(draw: random.Random, data: bytes) -> tuple[int, int]:
    at = draw.randrange(len(data) + 1)
    return at, draw.randint(at, min(len(data), at + draw.choice((1, 10, 100, 10_000))))
