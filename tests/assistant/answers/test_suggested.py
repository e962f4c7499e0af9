"""Questions that are suggested from a collection's own titles."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing
from pathlib import Path

import pytest
from library_fixture import Shelf, pages_library
from papers import made_up

from assistant.config.settings import Settings
from assistant.retrieval.key_phrases import key_phrases
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone
from assistant.types.questions import Question
from assistant.workspace.workspace import Workspace, open_workspace
from store.library.library import Library
from store.types import Record

OWN = (
    ("Kelp forests and storms", "Kelp forests break in winter storms and grow back by June."),
    ("Who lives in kelp forests", "Kelp forests shelter young rockfish from seals."),
    ("Sea otters at night", "Sea otters rest afloat, and sleep in rafts of ten."),
    ("The diet of sea otters", "Sea otters eat urchins, crabs and abalone."),
    ("Tide pools of Maine", "Tide pools warm by nine degrees at noon."),
    ("Snails in tide pools", "Tide pools hold periwinkles that graze on algae."),
)


def records(papers: Iterable[tuple[str, str]]) -> list[Record]:
    return [
        Record(title=title, abstract=text, source="own", reader="test", record=at)
        for at, (title, text) in enumerate(papers, 1)
    ]


async def opened(folder: Path) -> Workspace:
    return await open_workspace(folder, "extractive", Settings(), lambda line: None, keeps=False)


async def answers(workspace: Workspace, questions: Iterable[str]) -> list[Answer]:
    found = []
    for text in questions:
        async with aclosing(workspace.ask(Question(text=text))) as events:
            found += [one.answer async for one in events if isinstance(one, AnswerDone)]
    return found


@pytest.mark.parametrize("of", ["made up", "pages"])
async def test_what_is_suggested_is_answered(
    of: str, shelf: Shelf, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if of == "pages":
        folder = pages_library(shelf, request.getfixturevalue("shared"), tmp_path / "library")
    else:
        folder = shelf.library_of([*made_up(40), *records(OWN)], tmp_path / "library")
    async with aclosing(await opened(folder)) as workspace:
        questions = await workspace.suggested_questions()
        assert len(set(questions)) == (3 if of == "pages" else 2)
        for answer in await answers(workspace, questions):
            assert (answer.outcome, answer.sure) == ("answered", True), answer.question
            assert answer.references


async def test_a_library_without_a_topic_suggests_nothing(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library", create=True) as library:
        library.catch_up()
    async with aclosing(await opened(tmp_path / "library")) as workspace:
        assert await workspace.suggested_questions() == ()
        workspace._library.ingest().run(records([("Kelp", "It grows.")]))
        assert await workspace.suggested_questions() == ()


def test_phrases_are_those_that_titles_share_as_they_are_written() -> None:
    titles = [
        "Kelp Forest Decline: a New Method",
        "Decline of a kelp forest after storms",
        "A New Method for Sea Urchins in 3 Bays",
        "Sea urchins and mRNA Vaccines",
        "Why mRNA vaccines of two kinds",
        "",
        "–",
    ]
    found = [one.text for one in key_phrases(titles)]
    assert found[:3] == ["kelp forest", "mRNA vaccines", "sea urchins"]
    assert not [one for one in found if "method" in one or "3" in one]
    assert key_phrases([]) == ()
