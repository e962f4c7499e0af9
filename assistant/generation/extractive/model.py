"""The built-in model: it answers with sentences of the evidence, word for word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from assistant.generation.base import Finished, ModelPart, ModelTask, Piece
from assistant.generation.extractive.detail_selection import giving
from assistant.generation.extractive.selection import Selected, select_answer, select_summary
from assistant.generation.extractive.several_papers import asks_to_weigh, select_list
from assistant.prompting.grounding import unaddressed
from assistant.query.details import given
from assistant.query.named_systems import named_in
from assistant.query.question import joined_names, kind_of
from assistant.retrieval.evidence_similarity import Similarity
from assistant.text.words import Statistics
from store.pattern import pattern

_CONTEXT_TOKENS = 1_000_000
_BRACKETS = pattern(r"[\[\]()【】［］]")
_SPACE = pattern(r"\s+")


class ExtractiveModel:
    """Chooses sentences that speak to a question, and cites each by its address.

    It needs no endpoint and says nothing of its own. Without evidence it yields no text.
    """

    def __init__(self, statistics: Statistics, similarity: Similarity | None) -> None:
        self._statistics = statistics
        self._similarity = similarity

    @property
    def name(self) -> str:
        """The name shown on answers."""
        return "extractive"

    @property
    def context_tokens(self) -> int:
        """More than any evidence has: nothing is sent anywhere."""
        return _CONTEXT_TOKENS

    @property
    def is_extractive(self) -> bool:
        """Always true."""
        return True

    async def stream(self, task: ModelTask) -> AsyncGenerator[ModelPart, None]:
        """Answer a task, one piece a sentence; a rewrite gives the question back unchanged."""
        if task.kind == "rewrite":
            yield Piece(task.question)
        else:
            # Choosing is work of the processor, and asks the library: not for the event loop.
            for at, piece in enumerate(await asyncio.to_thread(self._pieces, task)):
                yield Piece(piece if at == 0 else f"\n\n{piece}")
        yield Finished("stop", input_tokens=0, output_tokens=0)

    async def aclose(self) -> None:
        """Nothing is open."""

    def _pieces(self, task: ModelTask) -> list[str]:
        return _pieces(self._selected(task))

    def _selected(self, task: ModelTask) -> tuple[Selected, ...]:
        sources, known = task.evidence.sources, self._statistics
        question = joined_names(task.question, known)
        if task.kind != "answer":
            return select_summary(question, sources, known, self._similarity, task.max_sentences)
        listed = kind_of(question) == "list"
        several = len(named_in(question, sources)) > 1
        if not (several or listed):
            detail = given(question, sources, known)
            if detail is not None and detail.found:
                return giving(detail, question, known, self._similarity, task.max_sentences)
        several = several or listed or asks_to_weigh(question)
        select = select_list if several else select_answer
        return select(question, sources, known, self._similarity, task.max_sentences)


def verbatim(text: str) -> str:
    """A sentence on one line, its brackets escaped so that none is read as a citation.

    A mark of its own, like "[2]", gets round brackets: a reader would take it for one of ours.
    """
    line = _SPACE.sub(" ", unaddressed(text)).strip()
    return _BRACKETS.sub(lambda found: "\\" + found.group(), line)


def _pieces(selected: Sequence[Selected]) -> list[str]:
    """One paragraph for each entry, every sentence with its address after it."""
    return [
        " ".join(
            f"{verbatim(entry.source.sentences[index].text)} [{entry.source.number}.{index}]"
            for index in entry.indices
        )
        for entry in selected
    ]
