"""Following the stream of one answer into its turn on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import assert_never, cast

from assistant.errors import AssistantError
from assistant.values import (
    Answer,
    AnswerDone,
    AskedAgain,
    ClaimChecked,
    Event,
    EvidenceFound,
    Progress,
    TextDelta,
    Thinking,
)
from store.errors import StoreError
from tui import wording
from tui.answer_view import TurnView
from tui.desk import Desk
from tui.screen import MainScreen

Failure = (AssistantError, StoreError)
"""What the desk raises for the reader to see; anything else is a fault of ours."""

_EXTRACTIVE = (
    "The built-in extractive model answers with sentences of the abstracts, word for word."
)


class Talk:
    """Puts one answer at a time on the screen.

    A failure, or a stop by the reader, leaves what came, and gives the question back.
    """

    def __init__(self, screen: MainScreen, is_leaving: Callable[[], bool]) -> None:
        self._screen = screen
        self._is_leaving = is_leaving
        self._explained = False

    async def follow(
        self, desk: Desk, turn: TurnView, events: AsyncIterator[Event], typed: str = ""
    ) -> None:
        """Show a stream in a turn; `typed` is given back to the box when it fails."""
        try:
            await self._take(desk, turn, events, typed)
        except Exception:
            # While the app is left, its widgets go away under our hands.
            if not self._is_leaving():
                raise
        finally:
            if not self._is_leaving():
                await self._screen.end_answer()

    async def check(self, turn: TurnView, events: AsyncIterator[Event]) -> None:
        """Follow the check of an answer that is there; stopped or failed it stays as it was."""
        answer = turn.answer
        try:
            turn.progress("the model checks the answer · Esc stops")
            async with aclosing(cast(AsyncGenerator[Event, None], events)) as stream:
                async for event in stream:
                    await self._show(event, turn)
        except Failure as error:
            turn.progress("")
            self._screen.status.say(wording.failure(error))
        except asyncio.CancelledError:
            if answer is not None and not self._is_leaving():
                await turn.finish(answer)
            raise
        finally:
            if not self._is_leaving():
                await self._screen.end_answer()

    async def _take(
        self, desk: Desk, turn: TurnView, events: AsyncIterator[Event], typed: str
    ) -> None:
        stopped_before = desk.stopped
        try:
            turn.progress("searching the library · Esc stops")
            # Closing the stream is what stops the model.
            async with aclosing(cast(AsyncGenerator[Event, None], events)) as stream:
                async for event in stream:
                    await self._show(event, turn)
            if turn.answer is None:
                await self._give_up(turn, "The answer ended before it was complete.", typed, True)
        except Failure as error:
            await self._give_up(turn, wording.failure(error), typed, True)
        except asyncio.CancelledError:
            stopped = desk.stopped if desk.stopped is not stopped_before else None
            await self._stopped(turn, turn.answer or stopped, typed)
            raise

    async def _show(self, event: Event, turn: TurnView) -> None:
        match event:
            case Progress():
                turn.progress(event.text)
            case Thinking():
                turn.think(event.text)
            case AskedAgain():
                await turn.begin_anew(event.why)
            case EvidenceFound():
                turn.found(event.evidence, wording.takes(event.estimate))
                self._screen.conversation.touch(turn)
            case TextDelta():
                turn.add(event.text)
            case ClaimChecked():
                turn.checked(event.claim)
                self._screen.conversation.touch(turn)
            case AnswerDone():
                await self._finish(event.answer, turn)
            case _:
                assert_never(event)

    async def _finish(self, answer: Answer, turn: TurnView) -> None:
        is_first = (
            answer.model == wording.EXTRACTIVE
            and answer.outcome == "answered"
            and not self._explained
        )
        self._explained = self._explained or is_first
        conversation = self._screen.conversation
        conversation.session = answer.session or conversation.session
        await turn.finish(answer, _EXTRACTIVE if is_first else "")

    async def _stopped(self, turn: TurnView, answer: Answer | None, typed: str) -> None:
        if answer is None or self._is_leaving():
            await self._give_up(turn, "Stopped.", typed, False)
            return
        await self._finish(answer, turn)
        # A stop that came too late leaves a whole answer.
        if answer.outcome == "interrupted":
            self._screen.box.take(typed)

    async def _give_up(self, turn: TurnView, line: str, typed: str, is_error: bool) -> None:
        if self._is_leaving():
            return
        await turn.stop(line, is_error)
        self._screen.box.take(typed)
