"""Citing: from the raw pieces of a text to what is displayed, and to its sentences."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from assistant.answers.stages import (
    Attempt,
    Cited,
    CitedPart,
    ClaimsWhole,
    Generated,
    GeneratedPart,
    Generation,
    ParagraphEnd,
)
from assistant.errors import EndpointError
from assistant.generation.base import Piece, Reasoning, Waiting
from assistant.replies.cited_text import CitedText
from assistant.text.sentences import OTHER_STOPS
from assistant.types.answers import Outcome
from assistant.types.citations import DraftClaim
from assistant.types.events import AskedAgain, Progress, TextDelta, Thinking
from assistant.types.evidence import Evidence
from store.clean import StreamCleaner, clean_line
from store.pattern import pattern

_ONLY_ECHO = "the model repeated its prompt and answered nothing"
_ONLY_JSON = "the model answered in JSON that holds no text"
_EMPTY = "the model gave an empty answer"
_TRY_ANOTHER = "ask again with fewer sources (-n 3), or use a larger model"
_SENTENCE_END = pattern(rf"[.!?\]\n{OTHER_STOPS}]")


def cite(generation: Generation) -> Citing:
    """The citations of a text, which is not begun yet."""
    return Citing(generation)


class Citing:
    """Turns addresses into numbered citations while a text comes, and cuts it into sentences."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._evidence = Evidence()
        self._text = CitedText(self._evidence)
        self._cited: Cited | None = None

    async def parts(self) -> AsyncGenerator[CitedPart, None]:
        """The text to show, with sentences as they are whole; Cited at the end.

        Raises EndpointError where there is no text.
        """
        thoughts = StreamCleaner()
        async with aclosing(self._generation.parts()) as parts:
            async for part in parts:
                if isinstance(part, Reasoning):
                    if thought := thoughts.feed(part.text):
                        yield Thinking(text=thought)
                    continue
                if thought := thoughts.finish():
                    yield Thinking(text=thought)
                told = self._told(part)
                for one in told:
                    yield one
                # Telling what is no claim may read an embedder in: not for the event loop.
                is_ended = isinstance(part, ParagraphEnd)
                if is_ended or (isinstance(part, Piece) and self._may_end(told)):
                    whole = self._text.whole_claims
                    if drafts := await asyncio.to_thread(whole, ended=is_ended):
                        yield ClaimsWhole(drafts)

    def stopped(self) -> Cited | None:
        """What came of a text that was stopped early; None for nothing.

        Synchronous, for a thread.
        """
        if self._cited is not None:
            return self._cited
        rest, end = self._generation.stopped()
        for part in rest:
            self._told(part)
        self._text.finish()
        return self._ended(end) if self._text.text else None

    def _told(self, part: GeneratedPart) -> Sequence[CitedPart]:
        match part:
            case Attempt(evidence, words, question, is_verbatim):
                self._evidence = evidence
                self._text = CitedText(evidence, words, question, is_verbatim=is_verbatim)
                return (part,)
            case Piece(text):
                return _delta(self._text.feed(text))
            case ParagraphEnd():
                return _delta(self._text.end_paragraph())
            case AskedAgain():
                self._text = CitedText(self._evidence)  # what came is void from now on
                return (part,)
            case Waiting(text):
                return (Progress(text=clean_line(text)),)
            case Generated():
                return self._end(part)
            case Reasoning():
                return ()
            case _:
                return (part,)

    def _may_end(self, told: Sequence[CitedPart]) -> bool:
        """True where a sentence may end in what was shown of a piece."""
        shown = "".join(one.text for one in told if isinstance(one, TextDelta))
        return bool(_SENTENCE_END.search(shown)) and self._text.worth_checking()

    def _end(self, end: Generated) -> Sequence[CitedPart]:
        rest = _delta(self._text.finish())
        if not self._text.text and end.failure is not None:
            raise end.failure
        if self._text.only_echo and end.failure is None:
            raise EndpointError(_ONLY_ECHO, _TRY_ANOTHER)
        if self._text.is_unusable and end.failure is None:
            raise EndpointError(_ONLY_JSON, _TRY_ANOTHER)
        cited = self._ended(end)
        if cited.outcome in ("uncited", "cut") and not self._text.text.strip():
            raise EndpointError(_EMPTY, _TRY_ANOTHER)
        self._cited = cited
        return (*rest, cited)

    def _ended(self, end: Generated) -> Cited:
        text = self._text
        shown, drafts = text.text, text.claims()
        outcome = self._outcome(end, drafts)
        if end.grounded.prepared.request.is_sentence:
            shown, drafts = _first_cited(shown, drafts)
        leaves_open = end.outcome is None and text.leaves_open
        order, heard = text.order, text.paragraphs
        return Cited(end, self._evidence, outcome, shown, drafts, order, heard, leaves_open)

    def _outcome(self, end: Generated, drafts: Sequence[DraftClaim]) -> Outcome:
        if end.outcome is not None:
            return end.outcome
        if end.ending is None:
            return "interrupted"
        if end.ending.reason == "refused":
            return "declined"
        if self._text.refused:
            return "not_in_collection"
        if end.ending.reason == "length":
            return "cut"
        return "answered" if any(one.addresses for one in drafts) else "uncited"


def _first_cited(text: str, drafts: tuple[DraftClaim, ...]) -> tuple[str, tuple[DraftClaim, ...]]:
    """The first sentence that cites something, alone; all where none does."""
    first = next((one for one in drafts if one.addresses), None)
    if first is None:
        return text, drafts
    alone = replace(first, start=0, end=first.end - first.start)
    return text[first.start : first.end].rstrip(), (alone,)


def _delta(shown: str) -> tuple[TextDelta, ...]:
    return (TextDelta(text=shown),) if shown else ()
