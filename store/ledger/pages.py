"""Rows of a ledger read from its pages one by one, whatever has become of the trees they form.

A page that leads to others may be damaged, and the file's first page with it; the rows stand in
pages of their own, each of which says what it is. The format is that of sqlite.org/fileformat2:
a row is known by the types of its values, for no two tables of the ledger have the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import unpack_from
from typing import BinaryIO, Self

Cell = int | float | bytes | None
"""A value as it stands: text and blobs as bytes."""

_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER = 13, 10, 2
_WIDTHS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_SIZES = frozenset(2**power for power in range(9, 17))
_FREE_HEADER, _FRAME_HEADER = 32, 24


@dataclass(frozen=True)
class Table:
    """The columns of a table as they are stored, and a pattern of their types.

    Rows of an older quire may have fewer. N is NULL, I a number, F a float, T text, B a blob.
    """

    name: str
    pattern: re.Pattern[str]
    columns: tuple[str, ...]


def _table(name: str, pattern: str, columns: str) -> Table:
    return Table(name, re.compile(pattern), tuple(columns.split()))


_BY_ROWID = (
    _table(
        "papers",
        "NTTTT[IN][TN]{5}TTTTT?",
        "key id title abstract authors year date venue doi arxiv_id url content_hash text_hash"
        " status added_at details",
    ),
    _table("originals", "NTT", "paper title abstract"),
    _table("revisions", "NITTTT", "key paper text_hash title abstract replaced_at"),
    _table("parts", "NITTI", "key paper record_hash body renews"),
    _table("apart", "NTTT", "key one other since"),
    _table("citation_keys", "NTTI", "key paper name came"),
    _table("notes", "NITT", "key paper text written_at"),
    _table("embedders", "NTI", "key fingerprint dimension"),
    _table("vectors", "NTB", "slot text_hash vector"),
    _table("outbox", "TII", "id seq deleted"),
    _table("sessions", "TTTT", "id title created_at updated_at"),
    _table("turns", "TITTT", "session number asked_at question answer"),
)
_BY_KEY = (
    _table("meta", "TT", "name value"),
    _table("aliases", "TTI", "kind value paper"),
    _table(
        "provenance",
        "ITIT[TN][IN]TT",
        "paper source record reader page_date line record_hash added_at",
    ),
    _table("tags", "IT", "paper tag"),
    _table("digests", "TIII", "kind key rows digest"),
)


class Pages:
    """The pages of a ledger and its log as they were committed; pages count from 1.

    A context manager. Nothing but these two files is read, and nothing is written.
    """

    def __init__(self, ledger: Path) -> None:
        self._file: BinaryIO = ledger.open("rb")
        log = ledger.with_name(f"{ledger.name}-wal")
        self._log: BinaryIO | None = log.open("rb") if log.is_file() else None
        head = self._file.read(100).ljust(100, b"\0")
        start = b"" if self._log is None else self._log.read(32)
        named = unpack_from(">I", start, 8)[0] if len(start) == 32 else 0
        stored = unpack_from(">H", head, 16)[0]
        stored = 65536 if stored == 1 else stored
        self.size = next((one for one in (stored, named) if one in _SIZES), 4096)
        self._logged = self._frames(start)
        length = self._file.seek(0, 2)
        self.count = max(-(-length // self.size), max(self._logged, default=0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if self._log is not None:
            self._log.close()

    def page(self, number: int) -> bytes:
        """The bytes of a page, zeros where the file ends before it."""
        at = self._logged.get(number)
        file = self._file if at is None or self._log is None else self._log
        file.seek((number - 1) * self.size if at is None else at)
        return file.read(self.size).ljust(self.size, b"\0")

    def free(self) -> set[int]:
        """Pages that hold what was deleted, as far as their list can be followed."""
        found: set[int] = set()
        at = unpack_from(">I", self.page(1), _FREE_HEADER)[0]
        while 0 < at <= self.count and at not in found:
            found.add(at)
            page = self.page(at)
            at, number = unpack_from(">II", page)
            number = min(number, self.size // 4 - 2)
            found.update(unpack_from(f">{number}I", page, 8))
        return found

    def _frames(self, start: bytes) -> dict[int, int]:
        """Where the log holds pages of committed changes.

        Its checksums are not asked: SQLite gives up all that follows a flipped byte.
        """
        found: dict[int, int] = {}
        if self._log is None or len(start) < 32:
            return found
        salts, waiting, at = start[16:24], dict[int, int](), 32
        while len(head := self._log.read(_FRAME_HEADER)) == _FRAME_HEADER:
            if at == 32 and head[8:16] != salts:
                salts = head[8:16]
            number, committed = unpack_from(">II", head)
            if head[8:16] != salts or not number:
                break
            waiting[number] = at + _FRAME_HEADER
            if committed:
                found |= waiting
                waiting.clear()
            at += _FRAME_HEADER + self.size
            self._log.seek(at)
        return found


def rows(pages: Pages) -> Iterator[tuple[str, int, dict[str, Cell]]]:
    """Table, row id (0 in a table without) and values of every row that can be read."""
    free = pages.free()
    for number in range(1, pages.count + 1):
        if number in free:
            continue
        page = pages.page(number)
        start = 100 if number == 1 else 0
        kind = page[start]
        if kind not in (_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER):
            continue
        first = start + (12 if kind == _INDEX_INNER else 8)
        cells = min(unpack_from(">H", page, start + 3)[0], (pages.size - first) // 2)
        for at in unpack_from(f">{cells}H", page, first):
            try:
                found = _row(pages, page, at, kind)
            except (IndexError, ValueError, OverflowError):
                continue  # the bytes of a cell that are none
            if found is not None:
                yield found


def _row(pages: Pages, page: bytes, at: int, kind: int) -> tuple[str, int, dict[str, Cell]] | None:
    if kind == _INDEX_INNER:
        at += 4
    length, at = _varint(page, at)
    rowid = 0
    if kind == _TABLE_LEAF:
        rowid, at = _varint(page, at)
        rowid = rowid - 2**64 if rowid >= 2**63 else rowid
    types, values = _record(_payload(pages, page, at, length, kind == _TABLE_LEAF))
    for table in _BY_ROWID if kind == _TABLE_LEAF else _BY_KEY:
        if table.pattern.fullmatch(types):
            return table.name, rowid, dict(zip(table.columns, values, strict=False))
    return None


def _payload(pages: Pages, page: bytes, at: int, length: int, is_table: bool) -> bytes:
    usable = pages.size
    if length > pages.count * usable:
        raise ValueError("longer than the file")
    least = (usable - 12) * 32 // 255 - 23
    most = usable - 35 if is_table else (usable - 12) * 64 // 255 - 23
    if length <= most:
        return _exactly(page[at : at + length], length)
    local = least + (length - least) % (usable - 4)
    local = local if local <= most else least
    parts = [_exactly(page[at : at + local], local)]
    follow, left = int.from_bytes(page[at + local : at + local + 4], "big"), length - local
    while left > 0:
        if not 0 < follow <= pages.count:
            raise ValueError("the rest of a row is gone")
        more = pages.page(follow)
        parts.append(more[4 : 4 + left])
        follow, left = int.from_bytes(more[:4], "big"), left - (usable - 4)
    return b"".join(parts)


def _exactly(part: bytes, length: int) -> bytes:
    if len(part) != length:
        raise ValueError("a row goes past its page")
    return part


def _record(payload: bytes) -> tuple[str, list[Cell]]:
    """The types of a record, a letter each, and its values."""
    end, at = _varint(payload, 0)
    types, values = [], list[Cell]()
    body = end
    while at < end:
        kind, at = _varint(payload, at)
        letter, width = _type(kind)
        part = _exactly(payload[body : body + width], width)
        body += width
        types.append(letter)
        if letter == "I":
            values.append(int.from_bytes(part, "big", signed=True) if width else kind - 8)
        elif letter == "F":
            values.append(float(unpack_from(">d", part)[0]))
        else:
            values.append(None if letter == "N" else part)
    return "".join(types), values


def _type(kind: int) -> tuple[str, int]:
    if kind >= 12:
        return ("T" if kind % 2 else "B"), (kind - 12) // 2
    if kind in (0, 7):
        return ("N", 0) if kind == 0 else ("F", 8)
    if kind in (8, 9):
        return "I", 0
    return "I", _WIDTHS.get(kind) or _no_width()


def _no_width() -> int:
    raise ValueError("no type of a value")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(8):
        byte = data[at + place]
        value = value << 7 | byte & 127
        if byte < 128:
            return value, at + place + 1
    return value << 8 | data[at + 8], at + 9
