"""`quire eval --dry-run`, and how its questions are made ready."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from assistant.generation.loops import run_loop

if TYPE_CHECKING:
    from assistant.cli.frame import Frame
    from assistant.evaluation.candidates import Filters
    from assistant.evaluation.questions import AskedQuestion
    from assistant.generation.openai.unsent_embedding import UnsentTexts
    from assistant.types.usage import Estimate
    from assistant.types.wire import WireRequest
    from store.library.library import Library

Planned = tuple[str, str | None, "Estimate", "WireRequest | None"]
"""A model, the host that it is at, what asking takes, and the first request."""


def prepared(
    library: Library, questions: list[AskedQuestion]
) -> tuple[list[AskedQuestion], Filters, tuple[str, ...]]:
    """The questions with the titles of their papers, what their filters mean, and notes."""
    from assistant.cli.filters import parsed_filter
    from assistant.evaluation.papers import PaperNames

    library.prefer_scan()
    names = PaperNames(library)
    questions = [names.named(one) for one in questions]
    notes = tuple(f"no paper “{one}” in the library" for one in names.missing)
    filters = {one.arguments: parsed_filter(one.arguments, library) for one in questions}
    return questions, filters, notes


def show_evaluation(
    frame: Frame, questions: list[AskedQuestion], names: tuple[str | None, ...], *, check: bool
) -> None:
    """Tell what asking would send to each model and take, and what to the embedder; nothing is."""
    from assistant.answers.account_words import cost_words
    from assistant.answers.preview import requests
    from assistant.cli.unsent_vectors import tell_unsent, vectors_shape, write_request
    from assistant.generation.openai.unsent_embedding import UnsentTexts

    unsent = UnsentTexts()
    planned = run_loop(_planned(frame, questions, names, unsent, check=check))
    if frame.json:
        frame.document(
            {
                "dry_run": True,
                "models": [
                    {
                        "model": name,
                        "sends_to": host,
                        **estimate.model_dump(),
                        "request": None if first is None else first.model_dump(),
                    }
                    for name, host, estimate, first in planned
                ],
                **vectors_shape(unsent),
            }
        )
        return
    for name, host, estimate, first in planned:
        if first is None:
            why = "nothing in the collection speaks to any question" if host else "it is here"
            frame.line(f"nothing would be sent to {name}: {why}", bold=True)
            continue
        where = f"{name} at {host}" if host else f"{name} on this machine"
        frame.line(f"would be sent to {where}; nothing was sent", bold=True)
        frame.line(
            f"{requests(estimate.calls)} or more, about {estimate.input_tokens} tokens in, at most"
            f" {estimate.output_tokens} out, {cost_words(estimate.cost, most=True)}"
        )
        write_request(frame, first)
    tell_unsent(frame, unsent, "question")


async def _planned(
    frame: Frame,
    questions: list[AskedQuestion],
    names: tuple[str | None, ...],
    unsent: UnsentTexts,
    *,
    check: bool,
) -> list[Planned]:
    from assistant.cli.unsent_vectors import unsent_embedders
    from assistant.evaluation.candidates import candidate
    from assistant.wiring.models import open_library

    found: list[Planned] = []
    embedders = unsent_embedders(frame, unsent)
    library = await asyncio.to_thread(open_library, frame.folder, frame.narrate, embedders)
    try:
        questions, filters, notes = await asyncio.to_thread(prepared, library, questions)
        for note in notes:
            frame.narrate(f"note: {note}")
        async with AsyncExitStack() as open_models:
            for name in names:
                one = await open_models.enter_async_context(
                    candidate(library, name, frame.settings, frame.narrate, check=check)
                )
                estimate = await one.estimate(questions, filters)
                first = await one.first_request(questions, filters)
                found.append((one.name, one.sends_to, estimate, first))
    finally:
        library.close()
    return found
