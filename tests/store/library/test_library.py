"""A library as a whole: ledger, Chroma and tantivy, whole and damaged."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from papers import made_up

from store.errors import (
    AmbiguousPaper,
    EmbedderUnavailable,
    LibraryDamaged,
    LibraryMissing,
    LibraryNewer,
    StoreError,
    UnknownPaper,
    UnsafeCollection,
)
from store.library.doctor import examine, is_whole
from store.library.library import READ_LIMIT, Library
from store.types import Filter, Record

NUMBER = 40


def answers(library: Library) -> list[object]:
    """What both lists say to two questions, scores to five digits."""
    found: list[object] = []
    for text in ("glacier melt with beam search", "lowers the energy use"):
        for ranked in (library.lexical(text, 10), library.dense(text, 10)):
            found.append([(name, round(score, 5)) for name, score in ranked])
    return found


def test_chroma_holds_the_abstracts(filled: Path) -> None:
    database = sqlite3.connect(next((filled / "chroma").glob("*/chroma.sqlite3")))
    rows = database.execute(
        "SELECT string_value FROM embedding_metadata WHERE key = 'chroma:document'"
    ).fetchall()
    database.close()
    assert {row[0] for row in rows} == {one.abstract for one in made_up(NUMBER)}


def test_lists_agree_with_an_exact_scan(filled: Path) -> None:
    with Library.open(filled) as library:
        assert library.chroma is not None
        through_chroma = library.dense("speech coding with random forest", 10)
        assert library.chroma.state == "ready"
        everything = [one.id for one in library.papers()]
        scanned = library.dense("speech coding with random forest", 10, everything)
    assert [name for name, _ in through_chroma] == [name for name, _ in scanned]
    assert [s for _, s in through_chroma] == pytest.approx([s for _, s in scanned], abs=1e-5)


def remove(folder: Path) -> None:
    shutil.rmtree(folder)


def empty(folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            file.write_bytes(b"")


def spoil(folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file() and file.stat().st_size > 200:
            file.write_bytes(os.urandom(200) + file.read_bytes()[200:])


def halve(folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize("part", ["chroma", "lexical"])
@pytest.mark.parametrize("damage", [remove, empty, spoil, halve])
def test_damage_is_noticed_and_mended_with_the_same_numbers(
    filled: Path, part: str, damage: Callable[[Path], None]
) -> None:
    """Cases 36, 37 and 38, for both indexes."""
    with Library.open(filled) as library:
        before = answers(library)
    damage(filled / part / "1")
    told: list[str] = []
    with Library.open(filled, narrate=told.append) as library:
        library.catch_up(READ_LIMIT)
        assert answers(library) == before
        assert library.trouble()
        assert library.count() == NUMBER
    with Library.open(filled, narrate=told.append) as library:
        library.catch_up()
        assert any("rebuilding" in line for line in told)
        assert answers(library) == before
        assert library.trouble() == ""
        assert (library.status().chroma, library.status().lexical) == ("ready", "ready")
    if damage is not remove:
        assert (filled / part / "1").is_dir(), "the damaged folder is set aside, not lost"


def test_a_removed_vector_index_is_noticed(filled: Path) -> None:
    """Case 38: the folder of the HNSW segment alone."""
    segment = next(one for one in (filled / "chroma" / "1").iterdir() if one.is_dir())
    with Library.open(filled) as library:
        before = answers(library)
    shutil.rmtree(segment)
    with Library.open(filled) as library:
        assert answers(library) == before
        library.catch_up()
        assert answers(library) == before


def test_doctor_mends_what_is_broken(filled: Path) -> None:
    shutil.rmtree(filled / "lexical")
    spoil(filled / "chroma" / "1")
    os.chmod(filled / "ledger.sqlite3", 0o644)
    with Library.open(filled) as library:
        found = {one.part: one.state for one in examine(library)}
        assert (found["word index"], found["Chroma"]) == ("mended", "mended")
        assert found["set aside"] == "left"
        again = examine(library, fix=True)
        assert is_whole(again)
        assert {one.part: one.state for one in again}["set aside"] == "mended"
        assert all(one.state in ("ok", "mended") for one in again)


def test_doctor_makes_missing_vectors(filled: Path) -> None:
    with Library.open(filled) as library:
        before = answers(library)
        with library.ledger.write():
            library.ledger.run("DELETE FROM vectors WHERE slot % 3 = 0")
        found = {one.part: one for one in examine(library)}
        assert found["vectors"].state == "mended"
        assert answers(library) == before


def test_a_damaged_ledger_is_said(filled: Path) -> None:
    """Case 36: only the ledger itself is beyond mending."""
    (filled / "ledger.sqlite3").write_bytes(os.urandom(50_000))
    for extra in ("ledger.sqlite3-wal", "ledger.sqlite3-shm"):
        (filled / extra).unlink(missing_ok=True)
    with pytest.raises(LibraryDamaged):
        Library.open(filled)


def test_a_newer_ledger_is_left_alone(filled: Path) -> None:
    """Case 45."""
    database = sqlite3.connect(filled / "ledger.sqlite3")
    database.execute("PRAGMA user_version=99")
    database.close()
    with pytest.raises(LibraryNewer):
        Library.open(filled)


@pytest.mark.parametrize("column", ["schema_str", "config_json_str"])
def test_a_named_embedding_function_is_refused_before_any_query(
    filled: Path, monkeypatch: pytest.MonkeyPatch, column: str
) -> None:
    """Case 40: nothing is sent, no key, to an address that stands in the folder."""
    listener = socket.create_server(("127.0.0.1", 0))
    caught: list[bytes] = []

    def accept() -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        caught.append(connection.recv(1000))
        connection.close()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    function = {
        "type": "known",
        "name": "openai",
        "config": {
            "api_base": f"http://127.0.0.1:{listener.getsockname()[1]}/v1",
            "model_name": "text-embedding-3-small",
            "api_key_env_var": "OPENAI_API_KEY",
        },
    }
    database = sqlite3.connect(filled / "chroma" / "1" / "chroma.sqlite3")
    if column == "schema_str":
        (text,) = database.execute("SELECT schema_str FROM collections").fetchone()
        value = json.loads(text)
        vector = value["keys"]["#embedding"]["float_list"]["vector_index"]
        vector["config"]["embedding_function"] = function
    else:
        value = {"embedding_function": function}
    database.execute(f"UPDATE collections SET {column} = ?", (json.dumps(value),))
    database.commit()
    database.close()
    with Library.open(filled) as library:
        with pytest.raises(UnsafeCollection, match="openai"):
            library.dense("glacier melt", 5)
        with pytest.raises(UnsafeCollection):
            library.dense("glacier melt", 5)
        mended = {one.part: one.state for one in examine(library)}
        assert mended["Chroma"] == "mended"
        assert len(library.dense("glacier melt", 5)) == 5
    listener.close()
    thread.join(5)
    assert caught == []


def test_a_collection_of_another_embedder_is_refused(filled: Path) -> None:
    """Case 39: said with both names and sizes, and nothing written."""
    path = filled / "chroma" / "1" / "chroma.sqlite3"
    database = sqlite3.connect(path)
    database.execute(
        "UPDATE collection_metadata SET str_value = 'other-model' WHERE key = 'fingerprint'"
    )
    database.execute("UPDATE collection_metadata SET int_value = 768 WHERE key = 'dimension'")
    database.commit()
    database.close()
    with Library.open(filled) as library, pytest.raises(StoreError) as caught:
        library.dense("glacier melt", 5)
    assert "other-model (768)" in caught.value.message
    assert "(256)" in caught.value.message
    assert "doctor" in caught.value.hint


def test_vectors_of_an_unknown_embedder_are_left_alone(filled: Path) -> None:
    """Reading goes on by words, and says so; nothing is added without vectors of that kind."""
    with Library.open(filled) as library, library.ledger.write():
        library.ledger.set_meta("embedder", "other/768")
    lines: list[str] = []
    with Library.open(filled, narrate=lines.append) as library:
        assert library.dense("glacier melt", 5) == []
        assert library.lexical("glacier melt", 5)
        assert "other/768" in lines[0]
        assert "words alone" in lines[0]
        assert library.words_alone == lines[0]
        with pytest.raises(EmbedderUnavailable, match="nothing was written"):
            library.ingest()
        assert library.status().embedder == "other"


def test_everything_is_for_its_owner_alone(filled: Path) -> None:
    """Case 46, under the usual umask."""
    for path in (filled, *filled.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_a_removed_paper_is_gone_from_both_lists(filled: Path) -> None:
    with Library.open(filled) as library:
        gone = library.paper(made_up(NUMBER)[3].title)
        assert library.remove([gone.id, "pnothing"]) == 1
        text = f"{gone.title}. {gone.abstract}"
        assert gone.id not in dict(library.lexical(text, NUMBER))
        assert gone.id not in dict(library.dense(text, NUMBER))
        assert library.count() == NUMBER - 1
        with pytest.raises(UnknownPaper):
            library.paper(gone.id)
        rows = library.ledger.value("SELECT count(*) FROM outbox WHERE deleted = 1")
        assert rows == 0, "a tombstone goes when both projections have passed it"


def test_papers_not_yet_projected_are_found(filled: Path) -> None:
    """A reader is never behind: changed, new and removed papers past both watermarks."""
    late = Record(
        title="Zebrafish stripes",
        abstract="Zebrafish stripes form by a Turing mechanism.",
        source="late.jsonl",
        reader="jsonl",
        record=1,
    )
    with Library.open(filled) as library:
        removed = library.paper(made_up(NUMBER)[0].title)
        library.ingest().run([late])
        from store.ledger.write import remove_paper

        with library.ledger.write():
            remove_paper(library.ledger, removed.id)
        assert library.status().pending == 1
        zebra = library.paper(late.title).id
        assert library.lexical("zebrafish stripes", 5)[0][0] == zebra
        assert library.dense("zebrafish stripes", 5)[0][0] == zebra
        assert removed.id not in dict(library.lexical(removed.title, NUMBER))
        assert removed.id not in dict(library.dense(removed.title, NUMBER))


def test_names_of_papers(filled: Path) -> None:
    with Library.open(filled) as library:
        record = Record(
            title="A named paper",
            abstract="It has many names.",
            doi="10.1000/named",
            arxiv_id="2401.00001",
            source_id="key7",
            source="x.jsonl",
            reader="jsonl",
        )
        library.ingest().run([record])
        paper = library.paper("A named paper")
        for name in (
            paper.id,
            paper.id.upper(),
            paper.id[:9],
            "10.1000/NAMED",
            "https://doi.org/10.1000/named",
            "arXiv:2401.00001v3",
            "key7",
            "a NAMED   paper!",
        ):
            assert library.paper(name).id == paper.id
        with pytest.raises(AmbiguousPaper):
            library.paper("p")
        for name in ("", "pzzzzzzzzzzz", "%3", "' OR 1=1 --"):
            with pytest.raises(UnknownPaper):
                library.paper(name)


def test_filters_and_what_they_cannot_see(tmp_path: Path) -> None:
    def record(number: int, **fields: object) -> Record:
        return Record.model_validate(
            {
                "title": f"Paper {number}",
                "abstract": f"The abstract of paper {number}.",
                "source": f"part{number % 2}.jsonl",
                "reader": "jsonl",
                "record": number,
                **fields,
            }
        )

    records = [
        record(1, year=2019, authors=("Ada Lovelace",), venue="ICML", tags=("theory",)),
        record(2, year=2021, authors=("Alan Turing", "Łukasz Ström"), venue="NeurIPS"),
        record(3, year=2023, authors=("Ada 100%_Lovelace",)),
        record(4, venue="École d'été"),
    ]
    with Library.open(tmp_path / "library", create=True) as library:
        library.ingest(tags=["All"]).run(records)

        def titles(wanted: Filter) -> list[int]:
            return [int(one.title.split()[1]) for one in library.papers(wanted)]

        assert titles(Filter(year_from=2020, year_to=2022)) == [2]
        assert titles(Filter(year_from=2020, undated=True)) == [2, 3, 4]
        assert titles(Filter(authors=("lovelace",))) == [1, 3]
        assert titles(Filter(authors=("100%_",))) == [3]
        assert titles(Filter(authors=("strom",))) == titles(Filter(authors=("STRÖM",))) == [2]
        assert titles(Filter(authors=("lukasz",))) == [2]
        assert titles(Filter(authors=("Turîng",))) == [2], "marks asked for need not be there"
        assert titles(Filter(venues=("ecole",))) == [4]
        ids = {int(one.title.split()[1]): one.id for one in library.papers()}
        assert titles(Filter(papers=(ids[1], ids[3]))) == [1, 3]
        assert titles(Filter(without=(ids[1], ids[3]))) == [2, 4]
        assert titles(Filter(papers=(ids[1], ids[3]), without=(ids[1],))) == [3]
        assert titles(Filter(venues=("icml", "neurips"))) == [1, 2]
        assert titles(Filter(tags=("theory",))) == [1]
        assert titles(Filter(tags=("ALL",))) == [1, 2, 3, 4]
        assert titles(Filter(sources=("part1",))) == [1, 3]
        assert titles(Filter(statuses=("unread",))) == [1, 2, 3, 4]
        assert titles(Filter(statuses=("read",))) == []
        assert titles(Filter(added_since="2999-01-01")) == []
        assert library.lacking(Filter(year_from=2020)) == (("year", 1),)
        assert library.lacking(Filter(year_from=2020, undated=True)) == ()
        within = library.within(Filter(year_from=2020, year_to=2022))
        assert within is not None
        ids = list(within)
        assert [name for name, _ in library.dense("paper", 5, within)] == ids
        assert [name for name, _ in library.lexical("paper abstract", 5, within)] == ids


def test_a_neighbour_adds_and_this_process_finds(filled: Path) -> None:
    """Cases 41 and 43: this process owns Chroma, another one adds, and this one projects it."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from store.library.library import Library\n"
        "from store.types import Record\n"
        "with Library.open(Path(sys.argv[1])) as library:\n"
        "    record = Record(title='Zebrafish stripes', abstract='Zebrafish stripes form by a"
        " Turing mechanism.', source='n', reader='jsonl')\n"
        "    report = library.ingest().run([record])\n"
        "    library.catch_up()\n"
        "    found = library.dense('zebrafish stripes', 1)\n"
        "    print(report.new, library.chroma.state, found[0][0])\n"
    )
    with Library.open(filled) as library:
        assert len(library.dense("glacier", 3)) == 3
        assert library.chroma is not None
        assert library.chroma.state == "ready"
        library.changed()
        ran = subprocess.run(
            [sys.executable, "-c", script, str(filled)], capture_output=True, text=True, timeout=60
        )
        assert ran.returncode == 0, ran.stderr
        new, state, neighbour_found = ran.stdout.split()
        assert (new, state) == ("1", "busy")
        zebra = library.paper("Zebrafish stripes").id
        assert neighbour_found == zebra
        assert library.changed()
        assert library.dense("zebrafish stripes", 1)[0][0] == zebra
        assert library.lexical("zebrafish stripes", 1)[0][0] == zebra
        library.catch_up()
        assert library.status().pending == 0
        assert library.dense("zebrafish stripes", 1)[0][0] == zebra
        assert not library.changed()


def test_two_processes_make_a_library_at_once(tmp_path: Path) -> None:
    """Case 42."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from store.library.library import Library\n"
        "from papers import made_up\n"
        "with Library.open(Path(sys.argv[1]), create=True) as library:\n"
        "    library.ingest().run(made_up(300, seed=int(sys.argv[2])))\n"
        "    library.catch_up()\n"
    )
    support = Path(__file__).resolve().parents[2] / "support"
    environment = {**os.environ, "PYTHONPATH": str(support)}
    for number in range(3):
        folder = tmp_path / f"library{number}"
        running = [
            subprocess.Popen(
                [sys.executable, "-c", script, str(folder), str(seed)],
                env=environment,
                stderr=subprocess.PIPE,
            )
            for seed in (1, 2)
        ]
        for process in running:
            assert process.stderr is not None
            errors = process.stderr.read().decode()
            process.stderr.close()
            assert process.wait(60) == 0, errors
        with Library.open(folder) as library:
            library.catch_up()
            status = library.status()
            assert (status.papers, status.pending) == (library.count(), 0)
            assert library.trouble() == ""
            assert is_whole(examine(library))


def test_a_missing_library_is_said(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="no library"):
        Library.open(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("name", ["a b c", "Käse – 紙", "x" * 200])
def test_odd_places(tmp_path: Path, name: str) -> None:
    """Case 50."""
    with Library.open(tmp_path / name / "library", create=True) as library:
        library.ingest().run(made_up(3))
        library.catch_up()
        assert len(library.dense("glacier", 3)) == 3


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    """Case 50."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError):
        Library.open(tmp_path / "file" / "library", create=True)


def test_an_owner_lets_go_when_asked(filled: Path) -> None:
    """The doctor gets Chroma from a process that stays open, which takes it back later."""
    with Library.open(filled) as owner, Library.open(filled) as doctor:
        assert owner.dense("glacier", 1)
        assert owner.chroma is not None
        assert owner.chroma.state == "ready"
        assert {one.part: one.state for one in examine(doctor)}["Chroma"] == "in use"
        stop = threading.Event()

        def poll() -> None:
            while not stop.wait(0.2):
                owner.let_go_if_asked()

        polling = threading.Thread(target=poll)
        polling.start()
        try:
            found = {one.part: one.state for one in examine(doctor, fix=True)}
        finally:
            stop.set()
            polling.join()
        assert found["Chroma"] == "ok"
        assert doctor.chroma is not None
        doctor.chroma.close()
        owner.catch_up()
        assert owner.chroma.state == "ready"
        assert owner.dense("glacier", 1)


def test_settings_of_chroma_come_from_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither variables nor a .env file may name a server that abstracts are sent to."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.2)
    port = str(listener.getsockname()[1])
    named = {
        "CHROMA_API_IMPL": "chromadb.api.fastapi.FastAPI",
        "CHROMA_SERVER_HOST": "127.0.0.1",
        "CHROMA_SERVER_HTTP_PORT": port,
    }
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in named.items()))
    monkeypatch.chdir(tmp_path)
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    with Library.open(tmp_path / "library", create=True) as library:
        library.ingest().run(made_up(3))
        library.catch_up()
        assert library.chroma is not None
        assert library.chroma.state == "ready"
        assert (tmp_path / "library" / "chroma" / "1" / "chroma.sqlite3").is_file()
    with pytest.raises(TimeoutError):
        listener.accept()
    listener.close()


def test_a_word_index_without_one_of_its_files(filled: Path) -> None:
    """An index that opens but fails in a query is not whole either."""
    with Library.open(filled) as library:
        before = answers(library)
    for file in (filled / "lexical" / "1").glob("*.pos"):
        file.unlink()
    with Library.open(filled) as library:
        assert answers(library) == before
        assert is_whole(examine(library))
        assert answers(library) == before
        assert library.trouble() == ""


def test_papers_added_without_an_embedder_are_found_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
        assert library.chroma is not None
        assert library.chroma.state == "ready"


def test_a_worker_that_dies_is_started_anew(filled: Path) -> None:
    with Library.open(filled) as library:
        before = answers(library)
        assert library.chroma is not None
        owner = library.chroma.look()
        assert owner is not None
        os.kill(owner.pid, 9)
        assert answers(library) == before
        library.catch_up()
        assert library.chroma.state == "ready"
        assert library.ledger.value("SELECT generation FROM projections WHERE name='chroma'") == 1


def test_a_neighbours_rebuild_loses_nothing(filled: Path) -> None:
    """While one process rebuilds the word index, nobody else writes to it."""
    with Library.open(filled) as one, Library.open(filled) as other:
        late = Record(
            title="Zebrafish stripes", abstract="Stripes.", source="l", reader="jsonl", record=1
        )
        with one.words._writing() as mine:
            assert mine
            other.ingest().run([late])
            assert other.words.catch_up() is False
            zebra = other.paper(late.title).id
            assert other.lexical("zebrafish", 1)[0][0] == zebra
        other.catch_up()
        assert other.status().pending == 0
        assert one.lexical("zebrafish", 1)[0][0] == zebra


def test_a_row_is_told_from_one_that_lost_its_vector(filled: Path) -> None:
    with Library.open(filled) as library:
        assert library.chroma is not None
        owner = library.chroma.look()
        assert owner is not None
        names, matrix = library.vectors(library.ids(Filter())[:3]) or ([], None)
        assert matrix is not None
        assert owner.same([*names, "pnothere"], matrix[[0, 1, 2, 0]].tobytes()) == set(names)
        assert owner.same(names, matrix[[1, 2, 0]].tobytes()) == set()
