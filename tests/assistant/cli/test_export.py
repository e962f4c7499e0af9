"""`quire export`."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_fixture import Quire, Walk
from made_package import made_package

from store.errors import NoSpace
from store.exporters.registry import exporters
from store.files import written_whole

PACKAGE = """
class Cards:
    name, writes, suffixes = "cards", "index cards (.card)", (".card",)
    cites = False

    def write(self, papers, options):
        for paper in papers:
            if paper.title.startswith("Fox"):
                raise ValueError("no foxes")
            yield f"CARD {paper.title}\\n"

class Taken(Cards):
    name = "ris"

nothing = 7
"""
POINTS = """[quire.exporters]
cards = quire_cards:Cards
nothing = quire_cards:nothing
taken = quire_cards:Taken
"""


@pytest.mark.usefixtures("stocked")
def test_what_is_asked_for_is_written(walk: Walk) -> None:
    walk(__file__, "exported.jsonl")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package that brings one exporter, and two that cannot be used."""
    with made_package(tmp_path, monkeypatch, "quire_cards", PACKAGE, POINTS):
        exporters.cache_clear()
        yield
    exporters.cache_clear()


@pytest.mark.usefixtures("stocked", "package")
def test_a_package_brings_an_exporter(quire: Quire, tmp_path: Path) -> None:
    file = tmp_path / "owls.card"
    wrote = quire("export", "-o", str(file), "--paper", owl(quire))
    assert (wrote.code, file.read_text().startswith("CARD Owl")) == (0, True)
    assert "the exporter “nothing” of quire-cards 1.2 cannot be used" in wrote.err
    assert "“ris” of quire-cards 1.2 is left out: its name is taken" in wrote.err
    file.write_text("mine")
    failed = quire("export", "-o", str(file))
    assert failed.code == 3
    assert "“cards” of quire-cards 1.2 failed: ValueError: no foxes" in failed.err
    assert file.read_text() == "mine"


def owl(quire: Quire) -> str:
    papers = quire("list", "--json").json["papers"]
    return next(str(one["id"]) for one in papers if one["title"].startswith("Owl"))


@pytest.mark.usefixtures("stocked")
def test_a_file_is_whole_or_as_it_was(quire: Quire, tmp_path: Path) -> None:
    file = tmp_path / "out.ris"
    told = quire("export", "-o", str(file), "--json")
    assert told.json == {"papers": 4, "format": "ris", "file": str(file)}
    before = file.read_bytes()
    file.chmod(0o640)
    link = tmp_path / "link.ris"
    link.symlink_to(file)
    assert quire("export", "-o", str(link)).code == 0
    assert (link.is_symlink(), file.read_bytes()) == (True, before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert quire("export", "-o", str(tmp_path / "no" / "out.ris")).code == 2
    nothing = quire("export", "--tag", "tehsis", "-o", str(file))
    assert (nothing.code, "was left as it is" in nothing.err) == (2, True)
    assert quire("export", "--format", "ris", "-o", str(tmp_path)).code == 2
    assert quire("export", "--format", "ris", "-o", "-").out.encode() == before
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(NoSpace, match="no space left for"), written_whole(file) as stream:
            stream.write(b"x" * 10_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_bytes() == before
    assert sorted(one for one in os.listdir(tmp_path) if one.endswith(".part")) == []
