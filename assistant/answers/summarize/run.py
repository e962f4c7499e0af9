"""The text of a summary of many papers, group by group, and what they share at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from assistant.answers.context import AnswerContext
from assistant.answers.cost import total
from assistant.answers.stages import Attempt, Generated, GeneratedPart, Grounded, ParagraphEnd
from assistant.answers.summarize.requests import GroupRequests
from assistant.errors import EndpointError
from assistant.generation.base import REPLACED, Finished, ModelTask, Piece
from assistant.generation.collect import Heard, listen
from assistant.generation.extractive.selection import select_summary
from assistant.generation.extractive.verbatim import addressed
from assistant.prompting.grounding import SAME_TOKEN, fence_token
from assistant.replies.prompt_echo import without_echo, words_of
from assistant.replies.wrapping import unwrapped
from assistant.retrieval.grouping import Group
from assistant.retrieval.kept_sentences import KeptSentences
from assistant.retrieval.term_statistics import LibraryStatistics
from assistant.types.events import Progress

OVERVIEW = "All groups together:"
"""The line above what holds across the groups. It stands last: the text of a stream cannot be
changed any more, and nothing can be said of all groups before the last of them is written."""

_IN_A_ROW = 3
_SPACE, _MOST_KEPT = "group", 5_000
_LOOK_SECONDS = 0.5
_GAP = "\n\n"
_CODE_FENCE = "```"


@dataclass(frozen=True)
class _Paragraph:
    piece: Piece
    is_verbatim: bool


class GroupsWritten:
    """The groups of a plan under their headings, each as soon as those before it are there.

    A chat model writes on each group, some at a time, then on all of them together; where it
    cites nothing or fails, verbatim sentences stand for the group. Raises CostRefused, and an
    EndpointError when no group could be written.
    """

    def __init__(self, context: AnswerContext, grounded: Grounded) -> None:
        self._context = context
        self._grounded = grounded
        self._requests = GroupRequests(context, grounded.retrieved)
        self._groups = self._requests.groups
        self._texts: dict[int, str] = {}
        self._next = 0
        self._verbatim = 0
        self._written = 0
        self._failed_in_a_row = 0
        self._failure: EndpointError | None = None
        self._replaced = 0
        self._usage = grounded.prepared.spent
        self._lines: list[str] = []

    async def parts(self) -> AsyncGenerator[GeneratedPart, None]:
        """The text on each group, then on all of them."""
        order = self._grounded.order
        if order is not None:
            self._context.accounting.allow(order.estimate, self._grounded.prepared.request.max_cost)
        yield Attempt(
            self._grounded.evidence,
            question=self._grounded.retrieved.standalone,
            is_verbatim=self._context.model.is_extractive,
        )
        if order is not None:
            async with aclosing(self._write()) as parts:
                async for part in parts:
                    yield part
            if self._failure is not None and not self._written:
                raise self._failure
        async with aclosing(self._ready(final=True)) as parts:
            async for part in parts:
                yield part
        if self._written > 1 and self._failure is None:
            yield Progress(text="writing on all groups together")
            if overview := await self._on_all():
                yield Piece(f"{OVERVIEW}\n{overview}")
        yield self._ended()

    def stopped(self) -> tuple[tuple[GeneratedPart, ...], Generated]:
        """The groups that are still to come, as far as the model wrote on them, else verbatim."""
        rest: list[GeneratedPart] = []
        while self._texts and self._next < len(self._groups):
            part = self._paragraph(self._next)
            self._taken(part)
            rest += [part.piece, ParagraphEnd()]
        return tuple(rest), replace(self._ended(), ending=None, outcome="interrupted")

    def _ended(self) -> Generated:
        notes = []
        if self._grounded.order is not None and self._verbatim:
            groups = "1 group" if self._verbatim == 1 else f"{self._verbatim} groups"
            notes.append(f"verbatim sentences stand for {groups} that the model did not write on")
        if self._failure is not None:
            notes.append(self._failure.message)
        return Generated(
            self._grounded,
            Finished("stop"),
            self._usage,
            note="; ".join(notes),
            replaced=self._replaced,
            outcome="answered" if self._failure is None else "interrupted",
        )

    # The text.

    async def _ready(self, *, final: bool = False) -> AsyncGenerator[GeneratedPart, None]:
        """The groups as far as the text on none is missing; `final`: all that are left."""
        while self._next < len(self._groups) and (final or self._next in self._texts):
            # Nothing has changed until the text is made: a stop meanwhile finds all as it was.
            part = await asyncio.to_thread(self._paragraph, self._next)
            self._taken(part)
            yield part.piece
            yield ParagraphEnd()

    def _taken(self, part: _Paragraph) -> None:
        self._next += 1
        self._verbatim += part.is_verbatim

    def _paragraph(self, at: int) -> _Paragraph:
        """A group's text, verbatim where that of the model cannot be used, and the next heading.

        The heading of a group is shown ahead.
        """
        text = _closed(self._texts.get(at, ""))
        shown = f"{self._groups[0].heading}\n" if at == 0 else ""
        shown += (text or self._chosen(at)) + _GAP
        if at + 1 < len(self._groups):
            shown += f"{self._groups[at + 1].heading}\n"
        return _Paragraph(Piece(shown), is_verbatim=not text)

    def _chosen(self, at: int) -> str:
        """One sentence of each paper that stands for a group, word for word."""
        context, group, retrieved = self._context, self._groups[at], self._grounded.retrieved
        sources = [one for number in group.sources if (one := retrieved.evidence.source(number))]
        texts = [f"{one.paper.title} {one.paper.abstract}" for one in sources]
        topic = retrieved.wording
        statistics = LibraryStatistics(context.library, [topic, *texts])
        chosen = sources if context.model.is_extractive else sources[:2]
        kept = KeptSentences(context.retriever.readings([one.paper.id for one in chosen]))
        lines = []
        for one in chosen:
            found = select_summary(topic, [one], statistics, context.retriever.similarity, 1, kept)
            index = found[0].indices[0] if found else 0
            lines.append(f"- {addressed(one.sentences[index].text, one.number, index)}")
        return "\n".join(lines)

    # A chat model.

    async def _write(self) -> AsyncGenerator[GeneratedPart, None]:
        """Have the model write on each group; the text comes in order."""
        groups = self._groups
        gate = asyncio.Semaphore(self._context.parallel)

        async def one(at: int) -> None:
            async with gate:
                if self._failed_in_a_row < _IN_A_ROW:
                    self._texts[at] = await self._on_group(groups[at])

        tasks = {asyncio.create_task(one(at)) for at in range(len(groups))}
        waiting = set(tasks)
        try:
            while waiting:
                done, waiting = await asyncio.wait(
                    waiting, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                while self._lines:
                    yield Progress(text=self._lines.pop(0))
                for task in done:
                    task.result()
                # As long as the model wrote on none, all may fail: then there is no text.
                if done and self._written:
                    async with aclosing(self._ready()) as parts:
                        async for part in parts:
                            yield part
                if done:
                    at = len(self._texts)
                    text = f"{at} of {len(groups)} groups are written"
                    yield Progress(text=text, done=at, total=len(groups), unit="groups written")
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _on_group(self, group: Group) -> str:
        """The model's text on a group, kept from an earlier time or new; empty when unusable."""
        accounting, requests = self._context.accounting, self._requests
        key = (await asyncio.to_thread(requests.order_of, group)).key
        text: str | None = None
        if not self._grounded.prepared.request.anew:
            text = (await asyncio.to_thread(accounting.known, _SPACE, [key])).get(key)
        if text is None:
            fence = await asyncio.to_thread(fence_token, self._grounded.evidence.sources)
            text = await self._ask(await asyncio.to_thread(requests.group_task, group, fence))
            usable = text and requests.cites_group(group, text)
            if usable and REPLACED not in text:  # another time it may come whole
                await asyncio.to_thread(accounting.note, _SPACE, {key: text}, _MOST_KEPT)
        elif self._context.recorder is not None:
            self._context.recorder.kept(requests.group_task(group, SAME_TOKEN), text)
        if not text or not requests.cites_group(group, text):
            return ""
        self._written += 1
        return text

    async def _on_all(self) -> str:
        """The model's text on all groups together; empty when unusable."""
        fence = await asyncio.to_thread(fence_token, self._grounded.evidence.sources)
        task = await asyncio.to_thread(self._requests.overview_task, self._texts, fence)
        text = await self._ask(task)
        return text if self._requests.cites_any(text) else ""

    async def _ask(self, task: ModelTask) -> str:
        """One request; a failure is noted, and gives no text.

        What it repeats of its prompt is no part of the text.
        """
        accounting = self._context.accounting
        order = accounting.order(task.messages, task.max_output_tokens)
        most = self._grounded.prepared.request.max_cost
        more = accounting.thinking_room(order, most, self._usage.cost)
        task = replace(task, more_output_tokens=more)
        heard = Heard()
        try:
            async with aclosing(listen(self._context.model, task, heard)) as lines:
                async for line in lines:
                    self._lines.append(line)
        except EndpointError as failure:
            self._failure = failure
            self._failed_in_a_row += 1
            self._lines.append(f"a group could not be written: {failure.message}")
            used = await asyncio.to_thread(accounting.failed, order, heard.text, failure)
            heard.text = ""
        else:
            self._failed_in_a_row = 0
            self._replaced += heard.ending.replaced
            used = await asyncio.to_thread(accounting.settle, order, heard.text, heard.ending)
        self._usage = total(self._usage, used)
        words = await asyncio.to_thread(words_of, task.messages, task.fence)
        return unwrapped(without_echo(heard.text, words)).strip()


def _closed(text: str) -> str:
    """A text that leaves no fence of code open behind it, in which no citation would be read."""
    return f"{text}\n{_CODE_FENCE}" if text.count(_CODE_FENCE) % 2 else text
