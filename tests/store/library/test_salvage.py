"""Saving a damaged library: every damage with a seed, every row accounted for."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cli_fixture import Quire
from damages import contents
from library_fixture import Shelf, chroma_of
from papers import made_up

from store.errors import InputError, LibraryDamaged, LibraryMissing
from store.ledger.database import now
from store.ledger.digests import KINDS
from store.ledger.pages import Pages, rows
from store.ledger.row_check import differences, one_state
from store.ledger.sessions import StoredTurn
from store.library.library import Library
from store.library.salvage import SalvageReport, Saved, salvage
from store.types import Paper

NUMBER = 60
PAGE = 4096
SPOILED = "the first page zeroed|pages zeroed|a page scrambled|bytes flipped|its end cut off"
ROUNDS = int(os.environ.get("QUIRE_DAMAGE_ROUNDS", "1"))


def _build(folder: Path) -> None:
    """Sixty papers, tags, notes, statuses and two conversations."""
    with Library.open(folder, create=True) as library:
        library.ingest(tags=["All", "b"]).run(made_up(NUMBER))
        with library.ledger.write():
            run = library.ledger.run
            run("UPDATE papers SET status = 'kept' WHERE key % 3 = 0")
            run("INSERT INTO originals SELECT key, '<b>' || title, abstract FROM papers")
            run(
                "INSERT INTO revisions SELECT NULL, key, 'hash', title, 'older', ? FROM papers",
                (now(),),
            )
            run("INSERT INTO parts SELECT NULL, key, 'hash', '{}', 0 FROM papers")
            run("INSERT INTO citation_keys SELECT NULL, id, 'k' || id, key % 2 FROM papers")
            run("INSERT INTO apart SELECT NULL, id, id || 'x', added_at FROM papers")
            run(
                "INSERT INTO notes(paper, text, written_at)"
                " SELECT key, 'a note on ' || id, ? FROM papers WHERE key % 2 = 0",
                (now(),),
            )
        session = library.save_turn(None, StoredTurn(now(), "first\nquestion", '{"a": "ü"}'))
        library.save_turn(session, StoredTurn(now(), "second", '{"long": "%s"}' % ("x" * 9000)))
        library.save_turn(None, StoredTurn(now(), "other", "{}"))
        library.catch_up()


@dataclass(frozen=True)
class Damaged:
    """A library to be damaged, where it is saved to, and its papers as they were."""

    folder: Path
    new: Path
    before: dict[str, Paper]

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.sqlite3"

    def saved(self) -> tuple[SalvageReport, dict[str, Paper]]:
        """Salvage it; check what must hold whatever the damage was."""
        before = contents(self.folder)
        report = salvage(self.folder, self.new, lambda line: None)
        assert contents(self.folder) == before, "the damaged library stays as it is"
        assert [one.name for one in self.new.parent.iterdir() if one.name[0] == "."] == []
        with Library.open(self.new) as library:
            library.prefer_scan()
            papers = {one.id: one for one in library.papers()}
            status = library.status()
            assert (status.papers, status.pending) == (len(papers), 0)
            assert len(papers) == report.papers.saved + report.papers.altered
            assert library.trouble() == ""
            some = next(iter(papers.values()))
            assert some.id in dict(library.lexical(some.title, 10))
            assert some.id in dict(library.dense(f"{some.title}. {some.abstract}", 10))
        with one_state(self.new / "ledger.sqlite3") as connection:
            assert differences(connection) == ()
        return report, papers


@pytest.fixture
def damaged(shelf: Shelf, tmp_path: Path) -> Damaged:
    folder = shelf.copy("salvage", _build, tmp_path / "damaged")
    with Library.open(folder) as library:
        return Damaged(folder, tmp_path / "new", {one.id: one for one in library.papers()})


def test_every_row_is_read_from_the_pages(damaged: Damaged) -> None:
    """The reading of pages against SQLite's own, in a ledger that is whole."""
    with Pages(damaged.ledger) as pages:
        found = list(rows(pages))
    with closing(sqlite3.connect(damaged.ledger)) as database:
        for kind in KINDS:
            names = ", ".join(
                f"CAST({name} AS BLOB)" if name in kind.text else name for name in kind.columns
            )
            there = sorted(map(repr, database.execute(f"SELECT {names} FROM {kind.table}")))
            read = sorted(
                repr(
                    tuple(
                        rowid if name == kind.key != "rowid" and not kind.many else values[name]
                        for name in kind.columns
                    )
                )
                for table, rowid, values in found
                if table == kind.table
            )
            assert read == there, kind.table
            assert there, kind.table


def test_a_whole_library_is_saved_whole(damaged: Damaged) -> None:
    report, papers = damaged.saved()
    assert report.is_whole
    assert papers == damaged.before
    assert report.papers.saved == report.vectors.saved == NUMBER
    assert (report.tags.saved, report.notes.saved) == (2 * NUMBER, NUMBER // 2)
    assert (report.statuses.saved, report.sessions.saved, report.turns.saved) == (20, 2, 3)
    with Library.open(damaged.folder) as old, Library.open(damaged.new) as new:
        assert old.sessions() == new.sessions()
        assert [old.session(one.id) for one in old.sessions()] == [
            new.session(one.id) for one in new.sessions()
        ]
        question = f"{made_up(1)[0].title}. {made_up(1)[0].abstract}"
        assert new.dense(question, 1)[0][0] == new.paper(made_up(1)[0].title).id
        chroma_of(new).look(deep=True)
        assert chroma_of(new).state == "ready"


def test_what_only_the_log_holds_is_saved(damaged: Damaged, tmp_path: Path) -> None:
    """A process that was killed leaves its last papers in the log, and SQLite's index of it."""
    killed = replace(damaged, folder=tmp_path / "killed")
    killed.folder.mkdir()
    with Library.open(damaged.folder) as library:
        library.ingest().run(made_up(NUMBER + 5))
        for name in ("ledger.sqlite3", "ledger.sqlite3-wal"):
            shutil.copyfile(damaged.folder / name, killed.folder / name)
    assert (killed.folder / "ledger.sqlite3-wal").stat().st_size > 0
    report, papers = killed.saved()
    assert len(papers) == NUMBER + 5
    assert report.is_whole
    killed.ledger.write_bytes(b"")
    shutil.rmtree(killed.new)
    report, papers = killed.saved()
    assert {one.title for one in papers.values()} >= {one.title for one in made_up(NUMBER + 5)[-5:]}
    assert not report.exact


def test_an_altered_paper_is_saved_and_named(damaged: Damaged) -> None:
    data = damaged.ledger.read_bytes()
    at = data.index(b"We study", data.index(b"Study 7 of "))
    damaged.ledger.write_bytes(data[:at] + b"\xff" + data[at + 1 :])
    report, papers = damaged.saved()
    before = damaged.before
    (altered,) = (one.id for one in before.values() if one.title.startswith("Study 7 "))
    assert report.altered == (altered,)
    assert report.papers == Saved(saved=NUMBER - 1, altered=1)
    assert papers[altered].abstract.startswith("\ufffde study")
    assert (report.exact, report.is_whole) == (True, False)
    assert papers == before | {altered: papers[altered]}


def spoil(data: bytearray, how: str, chance: random.Random) -> None:
    """Damage the bytes of a ledger."""
    page = chance.randrange(len(data) // PAGE) * PAGE
    match how:
        case "the first page zeroed":
            data[:PAGE] = bytes(PAGE)
        case "pages zeroed":
            for _ in range(chance.choice((1, 2, 6))):
                data[page : page + PAGE] = bytes(PAGE)
                page = chance.randrange(len(data) // PAGE) * PAGE
        case "a page scrambled":
            data[page : page + PAGE] = chance.randbytes(PAGE)
        case "bytes flipped":
            for _ in range(chance.choice((1, 5, 40))):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        case "its end cut off":
            del data[chance.randrange(len(data) // 4, len(data)) :]


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("how", SPOILED.split("|"))
def test_no_row_is_lost_or_altered_in_silence(damaged: Damaged, how: str, seed: int) -> None:
    data = bytearray(damaged.ledger.read_bytes())
    spoil(data, how, random.Random(f"{how} {seed}"))
    damaged.ledger.write_bytes(data)
    report, papers = damaged.saved()
    before = damaged.before
    for name, paper in papers.items():
        assert before.get(name) == paper or name in report.altered
    missing = set(before) - set(papers)
    assert not (report.is_whole and (missing or not report.exact))
    if report.exact:
        assert len(missing) == report.papers.lost + len(set(papers) - set(before))
        assert report.papers.saved + report.papers.altered + report.papers.lost == NUMBER
        assert report.tags.saved + report.tags.altered + report.tags.lost >= 2 * NUMBER
        assert report.turns.saved + report.turns.altered + report.turns.lost == 3
    if how == "the first page zeroed":
        assert papers == before, "no row stands in the first page"


def test_places_that_cannot_be_used(damaged: Damaged, tmp_path: Path) -> None:
    folder, full = damaged.folder, tmp_path / "full"
    full.mkdir()
    (full / "file").touch()
    for target in (full, folder, folder / "within", full / "file"):
        with pytest.raises(InputError):
            salvage(folder, target, lambda line: None)
    with pytest.raises(LibraryMissing):
        salvage(tmp_path / "nothing", damaged.new, lambda line: None)
    damaged.ledger.write_bytes(random.Random(1).randbytes(100_000))
    with pytest.raises(LibraryDamaged, match="nothing could be read"):
        damaged.saved()
    damaged.ledger.unlink()
    with pytest.raises(LibraryDamaged, match="it is gone"):
        damaged.saved()
    assert not damaged.new.exists()


def test_the_command(quire: Quire, stocked: Path, tmp_path: Path) -> None:
    ledger = stocked / "ledger.sqlite3"
    data = ledger.read_bytes()
    ledger.write_bytes(bytes(PAGE) + data[PAGE:])
    assert quire("search", "audio codec").code == 3
    new = str(tmp_path / "new")
    ran = quire("doctor", "--salvage", new, "--json")
    assert ran.code == 1, "SQLite cannot read the list of what there was"
    assert ran.json["papers"] == {"saved": 4, "altered": 0, "lost": 0}
    assert (ran.json["exact"], ran.json["whole"]) == (False, False)
    found = quire("search", "audio codec", "--json", "--library", new)
    assert len(found.json["hits"]) >= 2
    assert quire("doctor", "--salvage", new).code == 2, "it is not empty now"
    ledger.write_bytes(data)
    ran = quire("doctor", "--salvage", str(tmp_path / "whole"))
    assert ran.code == 0, ran.err
    assert "papers                4        0        0" in ran.out
