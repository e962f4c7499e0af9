"""The tools: each with what it takes and gives, and what it does with a library."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from assistant.api.library import Library
from assistant.errors import AssistantError
from assistant.mcp_server.arguments import (
    AskArguments,
    PaperArguments,
    SearchArguments,
    SimilarArguments,
)
from assistant.mcp_server.shapes import (
    AnswerShape,
    PaperShape,
    SearchShape,
    answer_shape,
    clipped,
    found_shape,
    paper_shape,
)
from assistant.types.answers import Answer
from assistant.types.events import (
    AnswerDone,
    AnswerWhole,
    AskedAgain,
    Event,
    EvidenceFound,
    Progress,
    TextDelta,
    Thinking,
)

Taken = TypeVar("Taken", bound=BaseModel)

Report = Callable[[str], Awaitable[None]]
"""Tells the client in a line how far a call has come."""

_REPORT_SECONDS = 0.5


@dataclass(frozen=True)
class Surroundings:
    """What a tool works with: the library, and what an answer may cost in USD."""

    library: Library
    max_cost: float | None = None


@dataclass(frozen=True)
class Tool(Generic[Taken]):
    """A tool as a client is told of it, and the function behind it.

    `sends` says that it may ask a model elsewhere.
    """

    name: str
    title: str
    about: str
    takes: type[Taken]
    gives: type[BaseModel]
    run: Callable[[Surroundings, Taken, Report], Awaitable[BaseModel]]
    sends: bool = False


async def _search(around: Surroundings, given: SearchArguments, _: Report) -> SearchShape:
    found = await around.library.search(given.query, given.limit, where=given.filter())
    return found_shape(found)


async def _similar(around: Surroundings, given: SimilarArguments, _: Report) -> SearchShape:
    found = await around.library.similar(given.paper, given.limit, where=given.filter())
    return found_shape(found)


async def _get_paper(around: Surroundings, given: PaperArguments, _: Report) -> PaperShape:
    return paper_shape(await around.library.paper(given.paper))


async def _ask(around: Surroundings, given: AskArguments, report: Report) -> AnswerShape:
    stream = around.library.ask(
        given.question, where=given.filter(), check=given.check, max_cost=around.max_cost
    )
    answer: Answer | None = None
    course = _Course()
    try:
        async with aclosing(aiter(stream)) as events:
            async for event in events:
                if isinstance(event, AnswerDone):
                    answer = event.answer
                elif line := course.line(event):
                    await report(line)
    except AssistantError as failure:
        if answer is not None and answer.text:
            came = f"what came until then: {clipped(answer.text)}"
            failure.hint = ". ".join(filter(None, (failure.hint, came)))
        raise
    if answer is None:
        raise AssertionError("a stream that does not fail ends with its answer")
    return answer_shape(answer)


class _Course:
    """How far an answer has come, in a line now and then."""

    def __init__(self) -> None:
        self._length = 0
        self._told = 0.0

    def line(self, event: Event) -> str:
        """What is to be told of an event, empty for nothing."""
        match event:
            case EvidenceFound():
                return f"{len(event.evidence.sources)} sources found"
            case Progress():
                done = "" if event.done is None else f" {event.done} of {event.total} {event.unit}"
                return f"{event.text}{done}".strip()
            case AskedAgain():
                self._length = 0
                return event.why
            case AnswerWhole():
                return f"{event.judge} judges what is said"
            case TextDelta():
                self._length += len(event.text)
                return self._now_and_then(f"{self._length} characters written")
            case Thinking():
                return self._now_and_then("the model thinks")
        return ""

    def _now_and_then(self, line: str) -> str:
        now = time.monotonic()
        if now - self._told < _REPORT_SECONDS:
            return ""
        self._told = now
        return line


TOOLS: tuple[Tool[Any], ...] = (
    Tool(
        "search",
        "Search the collection",
        "Rank the papers of the reader's collection for a query, by words and by meaning. Each hit"
        " has the sentence of its abstract that speaks most to the query.",
        SearchArguments,
        SearchShape,
        _search,
    ),
    Tool(
        "get_paper",
        "Read a paper's record",
        "One paper of the collection: title, authors, year, venue, identifiers and the abstract.",
        PaperArguments,
        PaperShape,
        _get_paper,
    ),
    Tool(
        "similar",
        "Find similar papers",
        "Rank the papers of the collection nearest to one, by meaning and by its telling words.",
        SimilarArguments,
        SearchShape,
        _similar,
    ),
    Tool(
        "ask",
        "Ask the collection",
        "Answer a question from the abstracts of the collection. Each sentence of the answer cites"
        " sentences of papers, quoted with a verdict: whether the quoted words hold it. Says so"
        " where the collection does not answer.",
        AskArguments,
        AnswerShape,
        _ask,
        sends=True,
    ),
)
"""Every tool, in the order in which they are listed."""
