"""Going through what is unread in a real library: marks, progress, sentences, where one stopped."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk, app_over, stock, walks
from waiting import until

TOPICS = ("owls", "codecs", "tides", "glaciers", "looms", "harps")
PAPERS = [
    (
        f"A study of {topic}",
        f"Many wonder about {topic}. In this paper we propose a new method that counts {topic} "
        f"by their sound. The weather was fine.",
    )
    for topic in TOPICS
]


@pytest.fixture
def shelf_of_six(tmp_path: Path) -> Path:
    """A library of six papers, none of which was looked at."""
    return stock(tmp_path / "quire-home", PAPERS)


def opened(folder: Path, tmp_path: Path) -> Desk:
    return Desk(app_over(folder, "extractive", state=tmp_path / "state"))


async def test_papers_are_gone_through_with_a_key_each(shelf_of_six: Path, tmp_path: Path) -> None:
    await opened(shelf_of_six, tmp_path).walk(walks(__file__)["what is unread is gone through"])


async def test_it_goes_on_where_it_was_left_off(shelf_of_six: Path, tmp_path: Path) -> None:
    WALKS = walks(__file__)
    await opened(shelf_of_six, tmp_path).walk(WALKS["it is left off"])
    await opened(shelf_of_six, tmp_path).walk(WALKS["it goes on"])


async def test_keys_that_come_at_once_mark_one_paper_after_the_other(
    shelf_of_six: Path, tmp_path: Path
) -> None:
    desk = opened(shelf_of_six, tmp_path)
    async with desk.opened(120, 40):
        await desk.press("f2")
        await desk.sees("A study of harps")
        await desk.press("T")
        await desk.sees("0 of 6 gone through")
        for key in "*xl*":
            desk.app.simulate_key("asterisk" if key == "*" else key)
        await desk.sees("4 of 6 gone through")
        assert desk.main.papers.current.title == "A study of looms"
        marked = await desk.app._library._service.marked()
        assert marked == {"kept": 2, "skipped": 1, "later": 1, "unread": 2}
        await until(lambda: "new method that counts looms" in desk.text)


@pytest.mark.parametrize(
    "name",
    [
        "papers go and come back",
        "papers are written to a file",
        "what empties the filter is told and dropped",
    ],
)
async def test_what_is_done_to_papers(
    shelf_of_six: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await opened(shelf_of_six, tmp_path).walk(walks(__file__)[name])
    if name == "papers are written to a file":
        assert (tmp_path / "two.bib").read_text().count("@misc") == 2
