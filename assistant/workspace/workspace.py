"""What a front end that stays open works with: one library, one model, one conversation store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answers.ask import Assistant
from assistant.answers.context import KeepAll, keep_none, keep_nothing
from assistant.answers.stages import Way
from assistant.config.settings import Settings
from assistant.retrieval.search import Searcher
from assistant.sessions import Conversations
from assistant.types.answers import Answer
from assistant.types.events import AnswerDone, Event
from assistant.types.questions import Question, SummaryRequest
from assistant.types.sessions import Turn
from assistant.types.usage import Estimate
from assistant.wiring.embedders import AllEmbedders
from assistant.wiring.judges import Answering, answering_of, one_time
from assistant.wiring.models import open_library
from assistant.workspace.collection import Collection
from store.ledger.answer_cache import AnswerCache
from store.library.library import Library
from store.types import Narrate, Paper

if TYPE_CHECKING:
    from assistant.answers.preview import Sending


class Workspace(Collection):
    """An open library with a model beside it.

    What is slow or blocking runs in a thread. Raises AssistantError and StoreError.
    """

    def __init__(
        self,
        library: Library,
        answering: Answering,
        prompts: Path | None,
        embedders: AllEmbedders,
        cache: AnswerCache | None,
    ) -> None:
        self._answering = answering
        self._cache = cache
        keeps = cache is not None
        conversations = Conversations(library)
        keep = conversations.keep if keeps else keep_nothing
        self._keep_all: KeepAll = conversations.keep_all if keeps else keep_none
        self._assistant = Assistant(
            library,
            answering.model,
            keep,
            prompts,
            answering.accounting,
            answering.recorder,
            answering.judge,
        )
        super().__init__(library, Searcher(library, self._assistant.retriever), embedders)

    @property
    def model(self) -> str:
        """The name of the model that answers."""
        return self._answering.model.name

    @property
    def is_extractive(self) -> bool:
        """True for the built-in model, which chooses sentences and judges none."""
        return self._answering.model.is_extractive

    @property
    def sends_to(self) -> str | None:
        """The host that questions and abstracts are sent to; None: nothing leaves this machine."""
        return self._answering.sends_to

    @property
    def judge(self) -> str:
        """The name of the model that judges claims, empty where none can."""
        judge = self._answering.judge.model
        return "" if judge.is_extractive else judge.name

    @property
    def judges_at(self) -> str | None:
        """The host that claims are sent to for that; None: they do not leave this machine."""
        return self._answering.judge.sends_to

    @property
    def stopped(self) -> Answer | None:
        """What came of the last answer that was stopped early."""
        return self._assistant.stopped

    async def use_model(self, name: str, settings: Settings) -> None:
        """Have another model answer from the next question on, and judge, by these settings.

        An answer that is being written is written to its end by the one that began it. Raises
        WrongUse, and changes nothing then; no model's replies are recorded.
        """
        answering = await asyncio.to_thread(
            answering_of, name, settings, self._library, lambda line: None, None, self._cache
        )
        self._assistant.use_model(
            answering.model, answering.accounting, answering.recorder, answering.judge
        )
        self._answering = answering

    async def ask(self, question: Question) -> AsyncGenerator[Event, None]:
        """Answer a question; a conversation named by it brings its earlier turns along."""
        question = await self._with_history(question)
        async with aclosing(self._assistant.ask(question)) as events:
            async for event in events:
                yield event

    async def ask_with(
        self, name: str, settings: Settings, question: Question
    ) -> AsyncGenerator[Event, None]:
        """Have another model answer this question alone, as it stands: no earlier turn goes along.

        It judges too, as these settings say, and is closed at the end. Raises WrongUse.
        """
        library, cache = self._library, self._cache
        async with one_time(name, settings, library, cache) as one:
            asked = self._assistant.ask_with(
                question, one.model, one.accounting, one.recorder, one.judge
            )
            async with aclosing(asked) as events:
                async for event in events:
                    yield event

    async def _with_history(self, question: Question) -> Question:
        if question.session and not question.history:
            session = await asyncio.to_thread(self._conversations.open, question.session)
            return question.model_copy(update={"history": session.turns, "session": session.id})
        return question

    async def ask_all(self, question: Question) -> AsyncGenerator[Event, None]:
        """Put a question to every paper that its filter leaves, and count what they say."""
        question = await self._with_history(question)
        async with aclosing(self._assistant.ask_all(question)) as events:
            async for event in events:
                yield event

    async def sending(
        self,
        request: Question | SummaryRequest,
        *,
        all_papers: bool = False,
        exact: bool = False,
    ) -> Sending:
        """What a question or a summary would send, and what it would take; nothing is sent.

        With `all_papers` the question is put to every paper, with `exact` the first request is
        told byte for byte.
        """
        if isinstance(request, SummaryRequest):
            planned = await self._assistant.sending(request, "summary", exact=exact)
        else:
            way: Way = "all_papers" if all_papers else "question"
            planned = await self._assistant.sending(
                await self._with_history(request), way, exact=exact
            )
        return planned.model_copy(update={"sends_to": self.sends_to})

    def summarize(self, request: SummaryRequest) -> AsyncGenerator[Event, None]:
        """Summarize papers, a topic, or all that the filter leaves."""
        return self._assistant.summarize(request)

    async def sum_up(
        self, names: Sequence[str], *, check: bool | None = None, max_cost: float | None = None
    ) -> AsyncGenerator[tuple[Paper, Event], None]:
        """Sum papers up in one sentence each, each paper once, in one conversation.

        Yields the paper with each event of its summary, or, where nothing is asked of a model,
        with its end alone: those are made and saved some at a time. Raises UnknownPaper before any
        is summed up. `max_cost` caps each summary, in USD.
        """
        papers = await asyncio.to_thread(self._named, names)
        if self.is_extractive and not check:
            async with aclosing(self._sum_up_each([*papers.values()])) as ends:
                async for end in ends:
                    yield end
            return
        session: str | None = None
        for paper in papers.values():
            request = SummaryRequest(
                papers=(paper.id,),
                length="sentence",
                session=session,
                check=check,
                max_cost=max_cost,
            )
            async with aclosing(self.summarize(request)) as events:
                async for event in events:
                    if isinstance(event, AnswerDone):
                        session = event.answer.session
                    yield paper, event

    def _named(self, names: Sequence[str]) -> dict[str, Paper]:
        by_id = self._library.papers_by_id(names)
        return {
            one.id: one for one in (by_id.get(name) or self._library.paper(name) for name in names)
        }

    async def _sum_up_each(
        self, papers: Sequence[Paper]
    ) -> AsyncGenerator[tuple[Paper, AnswerDone], None]:
        """What was made and saved, so that nothing is shown that would be lost."""
        each = self._assistant.sum_up_each(papers, self._keep_all)
        while True:
            making = asyncio.ensure_future(asyncio.to_thread(each.next))
            try:
                made = await asyncio.shield(making)
            except asyncio.CancelledError:
                each.stop()
                await asyncio.wait([making])  # or the library were closed under it
                raise
            if not made:
                return
            for paper, answer in made:
                yield paper, AnswerDone(answer=answer)

    async def tldr(self, name: str) -> str:
        """The sentence that says most of what a paper is about, word for word; "" where none does.

        The built-in model chooses it, whichever one answers: nothing is sent or saved. Raises
        UnknownPaper.
        """
        return await asyncio.to_thread(self._tldr, name)

    def _tldr(self, name: str) -> str:
        paper = self._library.paper(name)
        if not paper.abstract.strip():
            return ""
        ((_, answer),) = self._assistant.sum_up_each([paper], keep_none).next()
        return answer.claims[0].citations[0].quote if answer.claims else ""

    async def check(
        self, answer: Answer, max_cost: float | None = None
    ) -> AsyncGenerator[Event, None]:
        """Have the model judge each claim of an answer that is there.

        It is saved anew, unless nothing could be judged. Raises CostRefused when that may cost
        more than `max_cost` in USD; nothing is sent then.
        """
        async with aclosing(self._assistant.check(answer, max_cost)) as events:
            async for event in events:
                if isinstance(event, AnswerDone) and event.answer.check != "failed":
                    saved = await asyncio.to_thread(self._conversations.replace, event.answer)
                    event = AnswerDone(answer=saved)
                yield event

    async def checking(self, answer: Answer) -> Estimate:
        """What `check` will take for an answer; nothing is sent."""
        return await self._assistant.checking(answer)

    async def new_matches(self, turn: Turn) -> int:
        """How many papers added since a turn would be among the evidence of its question now.

        Of those that it was asked of. 0 too where the question would be sent away for its vector:
        nobody asked for that.
        """
        if self.embeds_at or (wanted := await self.papers_of(turn.answer.asked_of)) is None:
            return 0
        return len(await self._assistant.new_matches(turn, wanted))

    async def suggested_questions(self) -> tuple[str, ...]:
        """At most three questions that these papers can answer.

        None where they would be sent away for their vectors: nobody asked for that.
        """
        return () if self.embeds_at else await self._assistant.suggested_questions()

    async def usual_tokens(self) -> tuple[int, int]:
        """Tokens in that a question takes, at least and at most; none for the built-in model."""
        return await self._assistant.usual_tokens()

    async def sending_check(self, answer: Answer) -> Sending:
        """What `check` would send for an answer; nothing is."""
        return await self._assistant.sending_check(answer)

    async def aclose(self) -> None:
        """Close the connections of the models, and the library."""
        await self._assistant.aclose()
        await asyncio.to_thread(self._close_library)


async def open_workspace(
    folder: Path,
    asked: str | None,
    settings: Settings,
    narrate: Narrate,
    record: Path | None = None,
    *,
    create: bool = False,
    keeps: bool = True,
    embedders: AllEmbedders | None = None,
) -> Workspace:
    """Open a library and the model asked for; raises AssistantError and StoreError.

    With `record` the replies of the model are added to that file. Unless the workspace `keeps`
    what comes, an answer is no conversation afterwards, and is asked anew the next time.
    """
    known = embedders or AllEmbedders(settings, narrate)
    return await asyncio.to_thread(
        _open, folder, asked, settings, narrate, record, create, keeps, known
    )


def _open(
    folder: Path,
    asked: str | None,
    settings: Settings,
    narrate: Narrate,
    record: Path | None,
    create: bool,
    keeps: bool,
    embedders: AllEmbedders,
) -> Workspace:
    library = open_library(folder, narrate, embedders, create=create)
    library.key_pattern = settings.citation_key or library.key_pattern
    cache = AnswerCache(library.folder) if keeps else None
    try:
        answering = answering_of(asked, settings, library, narrate, record, cache)
        return Workspace(library, answering, settings.prompts, embedders, cache)
    except BaseException:
        library.close()
        raise
