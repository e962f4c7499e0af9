"""Putting a question to a batch of papers with a chat model, and reading what it says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from assistant.answers.ask_all.batches import AskedPaper, sources_of
from assistant.answers.ask_all.counts import Verdict
from assistant.answers.ask_all.lines import Line, read_lines
from assistant.answers.ask_all.measure import best_sentence
from assistant.answers.ask_all.selection import output_tokens
from assistant.answers.context import AnswerContext
from assistant.errors import EndpointError
from assistant.generation.base import ModelTask
from assistant.generation.collect import Heard as Reply
from assistant.generation.collect import listen
from assistant.prompting.grounding import fence_token, render_sources
from assistant.prompting.prompts import Prompt
from assistant.query.question import core_weights
from assistant.retrieval.evidence_similarity import weights
from assistant.retrieval.term_statistics import LibraryStatistics
from assistant.types.evidence import Evidence, Source
from assistant.types.usage import Usage


@dataclass(frozen=True)
class Heard:
    """What came of one request: `missing` are papers without a readable line.

    `failure` is why nothing came; `readable` is False when no line could be read.
    """

    batch: tuple[AskedPaper, ...]
    said: dict[str, Verdict] = field(default_factory=dict)
    missing: tuple[AskedPaper, ...] = ()
    usage: Usage = field(default_factory=lambda: Usage(cost=0.0))
    failure: EndpointError | None = None
    readable: bool = True


class Asking:
    """Asks one question of many papers, some at a time; `tell` takes lines on waits.

    `thoughts` are the tokens that a second request may have where a model thought all its own
    away.
    """

    def __init__(
        self,
        context: AnswerContext,
        prompt: Prompt,
        question: str,
        scores: dict[str, float],
        tell: Callable[[str], None],
        thoughts: int,
    ) -> None:
        self._thoughts = thoughts
        self._context = context
        self._prompt = prompt
        self._question = question
        self._scores = scores
        self._tell = tell
        statistics = LibraryStatistics(context.library, [question])
        self._weights = core_weights(question, statistics) or weights(question, statistics)

    async def ask(self, batch: tuple[AskedPaper, ...]) -> Heard:
        """Put the question to a batch; a failure of the endpoint is handed back, not raised."""
        sources = await asyncio.to_thread(sources_of, batch, self._context.library.papers_by_id)
        if not sources:
            return Heard(batch, {one.id: Verdict("failed") for one in batch})
        task = self.task(sources)
        reply = Reply()
        try:
            async with aclosing(listen(self._context.model, task, reply)) as lines:
                async for line in lines:
                    self._tell(line)
        except EndpointError as failure:
            usage = await asyncio.to_thread(self._usage, task, reply, failure)
            if not reply.text:
                return Heard(batch, usage=usage, failure=failure)
        else:
            usage = await asyncio.to_thread(self._usage, task, reply)
        said, missing = await asyncio.to_thread(self._read, reply.text, sources, batch)
        return Heard(batch, said, missing, usage, readable=bool(said))

    def task(self, sources: Sequence[Source]) -> ModelTask:
        """The request about the papers of a batch."""
        token = fence_token(sources)
        messages = self._prompt.fill(
            sources=render_sources(sources, token),
            question=self._question,
            numbers="1" if len(sources) == 1 else f"1 to {len(sources)}",
            token=token,
        )
        return ModelTask(
            "all",
            self._question,
            messages,
            Evidence(sources=tuple(sources)),
            max_output_tokens=output_tokens(len(sources)),
            more_output_tokens=self._thoughts,
            fence=token,
        )

    def _usage(self, task: ModelTask, reply: Reply, failure: EndpointError | None = None) -> Usage:
        accounting = self._context.accounting
        order = accounting.order(task.messages, task.max_output_tokens)
        if failure is not None:
            return accounting.failed(order, reply.text, failure)
        return accounting.settle(order, reply.text, reply.ending)

    def _read(
        self, text: str, sources: Sequence[Source], batch: tuple[AskedPaper, ...]
    ) -> tuple[dict[str, Verdict], tuple[AskedPaper, ...]]:
        lines = read_lines(text, {one.number for one in sources})
        said = {
            one.paper.id: self._verdict(one, lines[one.number])
            for one in sources
            if one.number in lines
        }
        there = {one.paper.id for one in sources}
        missing = tuple(one for one in batch if one.id in there and one.id not in said)
        # A paper that was removed meanwhile cannot be asked.
        gone = {one.id: Verdict("failed") for one in batch if one.id not in there}
        return {**said, **gone}, missing

    def _verdict(self, source: Source, line: Line) -> Verdict:
        """A line as a verdict: a yes that shows no sentence of the paper is unclear.

        A bare yes rests on the whole paper, and is pointed at its best sentence.
        """
        score = self._scores.get(source.paper.id, 0.0)
        if line.said != "yes":
            return Verdict(line.said, score=score)
        there = [index for index in line.sentences if source.sentence(index) is not None]
        if line.strays or (line.sentences and not there):
            return Verdict("unclear", score=score)
        if not there:
            row = None
            if self._context.retriever.similarity is not None:
                texts = [one.text for one in source.sentences]
                row = self._context.retriever.similarity([self._question], texts)[0]
            there = [best_sentence(self._weights, source, row)]
        sentence = source.sentences[there[0]]
        return Verdict("yes", sentence.index, sentence.text, score)
