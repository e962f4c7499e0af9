"""What a model makes of a question before papers are searched: one table, over real HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from endpoint_fixture import ScriptedEndpoint
from fault_fixture import Endpoints
from library_fixture import Shelf
from tables import Row, compare, compare_awaited, for_each, table

from assistant.answers.ask import Assistant
from assistant.answers.context import keep_nothing
from assistant.query.planning.languages import AbstractLanguages
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, Progress
from assistant.types.questions import Question
from assistant.types.sessions import Turn
from assistant.wiring.models import BuiltInModel
from store.library.library import Library
from store.types import Filter, Record

IS_PLAN = "Last question: "


@pytest.fixture
def plans(shelf: Shelf, tmp_path: Path) -> Iterator[Library]:
    """A library of a few papers with records."""
    papers = table(__file__, "planned_papers.jsonl")
    records = [
        Record(**{**one, "authors": tuple(one["authors"]), "source": "t", "reader": "t"})
        for one in papers
    ]
    with Library.open(shelf.library_of(records, tmp_path / "library")) as opened:
        yield opened


class Talk:
    """A conversation with a scripted model: a row says what it makes of each question."""

    def __init__(self, library: Library, endpoints: Endpoints) -> None:
        self._plan = ""
        self.endpoint: ScriptedEndpoint = endpoints.scripted(self._reply)
        self._asking = Assistant(library, endpoints.model(self.endpoint.base_url), keep_nothing)

    def _reply(self, body: dict[str, Any]) -> str:
        """The plan of the row, or every source cited by its title."""
        prompt = str(body["messages"][-1]["content"])
        if IS_PLAN in prompt:
            return self._plan
        cited = re.findall(r"^\[(\d+)\.0\] (.+)$", prompt, re.MULTILINE)
        return "\n".join(f"{title} [{at}.0]." for at, title in cited) or "NOT_ANSWERED"

    async def turn(self, asked: str, plan: str, history: tuple[Turn, ...]) -> tuple[Answer, Row]:
        """The answer to a question, and what of it is compared."""
        self._plan = plan
        before = len(self.endpoint.requests)
        events = [one async for one in self._asking.ask(Question(text=asked, history=history))]
        sent = self.endpoint.requests[before:]
        done = events[-1]
        assert isinstance(done, AnswerDone)
        told = [one.text for one in events if isinstance(one, Progress)]
        answer = done.answer
        assert answer.usage.calls == len(sent)
        return answer, {
            "read": told[0].removeprefix("read as: ") if told else "",
            "found": sorted(one.title.split(":")[0] for one in answer.references),
            "sent": len(sent),
            "note": answer.note,
            "prompts": [one.prompt for one in sent],
        }


async def test_what_becomes_of_a_plan(plans: Library, endpoints: Endpoints) -> None:
    """A row: turns of a question and a reply each; then what came of the last one."""
    came: dict[int, Row] = {}
    rows, talk = table(__file__, "planned.jsonl"), Talk(plans, endpoints)
    for row in rows:
        history: tuple[Turn, ...] = ()
        for asked, plan in row["turns"]:
            answer, came[row["line"]] = await talk.turn(asked, plan, history)
            history = (*history, Turn(question=asked, answer=answer))

    def check(row: Row) -> None:
        got = came[row["line"]]
        for name in ("read", "sent"):
            assert (name, got[name]) == (name, row.get(name, got[name]))
        assert set(row.get("found", [])) <= set(got["found"]), got["found"]
        assert not set(row.get("not_found", [])) & set(got["found"]), got["found"]
        assert row.get("note", "") in got["note"], got["note"]
        assert bool(got["note"]) == ("note" in row), got["note"]
        for words in row.get("shown", []):
            assert words in got["prompts"][0]
        if "asks" in row:
            assert f"Question: {row['asks']}" in got["prompts"][-1]

    for_each(rows, check)


async def test_without_a_model_only_names_are_compared_across_languages(plans: Library) -> None:
    async def came(row: Row) -> list[object]:
        asking = Assistant(plans, BuiltInModel(plans), keep_nothing)
        *_, done = [one async for one in asking.ask(Question(text=row["question"]))]
        assert isinstance(done, AnswerDone)
        said = done.answer
        assert "the abstracts are in English: the built-in model compares words" in said.note
        return [said.outcome, said.sure, sorted({one.title for one in said.references})]

    await compare_awaited(table(__file__, "words_only.jsonl"), came)


def test_which_questions_are_in_another_language(plans: Library) -> None:
    languages = AbstractLanguages(plans)
    assert languages.main == "English"
    assert len(plans.sample(3)) == len(set(plans.sample(3))) == 3
    assert plans.sample(99) == plans.ids(Filter())
    compare(
        table(__file__, "foreign.jsonl"),
        lambda row: languages.foreign(row["question"], row.get("names", ())),
    )
