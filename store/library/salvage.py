"""Saving what can be read of a damaged library into a new one; the old one stays as it is."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from store.embedders.active import META
from store.embedders.base import Embedders
from store.errors import (
    EmbedderUnavailable,
    EmbeddingFailed,
    InputError,
    LibraryMissing,
)
from store.files import explain, make_folder
from store.ledger import salvage_rows
from store.ledger.database import FILE_NAME, Ledger
from store.ledger.digests import KINDS
from store.ledger.salvage_reading import Key, Reading, Values, copied, nothing, read_ledger
from store.library.library import Library
from store.types import Narrate
from store.value import Value

_BATCH = 256
_Made = Callable[[int, Values], tuple[object, ...] | None]


class Saved(Value):
    """How many of one kind were saved as they were written, saved but altered, and lost."""

    saved: int = 0
    altered: int = 0
    lost: int = 0


class SalvageReport(Value):
    """What was saved of a damaged library.

    `altered` and `lost` name papers by id; a paper is altered when anything of it is: its text,
    its names, where it is from, its tags or notes. Without `exact` the figures of what is lost
    are what is lost at least. Vectors that are not saved are made anew.
    """

    library: str
    papers: Saved
    vectors: Saved
    tags: Saved
    notes: Saved
    statuses: Saved
    sessions: Saved
    turns: Saved
    altered: tuple[str, ...]
    lost: tuple[str, ...]
    exact: bool

    @property
    def is_whole(self) -> bool:
        """True when nothing of the reader's is lost or altered."""
        kinds = (self.papers, self.tags, self.notes, self.statuses, self.sessions, self.turns)
        gone = self.altered or self.lost or any(one.altered or one.lost for one in kinds)
        return self.exact and not gone


def salvage(
    folder: Path, target: Path, narrate: Narrate, embedders: Embedders | None = None
) -> SalvageReport:
    """Make a new library of what can be read of one that is damaged.

    Its ledger is read from a copy, page by page. Raises InputError when the new folder cannot
    be used, LibraryMissing, LibraryBusy while another process writes, and LibraryDamaged when
    nothing can be read.
    """
    _refuse(folder, target)
    make_folder(target.parent)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as name:
            copy = copied(folder / FILE_NAME, Path(name))
            narrate("reading the damaged ledger page by page")
            reading = read_ledger(copy, Path(name))
            try:
                report = _made(reading, folder, Path(name, "library"), narrate, embedders)
            finally:
                reading.database.close()
            # Only now: a library that is there is a whole one, whatever ends this before.
            if target.is_dir():
                target.rmdir()
            Path(name, "library").rename(target)
            return report.model_copy(update={"library": str(target)})
    except OSError as failure:
        raise explain(failure, target) from failure


def _refuse(folder: Path, target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} is not empty", "name a folder that is not there yet")
    if folder.resolve() in target.resolve().parents:
        raise InputError(f"{target} is within the damaged library", "name a folder outside of it")
    if not folder.is_dir():
        raise LibraryMissing(f"no library at {folder}", "name the damaged one with --library")


def _made(
    reading: Reading, folder: Path, target: Path, narrate: Narrate, embedders: Embedders | None
) -> SalvageReport:
    there = {kind.table: kind for kind in KINDS}
    saves = ("papers", "sessions", "turns", "notes")
    if not any(key.rows for name in saves for key in reading.keys(there[name])):
        raise nothing(folder / FILE_NAME, "no page of it holds a paper")
    with Library.open(target, create=True, narrate=narrate, embedders=embedders) as library:
        report = _Salvage(reading, library.ledger).run(str(target))
        narrate("building the indexes of the new library")
        try:
            library.catch_up()
        except (EmbedderUnavailable, EmbeddingFailed) as failure:
            narrate(f"{failure.message}; {failure.hint}")
    return report


class _Salvage:
    """One run: copies kind after kind into a new ledger, and counts."""

    def __init__(self, reading: Reading, ledger: Ledger) -> None:
        self._reading = reading
        self._ledger = ledger
        self._kinds = {kind.table: kind for kind in KINDS}
        self._ids: dict[int, str] = {}
        self._texts: dict[int, str] = {}
        self._altered: dict[str, None] = {}
        self._statuses = [0, 0]

    def run(self, library: str) -> SalvageReport:
        """Copy everything."""
        dimensions = self._embedders()
        papers = self._copy("papers", self._paper)
        self._of_papers("aliases", salvage_rows.alias)
        self._of_papers("provenance", salvage_rows.place)
        tags = self._of_papers("tags", salvage_rows.tag)
        notes = self._copy("notes", self._note)
        self._others("originals", salvage_rows.original, 0)
        self._others("revisions", salvage_rows.revision, 1)
        self._others("parts", salvage_rows.part, 1)
        self._others("apart", salvage_rows.pair, None)
        self._others("citation_keys", salvage_rows.citation_key, None)
        vectors = self._copy("vectors", lambda key, row: self._vector(key, row, dimensions))
        sessions = self._copy("sessions", self._session)
        turns = self._copy("turns", self._turn)
        known = set(self._ids.values())
        lost = [name for name, gone in self._reading.outbox.items() if not gone]
        return SalvageReport(
            library=library,
            papers=papers,
            vectors=vectors,
            tags=tags,
            notes=notes,
            statuses=Saved(saved=self._statuses[0], altered=self._statuses[1]),
            sessions=sessions,
            turns=turns,
            altered=tuple(self._altered),
            lost=tuple(name for name in lost if name not in known),
            exact=self._reading.exact,
        )

    def _copy(self, name: str, put: Callable[[Key, Values], bool]) -> Saved:
        """Copy a kind of one row a key; `put` says whether the row could be used."""
        saved = altered = lost = 0
        for batch in _batches(self._reading.keys(self._kinds[name])):
            with self._ledger.write():
                for key in batch:
                    if not key.rows or not put(key, key.rows[0]):
                        lost += 1
                    elif key.vouched:
                        saved += 1
                    else:
                        altered += 1
        return Saved(saved=saved, altered=altered, lost=lost)

    def _of_papers(self, name: str, made: _Made) -> Saved:
        """Copy a kind of many rows a paper."""
        saved = altered = lost = 0
        for batch in _batches(self._reading.keys(self._kinds[name])):
            with self._ledger.write():
                for key in batch:
                    paper = self._ids.get(key.key)
                    rows = [] if paper is None else [made(key.key, row) for row in key.rows]
                    usable = [row for row in rows if row is not None]
                    for row in usable:
                        marks = ",".join("?" * len(row))
                        self._ledger.run(f"INSERT OR IGNORE INTO {name} VALUES ({marks})", row)
                    lost += key.lost + len(key.rows) - len(usable)
                    if key.vouched and len(usable) == len(key.rows):
                        saved += len(usable)
                    elif paper is not None:
                        altered += len(usable) if not key.lost else 0
                        saved += len(usable) if key.lost else 0
                        self._altered[paper] = None
        return Saved(saved=saved, altered=altered, lost=lost)

    def _embedders(self) -> Mapping[int, int]:
        """Copy the embedders whose rows are right; their dimensions by number."""
        found: dict[int, int] = {}
        with self._ledger.write():
            for key in self._reading.keys(self._kinds["embedders"]):
                row = salvage_rows.embedder(key.rows[0]) if key.rows and key.vouched else None
                if row is not None:
                    self._ledger.run("INSERT INTO embedders VALUES (?, ?, ?)", (key.key, *row))
                    found[key.key] = row[1]
            # One that no vector was made with is not taken over: its name may be damaged.
            name = self._reading.meta.get(META)
            if self._ledger.value("SELECT 1 FROM embedders WHERE fingerprint = ?", (name,)):
                self._ledger.set_meta(META, name)
        return found

    def _paper(self, key: Key, row: Values) -> bool:
        taken = self._ledger.value
        paper = salvage_rows.paper(
            key.key,
            row,
            lambda name: bool(taken("SELECT 1 FROM papers WHERE id = ?", (name,))),
            is_right=key.vouched,
        )
        if paper is None:
            return False
        self._ledger.run(f"INSERT INTO papers VALUES ({','.join('?' * len(paper))})", paper)
        name, status = str(paper[1]), paper[13]
        self._ledger.run("INSERT INTO outbox VALUES (?, ?, 0)", (name, self._ledger.next_seq()))
        self._ids[key.key], self._texts[key.key] = name, str(paper[12])
        if not key.vouched:
            self._altered[name] = None
        if status != "unread":
            self._statuses[not key.vouched] += 1
        return True

    def _others(self, table: str, made: _Made, paper_at: int | None) -> None:
        """Copy a kind that no figure is told of; where its rows name their paper is given."""

        def put(key: Key, row: Values) -> bool:
            found = made(key.key, row)
            if found is None or (paper_at is not None and found[paper_at] not in self._ids):
                return False
            marks = ",".join("?" * len(found))
            self._ledger.run(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", found)
            return True

        self._copy(table, put)

    def _note(self, key: Key, row: Values) -> bool:
        note = salvage_rows.note(row)
        paper = None if note is None else self._ids.get(note[0])
        if note is None or paper is None:
            return False
        self._ledger.run("INSERT INTO notes VALUES (?, ?, ?, ?)", (key.key, *note))
        if not key.vouched:
            self._altered[paper] = None
        return True

    def _vector(self, key: Key, row: Values, dimensions: Mapping[int, int]) -> bool:
        embedder, paper = salvage_rows.slot_parts(key.key)
        text, vector = salvage_rows.text(row["text_hash"]), row["vector"]
        right = (
            key.vouched
            and self._texts.get(paper) == text
            and isinstance(vector, bytes)
            and len(vector) == 4 * dimensions.get(embedder, -1)
        )
        if right:
            self._ledger.run("INSERT INTO vectors VALUES (?, ?, ?)", (key.key, text, vector))
        return right

    def _session(self, key: Key, row: Values) -> bool:
        session = salvage_rows.session(row)
        self._ledger.run("INSERT OR IGNORE INTO sessions VALUES (?, ?, ?, ?)", session)
        return True

    def _turn(self, key: Key, row: Values) -> bool:
        turn = salvage_rows.turn(row)
        if turn is None:
            return False
        name, _, asked_at, question, _ = turn
        # Where the conversation itself is lost, its turns begin it anew.
        self._ledger.run(
            "INSERT OR IGNORE INTO sessions VALUES (?, ?, ?, ?)",
            (name, str(question)[:200], asked_at, asked_at),
        )
        self._ledger.run("INSERT OR IGNORE INTO turns VALUES (?, ?, ?, ?, ?)", turn)
        return True


def _batches(keys: Iterable[Key]) -> Iterator[list[Key]]:
    batch: list[Key] = []
    for key in keys:
        batch.append(key)
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
