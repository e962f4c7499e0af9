"""Seals: what the files of an index were when it was last written, kept beside its folder.

Neither tantivy nor Chroma nor a mapped file notices a changed byte when it is opened: hits
come out wrong, or the library that reads them fails, whatever way it finds. So an index is
opened only when its files are those that were written. A file whose size and times are as
they were is taken for unchanged; any other is read and its CRC-32 compared, so that a copied
library costs one reading. `doctor` reads all.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from store.files import FILE_MODE

SUFFIX = ".seal"
"""What is added to the name of an index folder for that of its seal."""
LARGEST = 256_000_000
"""Files of more bytes have no CRC in a seal unless asked for: reading 14 GB of a million papers
would keep the reader waiting. Changed ones are then neither known good nor known spoiled."""
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Stamp:
    """A file as it was: size in bytes, times of its content and its entry in ns, CRC-32."""

    size: int
    modified: int
    changed: int
    crc: int | None

    @property
    def state(self) -> tuple[int, int, int]:
        """Size in bytes and the two times in ns: all that a look at the file tells."""
        return self.size, self.modified, self.changed

    def is_of(self, state: os.stat_result) -> bool:
        """True when size and times are these: nothing has written to the file since."""
        return self.state == (state.st_size, state.st_mtime_ns, state.st_ctime_ns)


@dataclass(frozen=True)
class Seal:
    """The files of one index by name below its folder, and the change of the ledger it goes to."""

    seq: int
    files: Mapping[str, Stamp] = field(default_factory=dict)

    def spoiled(self, folder: Path, *, deep: bool = False) -> list[str]:
        """The names of files that are gone or other than sealed; with `deep` all are read."""
        return [name for name in self.files if self.holds(folder, name, deep=deep) is False]

    def holds(self, folder: Path, name: str, *, deep: bool = False) -> bool | None:
        """Whether a file is what was sealed; None when that cannot be told."""
        stamp = self.files[name]
        try:
            path = folder / name
            state = path.stat()
            if not deep and stamp.is_of(state):
                return True
            if state.st_size != stamp.size:
                return False
            if stamp.crc is None:
                return True if stamp.is_of(state) else None
            return checksum(path) == stamp.crc
        except OSError:
            return False

    def is_known(self, folder: Path) -> bool:
        """True when every file is known to be what was sealed, by size and times or its CRC."""
        return all(self.holds(folder, name) for name in self.files)

    def holds_all(self, stamps: Mapping[str, Stamp]) -> bool:
        """True when every one of these files is sealed with this size and these times."""
        return all(
            name in self.files and self.files[name].state == one.state
            for name, one in stamps.items()
        )


def checksum(path: Path, length: int | None = None) -> int:
    """The CRC-32 of a file, or of so many bytes of it; raises OSError."""
    crc, left = 0, path.stat().st_size if length is None else length
    with path.open("rb") as file:
        while left > 0 and (part := file.read(min(_CHUNK, left))):
            crc = zlib.crc32(part, crc)
            left -= len(part)
    return crc


def stamp(path: Path, before: Stamp | None = None, largest: int = LARGEST) -> Stamp:
    """A file as it is now; what a stamp from before tells is not read again. Raises OSError."""
    state = path.stat()
    if before is not None and before.is_of(state):
        return before
    crc = checksum(path) if state.st_size <= largest else None
    return Stamp(state.st_size, state.st_mtime_ns, state.st_ctime_ns, crc)


def seal_files(
    folder: Path, names: Iterable[str], seq: int, before: Seal | None = None
) -> Seal | None:
    """A seal of some files of a folder; None when one of them is gone or cannot be read."""
    known = before.files if before else {}
    try:
        return Seal(seq, {name: stamp(folder / name, known.get(name)) for name in names})
    except OSError:
        return None


def seal_path(folder: Path) -> Path:
    """Where the seal of an index folder stands: beside it, under its name."""
    return folder.with_name(folder.name + SUFFIX)


def read_seal(folder: Path) -> Seal | None:
    """The seal of an index folder; None when there is none, or it is not what was written."""
    try:
        return seal_of(seal_path(folder).read_bytes())
    except OSError:
        return None


def seal_of(data: bytes) -> Seal | None:
    """The seal in the bytes of its file; None when they are not what was written."""
    try:
        value = unsigned(data)
        stamps = {str(name): Stamp(*one) for name, one in value["files"].items()}
        return Seal(int(value["seq"]), stamps)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def write_seal(folder: Path, seal: Seal) -> None:
    """Put a seal beside an index folder, in one step; where it cannot be written there is none."""
    stamps = {
        name: [one.size, one.modified, one.changed, one.crc] for name, one in seal.files.items()
    }
    path = seal_path(folder)
    with suppress(OSError):
        replace(path, signed({"seq": seal.seq, "files": stamps}))


def break_seal(folder: Path) -> None:
    """Take the seal of an index folder away: its files are about to be written."""
    with suppress(OSError):
        seal_path(folder).unlink(missing_ok=True)


def signed(value: Mapping[str, object]) -> bytes:
    """A JSON object with its own CRC-32 in it, as ASCII bytes."""
    text = json.dumps(value, sort_keys=True)
    return json.dumps({"crc": zlib.crc32(text.encode("ascii")), "of": value}).encode("ascii")


def unsigned(data: bytes) -> dict[str, Any]:
    """What was signed; raises ValueError when it is anything else."""
    found = json.loads(data)
    if not isinstance(found, dict) or not isinstance(found.get("of"), dict):
        raise ValueError("not signed")
    value: dict[str, Any] = found["of"]
    text = json.dumps(value, sort_keys=True)
    if found.get("crc") != zlib.crc32(text.encode("ascii")):
        raise ValueError("not what was signed")
    return value


def replace(path: Path, data: bytes) -> None:
    """Write a file in one step, for its owner alone; raises OSError."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    number = os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, FILE_MODE)
    with os.fdopen(number, "wb") as file:
        file.write(data)
    partial.replace(path)


def known_changes(folders: Collection[Path]) -> dict[str, int]:
    """Up to which change of the ledger the sealed indexes below some folders go, by folder name."""
    known: dict[str, int] = {}
    for folder in folders:
        with suppress(OSError):
            for path in folder.glob(f"*{SUFFIX}"):
                seal = read_seal(path.with_suffix(""))
                if seal is not None:
                    known[folder.name] = max(known.get(folder.name, 0), seal.seq)
    return known
