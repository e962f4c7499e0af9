"""The app over a library without papers: the ways to begin, and what comes of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk, walks

from assistant.ingest.add import AddDone, AddReport
from assistant.ingest.sample import SAMPLE_TAG

WALKS = walks(__file__)
SIZES = [(120, 40), (80, 24), (60, 20)]


@pytest.fixture(autouse=True)
def empty(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No papers yet; a home folder with some to add."""
    desk.kept = list(desk.service.known)  # type: ignore[attr-defined]
    desk.service.known.clear()
    desk.service.adds = [AddDone(report=AddReport(read=2, new=2))]
    for name in ("papers.bib", "papers.ris", "notes.txt"):
        (tmp_path / name).touch()
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.parametrize("size", SIZES)
async def test_the_ways_to_begin_are_chosen_and_the_first_paper_has_the_cursor(
    desk: Desk, size: tuple[int, int]
) -> None:
    def come() -> None:
        desk.service.known.extend(desk.kept)  # type: ignore[attr-defined]

    first, *rest = WALKS["the ways to begin"]
    await desk.walk([{"opens": size, **first}, *rest], come=come)
    sample, path = desk.service.additions
    assert (sample.wanted.is_sample, sample.wanted.tags) == (True, (SAMPLE_TAG,))
    assert path.wanted.sources == (str(Path.home() / "papers.ris"),)


async def test_papers_are_pasted(desk: Desk) -> None:
    await desk.walk(WALKS["papers are pasted"])
    (added,) = desk.service.additions
    assert added.wanted.pasted == "TY  - JOUR\nTI  - Kelp"
    assert (added.wanted.sources, added.wanted.tags) == ((), ("sea",))


async def test_it_is_said_that_no_model_answers(desk: Desk) -> None:
    desk.service.model = "extractive"
    async with desk.opened():
        assert desk.main.place == "library"
        await desk.sees("no model: answers are sentences of the abstracts · F7 connects one")


async def test_what_was_typed_ahead_stays_where_one_asks(desk: Desk) -> None:
    async with desk.app.run_test() as desk.pilot:
        desk.main.box.load_text("What li")
        await desk.sees("There are no papers yet")
        assert (desk.main.place, desk.main.box.text) == ("ask", "What li")
