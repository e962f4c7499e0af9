"""What answers: a model with what it costs and keeps, and the model that judges what it writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.answers.context import Judge
from assistant.answers.cost import Accounting
from assistant.config.model_choice import judge_name, model_name, recording_of
from assistant.config.prices import tariff_of
from assistant.config.settings import Settings
from assistant.generation.base import ChatModel, Recorder
from assistant.wiring.models import make_model
from store.ledger.answer_cache import AnswerCache
from store.library.library import Library
from store.types import Narrate


@dataclass(frozen=True)
class Answering:
    """The model that answers and the one that judges, with what they cost.

    `sends_to` is the host that questions go to, None where nothing leaves this machine.
    """

    model: ChatModel
    sends_to: str | None
    accounting: Accounting
    recorder: Recorder | None
    judge: Judge


def answering_of(
    asked: str | None,
    settings: Settings,
    library: Library,
    narrate: Narrate,
    record: Path | None,
    cache: AnswerCache | None,
) -> Answering:
    """What answers by a name and the settings; raises WrongUse.

    With `record` the replies are added to that file; without a `cache` nothing is kept of them.
    """
    model, sends_to = make_model(
        asked, settings, library, narrate, record=record, remembers=cache is not None
    )
    recorder = recorder_of(model, record)
    accounting = accounting_of(model_name(asked, settings), settings, cache)
    judge = Judge(model, accounting, settings.check, sends_to, recorder, is_replay(model))
    if (named := judge_name(model.name, settings)) != model.name:
        judge = other_judge(named, settings, library, narrate, record, cache)
    return Answering(model, sends_to, accounting, recorder, judge)


@asynccontextmanager
async def one_time(
    name: str, settings: Settings, library: Library, cache: AnswerCache | None
) -> AsyncIterator[Answering]:
    """What answers by a name for as long as this lasts; raises WrongUse."""
    one = await asyncio.to_thread(
        answering_of, name, settings, library, lambda line: None, None, cache
    )
    try:
        yield one
    finally:
        await one.judge.model.aclose()
        await one.model.aclose()


def other_judge(
    name: str,
    settings: Settings,
    library: Library,
    narrate: Narrate,
    record: Path | None,
    cache: AnswerCache | None,
) -> Judge:
    """A model that judges what another one writes."""
    model, sends_to = make_model(
        name,
        settings,
        library,
        narrate,
        record=record,
        may_wait=True,
        remembers=cache is not None,
    )
    accounting = accounting_of(name, settings, cache)
    recorder = recorder_of(model, record)
    return Judge(model, accounting, settings.check, sends_to, recorder, is_replay(model))


def accounting_of(name: str, settings: Settings, cache: AnswerCache | None) -> Accounting:
    """What a model costs, with what it said before.

    A recording is what is kept already: it is read each time, and may be another file then.
    """
    known = cache if recording_of(name) is None else None
    return Accounting(tariff_of(name, settings), known)


def is_replay(model: ChatModel) -> bool:
    """True for a model that says a recording again."""
    return recording_of(model.name) is not None


def recorder_of(model: ChatModel, record: Path | None) -> Recorder | None:
    """The model where its replies are recorded; what that takes is imported where it is used."""
    if record is None:
        return None
    from assistant.generation.recorder import RecordingModel

    return model if isinstance(model, RecordingModel) else None
