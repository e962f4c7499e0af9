"""A collection as the app lists and marks it: the grammar of searches, and the way back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, closing
from pathlib import Path

import pytest
from library_fixture import Shelf
from papers import made_up

from assistant.config.settings import Settings
from assistant.errors import QuerySyntaxError
from assistant.text.sentences import source_texts
from assistant.types.events import AnswerDone
from assistant.types.questions import Question
from assistant.workspace.workspace import Workspace, open_workspace
from store.errors import InputError, NothingToUndo, UnknownPaper
from store.ledger.browse import Order
from store.ledger.database import Ledger
from store.ledger.marks import add_note
from store.ledger.undo import Undoing
from store.library.library import Library
from store.types import Filter


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


async def take_back(workspace: Workspace) -> Undoing:
    """Take back the last change."""
    return await workspace.take_back((await workspace.next_undo()).number)


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
    await take_back(workspace)
    assert await workspace.tags() == ("odd",)
    await take_back(workspace)
    assert len(await workspace.listing("is:kept")) == 0
    # what came before is another kind of change, which takes papers out again
    assert (await workspace.next_undo()).kind == "add"
    assert await workspace.remove(ids) == 3
    assert len(await workspace.listing("")) == 17
    assert set((await take_back(workspace)).ids) == set(ids)
    assert len(await workspace.listing("tag:odd")) == 10
    await take_back(workspace)
    assert len(await workspace.listing("")) == 0
    with pytest.raises(NothingToUndo):
        await workspace.next_undo()


async def test_a_note_is_written_anew_and_taken_back(workspace: Workspace) -> None:
    (first, *_) = await workspace.holding("")

    async def notes() -> tuple[str, ...]:
        return (await workspace.paper(first)).notes

    assert await workspace.change_note(first, " ") == 0
    assert await workspace.change_note(first, "read again\n") == 1
    assert await workspace.change_note(first, "read again") == 0
    assert await workspace.change_note(first, "read twice") == 1
    assert await notes() == ("read twice",)
    await take_back(workspace)
    assert await notes() == ("read again",)
    with closing(Ledger.open(Path(workspace.library))) as other:
        add_note(other, Filter(papers=(first,)), "by another", lambda line: None)
    assert await workspace.change_note(first, "by me") == 1
    assert await notes() == ("read again", "by me")
    assert await workspace.change_note(first, "") == 1
    assert await notes() == ("read again",)
    await take_back(workspace)
    assert await notes() == ("read again", "by me")
    with pytest.raises(InputError):
        await workspace.change_note(first, "long" * 10_000)
    with pytest.raises(UnknownPaper):
        await workspace.change_note("nowhere", "a note")


async def test_answers_are_found_by_the_sentences_that_they_cite(workspace: Workspace) -> None:
    """After another text came for the paper too, and where it was joined with another one."""
    (first, second, *_) = await workspace.papers()
    question = Question(text=first.abstract, filter=Filter(papers=(first.id,)))
    async with aclosing(workspace.ask(question)) as events:
        async for event in events:
            done = event
    assert isinstance(done, AnswerDone)
    (reference,) = done.answer.references
    (citing,) = await workspace.cited_in(first.id)
    assert (citing.session, citing.turn) == (done.answer.session, 1)
    assert citing.question == citing.name == first.abstract[:200] or citing.name[:200]
    assert citing.sentences == reference.sentences != ()
    assert await workspace.cited_in(second.id) == ()
    texts = source_texts(first.title, first.abstract)
    kept = [at for at in reference.sentences if at != 2]
    changed = " ".join(["A sentence before it.", *(texts[at] for at in (1, 3, 4)[: len(texts)])])
    with closing(Ledger.open(Path(workspace.library))) as other, other.write():
        other.run("UPDATE papers SET abstract = ? WHERE id = ?", (changed, first.id))
    (citing,) = await workspace.cited_in(first.id)
    now = source_texts(first.title, changed)
    assert [now[at] for at in citing.sentences] == [texts[at] for at in kept]
    with closing(Library.open(Path(workspace.library))) as library:
        library.merge([second.id, first.id])
    assert len(await workspace.cited_in(second.id)) == 1


async def test_the_nearest_papers_leave_out_the_one_asked_for(workspace: Workspace) -> None:
    (first, *_) = await workspace.papers()
    found = await workspace.similar(first.id, 3)
    assert len(found.hits) == 3
    assert first.id not in {one.paper.id for one in found.hits}
