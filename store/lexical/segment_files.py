"""The files of one generation of the word index: whether they are those that were written."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from store.integrity.seal import (
    Seal,
    Stamp,
    checksum,
    seal_files,
    seal_of,
    seal_path,
    write_seal,
)

MAGIC = 1337
"""The last four bytes of each file of a segment, after the length of its footer: tantivy 0.27,
`directory/footer.rs`. The footer holds the CRC-32 of what stands before it; tantivy itself
compares it only when asked to, which its Python package cannot."""
BASIC = (".store", ".term", ".idx")
"""What every segment has: the stored ids, the words, and where they stand."""
ANALYZER = "quire_plain_english"
"""How texts become terms; the index names it in `meta.json`. Another rule is another name."""
_META = "meta.json"
_TRIES = 5


class SegmentFiles:
    """The files of the segments in use, held against their seal, else against their footers.

    What was found whole once is not read again while its size and times stay as they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Stamp] = {}
        self._sealed: Seal | None = None
        self._listed: tuple[bytes | None, list[tuple[str, str]]] = (None, [])
        self._seal_read: tuple[bytes, Seal | None] = (b"", None)
        self._needed: tuple[Sequence[tuple[str, str]], list[str], Seal | None, list[str]]
        self._needed = ([], [], None, [])

    def fault(self, *, deep: bool = False) -> str:
        """What is wrong with the files, in one line; empty when nothing is. Deep reads all.

        A neighbour may be writing: its files are looked at again when the list of segments
        has changed meanwhile.
        """
        for _ in range(_TRIES):
            before = self._meta()
            found = self._fault(before, deep=deep)
            if not found or self._meta() == before:
                break
        return found

    @property
    def is_outdated(self) -> bool:
        """True where another version of quire made these files, by other rules for terms."""
        meta = self._meta()
        return b'"schema"' in meta and f'"{ANALYZER}"'.encode() not in meta

    @property
    def is_sealed(self) -> bool:
        """True when all files last found whole, or sealed, stand in the seal as they were then."""
        return self._sealed is not None

    def seal(self, seq: int) -> None:
        """Seal the files as they are; for whoever may write to the index, and has just done so.

        `seq` is the change of the ledger that the index goes up to.
        """
        try:
            segments = live_segments(self._meta())
            there = self._names()
            names = [name for one in segments for name in _present(*one, there)]
        except ValueError:
            return
        seal = seal_files(self._folder, names, seq, self._sealed or self._seal())
        if seal is not None:
            write_seal(self._folder, seal)
            self._sealed = seal
            self._known = dict(seal.files)

    def _meta(self) -> bytes:
        try:
            return (self._folder / _META).read_bytes()
        except OSError:
            return b""

    def _fault(self, meta: bytes, *, deep: bool) -> str:
        try:
            if meta != self._listed[0]:
                self._listed = meta, live_segments(meta)
        except ValueError:
            return f"{_META} cannot be read"
        segments, seal = self._listed[1], self._seal()
        self._sealed = None
        whole: dict[str, Stamp] = {}
        present = self._names()
        for name in self._all_needed(segments, present, seal):
            stamp = self._whole(name, seal, deep=deep)
            if stamp is None:
                return f"{name} is gone or not what was written"
            whole[name] = stamp
        self._known = whole
        if seal is not None and seal.holds_all(whole):
            self._sealed = seal
        return ""

    def _all_needed(
        self, segments: Sequence[tuple[str, str]], present: list[str], seal: Seal | None
    ) -> list[str]:
        """What `_needed` gives for all segments; told once for the same list, files and seal."""
        if self._needed[:3] != (segments, present, seal):
            names = [
                name
                for segment, deletes in segments
                for name in _needed(segment, deletes, present, seal)
            ]
            self._needed = segments, present, seal, names
        return self._needed[3]

    def _seal(self) -> Seal | None:
        """The seal as it now stands; what was read of the same bytes is not read again."""
        try:
            data = seal_path(self._folder).read_bytes()
        except OSError:
            return None
        if data != self._seal_read[0]:
            self._seal_read = data, seal_of(data)
        return self._seal_read[1]

    def _names(self) -> list[str]:
        try:
            return os.listdir(self._folder)
        except OSError:
            return []

    def _whole(self, name: str, seal: Seal | None, *, deep: bool) -> Stamp | None:
        """The stamp of a file that is what was written, or None."""
        try:
            # By a plain path: one question looks at some 40 files.
            state = os.stat(f"{self._folder}{os.sep}{name}")
            known = self._known.get(name)
            if known is not None and not deep and known.is_of(state):
                return known
            path, holds = self._folder / name, None
            if seal is not None and name in seal.files:
                holds = seal.holds(self._folder, name, deep=deep)
            if holds is None:
                holds = has_true_footer(path)
        except OSError:
            return None
        return Stamp(state.st_size, state.st_mtime_ns, state.st_ctime_ns, None) if holds else None


def live_segments(meta: bytes) -> list[tuple[str, str]]:
    """The segments that `meta.json` names: how their files begin, and the file of their deletes.

    Raises ValueError when it is not what tantivy writes.
    """
    try:
        segments = []
        for one in json.loads(meta)["segments"]:
            name, deletes = str(one["segment_id"]).replace("-", ""), one.get("deletes")
            segments.append((name, f"{name}.{int(deletes['opstamp'])}.del" if deletes else ""))
    except (KeyError, TypeError, AttributeError, RecursionError) as failure:
        raise ValueError(f"not a list of segments: {failure}") from failure
    return segments


def _needed(segment: str, deletes: str, there: Sequence[str], seal: Seal | None) -> set[str]:
    """The files that a segment must have: those there, those sealed, and those all have."""
    sealed = [name for name in (seal.files if seal else ()) if name.startswith(segment)]
    lasting = [name for name in sealed if not name.endswith(".del")]
    basic = [f"{segment}{end}" for end in BASIC]
    return {*_present(segment, deletes, there), *lasting, *basic, *([deletes] if deletes else [])}


def _present(segment: str, deletes: str, there: Sequence[str]) -> list[str]:
    """The files of a segment among those there; deletes that were replaced are none."""
    return [
        name
        for name in there
        if name.startswith(segment) and (name == deletes or not name.endswith(".del"))
    ]


def has_true_footer(path: Path) -> bool:
    """True when a file of a segment has the CRC-32 that its footer names; raises OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - 8, 0))
        end = file.read(8)
        length, magic = int.from_bytes(end[:4], "little"), int.from_bytes(end[4:], "little")
        if magic != MAGIC or length > size - 8:
            return False
        file.seek(size - 8 - length)
        try:
            named = json.loads(file.read(length))["crc"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return False
    return bool(named == checksum(path, size - 8 - length))
