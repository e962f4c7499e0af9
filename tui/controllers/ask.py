"""Putting what the reader wants to the service: one answer at a time, its cost told before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from textual.worker import Worker, WorkerState

from assistant.answers.asked_of import asked_of, question_again, summary_again
from assistant.types.questions import Question, SummaryRequest
from store.clean import shorten
from store.types import Filter
from tui.controllers.stream import AnswerStream
from tui.presenters import asked_again, costs
from tui.presenters import turn as turns
from tui.presenters.places import scope_words
from tui.screens.dialogs import Confirm
from tui.widgets.turn import TurnView

if TYPE_CHECKING:
    from assistant.answers.preview import Sending
    from assistant.config.settings import Settings
    from assistant.types.answers import Answer
    from assistant.types.events import Event
    from assistant.types.usage import Estimate
    from tui.presenters.sources import Item
    from tui.presenters.turn import TurnPage
    from tui.screens.main import MainScreen
    from tui.service import Service

_PENDING_S = 0.01
_NONE_LEFT = "No paper is left of those that it was asked of."

Wanted = TypeVar("Wanted", Question, SummaryRequest)


class AskController:
    """Asks for answers and checks; `worker` is the one under way, or the last one.

    `max_cost` caps each of them, in USD. `on_first` is called after the first answer.
    """

    def __init__(
        self,
        screen: MainScreen,
        max_cost: float | None,
        on_first: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._answer_stream = AnswerStream(screen)
        self._one_at_a_time = asyncio.Lock()
        self._max_cost = max_cost
        self._on_first: Callable[[], None] | None = on_first
        self.worker: Worker[None] | None = None
        self._waiting: TurnView | None = None

    def cap_at(self, max_cost: float | None) -> None:
        """Cap each of them anew, in USD; None is no cap."""
        self._max_cost = max_cost

    @property
    def may_begin(self) -> bool:
        """False while an answer is written; the check of one that is there gives way."""
        return not self._screen.busy or self._answer_stream.is_checking

    async def ask(self, service: Service, text: str) -> None:
        """Ask a question of the papers that are asked at present."""
        await self._put(service, self._question(text))

    async def _put(self, service: Service, question: Question) -> None:
        def events() -> AsyncIterator[Event]:
            return service.ask(self._placed(question))

        text = question.text
        turn = await self._turn(turns.begun(text, asked_of(question)))
        self._begin(self._follow(turn, service, events, text), text)

    async def ask_again(self, service: Service, former: TurnView) -> None:
        """Ask again what a turn asked, in the same way, of what its papers are now."""
        page, answer = former.page, former.page.answer
        if answer is None:
            return
        if (wanted := await service.papers_of(answer.asked_of)) is None:
            self._screen.status.say(_NONE_LEFT)
            return
        asked, text = answer.asked_of, asked_again.asked_again(page)
        if asked is not None and asked.is_summary:
            await self._summarize(service, summary_again(asked), text)
        elif answer.coverage is not None:
            scope = scope_words(asked, len(wanted.papers)) if asked else ""
            self._ask_all_of(service, question_again(text, asked, wanted), scope)
        else:
            await self._put(service, question_again(text, asked, wanted))
        await former.show(asked_again.overtaken(former.page, 0))

    async def ask_with(
        self, service: Service, former: TurnView, name: str, settings: Settings
    ) -> None:
        """Have another model answer the question of a turn, of what its papers are now."""
        asked = former.page.answer.asked_of if former.page.answer else None
        if (wanted := await service.papers_of(asked)) is None:
            self._screen.status.say(_NONE_LEFT)
            return
        question = question_again(asked_again.asked_again(former.page), asked, wanted)
        again = turns.Again(name, self._screen.conversation.place_of(former))

        def events() -> AsyncIterator[Event]:
            return service.ask_with(name, settings, self._placed(question))

        turn = await self._turn(turns.begun(question.text, asked_of(question), again))
        self._begin(self._follow(turn, service, events))

    async def summarize(self, service: Service, item: Item) -> None:
        """Summarize a paper."""
        title = f"Summarize: {shorten(item.title, 200)}"
        await self._summarize(service, SummaryRequest(papers=(item.id,)), title)

    async def _summarize(self, service: Service, request: SummaryRequest, title: str) -> None:
        def events() -> AsyncIterator[Event]:
            return service.summarize(self._placed(request))

        turn = await self._turn(turns.begun(title))
        self._begin(self._follow(turn, service, events))

    def ask_all(self, service: Service, text: str) -> None:
        """Put a question to every paper that is asked at present, after a yes to its cost."""
        scope = self._screen.asking.scope
        self._ask_all_of(service, self._question(text), scope.title if scope else "")

    def _ask_all_of(self, service: Service, question: Question, scope: str) -> None:
        self._screen.status.say("Counting the papers and what asking them takes…")
        self._begin(self._ask_all(service, question, scope), question.text)

    def check(self, service: Service, turn: TurnView, answer: Answer) -> None:
        """Have the model check an answer, after a yes to its cost."""
        self._begin(self._check(service, turn, answer))

    def stop(self) -> None:
        """Stop what is under way."""
        if self.worker is None or self.worker.is_cancelled:
            return
        if self.worker.state == WorkerState.PENDING:
            # Cancelled before its first step it would end nothing of what was begun for it.
            self._screen.set_timer(_PENDING_S, self.stop)
            return
        self.worker.cancel()

    def _question(self, text: str) -> Question:
        """A question to the papers that are asked at present."""
        if (scope := self._screen.asking.scope) is None:
            return Question(text=text)
        wanted = Filter(papers=scope.ids)
        return Question(text=text, filter=wanted, query=scope.query, words=scope.words)

    def _placed(self, request: Wanted) -> Wanted:
        """What is wanted, with where its answer goes and what it may cost."""
        return request.model_copy({"max_cost": self._max_cost, **self._place()})

    def _place(self) -> dict[str, Any]:
        """Where the answer goes: the conversation shown, or a new one and its name."""
        shown = self._screen.conversation
        return {"session": shown.session, "begins": shown.begins}

    def _begin(self, work: Coroutine[Any, Any, None], typed: str = "") -> None:
        self._make_way()
        self._screen.busy = True
        self.worker = self._screen.app.run_worker(self._whole(work, typed), group="answer")

    async def _whole(self, work: Coroutine[Any, Any, None], typed: str) -> None:
        """Do work after what gives way to it; free the screen where it is stopped between parts."""
        try:
            async with self._one_at_a_time:
                await work
        except asyncio.CancelledError:
            work.close()
            turn, self._waiting = self._waiting, None
            if turn is not None and not self._screen.is_leaving:
                self._screen.be_free()
                self._screen.box.take(typed)
                await turn.show(turns.stopped(turn.page, turn.raw, "Stopped."))
            raise

    def _make_way(self) -> None:
        """Stop the check of an answer that is there: the next one begins where it has ended."""
        if self.worker is not None and self._answer_stream.is_checking:
            self._answer_stream.give_way()
            self.worker.cancel()

    async def _turn(self, page: TurnPage) -> TurnView:
        self._make_way()
        self._screen.busy = True
        self._screen.status.quieten()
        if self._screen.place != "ask":
            self._screen.show_place("ask")
        turn = self._waiting = TurnView(replace(page, keys=self._screen.keys))
        await self._screen.conversation.begin(turn)
        await turn.show(
            turns.waiting(turn.page, f"searching the library · {self._screen.keys['back']} stops")
        )
        return turn

    async def _follow(
        self,
        turn: TurnView,
        service: Service,
        events: Callable[[], AsyncIterator[Event]],
        typed: str = "",
    ) -> None:
        """Follow a stream that is made here: by now an answer before it is saved."""
        self._waiting = None
        await self._answer_stream.follow(service, turn, events(), typed)
        if self._on_first:
            self._on_first()
            self._on_first = None

    async def _ask_all(self, service: Service, question: Question, scope: str) -> None:
        screen, text = self._screen, question.text
        planned = self._ask_all_planned(service, self._placed(question), scope)
        if (sending := await self._answer_stream.prepare(planned)) is not None:
            screen.box.let_go(text)
            turn = await self._turn(turns.begun(costs.ask_all_title(text, scope)))
            await turn.show(turns.waiting(turn.page, costs.ask_all_begins(sending, screen.keys)))
            placed = self._placed(question)
            await self._follow(turn, service, lambda: service.ask_all(placed), text)

    async def _ask_all_planned(
        self, service: Service, question: Question, scope: str
    ) -> Sending | None:
        """What putting a question to every paper takes; None when it is not to be."""
        screen = self._screen
        sending = await service.sending(question, all_papers=True)
        dialog = Confirm(
            "Put this question to every paper?", costs.ask_all(sending, scope, screen.keys)
        )
        if costs.asks_first(sending.estimate, self._max_cost) and not await self._agreed(dialog):
            screen.status.say("Not asked; nothing was sent.")
            return None
        screen.status.quieten()
        return sending

    async def _check(self, service: Service, turn: TurnView, answer: Answer) -> None:
        estimate = await self._answer_stream.prepare(self._check_estimate(service, answer))
        if estimate is not None:
            events = service.check(answer, self._max_cost)
            takes = costs.takes(estimate).removeprefix(", ")
            await self._answer_stream.check(turn, events, service.judge, takes)

    async def _check_estimate(self, service: Service, answer: Answer) -> Estimate | None:
        """What a check takes; None when the reader will not have it."""
        estimate = await service.checking(answer)
        detail = costs.check(estimate, service.judge, service.judges_at)
        dialog = Confirm("Have the model check this answer?", detail)
        if costs.asks_first(estimate, self._max_cost) and not await self._agreed(dialog):
            self._screen.status.say("Not checked; nothing was sent.")
            return None
        return estimate

    async def _agreed(self, dialog: Confirm) -> bool:
        agreed = await self._screen.app.push_screen_wait(dialog)
        return bool(agreed)
