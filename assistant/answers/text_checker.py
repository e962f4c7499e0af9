"""Checking the sentences of one answer by their words and numbers."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answers.nearest_sentence import with_nearest
from assistant.checking.text_check import TextCheck
from assistant.retrieval.retriever import Retriever
from assistant.retrieval.term_statistics import LibraryStatistics
from assistant.retrieval.token_similarity import TokenReader
from assistant.types.citations import DraftClaim
from assistant.types.claims import Claim
from assistant.types.evidence import Evidence
from store.library.library import Library


class TextChecker:
    """Checks claims against the evidence of their answer.

    It asks the library, so it may wait for whoever writes to it: for a thread.
    """

    def __init__(
        self, library: Library, retriever: Retriever, evidence: Evidence, question: str
    ) -> None:
        texts = [f"{one.paper.title} {one.paper.abstract}" for one in evidence.sources]
        statistics = LibraryStatistics(library, [question, *texts])
        tokens = TokenReader(library.token_vectors)
        self._check = TextCheck(evidence, statistics, retriever.similarity, tokens)
        self._checked: dict[DraftClaim, tuple[Claim, ...]] = {}

    def check(self, drafts: Sequence[DraftClaim]) -> list[Claim]:
        """Claims with their verdicts, in order; each is checked once."""
        for draft in drafts:
            if draft not in self._checked:
                self._checked[draft] = self._check.check([draft])
        return [claim for draft in drafts for claim in self._checked[draft]]

    def check_all(self, drafts: Sequence[DraftClaim]) -> tuple[Claim, ...]:
        """All claims of an answer: the uncited ones with the sentence that would pass."""
        return with_nearest(self.check(drafts), self._check)
