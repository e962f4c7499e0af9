"""A collection as the app lists and marks it: the grammar of searches, and the way back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from library_fixture import Shelf
from papers import made_up

from assistant.config.settings import Settings
from assistant.errors import QuerySyntaxError
from assistant.workspace.workspace import Workspace, open_workspace
from store.errors import NothingToUndo
from store.ledger.browse import Order


@pytest.fixture
async def workspace(shelf: Shelf, tmp_path: Path) -> AsyncIterator[Workspace]:
    """The workspace of a library of twenty papers, every other one tagged."""
    papers = [
        one.model_copy(update={"tags": ("odd",) if at % 2 else ()})
        for at, one in enumerate(made_up(20))
    ]
    folder = shelf.library_of(papers, tmp_path / "library")
    opened = await open_workspace(folder, "extractive", Settings(check="off"), lambda line: None)
    async with aclosing(opened):
        yield opened


async def test_a_list_takes_the_fields_of_a_search(workspace: Workspace) -> None:
    everything = await workspace.listing("")
    assert (len(everything), everything.keys) == (20, None)
    assert len(await workspace.listing("tag:odd is:unread")) == 10
    assert len(await workspace.listing("-tag:odd")) == 10
    assert await workspace.holding("tag:odd") == tuple(
        one.id for one in await workspace.lines(await workspace.listing("tag:odd"), 0, 20)
    )
    nothing = await workspace.listing("year:1066")
    assert (len(nothing), nothing.notes) == (
        0,
        ("20 papers have no year, and a filter on it leaves them out; --undated keeps them",),
    )
    assert (await workspace.listing("athor:ada")).notes[0].startswith("“athor:” is no field")
    with pytest.raises(QuerySyntaxError):
        await workspace.listing('"not closed')


async def test_marks_and_tags_are_given_and_taken_back(workspace: Workspace) -> None:
    lines = await workspace.lines(await workspace.listing("", Order(by="title")), 0, 20)
    ids = [one.id for one in lines[:3]]
    assert await workspace.mark(ids, "kept") == 3
    assert await workspace.mark(ids[:1], "kept") == 0
    assert len(await workspace.listing("is:kept")) == 3
    assert await workspace.change_tags(ids, ("new",), ("odd",)) == 3
    assert set(await workspace.tags()) == {"new", "odd"}
    await workspace.take_back()
    assert await workspace.tags() == ("odd",)
    await workspace.take_back()
    assert len(await workspace.listing("is:kept")) == 0
    with pytest.raises(NothingToUndo, match="no mark"):
        await workspace.take_back()
