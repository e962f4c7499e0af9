"""Saving a damaged library: every damage with a seed, every row accounted for."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from cli_fixture import Quire
from damages import contents
from library_fixture import Shelf
from papers import made_up

from store.errors import InputError, LibraryDamaged, LibraryMissing
from store.ledger.database import now
from store.ledger.digests import KINDS
from store.ledger.pages import Pages, rows
from store.ledger.row_check import differences, one_state
from store.ledger.sessions import StoredTurn
from store.library.library import Library
from store.library.salvage import SalvageReport, salvage
from store.types import Paper

NUMBER = 60
PAGE = 4096
ROUNDS = int(os.environ.get("QUIRE_DAMAGE_ROUNDS", "1"))


@pytest.fixture
def damaged(shelf: Shelf, tmp_path: Path) -> Path:
    """A library to be damaged: sixty papers, tags, notes, statuses and two conversations."""
    return shelf.copy("salvage", _build, tmp_path / "damaged")


def _build(folder: Path) -> None:
    with Library.open(folder, create=True) as library:
        library.ingest(tags=["All", "b"]).run(made_up(NUMBER))
        with library.ledger.write():
            run = library.ledger.run
            run("UPDATE papers SET status = 'kept' WHERE key % 3 = 0")
            run(
                "INSERT INTO notes(paper, text, written_at)"
                " SELECT key, 'a note on ' || id, ? FROM papers WHERE key % 2 = 0",
                (now(),),
            )
        session = library.save_turn(None, StoredTurn(now(), "first\nquestion", '{"a": "ü"}'))
        library.save_turn(session, StoredTurn(now(), "second", '{"long": "%s"}' % ("x" * 9000)))
        library.save_turn(None, StoredTurn(now(), "other", "{}"))
        library.catch_up()


def saved(folder: Path, tmp_path: Path) -> tuple[SalvageReport, dict[str, Paper]]:
    """Salvage a library; check what must hold whatever the damage was."""
    before = contents(folder)
    report = salvage(folder, tmp_path / "new", lambda line: None)
    assert contents(folder) == before, "the damaged library stays as it is"
    assert sorted(one.name for one in tmp_path.iterdir() if one.name[0] == ".") == []
    with Library.open(tmp_path / "new") as library:
        library.prefer_scan()
        papers = {one.id: one for one in library.papers()}
        status = library.status()
        assert (status.papers, status.pending) == (len(papers), 0)
        assert len(papers) == report.papers.saved + report.papers.altered
        assert library.trouble() == ""
        some = next(iter(papers.values()))
        assert some.id in dict(library.lexical(some.title, 10))
        assert some.id in dict(library.dense(f"{some.title}. {some.abstract}", 10))
    with one_state(tmp_path / "new" / "ledger.sqlite3") as connection:
        assert differences(connection) == ()
    return report, papers


def originals(folder: Path) -> dict[str, Paper]:
    with Library.open(folder) as library:
        return {one.id: one for one in library.papers()}


def test_every_row_is_read_from_the_pages(damaged: Path) -> None:
    """The reading of pages against SQLite's own, in a ledger that is whole."""
    ledger = damaged / "ledger.sqlite3"
    with Pages(ledger) as pages:
        found = list(rows(pages))
    with closing(sqlite3.connect(ledger)) as database:
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


def test_a_whole_library_is_saved_whole(damaged: Path, tmp_path: Path) -> None:
    before = originals(damaged)
    report, papers = saved(damaged, tmp_path)
    assert report.is_whole
    assert papers == before
    assert report.papers.saved == report.vectors.saved == NUMBER
    assert (report.tags.saved, report.notes.saved) == (2 * NUMBER, NUMBER // 2)
    assert (report.statuses.saved, report.sessions.saved, report.turns.saved) == (20, 2, 3)
    with Library.open(damaged) as old, Library.open(tmp_path / "new") as new:
        assert old.sessions() == new.sessions()
        assert [old.session(one.id) for one in old.sessions()] == [
            new.session(one.id) for one in new.sessions()
        ]
        question = f"{made_up(1)[0].title}. {made_up(1)[0].abstract}"
        assert new.dense(question, 1)[0][0] == new.paper(made_up(1)[0].title).id
        assert new.chroma is not None
        assert new.chroma.state == "ready"


def test_what_only_the_log_holds_is_saved(damaged: Path, tmp_path: Path) -> None:
    """A process that was killed leaves its last papers in the log, and SQLite's index of it."""
    killed = tmp_path / "killed"
    killed.mkdir()
    with Library.open(damaged) as library:
        library.ingest().run(made_up(NUMBER + 5))
        for name in ("ledger.sqlite3", "ledger.sqlite3-wal"):
            shutil.copyfile(damaged / name, killed / name)
    assert (killed / "ledger.sqlite3-wal").stat().st_size > 0
    report, papers = saved(killed, tmp_path)
    assert len(papers) == NUMBER + 5
    assert report.is_whole
    (killed / "ledger.sqlite3").write_bytes(b"")
    shutil.rmtree(tmp_path / "new")
    report, papers = saved(killed, tmp_path)
    assert {one.title for one in papers.values()} >= {one.title for one in made_up(NUMBER + 5)[-5:]}
    assert not report.exact


def test_an_altered_paper_is_saved_and_named(damaged: Path, tmp_path: Path) -> None:
    ledger = damaged / "ledger.sqlite3"
    before = originals(damaged)
    data = ledger.read_bytes()
    at = data.index(b"We study", data.index(b"Study 7 of "))
    ledger.write_bytes(data[:at] + b"\xff" + data[at + 1 :])
    report, papers = saved(damaged, tmp_path)
    altered = [one.id for one in before.values() if one.title.startswith("Study 7 ")]
    assert list(report.altered) == altered
    assert (report.papers.saved, report.papers.altered, report.papers.lost) == (NUMBER - 1, 1, 0)
    assert papers[altered[0]].abstract.startswith("\ufffde study")
    assert report.exact
    assert not report.is_whole
    for name in before:
        if name not in altered:
            assert papers[name] == before[name]


def zero_pages(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 2, 6))):
        at = chance.randrange(len(data) // PAGE) * PAGE
        data[at : at + PAGE] = bytes(PAGE)


def flip_bytes(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 5, 40))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def cut_end(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data) // 4, len(data)) :]


def scramble_page(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) // PAGE) * PAGE
    data[at : at + PAGE] = chance.randbytes(PAGE)


def zero_first_page(data: bytearray, chance: random.Random) -> None:
    data[:PAGE] = bytes(PAGE)


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize(
    "damage", [zero_pages, flip_bytes, cut_end, scramble_page, zero_first_page]
)
def test_no_row_is_lost_or_altered_in_silence(
    damaged: Path,
    tmp_path: Path,
    damage: Callable[[bytearray, random.Random], None],
    seed: int,
) -> None:
    before = originals(damaged)
    ledger = damaged / "ledger.sqlite3"
    data = bytearray(ledger.read_bytes())
    damage(data, random.Random(f"{damage.__name__} {seed}"))
    ledger.write_bytes(data)
    report, papers = saved(damaged, tmp_path)
    for name, paper in papers.items():
        assert name in before or name in report.altered
        assert before.get(name) == paper or name in report.altered
    missing = set(before) - set(papers)
    if report.exact:
        assert len(missing) == report.papers.lost + len(set(papers) - set(before))
        assert report.papers.saved + report.papers.altered + report.papers.lost == NUMBER
        assert report.tags.saved + report.tags.altered + report.tags.lost >= 2 * NUMBER
        assert report.turns.saved + report.turns.altered + report.turns.lost == 3
    else:
        assert not report.is_whole
    if missing:
        assert not report.is_whole
    if damage is zero_first_page:
        assert papers == before, "no row stands in the first page"


def test_places_that_cannot_be_used(damaged: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    for target in (tmp_path / "full", damaged, damaged / "within", tmp_path / "full" / "file"):
        with pytest.raises(InputError):
            salvage(damaged, target, lambda line: None)
    with pytest.raises(LibraryMissing):
        salvage(tmp_path / "nothing", tmp_path / "new", lambda line: None)
    (damaged / "ledger.sqlite3").write_bytes(random.Random(1).randbytes(100_000))
    with pytest.raises(LibraryDamaged, match="nothing could be read"):
        salvage(damaged, tmp_path / "new", lambda line: None)
    (damaged / "ledger.sqlite3").unlink()
    with pytest.raises(LibraryDamaged, match="it is gone"):
        salvage(damaged, tmp_path / "new", lambda line: None)
    assert not (tmp_path / "new").exists()


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
