"""A paper of a real library in its place: what stands beside it, its note, its mark."""

from __future__ import annotations

from pathlib import Path

from desk import Desk, app_over, walks


async def test_a_paper_is_read_with_its_note_its_neighbours_and_what_cites_it(
    codecs: Path, tmp_path: Path
) -> None:
    desk = Desk(app_over(codecs, "extractive", state=tmp_path / "state"))
    await desk.walk(walks(__file__)["a paper of a real library is read"])
