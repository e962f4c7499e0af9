"""A model whose answers are measured: made, estimated, and asked without a trace in the library."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from assistant.answers.ask import Assistant
from assistant.answers.context import Judge, keep_nothing
from assistant.answers.cost import Accounting, added
from assistant.config.model_choice import model_name
from assistant.config.settings import Settings
from assistant.evaluation.asking import CountingModel, ask_all
from assistant.evaluation.measures import Record
from assistant.evaluation.questions import AskedQuestion
from assistant.types.questions import Question
from assistant.types.usage import Estimate
from assistant.types.wire import WireRequest
from assistant.wiring.judges import accounting_of, is_replay, recorder_of
from assistant.wiring.models import make_model
from store.library.library import Library
from store.types import Filter, Narrate

Filters = Mapping[tuple[str, ...], Filter]
"""What the arguments of questions mean."""


@dataclass(frozen=True)
class Candidate:
    """A model to be measured; `sends_to` is the host it is at, None for this machine."""

    name: str
    sends_to: str | None
    accounting: Accounting
    assistant: Assistant
    requests: Counter[str]

    def ask(
        self, questions: Sequence[AskedQuestion], filters: Filters
    ) -> AsyncGenerator[Record, None]:
        """Ask every question; yields what came of each."""
        return ask_all(self.assistant, questions, requests=self.requests, filters=filters)

    async def first_request(
        self, questions: Sequence[AskedQuestion], filters: Filters
    ) -> WireRequest | None:
        """The first request that asking makes, byte for byte; None where none is made."""
        for one in questions:
            text = (*one.history, one.question)[0]
            question = Question(text=text, filter=filters.get(one.arguments, Filter()))
            planned = await self.assistant.sending(question, "question", exact=True)
            if planned.request is not None:
                return planned.request
        return None

    async def estimate(self, questions: Sequence[AskedQuestion], filters: Filters) -> Estimate:
        """What asking will take at most, earlier questions of conversations included."""
        asked = {
            (one.arguments, text) for one in questions for text in (*one.history, one.question)
        }
        found = []
        for arguments, text in sorted(asked):
            question = Question(text=text, filter=filters.get(arguments, Filter()))
            found.append((await self.assistant.sending(question, "question")).estimate)
        return reduce(added, found, Estimate(cost=0.0))


@asynccontextmanager
async def candidate(
    library: Library,
    asked: str | None,
    settings: Settings,
    narrate: Narrate,
    *,
    record: Path | None = None,
    check: bool = False,
) -> AsyncIterator[Candidate]:
    """The model that `-m` names; with `check` it judges what it says too. Raises WrongUse.

    Nothing is saved or read from what was answered before: each run asks anew.
    """
    made, sends_to = await asyncio.to_thread(
        lambda: make_model(asked, settings, library, narrate, record=record, remembers=False)
    )
    model = CountingModel(made)
    accounting = accounting_of(model_name(asked, settings), settings, None)
    judge = Judge(model, accounting, "on" if check else "off", is_replay=is_replay(made))
    recorder = recorder_of(made, record)
    assistant = Assistant(
        library, model, keep_nothing, settings.prompts, accounting, recorder, judge
    )
    try:
        yield Candidate(made.name, sends_to, accounting, assistant, model.requests)
    finally:
        await assistant.aclose()
