"""The one place where concrete parts are made from settings."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.embedder_choice import AllEmbedders
from assistant.model_choice import EXTRACTIVE, endpoint_of, model_name
from assistant.models.base import ChatModel, ModelPart, ModelTask
from assistant.retrieval import Retriever
from assistant.settings import Settings, load_settings
from assistant.statistics import LibraryStatistics
from store.embedders import Embedders
from store.library import Library
from store.model import Narrate

if TYPE_CHECKING:
    from assistant.models.extractive import ExtractiveModel


class BuiltInModel:
    """The extractive model over one library: each task brings its own words to know."""

    name = EXTRACTIVE
    context_tokens = 1_000_000
    is_extractive = True

    def __init__(self, library: Library) -> None:
        self._library = library
        self._retriever = Retriever(library)

    async def stream(self, task: ModelTask) -> AsyncGenerator[ModelPart, None]:
        """Answer a task from verbatim sentences."""
        model = await asyncio.to_thread(self._prepared, task)
        async with aclosing(model.stream(task)) as parts:
            async for part in parts:
                yield part

    def _prepared(self, task: ModelTask) -> ExtractiveModel:
        from assistant.models.extractive import ExtractiveModel

        texts = [f"{one.paper.title} {one.paper.abstract}" for one in task.evidence.sources]
        statistics = LibraryStatistics(self._library, [task.question, *texts])
        return ExtractiveModel(statistics, self._retriever.similarity)

    async def aclose(self) -> None:
        """Nothing is open."""


def make_model(
    asked: str | None,
    settings: Settings,
    library: Library,
    narrate: Narrate,
    environment: Mapping[str, str] = os.environ,
) -> tuple[ChatModel, str | None]:
    """The model that answers, and the host it sends to (None: nothing leaves this machine)."""
    name = model_name(asked, settings, environment)
    found = endpoint_of(name, settings, environment)
    if found is None:
        return BuiltInModel(library), None
    from assistant.models.address import check_base_url
    from assistant.models.endpoint import EndpointModel
    from assistant.models.limits import EndpointSettings

    model, key = found
    address = check_base_url(model.base_url)
    if address.warning:
        narrate(f"note: {address.warning}")
    endpoint = EndpointModel(
        EndpointSettings(
            name=name,
            base_url=address.url,
            model=model.model,
            api_key=key,
            context_tokens=model.context_tokens,
            temperature=model.temperature,
        )
    )
    return endpoint, None if address.is_loopback else address.host


def open_library(
    folder: Path, narrate: Narrate, embedders: Embedders | None = None, *, create: bool = False
) -> Library:
    """Open the library in a folder; raises StoreError.

    Without `embedders` it may use those of the configuration at its usual place.
    """
    known = embedders or AllEmbedders(load_settings(), narrate)
    return Library.open(folder, create=create, narrate=narrate, embedders=known)
