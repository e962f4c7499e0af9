"""A summary of many papers, group by group: one request a group, one for what they share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from assistant.answers.context import AnswerContext
from assistant.answers.cost import Order, added, total
from assistant.answers.model_check_run import Checker
from assistant.answers.preview import Sending
from assistant.answers.replay import replay
from assistant.answers.request import Job
from assistant.answers.summarize.requests import (
    GROUP_OUTPUT,
    OVERVIEW_OUTPUT,
    GroupRequests,
    groups_of,
)
from assistant.answers.summarize.text import GroupedText
from assistant.checking.model_check import unjudged
from assistant.checking.unsupported_quotes import doubts
from assistant.citations.fence_echo import without_echo
from assistant.errors import EndpointError
from assistant.generation.base import REPLACED, ModelTask, replaced_words
from assistant.generation.collect import Heard, listen
from assistant.prompting.grounding import fence_token
from assistant.retrieval.grouping import Group
from assistant.types.answers import Answer, Outcome, PromptReference
from assistant.types.events import AnswerDone, Event, EvidenceFound, Progress
from assistant.types.message import Message
from assistant.types.usage import Usage

_IN_A_ROW = 3
_SPACE, _MOST_KEPT = "group", 5_000


@dataclass
class _State:
    """How far it has come: the text on each group by its place, and what it took.

    `checked` is the whole answer while it is judged, `saving` its way into the library.
    """

    page: GroupedText
    texts: dict[int, str] = field(default_factory=dict)
    usage: Usage = field(default_factory=lambda: Usage(cost=0.0))
    failure: EndpointError | None = None
    written: int = 0
    failed_in_a_row: int = 0
    replaced: int = 0
    lines: list[str] = field(default_factory=list)
    checked: Answer | None = None
    saving: asyncio.Future[Answer] | None = None


class GroupedSummary:
    """Summarizes the groups of a plan; every group is cited.

    A chat model writes on each group, some at a time, then on all of them together; where it
    cites nothing or fails, verbatim sentences stand for the group. The text of a group comes as
    soon as it and those before it are written. Closing the stream early keeps what came.
    Raises AssistantError and StoreError: an EndpointError when no group could be written.
    """

    def __init__(self, context: AnswerContext, checker: Checker, length: str = "short") -> None:
        self._context = context
        self._checker = checker
        self._requests = GroupRequests(context, checker, length)
        self.stopped: Answer | None = None

    def sending(self, job: Job) -> Sending:
        """What would be sent; nothing is."""
        return self._requests.sending(job)

    # The run.

    async def events(self, job: Job) -> AsyncGenerator[Event, None]:
        """Write the summary."""
        self.stopped = None
        context = self._context
        order = None
        if not context.model.is_extractive:
            order = await asyncio.to_thread(self._requests.order, job)
        known = None
        if order is not None and not job.anew:
            known = await asyncio.to_thread(context.accounting.find, order)
        sent = order is not None and known is None
        estimate = added(order.estimate, self._requests.checking(job)) if order and sent else None
        yield EvidenceFound(evidence=job.evidence, estimate=estimate)
        if known is not None:
            note = "; ".join(filter(None, (FROM_CACHE, known.note)))
            answer = known.model_copy(update={"note": note})
            for event in replay(await asyncio.to_thread(context.keep, answer, job.session)):
                yield event
            return
        if order is not None:
            context.accounting.allow(order.estimate, job.max_cost)
        page = await asyncio.to_thread(GroupedText, context, job)
        state = _State(page)
        try:
            async with aclosing(self._whole(job, state, order)) as events:
                async for event in events:
                    yield event
        except (asyncio.CancelledError, GeneratorExit):
            if state.saving is not None:
                self.stopped = await state.saving
            else:
                self.stopped = await asyncio.to_thread(self._stop, job, state)
            raise

    async def _whole(
        self, job: Job, state: _State, order: Order | None
    ) -> AsyncGenerator[Event, None]:
        """The text, its check, and the answer."""
        context = self._context
        overview = ""
        if order is not None:
            async with aclosing(self._written(job, state)) as events:
                async for event in events:
                    yield event
            if state.failure is not None and not state.written:
                raise state.failure
        for event in await asyncio.to_thread(state.page.through, state.texts, final=True):
            yield event
        if state.written > 1 and state.failure is None:
            yield Progress(text="writing on all groups together")
            overview = await self._on_all(job, state)
        for event in await asyncio.to_thread(state.page.close, overview):
            yield event
        outcome: Outcome = "interrupted" if state.failure is not None else "answered"
        answer = await asyncio.to_thread(self._answer, job, state, outcome)
        if job.check:
            state.checked = answer
            judging = self._checker.events(answer, job.max_cost, answer.usage.cost)
            async with aclosing(judging) as parts:
                async for part in parts:
                    if isinstance(part, AnswerDone):
                        answer = part.answer
                    else:
                        yield part
        if order is not None and answer.check in ("none", "done"):
            await asyncio.to_thread(context.accounting.keep, order, answer)
        # Once it is being saved it is not saved again, though the reader may stop it now.
        state.saving = asyncio.ensure_future(asyncio.to_thread(context.keep, answer, job.session))
        yield AnswerDone(answer=await asyncio.shield(state.saving))

    def _stop(self, job: Job, state: _State) -> Answer | None:
        """Save what came before the reader stopped it; None when nothing did."""
        if state.checked is not None:
            answer = unjudged(state.checked, "the check was stopped by the reader")
        elif state.texts:
            state.page.through(state.texts, final=True)
            state.page.close()
            answer = self._answer(job, state, "interrupted")
        else:
            return None
        return self._context.keep(answer, job.session)

    async def _written(self, job: Job, state: _State) -> AsyncGenerator[Event, None]:
        """Have the model write on each group; the text comes in order."""
        groups = groups_of(job)
        gate = asyncio.Semaphore(self._context.parallel)

        async def one(at: int) -> None:
            async with gate:
                if state.failed_in_a_row < _IN_A_ROW:
                    state.texts[at] = await self._on_group(job, groups[at], state)

        tasks = {asyncio.create_task(one(at)) for at in range(len(groups))}
        waiting = set(tasks)
        try:
            while waiting:
                done, waiting = await asyncio.wait(
                    waiting, timeout=0.5, return_when=asyncio.FIRST_COMPLETED
                )
                while state.lines:
                    yield Progress(text=state.lines.pop(0))
                for task in done:
                    task.result()
                # As long as the model wrote on none, all may fail: then there is no text.
                if done and state.written:
                    for event in await asyncio.to_thread(state.page.through, dict(state.texts)):
                        yield event
                if done:
                    text = f"{len(state.texts)} of {len(groups)} groups are written"
                    yield Progress(
                        text=text, done=len(state.texts), total=len(groups), unit="groups written"
                    )
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _on_group(self, job: Job, group: Group, state: _State) -> str:
        """The model's text on a group, kept from an earlier time or new; empty when unusable."""
        accounting = self._context.accounting
        key = (await asyncio.to_thread(self._requests.order_of, job, group)).key
        text: str | None = None
        if not job.anew:
            text = (await asyncio.to_thread(accounting.known, _SPACE, [key])).get(key)
        if text is None:
            fence = await asyncio.to_thread(fence_token, job.evidence.sources)
            messages = await asyncio.to_thread(self._requests.on_group, job, group, fence)
            text = await self._ask(messages, GROUP_OUTPUT, fence, state)
            usable = text and self._requests.cites_group(job, group, text)
            if usable and REPLACED not in text:  # another time it may come whole
                await asyncio.to_thread(accounting.note, _SPACE, {key: text}, _MOST_KEPT)
        if not text or not self._requests.cites_group(job, group, text):
            return ""
        state.written += 1
        return text

    async def _on_all(self, job: Job, state: _State) -> str:
        """The model's text on all groups together; empty when unusable."""
        fence = await asyncio.to_thread(fence_token, job.evidence.sources)
        messages = await asyncio.to_thread(self._requests.on_all, job, state.texts, fence)
        text = await self._ask(messages, OVERVIEW_OUTPUT, fence, state)
        return text if self._requests.cites_any(job, text) else ""

    async def _ask(
        self, messages: tuple[Message, ...], output: int, fence: str, state: _State
    ) -> str:
        """One request; a failure is noted, and gives no text.

        Lines of the prompt's fences, which the token `fence` marks, are no part of the text.
        """
        accounting = self._context.accounting
        task = ModelTask("summary", "", messages, max_output_tokens=output)
        heard = Heard()
        try:
            async with aclosing(listen(self._context.model, task, heard)) as lines:
                async for line in lines:
                    state.lines.append(line)
        except EndpointError as failure:
            state.failure = failure
            state.failed_in_a_row += 1
            state.lines.append(f"a group could not be written: {failure.message}")
            heard.text = ""
        else:
            state.failed_in_a_row = 0
            state.replaced += heard.ending.replaced
        order = accounting.order(messages, output)
        used = await asyncio.to_thread(accounting.settle, order, heard.text, heard.ending)
        state.usage = total(state.usage, used)
        return without_echo(heard.text, fence).strip()

    # The answer.

    def _answer(self, job: Job, state: _State, outcome: Outcome) -> Answer:
        """The answer whose text has ended, with notes on what it covers and what failed."""
        by_model = not self._context.model.is_extractive
        prompt: PromptReference | None = self._requests.prompt if by_model else None
        answer = state.page.answer(outcome, prompt=prompt, usage=state.usage)
        notes = [job.plan.coverage(answer) if job.plan else "", job.note]
        if by_model and (number := state.page.verbatim):
            groups = "1 group" if number == 1 else f"{number} groups"
            notes.append(f"verbatim sentences stand for {groups} that the model did not write on")
        if state.failure is not None:
            notes.append(state.failure.message)
        notes += [replaced_words(state.replaced), doubts(answer, job.evidence)]
        note = "; ".join(filter(None, notes))
        return answer.model_copy(update={"note": note, "replaced": state.replaced})


FROM_CACHE = (
    "written before from the same papers, nothing was sent (summarize --no-cache asks anew)"
)
"""What a summary says that was kept from an earlier time."""
