"""What is kept of the texts of papers follows the ledger, and is never behind for who asks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from damages import DAMAGES, damage
from library_fixture import Shelf
from papers import late, made_up

from assistant.text.reading import TextReader
from store.files import disk_bytes
from store.library.doctor_kept import kept_sentences
from store.library.erase import complete
from store.library.finding import Finding
from store.library.kept_readings import KeptReadings
from store.library.library import READ_LIMIT, Library
from store.library.text_hashes import text_hashes
from store.sentences.readings import Readings
from store.sentences.rows import SENTENCES
from store.types import Filter

NUMBER = 40


def opened(folder: Path) -> Library:
    return Library.open(folder, create=True, reader=TextReader)


def kept(library: Library) -> KeptReadings:
    found = library.kept_readings
    assert found is not None
    return found


def rows(library: Library) -> int:
    """How many papers have a row that stands."""
    readings = kept(library)
    if not readings._file.look():
        return 0
    keys = [key for (key,) in library.ledger.rows("SELECT key FROM papers")]
    return len(readings._file.rows(text_hashes(readings._ledger, keys)))


def finding(library: Library) -> Finding:
    (found,) = kept_sentences(library)  # what it does of all parts takes Chroma's start
    return found


def assert_as_read_now(library: Library) -> None:
    """All that is given is what the texts say now, in the order asked for."""
    ids = library.ids(Filter())[::-1]
    texts = library.texts(ids)
    found = library.readings([*ids, "pnothing", *ids[:2]])
    assert found is not None
    right = TextReader(library.sentence_embedder).read([(name, *texts[name]) for name in ids])
    for field in fields(Readings):
        one, other = getattr(found, field.name), getattr(right, field.name)
        same = np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other
        assert same, field.name


@pytest.fixture(scope="module")
def template(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "library"
    with opened(folder) as library:
        library.ingest().run(made_up(NUMBER))
        kept(library).bring_up(None)
        assert rows(library) == NUMBER
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """The folder of a library whose papers are all read; Chroma was never started."""
    return Shelf(tmp_path).copy("kept", lambda to: _copied(template, to), tmp_path / "library")


def _copied(template: Path, to: Path) -> None:
    for one in [template, *template.rglob("*")]:
        place = to / one.relative_to(template)
        if one.is_dir():
            place.mkdir(mode=0o700, parents=True)
        else:
            place.write_bytes(one.read_bytes())
            place.chmod(0o600)


def test_without_a_reader_nothing_is_read(folder: Path) -> None:
    with Library.open(folder) as library:
        assert library.readings(library.ids(Filter())) is None
        assert kept_sentences(library) == []


def test_what_is_kept_is_what_is_read_now(folder: Path) -> None:
    with opened(folder) as library:
        assert_as_read_now(library)
        empty = library.readings(["pnothing"])
        assert empty is not None
        assert (empty.ids, empty.first.tolist(), empty.terms) == ((), [0], b"")


def test_papers_are_read_as_they_get_their_vectors(tmp_path: Path) -> None:
    """Also those of a batch of which others are there already, or say more of one that is."""
    with opened(tmp_path / "library") as library:
        records = made_up(300)
        library.ingest().run(records[:20])
        assert rows(library) == 20
        longer = records[30].model_copy(update={"abstract": f"{records[30].abstract} It is so."})
        library.ingest().run([*records[10:], longer])
        assert rows(library) == library.count() == 300
        assert_as_read_now(library)


def test_changes_are_followed(folder: Path) -> None:
    """A changed text, a paper removed and brought back; asked for before and after they are."""
    with opened(folder) as library:
        first = made_up(NUMBER)[0]
        name = library.paper(first.title).id
        longer = f"{first.abstract} More is said here."
        library.ingest().run([first.model_copy(update={"abstract": longer})])
        assert library.texts([name])[name][1] == longer
        assert_as_read_now(library)
        kept(library).bring_up(None)
        assert_as_read_now(library)
        assert kept(library).waiting() == 0
        gone = library.ids(Filter())[3]
        library.remove([gone])
        kept(library).bring_up(None)
        assert sum(map(len, kept(library)._file.all_rows())) == NUMBER - 1
        assert_as_read_now(library)
        library.undo(library.next_undo().number)
        assert gone in library.ids(Filter())
        assert_as_read_now(library)


def test_who_only_reads_keeps_few_and_begins_no_long_work(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    with Library.open(folder, create=True) as library:
        library.ingest().run(made_up(READ_LIMIT + 1))
    with opened(folder) as library:
        kept(library).bring_up(READ_LIMIT)
        assert rows(library) == 0
        first = library.ids(Filter())[:20]
        for _ in range(2):
            assert library.readings(first) is not None
            assert rows(library) == 20, "what was read is kept"
        kept(library).bring_up(READ_LIMIT)
        assert rows(library) == 20
        kept(library).bring_up(None)
        assert rows(library) == READ_LIMIT + 1


def test_another_version_is_read_anew(folder: Path) -> None:
    class Newer(TextReader):
        def __init__(self, embedder: object) -> None:
            super().__init__(None)
            self.version = "newer"

    with Library.open(folder, reader=Newer) as library:
        assert rows(library) == 0
        found = library.readings(library.ids(Filter()))
        assert found is not None
        assert found.codes.shape[1] == 0
        kept(library).bring_up(None)
        assert rows(library) == NUMBER
    with opened(folder) as library:
        assert_as_read_now(library)


@pytest.mark.parametrize("how", [*DAMAGES, "removed"])
def test_damage_is_found_and_mended_by_doctor(folder: Path, how: str) -> None:
    damage(folder / SENTENCES.folder, how)
    with opened(folder) as library:
        assert_as_read_now(library)
        found = finding(library)
        assert found.state in ("mended", "ok"), found
        assert rows(library) == NUMBER
        assert (finding(library).state, finding(library).message) == ("ok", "whole")
        assert_as_read_now(library)


def test_a_flipped_byte_is_found_by_doctor(folder: Path) -> None:
    (path,) = (folder / SENTENCES.folder).glob("*.sqlite3")
    data = bytearray(path.read_bytes())
    data[-100] ^= 4
    path.write_bytes(data)
    with opened(folder) as library:
        assert rows(library) == NUMBER - 1
        assert finding(library).message == "1 of them were damaged: read again"
        assert rows(library) == NUMBER


def test_a_ledger_of_an_older_day_is_followed(folder: Path) -> None:
    """The file has followed further than the ledger goes, and has rows of other texts."""
    with opened(folder) as library:
        assert kept(library)._file.look()
        kept(library)._file.put([], set, 10**6)
        library.ingest().run([late()])
        assert_as_read_now(library)
        kept(library).bring_up(None)
        assert rows(library) == NUMBER + 1


def test_a_library_that_cannot_be_written_answers(folder: Path) -> None:
    with opened(folder) as library:
        library.ledger.read_only = True
        assert_as_read_now(library)
        kept(library).bring_up(None)
        assert finding(library).state in ("ok", "left")


def test_two_processes_read_beside_each_other(folder: Path) -> None:
    with opened(folder) as one, opened(folder) as other:
        one.ingest().run([late()])
        assert_as_read_now(other)
        kept(other).bring_up(None)
        assert kept(one).waiting() == 0
        assert rows(one) == NUMBER + 1


def test_a_kill_while_papers_are_added_leaves_what_stands(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from papers import made_up\n"
        "from assistant.text.reading import TextReader\n"
        "from store.library.library import Library\n"
        "from store.kept.file import KeptFile\n"
        "before = KeptFile.put\n"
        "def put(self, rows, current, seq=None):\n"
        "    def killed():\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return before(self, rows, killed if self.seq else current, seq)\n"
        "KeptFile.put = put\n"
        "with Library.open(Path(sys.argv[1]), create=True, reader=TextReader) as library:\n"
        "    library.ingest().run(made_up(800))\n"
        "    library.kept_readings.bring_up(None)\n"
    )
    paths = os.pathsep.join(one for one in sys.path if one)
    ran = subprocess.run(
        [sys.executable, "-c", program, str(folder)], env={**os.environ, "PYTHONPATH": paths}
    )
    assert ran.returncode == -signal.SIGKILL
    with opened(folder) as library:
        assert 0 < rows(library) <= library.count()
        assert_as_read_now(library)
        kept(library).bring_up(None)
        assert rows(library) == library.count()
        assert finding(library).state == "ok"


def test_nothing_is_left_of_what_is_removed_for_good(folder: Path) -> None:
    with opened(folder) as library:
        library.ingest().run([late("Quokkazil stripes")])
        kept(library).bring_up(None)
        gone = library.paper("Quokkazil stripes").id
        held = [
            one for one in (folder / SENTENCES.folder).iterdir() if b"quokkazil" in one.read_bytes()
        ]
        assert held
        library.remove([gone])
        complete(library)
        assert rows(library) == NUMBER
        for one in (folder / SENTENCES.folder).iterdir():
            assert b"quokkazil" not in one.read_bytes(), one
    assert disk_bytes(folder / SENTENCES.folder) < 3000 * NUMBER + 100_000
