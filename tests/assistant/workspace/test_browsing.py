"""Lists that are gone through: how far that has come, their places, and the order by nearness."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from desk import stock

from assistant.config.settings import Settings
from assistant.workspace.left_off import LeftOff
from assistant.workspace.workspace import Workspace, open_workspace
from store.errors import UnknownPaper
from store.ledger.browse import Listing, Order, Progress

NEAR = Order(by="nearness")
PAPERS = [
    ("Sound of owls", "Owls hoot in the forest at night. We propose to count owls by their hoot."),
    ("Bread ovens", "Bread is baked in ovens of stone. We measure how hot the ovens were."),
    ("Flight of owls", "Owls fly through the forest at night without a sound of their wings."),
    ("Sour dough", "Dough of rye is sour. The bread that is baked of it in ovens keeps long."),
    ("An owl's forest", "The forest in which owls hunt at night has old trees."),
    ("Rye bread", ""),
]


@pytest.fixture
async def workspace(tmp_path: Path) -> AsyncIterator[Workspace]:
    folder = stock(tmp_path / "quire-home", PAPERS)
    opened = await open_workspace(folder, "extractive", Settings(check="off"), lambda line: None)
    async with aclosing(opened):
        yield opened


async def ids(workspace: Workspace, listing: Listing) -> dict[str, str]:
    """The ids of a list by their titles, in its order."""
    return {one.title: one.id for one in await workspace.lines(listing, 0, 20)}


async def test_what_is_unread_is_gone_through(workspace: Workspace) -> None:
    assert (await workspace.listing("owls")).through is None
    assert await workspace.progress(await workspace.listing("owls")) is None
    unread = await workspace.listing("owls is:unread")
    assert await workspace.progress(unread) == Progress(done=0, total=3)
    names = await ids(workspace, unread)
    await workspace.mark([names["Sound of owls"]], "skipped")
    assert await workspace.progress(unread) == Progress(done=1, total=3)
    assert len(await workspace.listing("owls is:unread")) == 2
    in_order = await workspace.listing("", Order(by="status"))
    assert await workspace.progress(in_order) == Progress(done=1, total=6)
    # several marks, or one of another kind, are no list of what is left to do
    assert (await workspace.listing("is:unread is:later")).through is None
    assert (await workspace.listing("is:kept")).through is None


@pytest.mark.parametrize("order", [Order(), Order(reverse=True), Order(by="title"), NEAR])
async def test_a_paper_has_its_place_in_a_list(workspace: Workspace, order: Order) -> None:
    listing = await workspace.listing("", order)
    lines = await workspace.lines(listing, 0, 20)
    assert [await workspace.place(listing, one.id) for one in lines] == [0, 1, 2, 3, 4, 5]
    owls = await workspace.listing("owls", order)
    bread = next(one.id for one in lines if one.title == "Bread ovens")
    assert await workspace.place(owls, bread) is None
    assert await workspace.place(owls, "nobody") is None


async def test_what_is_near_to_the_papers_kept_comes_first(workspace: Workspace) -> None:
    nothing = await workspace.listing("", NEAR)
    names = await ids(workspace, nothing)
    assert [*names] == [title for title, _ in PAPERS]
    assert nothing.notes == ("nothing is kept yet that the order could go by",)

    await workspace.mark([names["Bread ovens"]], "kept")
    await workspace.mark([names["Sound of owls"]], "skipped")
    left = [*await ids(workspace, await workspace.listing("is:unread", NEAR))]
    assert set(left[:2]) == {"Sour dough", "Rye bread"}
    await workspace.mark([names["Bread ovens"]], "skipped")
    await workspace.mark([names["Flight of owls"]], "kept")
    left = [*await ids(workspace, await workspace.listing("is:unread", NEAR))]
    assert left[0] == "An owl's forest"


async def test_a_paper_is_told_in_one_of_its_sentences(workspace: Workspace) -> None:
    names = await ids(workspace, await workspace.listing(""))
    assert await workspace.tldr(names["Sound of owls"]) in PAPERS[0][1]
    assert await workspace.tldr(names["Rye bread"]) == ""
    with pytest.raises(UnknownPaper):
        await workspace.tldr("nobody")
    assert await workspace.sessions() == ()


async def test_where_it_was_left_off_is_known_the_next_time(
    workspace: Workspace, tmp_path: Path
) -> None:
    assert await workspace.left_off() is None
    at = LeftOff(text="owls year:2020", order=NEAR, paper="pabc")
    await workspace.leave_off(at)
    assert await workspace.left_off() == at
    folder = stock(tmp_path / "another", PAPERS[:1])
    other = await open_workspace(folder, "extractive", Settings(check="off"), lambda line: None)
    async with aclosing(other):
        assert await other.left_off() is None
