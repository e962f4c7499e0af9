"""A summary of many papers, group by group: one request a group, one for the opening."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from assistant.economy import Order, added, total
from assistant.errors import EndpointError
from assistant.grounding import break_templates, estimate_tokens, fence_token, render_sources
from assistant.grouping import Group, within_budget
from assistant.kit import Kit
from assistant.making import Job
from assistant.models.base import Message, ModelTask
from assistant.models.extractive import verbatim
from assistant.models.listening import Heard, listen
from assistant.prompting import REFUSAL, load_prompt
from assistant.replay import replay
from assistant.selection import select_summary
from assistant.sending import Sending, sent_sources
from assistant.statistics import LibraryStatistics
from assistant.values import (
    Answer,
    AnswerDone,
    Estimate,
    Event,
    EvidenceFound,
    Outcome,
    Progress,
    PromptReference,
    Source,
    Usage,
)

_OVERVIEW_TOKENS, _NOTES_TOKENS = 500, 4_000
_GROUP_OUTPUT = 500
_SENTENCES = {
    "sentence": "one sentence",
    "short": "two or three sentences",
    "long": "four to six sentences",
}
_IN_A_ROW = 3
_SPACE, _MOST_KEPT = "group", 5_000
_SAME_TOKEN = "0" * 12
_MARK = re.compile(r"[\[【(]\s*(\d{1,3})\.(\d{1,3})")


Judge = Callable[[Answer], AsyncGenerator[Progress | AnswerDone, None]]
"""Has a model judge the claims of an answer; gives the answer back last."""


@dataclass
class _State:
    """How far it has come: the text on each group by its place, and what it took."""

    texts: dict[int, str] = field(default_factory=dict)
    opening: str = ""
    usage: Usage = field(default_factory=lambda: Usage(cost=0.0))
    failure: EndpointError | None = None
    written: int = 0
    failed_in_a_row: int = 0
    lines: list[str] = field(default_factory=list)


class GroupedSummary:
    """Summarizes the groups of a plan; every group is cited.

    A chat model writes on each group, some at a time, then the opening; where it cites nothing
    or fails, verbatim sentences stand for the group. Closing the stream early keeps what came.
    Raises AssistantError and StoreError: an EndpointError when no group could be written.
    """

    def __init__(self, kit: Kit, length: str = "short", judge: Judge | None = None) -> None:
        self._kit = kit
        self._judge = judge
        self._length = length
        given = frozenset({"sources", "refusal", "token", "request"})
        self._prompt = load_prompt("summary", given, kit.prompts)
        inputs = frozenset({"notes", "request", "token"})
        self._overview = load_prompt("overview", inputs, kit.prompts)
        self.stopped: Answer | None = None

    # Before.

    def order(self, job: Job) -> Order:
        """All requests together: their key among kept answers, and their estimate."""
        economy = self._kit.economy
        orders = [
            economy.order(self._messages(job, one, _SAME_TOKEN), _GROUP_OUTPUT)
            for one in self._groups(job)
        ]
        estimate = economy.estimate(_NOTES_TOKENS, _OVERVIEW_TOKENS)
        for one in orders:
            estimate = added(estimate, one.estimate)
        key = economy.key(
            [one.key for one in orders], job.settings, self._overview.reference.digest
        )
        return Order(key, estimate, sum(one.raw for one in orders))

    def sending(self, job: Job) -> Sending:
        """What would be sent; nothing is."""
        bare = Sending(
            question=job.asked,
            standalone=job.standalone,
            model=self._kit.model.name,
            considered=job.evidence.considered,
            dropped=job.evidence.dropped,
            estimate=Estimate(cost=0.0),
            note=f"{len(self._groups(job))} groups",
        )
        if self._kit.model.is_extractive:
            return bare
        order = self.order(job)
        cached = not job.anew and self._kit.economy.find(order) is not None
        return bare.model_copy(
            update={
                "sources": sent_sources(job.evidence),
                "estimate": Estimate(cost=0.0) if cached else order.estimate,
                "cached": cached,
                "prompt": self._prompt.reference,
                "note": f"{bare.note}, a request for each and one for the opening",
            }
        )

    def _groups(self, job: Job) -> tuple[Group, ...]:
        return job.plan.groups if job.plan else ()

    # The run.

    async def events(self, job: Job) -> AsyncGenerator[Event, None]:
        """Write the summary."""
        state = _State()
        kit = self._kit
        order = None
        if not kit.model.is_extractive:
            order = await asyncio.to_thread(self.order, job)
        known = None
        if order is not None and not job.anew:
            known = await asyncio.to_thread(kit.economy.find, order)
        estimate = order.estimate if order and known is None else None
        yield EvidenceFound(evidence=job.evidence, estimate=estimate)
        if known is not None:
            note = "; ".join(filter(None, (FROM_CACHE, known.note)))
            answer = known.model_copy(update={"note": note})
            for event in replay(await asyncio.to_thread(kit.keep, answer, job.session)):
                yield event
            return
        if order is not None:
            kit.economy.allow(order.estimate, job.max_cost)
            try:
                async with aclosing(self._written(job, state)) as events:
                    async for event in events:
                        yield event
            except (asyncio.CancelledError, GeneratorExit):
                if state.texts:
                    answer = await asyncio.to_thread(self._answer, job, state, "interrupted")
                    self.stopped = await asyncio.to_thread(kit.keep, answer, job.session)
                raise
            if state.failure is not None and not state.written:
                raise state.failure
        outcome: Outcome = "interrupted" if state.failure is not None else "answered"
        answer = await asyncio.to_thread(self._answer, job, state, outcome)
        if job.check and self._judge is not None:
            async with aclosing(self._judge(answer)) as parts:
                async for part in parts:
                    if isinstance(part, AnswerDone):
                        answer = part.answer
                    else:
                        yield part
        if order is not None and answer.check in ("none", "done"):
            await asyncio.to_thread(kit.economy.keep, order, answer)
        for event in replay(await asyncio.to_thread(kit.keep, answer, job.session)):
            yield event

    async def _written(self, job: Job, state: _State) -> AsyncGenerator[Event, None]:
        """Have the model write on each group, then the opening."""
        groups = self._groups(job)
        gate = asyncio.Semaphore(self._kit.parallel)

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
                if done:
                    text = f"{len(state.texts)} of {len(groups)} groups are written"
                    yield Progress(
                        text=text, done=len(state.texts), total=len(groups), unit="groups written"
                    )
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if state.written > 1 and state.failure is None:
            yield Progress(text="writing the opening")
            state.opening = await self._opening(job, groups, state)

    async def _on_group(self, job: Job, group: Group, state: _State) -> str:
        """The model's text on a group, kept from an earlier time or new; empty when unusable."""
        economy = self._kit.economy
        key = economy.order(self._messages(job, group, _SAME_TOKEN), _GROUP_OUTPUT).key
        text: str | None = None
        if not job.anew:
            text = (await asyncio.to_thread(economy.known, _SPACE, [key])).get(key)
        if text is None:
            token = fence_token(self._sources(job, group))
            text = await self._ask(self._messages(job, group, token), _GROUP_OUTPUT, state)
            if text and self._is_cited(job, group, text):
                await asyncio.to_thread(economy.note, _SPACE, {key: text}, _MOST_KEPT)
        if not text or not self._is_cited(job, group, text):
            return ""
        state.written += 1
        return text

    async def _opening(self, job: Job, groups: Sequence[Group], state: _State) -> str:
        token = fence_token(job.evidence.sources)
        each = _NOTES_TOKENS // max(len(groups), 1)
        notes = "\n\n".join(
            f"{token} {break_templates(one.heading)}\n"
            f"{break_templates(_shortened(state.texts.get(at, ''), each))}\n{token} end"
            for at, one in enumerate(groups)
            if state.texts.get(at)
        )
        messages = self._overview.fill(notes=notes, request=_wish(job), token=token)
        text = await self._ask(messages, _OVERVIEW_TOKENS, state)
        cited = any(job.evidence.source(int(one)) for one, _ in _MARK.findall(text))
        return text if cited else ""

    async def _ask(self, messages: tuple[Message, ...], output: int, state: _State) -> str:
        """One request; a failure is noted, and gives no text."""
        economy = self._kit.economy
        task = ModelTask("summary", "", messages, max_output_tokens=output)
        heard = Heard()
        try:
            async with aclosing(listen(self._kit.model, task, heard)) as lines:
                async for line in lines:
                    state.lines.append(line)
        except EndpointError as failure:
            state.failure = failure
            state.failed_in_a_row += 1
            state.lines.append(f"a group could not be written: {failure.message}")
            heard.text = ""
        else:
            state.failed_in_a_row = 0
        order = economy.order(messages, output)
        used = await asyncio.to_thread(economy.settle, order, heard.text, heard.ending)
        state.usage = total(state.usage, used)
        return heard.text.strip()

    def _messages(self, job: Job, group: Group, token: str) -> tuple[Message, ...]:
        topic = f" with an eye on {job.plan.request}" if job.plan and job.plan.request else ""
        request = (
            f"These papers stand for a group of {group.size} on: {group.label}. Say in"
            f" {_SENTENCES[self._length]} what they propose and find{topic}."
        )
        return self._prompt.fill(
            sources=render_sources(self._sources(job, group), token),
            request=request,
            refusal=REFUSAL,
            token=token,
        )

    def _sources(self, job: Job, group: Group) -> tuple[Source, ...]:
        sources = tuple(job.evidence.source(number) for number in group.sources)
        return within_budget([one for one in sources if one is not None])

    def _is_cited(self, job: Job, group: Group, text: str) -> bool:
        """True for a text that cites a sentence of the group."""
        for number, index in _MARK.findall(text):
            source = job.evidence.source(int(number))
            if int(number) in group.sources and source and source.sentence(int(index)):
                return True
        return False

    # The answer.

    def _answer(self, job: Job, state: _State, outcome: Outcome) -> Answer:
        """The opening, then each group under its words; sentences of abstracts where a model
        wrote nothing."""
        kit = self._kit
        draft = kit.draft(job.evidence, job.standalone)
        if state.opening:
            draft.feed(f"{state.opening}\n\n")
        verbatim_groups = 0
        for at, one in enumerate(self._groups(job)):
            text = state.texts.get(at, "")
            verbatim_groups += not text
            draft.feed(f"{'' if not draft.text else _GAP}{one.heading}\n")
            draft.feed(text or self._chosen(job, one))
        draft.finish()
        by_model = not kit.model.is_extractive
        prompt: PromptReference | None = self._prompt.reference if by_model else None
        answer = draft.answer(
            job.asked,
            outcome,
            model=kit.model.name,
            prompt=prompt,
            usage=state.usage,
        )
        notes = [job.plan.coverage(answer) if job.plan else "", job.note]
        if by_model and verbatim_groups:
            groups = "1 group" if verbatim_groups == 1 else f"{verbatim_groups} groups"
            notes.append(f"verbatim sentences stand for {groups} that the model did not write on")
        if state.failure is not None:
            notes.append(state.failure.message)
        return answer.model_copy(update={"note": "; ".join(filter(None, notes))})

    def _chosen(self, job: Job, group: Group) -> str:
        """One sentence of each paper that stands for a group, word for word."""
        kit = self._kit
        sources = [one for number in group.sources if (one := job.evidence.source(number))]
        texts = [f"{one.paper.title} {one.paper.abstract}" for one in sources]
        topic = job.plan.request if job.plan else ""
        statistics = LibraryStatistics(kit.library, [topic, *texts])
        lines = []
        for one in sources if kit.model.is_extractive else sources[:2]:
            found = select_summary(topic, [one], statistics, kit.retriever.similarity, 1)
            index = found[0].indices[0] if found else 0
            lines.append(f"- {verbatim(one.sentences[index].text)} [{one.number}.{index}]")
        return "\n".join(lines)


FROM_CACHE = (
    "written before from the same papers, nothing was sent (summarize --no-cache asks anew)"
)
"""What a summary says that was kept from an earlier time."""
_GAP = "\n\n"


def _wish(job: Job) -> str:
    topic = job.plan.request if job.plan else ""
    return f"The summary is on: {topic}" if topic else "The summary is of a whole collection."


def _shortened(text: str, tokens: int) -> str:
    """As much of a text as a number of tokens takes, cut at the end of a sentence."""
    if estimate_tokens(text) <= tokens:
        return text
    cut = text[: tokens * 3]
    end = max(cut.rfind("]. "), cut.rfind(". "), cut.rfind("]\n"))
    return cut[: end + 2] if end > 0 else cut
