"""The one place where concrete parts are made from settings."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.config.keys import key_of, key_place
from assistant.config.model_choice import EXTRACTIVE, model_name, model_settings, recording_of
from assistant.config.settings import Settings, load_settings
from assistant.errors import WrongUse
from assistant.generation.base import ChatModel, Finished, ModelPart, ModelTask, Piece
from assistant.generation.forwarding import ForwardingModel
from assistant.retrieval.kept_sentences import KeptSentences
from assistant.retrieval.retriever import Retriever
from assistant.retrieval.term_statistics import LibraryStatistics
from assistant.wiring.embedders import AllEmbedders, paper_reader
from store.embedders.base import Embedders
from store.ledger.answer_cache import AnswerCache
from store.library.library import Library
from store.types import Narrate

if TYPE_CHECKING:
    from assistant.config.tables import ModelSettings
    from assistant.generation.openai.endpoint import EndpointModel
    from assistant.generation.openai.habits import Memory


_HABITS = "habits"
_MOST_MODELS = 200


class BuiltInModel:
    """The extractive model over one library: it answers with sentences, word for word."""

    name = EXTRACTIVE
    context_tokens = 1_000_000
    is_extractive = True

    def __init__(self, library: Library) -> None:
        self._library = library
        self._retriever = Retriever(library)

    async def get_ready(self) -> None:
        """Nothing is to be learned."""

    async def stream(self, task: ModelTask) -> AsyncGenerator[ModelPart, None]:
        """Answer a task, one piece a paragraph."""
        # Choosing is work of the processor, and asks the library: not for the event loop.
        for at, paragraph in enumerate(await asyncio.to_thread(self._paragraphs, task)):
            yield Piece(paragraph if at == 0 else f"\n\n{paragraph}")
        yield Finished("stop", input_tokens=0, output_tokens=0)

    def _paragraphs(self, task: ModelTask) -> tuple[str, ...]:
        from assistant.generation.extractive.model import extracted

        parts = [one.plan for one in task.parts]
        asked = [text for one in parts for text in (one.question, one.query, one.asks or "")]
        texts: list[str] = []
        # What is summed up is read for its title; of a question its own words tell.
        if task.kind != "answer" or any(one.is_list or one.asks is not None for one in parts):
            texts = [f"{one.paper.title} {one.paper.abstract}" for one in task.evidence.sources]
        statistics = LibraryStatistics(self._library, [task.question, *asked, *texts])
        kept = None
        if task.kind != "answer":
            papers = [one.paper.id for one in task.evidence.sources]
            kept = KeptSentences(self._retriever.readings(papers))
        return extracted(task, statistics, self._retriever.similarity, kept)

    async def aclose(self) -> None:
        """Nothing is open."""


class LaterModel(ForwardingModel):
    """A model whose key is fetched when it is to get ready: many a time it is not asked at all.

    `bare` is the same without the key; `make` raises WrongUse where that cannot be had.
    """

    def __init__(self, bare: ChatModel, make: Callable[[], ChatModel]) -> None:
        super().__init__(bare)
        self._make: Callable[[], ChatModel] | None = make
        self.lacks_key = True
        self._making = asyncio.Lock()

    async def get_ready(self) -> None:
        """Fetch the key, and learn what the server states; raises WrongUse."""
        async with self._making:
            if self._make is not None:
                self._model = await asyncio.to_thread(self._make)
                self._make, self.lacks_key = None, False
        await super().get_ready()


class LibraryMemory:
    """The habits of one model, kept beside the answers of a library."""

    def __init__(self, folder: Path, model: str) -> None:
        self._cache = AnswerCache(folder)
        self._model = model

    def read(self) -> str:
        """What was written last, empty for nothing."""
        return self._cache.get(_HABITS, self._model) or ""

    def write(self, text: str) -> None:
        """Keep a text in place of the last."""
        self._cache.put(_HABITS, {self._model: text}, most=_MOST_MODELS)


def make_model(
    asked: str | None,
    settings: Settings,
    library: Library,
    narrate: Narrate,
    environment: Mapping[str, str] = os.environ,
    record: Path | None = None,
    *,
    may_wait: bool = False,
    remembers: bool = True,
) -> tuple[ChatModel, str | None]:
    """The model that answers, and the host it sends to (None: nothing leaves this machine).

    With `record` its replies are added to that file. A key command is run, or where the model
    `may_wait`, when it is to get ready. What a model `remembers` of its server is kept in the
    library. Raises WrongUse.
    """
    name = model_name(asked, settings, environment)
    found = model_settings(name, settings, environment)
    if found is None:
        replayed = recording_of(name)
        if replayed is None and record is not None:
            raise WrongUse(
                "the built-in model is not recorded: it says the same every time",
                "name a model with -m",
            )
        if replayed is None:
            return BuiltInModel(library), None
        if record is not None and record.resolve() == replayed.resolve():
            raise WrongUse(f"{record} is what is replayed", "record into another file")
        return _recording(recorded_model(name, replayed, narrate), record, ""), None
    place = f"{found.base_url} {found.model}"
    memory = LibraryMemory(library.folder, place) if remembers else None

    def make(key: str | None) -> EndpointModel:
        is_configured = name in settings.models
        return endpoint_model(name, found, key, is_configured=is_configured, memory=memory)

    is_later = may_wait and found.key_command is not None
    endpoint = make(None if is_later else key_of(name, found, environment))
    address = endpoint.address
    if address.warning:
        narrate(f"note: {address.warning}")
    host = None if address.is_loopback else address.host
    model: ChatModel = endpoint
    if is_later:
        model = LaterModel(endpoint, lambda: make(key_of(name, found, environment)))
    return _recording(model, record, address.host), host


def recorded_model(name: str, path: Path, narrate: Narrate) -> ChatModel:
    """The model that replays a recording; raises WrongUse where that cannot be read."""
    from assistant.generation.recorded import RecordedModel
    from assistant.generation.records import read_records

    return RecordedModel(name, read_records(path), narrate)


def _recording(model: ChatModel, path: Path | None, host: str) -> ChatModel:
    """The model, its replies added to a file where there is one."""
    if path is None:
        return model
    from assistant.generation.recorder import RecordingModel
    from assistant.generation.records import RecordFile

    return RecordingModel(model, RecordFile(path), host)


def endpoint_model(
    name: str,
    model: ModelSettings,
    key: str | None,
    *,
    is_configured: bool,
    memory: Memory | None = None,
) -> EndpointModel:
    """The model behind an endpoint; raises WrongUse when its address or key cannot be used.

    What a reader has to set, should something be wrong, depends on where the model is named.
    """
    from assistant.generation.openai.endpoint import EndpointModel
    from assistant.generation.openai.limits import LOCAL_READING, EndpointSettings

    limits = EndpointSettings(
        name=name,
        base_url=model.base_url,
        model=model.model,
        api_key=key,
        context_tokens=model.context_tokens,
        max_output_tokens=model.max_output_tokens,
        temperature=model.temperature,
        reasoning=model.reasoning,
        first_token_s=model.first_token_s,
        between_chunks_s=model.between_chunks_s,
        total_s=model.total_s,
    )
    if not model.model_fields_set & {"first_token_s", "total_s"}:
        limits = replace(limits, local_reading=LOCAL_READING)
    if is_configured:
        place = f"base_url in [models.{name}]"
        limits = replace(limits, address_name=place, key_name=key_place(name, model))
    return EndpointModel(limits, memory)


def open_library(
    folder: Path, narrate: Narrate, embedders: Embedders | None = None, *, create: bool = False
) -> Library:
    """Open the library in a folder; raises StoreError.

    Without `embedders` it may use those of the configuration at its usual place.
    """
    known = embedders or AllEmbedders(load_settings(), narrate)
    return Library.open(
        folder, create=create, narrate=narrate, embedders=known, reader=paper_reader
    )
