"""The kinds of files of a library, and the ways in which one of them is damaged."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

WAYS = ("flip", "truncate", "zero", "remove", "swap")
"""What is done to a file: a byte flipped, its end cut off, bytes zeroed, the file removed, or
its content exchanged with that of a file beside it."""

CONFIGURATION = "configuration"
_PAGE = 4096
_LOCKS = (".lock", ".lock.pid")
_NAMED = {
    "ledger.sqlite3": "ledger",
    "ledger.sqlite3-wal": "ledger.wal",
    "ledger.sqlite3-shm": "ledger.shm",
    "meta.json": "words.meta",
    ".managed.json": "words.managed",
}


def kind_of(path: Path) -> str:
    """The kind of a file, by its path inside a library."""
    part, name = path.parts[0], path.name
    if name.endswith(".seal"):
        return "seal"
    if name.endswith(_LOCKS):
        return "lock"
    if name.startswith("kept.sqlite3"):
        return "kept"
    if len(path.parts) == 1 or part == "lexical":
        known = _NAMED.get(name)
        if known:
            return known
    match part:
        case "lexical":
            return f"words{path.suffix or '.other'}"
        case "chroma":
            return f"chroma.{path.stem if path.suffix != '.sqlite3' else 'sqlite3'}"
        case "vectors":
            return f"vectors{path.suffix}"
    return "other"


def files_by_kind(library: Path) -> dict[str, list[Path]]:
    """The files of a library, by kind; in each kind by size, since names are partly random."""
    found: dict[str, list[Path]] = defaultdict(list)
    every = [path for path in library.rglob("*") if path.is_file()]
    for path in sorted(every, key=lambda one: (one.stat().st_size, one.name)):
        found[kind_of(path.relative_to(library))].append(path)
    return dict(found)


@dataclass(frozen=True)
class Case:
    """One file of one library damaged in one way; `number` and the run's seed say where."""

    number: int
    variant: str
    kind: str
    way: str


def plan(seed: int, kinds: Mapping[str, Sequence[str]]) -> Iterator[Case]:
    """Cases without end, by seed; `kinds` are those found in each variant of the library.

    Kinds take turns, each through all of its variants and ways in an order of its own, so that
    every kind is met early and every combination once before one comes again.
    """
    chance = random.Random(f"plan:{seed}")
    combined: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for variant, names in kinds.items():
        for name in names:
            combined[name] += [(variant, way) for way in WAYS]
    order = sorted(combined)
    chance.shuffle(order)
    for name in order:
        chance.shuffle(combined[name])
    numbers = count()
    for turn in count():
        for name in order:
            variant, way = combined[name][turn % len(combined[name])]
            yield Case(next(numbers), variant, name, way)


def damage(case: Case, seed: int, library: Path, configuration: Path) -> str:
    """Damage the file that a case names, and say in words what was done."""
    chance = random.Random(f"{seed}:{case.number}")
    if case.kind == CONFIGURATION:
        path, root = configuration, configuration.parent
    else:
        path, root = chance.choice(files_by_kind(library)[case.kind]), library
    said = _harm(path, case.way, chance, root)
    return f"{path.relative_to(root)}: {said}"


def _harm(path: Path, way: str, chance: random.Random, root: Path) -> str:
    content = bytearray(path.read_bytes())
    match way:
        case "flip":
            at, bits = chance.randrange(max(len(content), 1)), chance.randrange(1, 256)
            if not content:
                content = bytearray(1)
            content[at] ^= bits
            path.write_bytes(content)
            return f"byte {at} of {len(content)} flipped by {bits:#04x}"
        case "truncate":
            size = chance.choice((0, *(int(chance.random() * len(content)) for _ in range(4))))
            path.write_bytes(content[:size])
            return f"cut from {len(content)} to {size} bytes"
        case "zero":
            start, end = 0, len(content)
            if len(content) > 2 * _PAGE and chance.random() < 0.5:
                start = chance.randrange(len(content) // _PAGE) * _PAGE
                end = min(start + _PAGE, len(content))
            content[start:end] = bytes(max(end - start, 1))
            path.write_bytes(content)
            return f"bytes {start} to {end} of {len(content)} zeroed"
        case "remove":
            path.unlink()
            return "removed"
        case "swap":
            other = _neighbour(path, bytes(content), chance, root)
            if other is None:
                path.unlink()
                return "removed, for it has no neighbour"
            path.write_bytes(other.read_bytes())
            other.write_bytes(content)
            return f"exchanged with {other.relative_to(root)}"
    raise ValueError(f"no such way: {way}")


def _neighbour(path: Path, content: bytes, chance: random.Random, root: Path) -> Path | None:
    """A file of another content in the same folder, else anywhere in the library."""
    beside = (path.parent.iterdir(), root.rglob("*"))
    for places in beside:
        found = [
            one for one in places if one.is_file() and one != path and one.read_bytes() != content
        ]
        if found:
            return chance.choice(sorted(found, key=lambda one: (one.stat().st_size, one.name)))
    return None
