"""Papers that came after an answer and belong to its question."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from pathlib import Path

import pytest
from library_fixture import Shelf
from papers import made_up

from assistant.config.settings import Settings
from assistant.types.asked_of import AskedOf
from assistant.types.events import AnswerDone
from assistant.types.questions import Question, SummaryRequest
from assistant.types.sessions import Turn
from assistant.workspace.workspace import Workspace, open_workspace
from store.library.library import Library
from store.types import Filter, Record

QUESTION = "What do kelp forests shelter?"
BEFORE = (
    ("Kelp and fish", "Kelp forests shelter young rockfish from seals."),
    ("Snails of the canopy", "Turban snails graze in the canopy of giant kelp."),
)
MATCHING = (
    ("Refuges", "We dived for years. Kelp forests shelter abalone and urchins from storms."),
    ("Otters", "Sea otters rest where kelp forests shelter them from waves and sharks."),
)
FOREIGN = (("Tax law", "Courts weigh what a forest of statutes means for small firms."),)


def records(papers: Iterable[tuple[str, str]]) -> list[Record]:
    return [
        Record(title=title, abstract=text, source="own", reader="test", record=at)
        for at, (title, text) in enumerate(papers, 1)
    ]


@pytest.fixture
async def workspace(shelf: Shelf, tmp_path: Path) -> AsyncIterator[Workspace]:
    """The workspace of a library with two papers on kelp among thirty others."""
    papers = [*made_up(30), *records(BEFORE)]
    folder = shelf.library_of(papers, tmp_path / "library")
    opened = await open_workspace(folder, "extractive", Settings(check="off"), lambda line: None)
    async with aclosing(opened):
        yield opened


async def asked(
    workspace: Workspace, request: Question | SummaryRequest, *, all_papers: bool = False
) -> Turn:
    """The last turn that was saved, of this question."""
    ask = workspace.ask if isinstance(request, Question) else workspace.summarize
    ask = workspace.ask_all if all_papers else ask
    session = None
    async with aclosing(ask(request)) as events:  # type: ignore[operator]
        async for event in events:
            if isinstance(event, AnswerDone):
                session = event.answer.session
    assert session
    return (await workspace.session(session)).turns[-1]


def add(workspace: Workspace, papers: Iterable[tuple[str, str]]) -> None:
    """What a neighbour adds."""
    with Library.open(Path(workspace.library)) as library:
        library.ingest().run(records(papers))


async def test_only_what_came_since_and_speaks_to_the_question_counts(
    workspace: Workspace,
) -> None:
    turn = await asked(workspace, Question(text=QUESTION))
    other = await asked(workspace, Question(text="Does a random forest lower the energy use?"))
    summary = await asked(workspace, SummaryRequest(topic="kelp forests"))
    assert await workspace.new_matches(turn) == 0
    add(workspace, FOREIGN)
    assert await workspace.new_matches(turn) == 0
    add(workspace, MATCHING)
    assert await workspace.new_matches(turn) == 2
    assert await workspace.new_matches(other) == 0
    assert await workspace.new_matches(summary) == 2
    again = await asked(workspace, Question(text=QUESTION))
    assert await workspace.new_matches(again) == 0


async def test_a_follow_up_is_searched_as_it_was_understood(workspace: Workspace) -> None:
    first = await asked(workspace, Question(text=QUESTION))
    session = first.answer.session
    turn = await asked(workspace, Question(text="And from what?", session=session))
    assert "kelp" in (turn.answer.standalone or "")
    add(workspace, (*FOREIGN, *MATCHING))
    assert await workspace.new_matches(turn) == 2


async def test_a_question_for_records_counts_those_that_have_them(workspace: Workspace) -> None:
    turn = await asked(workspace, Question(text="Which papers were published in 2019?"))
    with Library.open(Path(workspace.library)) as library:
        new = [one.model_copy({"year": 2019}) for one in records(MATCHING)]
        library.ingest().run([*new, *records(FOREIGN)])
    assert await workspace.new_matches(turn) == 2


async def test_only_papers_of_what_it_was_asked_of_count(workspace: Workspace) -> None:
    """A search finds new ones, papers that were named stay the same."""
    asked_query = Question(
        text=QUESTION,
        filter=Filter(papers=await workspace.holding("shelter")),
        query="shelter",
        words="shelter",
    )
    by_query = await asked(workspace, asked_query)
    by_fields = await asked(workspace, Question(text=QUESTION, filter=Filter(year_from=2020)))
    of_named = await asked(
        workspace, Question(text=QUESTION, filter=Filter(papers=asked_query.filter.papers))
    )
    with Library.open(Path(workspace.library)) as library:
        old, new = records(MATCHING)
        library.ingest().run([old.model_copy({"year": 2019}), new.model_copy({"year": 2021})])
    assert await workspace.new_matches(by_query) == 2
    assert await workspace.new_matches(by_fields) == 1
    assert await workspace.new_matches(of_named) == 0
    gone = by_query.answer.model_copy(
        {"asked_of": AskedOf(query="title:nowhere", words="title:nowhere")}
    )
    assert await workspace.new_matches(by_query.model_copy({"answer": gone})) == 0


async def test_of_summaries_those_count_that_belong_to_what_was_summarized(
    workspace: Workspace,
) -> None:
    (kelp, *_) = await workspace.holding("kelp")
    topic = await asked(workspace, SummaryRequest(topic="kelp forests"))
    every = await asked(workspace, SummaryRequest())
    named = await asked(workspace, SummaryRequest(papers=(kelp,)))
    by_each = await asked(workspace, Question(text=QUESTION), all_papers=True)
    add(workspace, (*FOREIGN, *MATCHING))
    numbers = [await workspace.new_matches(one) for one in (topic, every, named, by_each)]
    assert numbers == [2, 3, 0, 3]
