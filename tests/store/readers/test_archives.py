"""What is compressed, and readers that other packages bring."""

from __future__ import annotations

import gzip
import io
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import reading
from made_package import made_package

from store.errors import UnusableSource
from store.readers.archives import FREE_GROWTH
from store.readers.registry import read_source, readers
from store.readers.source import Source
from store.readers.sources import find_sources
from store.types import Record, Rejection

LINE = b'{"title": "T", "abstract": "We weigh gravel on nine shores."}\n'


def all_of(path: Path) -> tuple[int, list[tuple[str, str]]]:
    """How many records a path holds, and what was refused with the end of its name and why."""
    records, refused = 0, []
    for found in find_sources([str(path)]):
        if isinstance(found, Rejection):
            refused.append((Path(found.source).name, found.reason))
        if not isinstance(found, Source):
            continue
        try:
            items = list(read_source(found))
        except UnusableSource as failure:
            refused.append((Path(found.name).name, failure.message))
            continue
        records += sum(isinstance(one, Record) for one in items)
        refused += [("", one.reason) for one in items if isinstance(one, Rejection)]
    return records, refused


def zipped(path: Path, members: dict[str, bytes], *, link: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, "elsewhere")
    return path


def test_compressed_files_are_read_as_what_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "refs.jsonl.gz"
    path.write_bytes(gzip.compress(LINE * 3) + gzip.compress(LINE))
    assert all_of(path) == (4, [])
    piped = Source("-", None, io.BytesIO(path.read_bytes()))
    assert len(list(read_source(piped))) == 4
    told: list[int] = []
    (source,) = find_sources([str(path)])
    assert isinstance(source, Source)
    with Source(source.name, source.path, on_open=lambda file: told.append(file.tell())).open():
        assert told, "how far it is shows by the compressed bytes"
    for name, data, reason in (
        ("cut", gzip.compress(LINE * 999)[:-9], "cannot be read: the compressed data ends early"),
        ("twice", gzip.compress(gzip.compress(LINE)), "a compressed file within another, which"),
        ("grows", gzip.compress(b" " * (FREE_GROWTH + 2**20)), "more than 200 times its size"),
    ):
        path = tmp_path / f"{name}.gz"
        path.write_bytes(data)
        ((_, why),) = all_of(path)[1]
        assert reason in why


def test_members_of_a_zip_archive_are_read_like_the_files_of_a_folder(tmp_path: Path) -> None:
    members = {"b/two.jsonl": LINE * 2, "one.jsonl": LINE, "__MACOSX/x.jsonl": LINE, ".x": LINE}
    path = zipped(tmp_path / "a.zip", {**members, "image.png": b"", "inner.zip": b"PK"}, link="l")
    found = list(find_sources([str(tmp_path)]))
    names = [one.name for one in found if not isinstance(one, Rejection)]
    assert names == [f"{path}/{name}" for name in ("b/two.jsonl", "image.png", "one.jsonl")]
    nested = "an archive within an archive, which is not opened"
    assert all_of(path) == (3, [("inner.zip", nested), ("l", "a symbolic link")])
    assert all_of(zipped(tmp_path / "e.zip", {"a/": b""}))[1][0][1].endswith(
        "file that can be read"
    )
    grows = zipped(tmp_path / "g.zip", {"a.txt": b" " * (FREE_GROWTH + 2**20)})
    assert "more than 200 times its size" in all_of(grows)[1][0][1]
    (tmp_path / "d.zip").write_bytes(path.read_bytes()[:-30])
    assert all_of(tmp_path / "d.zip") == (0, [("d.zip", "a damaged zip archive")])
    office = zipped(tmp_path / "o.zip", {"[Content_Types].xml": b"", "a.txt": LINE})
    assert "an Office document" in all_of(office)[1][0][1]
    leads = zipped(tmp_path / "s.zip", {"good.jsonl": LINE, "up/../../out.jsonl": LINE})
    assert all_of(leads)[1][0][1].startswith("a zip archive with a name that leads out of it")


PACKAGE = """
from store.readers.fields import items_of

class Cards:
    name, reads, suffixes = "cards", "index cards (.card)", (".card",)

    def sniff(self, head, suffix):
        return head.startswith("CARD")

    def read(self, text):
        for number, line in enumerate(text.document().splitlines()[1:], start=1):
            title, abstract = line.split("|")
            yield from items_of(text.place(self.name, number, number),
                                {"title": title, "abstract": abstract})

class Taken(Cards):
    name = "text"

nothing = 7
"""
POINTS = """[quire.readers]
cards = quire_cards:Cards
lost = quire_cards:Lost
nothing = quire_cards:nothing
taken = quire_cards:Taken
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package that brings one reader, and three that cannot be used."""
    with made_package(tmp_path, monkeypatch, "quire_cards", PACKAGE, POINTS):
        readers.cache_clear()
        yield
    readers.cache_clear()


@pytest.mark.usefixtures("package")
def test_a_package_brings_a_reader(tmp_path: Path) -> None:
    (card,) = reading.read(b"CARD\nGravel|We weigh gravel on nine shores.\n")
    assert isinstance(card, Record)
    assert (card.title, card.reader) == ("Gravel", "cards")
    assert [str(one.origin) for one in readers().installed] == ["quire-cards 1.2"]
    told = sorted(one.split("”")[0].split("“")[1] for one in readers().problems)
    assert told == ["lost", "nothing", "text"]
    with pytest.raises(UnusableSource, match=r"the reader “cards” of quire-cards 1\.2 failed"):
        reading.read(b"CARD\nno bar\n")
