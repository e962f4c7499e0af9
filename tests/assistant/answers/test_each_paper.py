"""Papers summed up in a sentence each, many at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest
from cli_fixture import Add
from tables import table

from assistant.answers.ask import Assistant
from assistant.answers.context import keep_nothing
from assistant.answers.each_paper import TOGETHER, Each
from assistant.config.settings import Settings
from assistant.sessions import Conversations
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone
from assistant.types.questions import SummaryRequest
from assistant.wiring.models import BuiltInModel, open_library
from assistant.workspace.workspace import open_workspace
from store.errors import UnknownPaper
from store.library.library import Library
from store.types import Paper


@pytest.fixture
def many(added: Add) -> Path:
    """A library of 45 papers on three topics."""
    return added(table(str(Path(__file__).with_name("summarize") / "papers"), "papers.jsonl"))


@pytest.fixture
def library(many: Path) -> Iterator[Library]:
    with open_library(many, print) as opened:
        yield opened


def assistant_of(library: Library) -> Assistant:
    return Assistant(library, BuiltInModel(library), keep_nothing)


def each_of(library: Library, papers: Sequence[Paper]) -> Each:
    return assistant_of(library).sum_up_each(papers, Conversations(library).keep_all)


def turns(library: Library) -> list[int]:
    return [one.turns for one in Conversations(library).lines()]


async def alone(assistant: Assistant, paper: Paper) -> Answer:
    """What a paper is summed up to by itself."""
    request = SummaryRequest(papers=(paper.id,), length="sentence")
    async with aclosing(assistant.summarize(request)) as events:
        (answer,) = [one.answer async for one in events if isinstance(one, AnswerDone)]
        return answer


async def test_each_answer_is_that_of_the_paper_alone(library: Library) -> None:
    with library.ledger.write():
        library.ledger.run("UPDATE papers SET abstract = '' WHERE key = 7")
    papers = library.papers()
    each, found = each_of(library, papers), list[tuple[Paper, Answer]]()
    while made := each.next():
        found += made
    assert [one.id for one, _ in found] == [one.id for one in papers]
    assistant = assistant_of(library)
    for paper, answer in found:
        assert answer.model_copy({"session": None}) == await alone(assistant, paper)
    outcomes = [answer.outcome for _, answer in found]
    assert (outcomes.count("answered"), outcomes.count("not_in_collection")) == (44, 1)


def test_what_is_handed_out_is_saved_in_one_conversation(library: Library) -> None:
    papers = library.papers()
    each, given = each_of(library, papers), 0
    while made := each.next():
        assert len(made) <= TOGETHER
        given += len(made)
        assert turns(library) == [given]
    assert given == len(papers)
    (line,) = Conversations(library).lines()
    saved = Conversations(library).open(line.id).turns
    assert [one.answer.references[0].id for one in saved] == [one.id for one in papers]


def test_what_is_made_when_it_is_stopped_is_neither_saved_nor_handed_out(
    library: Library,
) -> None:
    each = each_of(library, library.papers())
    each.stop()
    assert each.next() == []
    assert turns(library) == []


def test_a_paper_that_goes_meanwhile_loses_none_before_it(library: Library) -> None:
    papers = library.papers()[:5]
    each = each_of(library, papers)
    library.remove([papers[3].id])
    assert [paper.id for paper, _ in each.next()] == [one.id for one in papers[:3]]
    assert turns(library) == [3]
    with pytest.raises(UnknownPaper):
        each.next()


async def test_who_leaves_early_has_lost_nothing_that_was_shown(many: Path) -> None:
    shown: list[str] = []
    async with aclosing(await open_workspace(many, None, Settings(), lambda line: None)) as opened:
        names = [one.id for one in await opened.papers()]

        async def show() -> None:
            async with aclosing(opened.sum_up(names)) as events:
                async for paper, _ in events:
                    shown.append(paper.id)
                    if len(shown) == TOGETHER:
                        task.cancel()

        task = asyncio.create_task(show())
        with pytest.raises(asyncio.CancelledError):
            await task
    with open_library(many, print) as library:
        (saved,) = turns(library)
        assert len(shown) <= saved <= len(names)
