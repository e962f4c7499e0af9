"""Following the stream of one answer into its turn on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import aclosing
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar, cast

from assistant.types.events import AnswerDone, AnswerWhole, Event, Progress, TextDelta
from store.errors import UnknownSession
from tui.controllers.opened import Failure
from tui.presenters import progress, status
from tui.presenters import turn as turns
from tui.presenters.answer import explanation

if TYPE_CHECKING:
    from assistant.types.answers import Answer
    from tui.screens.main import MainScreen
    from tui.service import Service
    from tui.widgets.turn import TurnView

T = TypeVar("T")
_REMOVED = "This conversation was removed meanwhile. Enter begins a new one with the question."


class AnswerStream:
    """Puts one answer at a time on the screen.

    A failure, or a stop by the reader, leaves what came, and gives the question back.
    """

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._is_explained = False
        self._pace = progress.Pace()
        self._turn: TurnView | None = None
        self._gives_way = False

    @property
    def is_checking(self) -> bool:
        """True while the answer that is followed is there, and a model judges it."""
        return self._turn is not None and self._turn.page.is_answered and not self._gives_way

    def give_way(self) -> None:
        """Leave the screen to the next answer, whose turn is there already, when this one ends."""
        self._gives_way = True

    async def prepare(self, work: Coroutine[Any, Any, T | None]) -> T | None:
        """Do what comes before an answer; None, and the screen is free again, without one.

        A failure is said.
        """
        prepared: T | None = None
        try:
            prepared = await work
        except Failure as error:
            await self._tell(status.failure(error))
        except Exception:
            if not self._screen.is_leaving:
                raise
        finally:
            if prepared is None and not self._screen.is_leaving:
                self._screen.be_free()
        return prepared

    async def follow(
        self, service: Service, turn: TurnView, events: AsyncIterator[Event], typed: str = ""
    ) -> None:
        """Show a stream in a turn; `typed` is given back to the box when it fails."""
        self._turn = turn
        try:
            await self._take(service, turn, events, typed)
        except asyncio.CancelledError:
            if not self._gives_way:
                raise
        except Exception:
            if not self._screen.is_leaving:
                raise
        finally:
            await self._end()

    async def check(
        self, turn: TurnView, events: AsyncIterator[Event], judge: str, takes: str
    ) -> None:
        """Follow the check of an answer that is there; stopped or failed it stays as it was.

        `judge` is the model that judges, `takes` says what that takes.
        """
        before, self._turn = turn.page, turn
        try:
            await turn.show(turns.checking(replace(before, keys=self._screen.keys), judge, takes))
            async with aclosing(cast(AsyncGenerator[Event, None], events)) as stream:
                async for event in stream:
                    await self._show(event, turn)
        except Failure as error:
            await turn.show(before)
            await self._tell(status.failure(error))
        except asyncio.CancelledError:
            if not self._screen.is_leaving:
                await turn.show(before)
            if not self._gives_way:
                raise
        finally:
            await self._end()

    async def _end(self) -> None:
        gave_way, self._gives_way, self._turn = self._gives_way, False, None
        if not (gave_way or self._screen.is_leaving):
            await self._screen.end_answer()

    async def _take(
        self, service: Service, turn: TurnView, events: AsyncIterator[Event], typed: str
    ) -> None:
        stopped_before = service.stopped
        self._pace = progress.Pace()
        try:
            # Closing the stream is what stops the model.
            async with aclosing(cast(AsyncGenerator[Event, None], events)) as stream:
                async for event in stream:
                    await self._show(event, turn)
            if not turn.page.is_answered:
                await self._give_up(turn, "The answer ended before it was complete.", typed, True)
            elif turns.is_asked_again(turn.page):
                self._screen.box.take(typed)
        except UnknownSession:
            # Another process removed it: what is asked next begins a conversation of its own.
            self._screen.conversation.session = None
            await self._give_up(turn, _REMOVED, typed, True)
        except Failure as error:
            await self._give_up(turn, status.failure(error), typed, True)
        except asyncio.CancelledError:
            stopped = service.stopped if service.stopped is not stopped_before else None
            await self._stopped(turn, stopped or turn.page.answer, typed)
            raise

    async def _show(self, event: Event, turn: TurnView) -> None:
        items = turn.page.items
        match event:
            case Progress() if event.total:
                await self._progress(event, turn)
            case AnswerDone():
                await self._finish(event.answer, turn)
                return
            case TextDelta():
                turn.add(event.text)
                await turn.show(turns.after(turn.page, event))
            case _:
                await turn.show(turns.after(turn.page, event))
        if turn.page.items != items:
            self._screen.conversation.touch(turn)
        if isinstance(event, AnswerWhole):
            await self._screen.asking.show_source()

    async def _finish(self, answer: Answer, turn: TurnView) -> None:
        line = "" if self._is_explained else explanation(answer)
        self._is_explained = self._is_explained or bool(line)
        conversation = self._screen.conversation
        conversation.session = answer.session or conversation.session
        await turn.show(turns.finished(turn.page, answer, line))

    async def _progress(self, event: Progress, turn: TurnView) -> None:
        """How far work in parts has come: in the turn, and below where that is out of sight."""
        await turn.show(
            turns.waiting(turn.page, self._pace.line(event, monotonic(), self._screen.keys))
        )
        if not self._screen.working:
            here = self._screen.place == "ask"
            self._screen.status.job("" if here else progress.parts(event, self._screen.keys))

    async def _tell(self, line: str) -> None:
        # A line of the status is cut where it is full; what to do stands at its end.
        self._screen.status.say(line)
        await self._screen.conversation.note((line,), is_error=True)

    async def _stopped(self, turn: TurnView, answer: Answer | None, typed: str) -> None:
        if answer is None or self._screen.is_leaving:
            await self._give_up(turn, "Stopped.", typed, False)
            return
        await self._finish(answer, turn)
        if turns.is_cut(turn.page):
            self._screen.box.take(typed)

    async def _give_up(self, turn: TurnView, line: str, typed: str, is_error: bool) -> None:
        if self._screen.is_leaving:
            return
        await turn.show(turns.stopped(turn.page, turn.raw, line, is_error=is_error))
        self._screen.box.take(typed)
