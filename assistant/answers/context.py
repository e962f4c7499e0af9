"""What every way to an answer works with: one library, one model, and what they cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.answers.cost import Accounting
from assistant.answers.stream import Draft
from assistant.generation.base import ChatModel
from assistant.retrieval.retriever import Retriever
from assistant.retrieval.term_statistics import LibraryStatistics
from assistant.types.answers import Answer
from assistant.types.evidence import Evidence
from store.library.library import Library

Keep = Callable[[Answer, str | None], Answer]
"""Saves an answer in a conversation (None: a new one); returns it with the conversation's id."""


@dataclass(frozen=True)
class AnswerContext:
    """A library, the model that answers from it, and the place where answers are saved."""

    library: Library
    model: ChatModel
    retriever: Retriever
    accounting: Accounting
    keep: Keep
    prompts: Path | None = None

    @property
    def parallel(self) -> int:
        """How many requests may be under way at once: a model on this machine has few cores."""
        return 2 if self.accounting.tariff.is_local else 4

    def draft(self, evidence: Evidence, question: str, fence: str = "") -> Draft:
        """An answer in the making, to a prompt with this token in its fences."""
        texts = [f"{one.paper.title} {one.paper.abstract}" for one in evidence.sources]
        statistics = LibraryStatistics(self.library, [question, *texts])
        read = self.library.token_vectors
        return Draft(evidence, statistics, self.retriever.similarity, fence, read)
