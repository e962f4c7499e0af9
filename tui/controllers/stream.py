"""Following the stream of one answer into its turn on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from typing import Any, TypeVar, assert_never, cast

from assistant.errors import AssistantError
from assistant.types.answers import Answer
from assistant.types.events import (
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
from tui.presenters import costs, wording
from tui.screens.main import MainScreen
from tui.service import Service
from tui.widgets.answer import TurnView

Failure = (AssistantError, StoreError)
"""What the service raises for the reader to see; anything else is a fault of ours."""

T = TypeVar("T")

_EXTRACTIVE = (
    "The built-in extractive model answers with sentences of the abstracts, word for word."
)


class AnswerStream:
    """Puts one answer at a time on the screen.

    A failure, or a stop by the reader, leaves what came, and gives the question back.
    """

    def __init__(self, screen: MainScreen, is_leaving: Callable[[], bool]) -> None:
        self._screen = screen
        self._leaves = is_leaving
        self._explained = False
        self._pace = costs.Pace()

    def _is_leaving(self) -> bool:
        """True while the app is left, and while its widgets are taken down."""
        return self._leaves() or not (self._screen.query("#left") and self._screen.query("#reader"))

    async def prepare(self, work: Coroutine[Any, Any, T | None]) -> T | None:
        """Do what comes before an answer; None, and the screen is free again, without one.

        A failure is said.
        """
        prepared: T | None = None
        try:
            prepared = await work
        except Failure as error:
            await self._tell(wording.failure(error))
        except Exception:
            # While the app is left, its widgets go away under our hands.
            if not self._is_leaving():
                raise
        finally:
            if prepared is None and not self._is_leaving():
                self._screen.be_free()
        return prepared

    async def follow(
        self, service: Service, turn: TurnView, events: AsyncIterator[Event], typed: str = ""
    ) -> None:
        """Show a stream in a turn; `typed` is given back to the box when it fails."""
        try:
            await self._take(service, turn, events, typed)
        except Exception:
            # While the app is left, its widgets go away under our hands.
            if not self._is_leaving():
                raise
        finally:
            if not self._is_leaving():
                await self._screen.end_answer()

    async def check(self, turn: TurnView, events: AsyncIterator[Event], takes: str = "") -> None:
        """Follow the check of an answer that is there; stopped or failed it stays as it was.

        `takes` says what it takes.
        """
        answer = turn.answer
        try:
            turn.progress(f"the model checks the answer{takes} · Esc stops")
            async with aclosing(cast(AsyncGenerator[Event, None], events)) as stream:
                async for event in stream:
                    await self._show(event, turn)
        except Failure as error:
            turn.progress("")
            await self._tell(wording.failure(error))
        except asyncio.CancelledError:
            if answer is not None and not self._is_leaving():
                await turn.finish(answer)
            raise
        finally:
            if not self._is_leaving():
                await self._screen.end_answer()

    async def _take(
        self, service: Service, turn: TurnView, events: AsyncIterator[Event], typed: str
    ) -> None:
        stopped_before = service.stopped
        self._pace = costs.Pace()
        try:
            # Closing the stream is what stops the model.
            async with aclosing(cast(AsyncGenerator[Event, None], events)) as stream:
                async for event in stream:
                    await self._show(event, turn)
            if turn.answer is None:
                await self._give_up(turn, "The answer ended before it was complete.", typed, True)
            elif turn.answer.coverage is not None and turn.answer.coverage.failed:
                # The same again asks those that failed.
                self._screen.box.take(typed)
        except Failure as error:
            await self._give_up(turn, wording.failure(error), typed, True)
        except asyncio.CancelledError:
            stopped = service.stopped if service.stopped is not stopped_before else None
            await self._stopped(turn, turn.answer or stopped, typed)
            raise

    async def _show(self, event: Event, turn: TurnView) -> None:
        match event:
            case Progress() if event.total:
                self._progress(event, turn)
            case Progress():
                turn.progress(event.text)
            case Thinking():
                turn.think(event.text)
            case AskedAgain():
                await turn.begin_anew(event.why)
            case EvidenceFound():
                turn.found(event.evidence, costs.takes(event.estimate))
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

    def _progress(self, event: Progress, turn: TurnView) -> None:
        """How far work in parts has come: in the turn, and below where that is out of sight."""
        turn.progress(self._pace.line(event))
        if not self._screen.working:
            here = self._screen.view == "conversation"
            self._screen.status.job("" if here else costs.parts(event))

    async def _tell(self, line: str) -> None:
        # A line of the status is cut where it is full; what to do stands at its end.
        self._screen.status.say(line)
        await self._screen.conversation.note((line,), is_error=True)

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
