"""A library as a whole: ledger, Chroma and tantivy, whole and damaged."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from damages import damage
from killed import run_until_killed
from library_fixture import Answers, Shelf, answers, chroma_of
from papers import late, made_up
from tables import Row, compare, table

from store import errors
from store.chroma.worker import unsafe_configuration
from store.ledger.images import remove_paper
from store.library.doctor import examine, is_whole
from store.library.library import READ_LIMIT, Library
from store.types import Filter, Record

pytestmark = pytest.mark.usefixtures("chroma_asked")

NUMBER = 40
ZEBRA = late()


def states(library: Library, *, fix: bool = False) -> dict[str, str]:
    """What the doctor finds of each part."""
    return {one.part: one.state for one in examine(library, fix=fix)}


# Whole.


def test_chroma_holds_the_abstracts_and_vectors_of_the_ledger(filled: Path) -> None:
    with closing(sqlite3.connect(filled / "chroma" / "1" / "chroma.sqlite3")) as database:
        rows = database.execute(
            "SELECT string_value FROM embedding_metadata WHERE key = 'chroma:document'"
        ).fetchall()
    assert {row[0] for row in rows} == {one.abstract for one in made_up(NUMBER)}

    with Library.open(filled) as whole:
        through_chroma = whole.dense("speech coding with random forest", 10)
        assert chroma_of(whole).state == "ready"
        everything = [one.id for one in whole.papers()]
        scanned = whole.dense("speech coding with random forest", 10, everything)
        assert [name for name, _ in through_chroma] == [name for name, _ in scanned]
        assert [s for _, s in through_chroma] == pytest.approx([s for _, s in scanned], abs=1e-5)

        owner = chroma_of(whole).look()
        assert owner is not None
        names, matrix = whole.vectors(whole.ids(Filter())[:3]) or ([], None)
        assert matrix is not None
        assert owner.same([*names, "pnothere"], matrix[[0, 1, 2, 0]].tobytes()) == set(names)
        assert owner.same(names, matrix[[1, 2, 0]].tobytes()) == set(), "rows with other vectors"
    # Everything is for its owner alone, under the usual umask.
    for path in (filled, *filled.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_a_reader_is_never_behind(filled: Path) -> None:
    """Removed and new papers, past both watermarks or not yet."""
    with Library.open(filled) as library:
        gone = library.paper(made_up(NUMBER)[3].title)
        assert library.remove([gone.id, "pnothing"]) == 1
        assert library.count() == NUMBER - 1
        with pytest.raises(errors.UnknownPaper):
            library.paper(gone.id)
        tombstones = library.ledger.value("SELECT count(*) FROM outbox WHERE deleted = 1")
        assert tombstones == 0, "a tombstone goes when both projections have passed it"

        pending = library.paper(made_up(NUMBER)[0].title)
        library.ingest().run([ZEBRA])
        with library.ledger.write():
            remove_paper(library.ledger, pending.id)
        assert library.status().pending == 1
        zebra = library.paper(ZEBRA.title).id
        assert library.lexical("zebrafish stripes", 5)[0][0] == zebra
        assert library.dense("zebrafish stripes", 5)[0][0] == zebra
        for one in (gone, pending):
            assert one.id not in dict(library.lexical(one.title, NUMBER))
            assert one.id not in dict(library.dense(f"{one.title}. {one.abstract}", NUMBER))


def test_names_of_papers(library: Library) -> None:
    names = {"doi": "10.1000/named", "arxiv_id": "2401.00001", "source_id": "key7"}
    record = ZEBRA.model_copy(update={"title": "A named paper", **names})
    library.ingest().run([record, ZEBRA])
    paper = library.paper("A named paper")
    ids = (paper.id, paper.id.upper(), paper.id[:9], "arXiv:2401.00001v3", "key7")
    for name in (*ids, "10.1000/NAMED", "https://doi.org/10.1000/named", "a NAMED   paper!"):
        assert library.paper(name).id == paper.id, name
    for name in ("p", "", "pzzzzzzzzzzz", "%3", "' OR 1=1 --"):
        with pytest.raises(errors.AmbiguousPaper if name == "p" else errors.UnknownPaper):
            library.paper(name)


def test_filters(library: Library) -> None:
    rows = table(__file__, "filters.jsonl")
    papers = [Record.model_validate(row["paper"]) for row in rows if "paper" in row]
    library.ingest(tags=["All"]).run(papers)

    def numbers(wanted: Filter) -> list[int]:
        return [int(one.title.split()[1]) for one in library.papers(wanted)]

    filters = [row for row in rows if "filter" in row]
    compare(filters, lambda row: numbers(Filter.model_validate(row["filter"])))
    ids = {int(one.title.split()[1]): one.id for one in library.papers()}
    assert numbers(Filter(papers=(ids[1], ids[3]))) == [1, 3]
    assert numbers(Filter(without=(ids[1], ids[3]))) == [2, 4, 5]
    assert numbers(Filter(papers=(ids[1], ids[3]), without=(ids[1],))) == [3]
    assert library.lacking(Filter(year_from=2020)) == (("year", 1),)
    assert library.lacking(Filter(year_from=2020, undated=True)) == ()
    within = library.within(Filter(year_from=2020, year_to=2022))
    assert within is not None
    assert [name for name, _ in library.dense("paper", 5, within)] == [ids[2]]
    assert [name for name, _ in library.lexical("paper abstract", 5, within)] == [ids[2]]


# Damaged.


def test_status_says_what_is_damaged_without_opening_it(shelf: Shelf, tmp_path: Path) -> None:
    def standing(row: Row) -> dict[str, str]:
        folder = shelf.library_of(made_up(NUMBER), tmp_path / str(row["line"]))
        damage(next((folder / row["part"] / "1").glob(row["file"])), row["how"])
        with Library.open(folder) as library:
            status = library.status()
        return {"chroma": status.chroma, "lexical": status.lexical}

    compare(table(__file__, "standing.jsonl"), standing)


def test_doctor_mends_what_is_broken(filled: Path, right_answers: Answers) -> None:
    """A word index that opens but fails in a query is not whole either."""
    for file in (filled / "lexical" / "1").glob("*.pos"):
        file.unlink()
    damage(filled / "chroma" / "1", "overwritten")
    os.chmod(filled / "ledger.sqlite3", 0o644)
    with Library.open(filled) as library:
        assert answers(library) == right_answers
        with library.ledger.write():
            library.ledger.run("DELETE FROM vectors WHERE slot % 3 = 0")
        found = states(library)
        assert {found[part] for part in ("word index", "Chroma", "vectors")} == {"mended"}
        assert (found["set aside"], found["permissions"]) == ("left", "left")
        assert answers(library) == right_answers
        assert library.trouble() == ""
        found = states(library, fix=True)
        assert (found["set aside"], found["permissions"]) == ("mended", "mended")
        assert set(found.values()) == {"ok", "mended"}
        assert is_whole(examine(library))


def test_what_cannot_be_opened_is_said(filled: Path, tmp_path: Path) -> None:
    """Only the ledger itself is beyond mending; a newer one is left alone."""
    with pytest.raises(errors.LibraryMissing, match="no library"):
        Library.open(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
    (tmp_path / "file").write_text("x")
    with pytest.raises(errors.StoreError):
        Library.open(tmp_path / "file" / "library", create=True)
    with closing(sqlite3.connect(filled / "ledger.sqlite3")) as database:
        database.execute("PRAGMA user_version=99")
    with pytest.raises(errors.LibraryNewer):
        Library.open(filled)
    (filled / "ledger.sqlite3").write_bytes(os.urandom(50_000))
    for extra in ("ledger.sqlite3-wal", "ledger.sqlite3-shm"):
        (filled / extra).unlink(missing_ok=True)
    with pytest.raises(errors.LibraryDamaged):
        Library.open(filled)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A socket on loopback; nobody has connected to it when the test ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        yield listening
        with pytest.raises(TimeoutError):
            listening.accept()


def test_a_named_embedding_function_is_refused_before_any_query(
    filled: Path, monkeypatch: pytest.MonkeyPatch, listener: socket.socket
) -> None:
    """Nothing is sent, no key, to an address that stands in the folder."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    own = {"api_base": f"http://127.0.0.1:{listener.getsockname()[1]}/v1", "model_name": "m"}
    own["api_key_env_var"] = "OPENAI_API_KEY"
    function = {"type": "known", "name": "openai", "config": own}
    folder = filled / "chroma" / "1"
    with closing(sqlite3.connect(folder / "chroma.sqlite3")) as database:
        columns = "schema_str, config_json_str"
        (schema, config) = database.execute(f"SELECT {columns} FROM collections").fetchone()
        assert unsafe_configuration(folder) == ""
        named = json.loads(schema)
        vector = named["keys"]["#embedding"]["float_list"]["vector_index"]
        vector["config"]["embedding_function"] = function
        for values in (
            (json.dumps(named), config),
            (schema, json.dumps({"embedding_function": function})),
        ):
            database.execute("UPDATE collections SET schema_str = ?, config_json_str = ?", values)
            database.commit()
            assert unsafe_configuration(folder) == "openai"
    with Library.open(filled) as library:
        for _ in range(2):
            with pytest.raises(errors.UnsafeCollection, match="openai"):
                library.dense("glacier melt", 5)
        assert states(library)["Chroma"] == "mended"
        assert len(library.dense("glacier melt", 5)) == 5


def test_chroma_takes_an_odd_place_and_settings_from_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: socket.socket
) -> None:
    """Neither variables nor a .env file may name a server that abstracts are sent to."""
    folder = tmp_path / "a b c" / "Käse – 紙" / ("x" * 200) / "library"
    named = {
        "CHROMA_API_IMPL": "chromadb.api.fastapi.FastAPI",
        "CHROMA_SERVER_HOST": "127.0.0.1",
        "CHROMA_SERVER_HTTP_PORT": str(listener.getsockname()[1]),
    }
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in named.items()))
    monkeypatch.chdir(tmp_path)
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    with Library.open(folder, create=True) as library:
        library.ingest().run(made_up(3))
        library.catch_up()
        assert chroma_of(library).state == library.status().chroma == "ready"
        assert len(library.dense("glacier", 3)) == 3
        assert (folder / "chroma" / "1" / "chroma.sqlite3").is_file()


def test_a_collection_of_another_embedder_is_refused(filled: Path) -> None:
    """Said with both names and sizes, and nothing written."""
    with closing(sqlite3.connect(filled / "chroma" / "1" / "chroma.sqlite3")) as database:
        change = "UPDATE collection_metadata SET {} WHERE key = '{}'"
        database.execute(change.format("str_value = 'other-model'", "fingerprint"))
        database.execute(change.format("int_value = 768", "dimension"))
        database.commit()
    with Library.open(filled) as library, pytest.raises(errors.StoreError) as caught:
        library.dense("glacier melt", 5)
    assert all(one in caught.value.message for one in ("other-model (768)", "(256)"))
    assert "doctor" in caught.value.hint


def test_vectors_that_lack_are_made_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "library"
    with monkeypatch.context() as without:
        for place in ("store.library.parts", "store.embedders.local"):
            without.setattr(f"{place}.built_in_embedder", lambda: None)
        with Library.open(folder, create=True) as library:
            library.ingest().run(made_up(30))
            library.catch_up()
            status = library.status()
            assert (status.indexed, status.embedder, status.chroma) == (30, "none", "behind")
            assert library.dense("glacier", 3) == []
            assert library.lexical("glacier", 3)
    with Library.open(folder) as library:
        library.catch_up(READ_LIMIT)
        library.catch_up()
        assert library.status().pending == 0
        paper = library.paper(made_up(30)[7].title)
        assert library.dense(f"{paper.title}. {paper.abstract}", 1)[0][0] == paper.id
        assert chroma_of(library).state == "ready"


# Beside other processes.


def test_a_worker_that_dies_is_started_anew(filled: Path, right_answers: Answers) -> None:
    """It ends while a question waits for its answer, then before one is asked."""
    with Library.open(filled) as library:
        for waits in (True, False):
            owner = chroma_of(library).look()
            assert owner is not None
            if waits:
                os.kill(owner.pid, signal.SIGSTOP)
                ending = threading.Timer(0.2, os.kill, (owner.pid, signal.SIGKILL))
                ending.start()
            else:
                os.kill(owner.pid, signal.SIGKILL)
            assert answers(library) == right_answers
            library.catch_up()
            assert chroma_of(library).state == "ready"
        ending.join()
        assert library.ledger.value("SELECT generation FROM projections WHERE name='chroma'") == 1


def test_a_neighbour_adds_and_this_process_finds(filled: Path) -> None:
    """This process owns Chroma, another one adds, and this one projects it."""
    with Library.open(filled) as library:
        assert len(library.dense("glacier", 3)) == 3
        library.changed()
        assert run_until_killed(filled, "", 0, NUMBER + 1, 1).acknowledged == NUMBER + 1
        assert library.changed()
        late = library.paper(made_up(NUMBER + 1)[-1].title)
        text = f"{late.title}. {late.abstract}"
        assert library.status().pending == 1
        for _ in range(2):
            assert library.dense(text, 1)[0][0] == late.id
            assert library.lexical(late.title, 1)[0][0] == late.id
            library.catch_up()
            assert library.status().pending == 0
        assert chroma_of(library).state == "ready"
        assert not library.changed()


@pytest.mark.slow
def test_two_processes_make_a_library_at_once(tmp_path: Path) -> None:
    for folder in (tmp_path / "one", tmp_path / "two"):
        with ThreadPoolExecutor(2) as pool:
            counts = [300, 200]
            runs = [pool.submit(run_until_killed, folder, "", 0, count, 1) for count in counts]
        assert [run.result().acknowledged for run in runs] == counts
        with Library.open(folder) as library:
            library.catch_up()
            status = library.status()
            assert (status.papers, status.pending, library.count()) == (300, 0, 300)
            assert library.trouble() == ""
            assert is_whole(examine(library))


def test_an_owner_lets_go_when_asked(filled: Path) -> None:
    """The doctor gets Chroma from a process that stays open, which takes it back later."""
    with Library.open(filled) as owner, Library.open(filled) as doctor:
        assert owner.dense("glacier", 1)
        assert chroma_of(owner).state == "ready"
        assert states(doctor)["Chroma"] == "in use"
        assert doctor.trouble() == "", "that is no damage"
        with ThreadPoolExecutor(1) as pool:
            mending = pool.submit(states, doctor, fix=True)
            while not mending.done():
                owner.let_go_if_asked()
                time.sleep(0.05)
        found = mending.result()
        assert found["Chroma"] == "ok"
        chroma_of(doctor).close()
        owner.catch_up()
        assert chroma_of(owner).state == "ready"
        assert owner.dense("glacier", 1)


def test_a_neighbours_rebuild_loses_nothing(filled: Path) -> None:
    """While one process rebuilds the word index, nobody else writes to it."""
    with Library.open(filled) as one, Library.open(filled) as other:
        with one.words._writing() as mine:
            assert mine
            other.ingest().run([ZEBRA])
            assert other.words.catch_up() is False
            zebra = other.paper(ZEBRA.title).id
            assert other.lexical("zebrafish", 1)[0][0] == zebra
        other.words.catch_up()
        assert other.status().lexical == "ready"
        assert one.lexical("zebrafish", 1)[0][0] == zebra
