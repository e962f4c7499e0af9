"""`ask --all`: the question put to every paper that the filters leave, with a denominator."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from assistant.answers.ask_all.asking import Asking, Heard
from assistant.answers.ask_all.batches import AskedPaper, cut_again
from assistant.answers.ask_all.counts import Verdict, VerdictCounts, answer_text
from assistant.answers.ask_all.measure import Measured, PaperMeasure
from assistant.answers.ask_all.reader import PartReader
from assistant.answers.ask_all.selection import GroundedPapers, keep_verdicts, output_tokens
from assistant.answers.context import AnswerContext
from assistant.answers.cost import MOST_THOUGHTS, total
from assistant.answers.stages import Attempt, Generated, GeneratedPart, Grounded
from assistant.errors import EndpointError
from assistant.generation.base import Finished, Piece
from assistant.generation.truncation import with_remedy
from assistant.types.answers import Outcome
from assistant.types.events import Progress
from store.clean import clean_line

BY_MEASURE = (
    "judged by words and similarity, paper by paper: yes means that a paper speaks to it,"
    " not that it affirms it, and one that says it in other words may count as no"
)
"""What the built-in model says of its verdicts."""
_IN_A_ROW = 3
_SLICE = 128
_LOOK_SECONDS = 0.5


def ask_papers(context: AnswerContext, grounded: Grounded) -> PapersAsked:
    """The text on what every paper says, not begun yet; raises TypeError for another ground."""
    if not isinstance(grounded, GroundedPapers):
        raise TypeError("every paper is asked from what was grounded for that")
    return PapersAsked(context, grounded)


class PapersAsked:
    """One question put to every paper, and the text that counts what they say.

    Yields Progress with `done` and `total` before the text. What chat models say is kept paper
    by paper, so that the same question goes on where it was stopped. Raises CostRefused, and
    an EndpointError when none could be asked.
    """

    def __init__(self, context: AnswerContext, grounded: GroundedPapers) -> None:
        self._context = context
        self._grounded = grounded
        self._asked = grounded.retrieved.standalone
        self._prompt = context.prompt("all")
        self._counts = VerdictCounts(grounded.papers)
        self._usage = grounded.prepared.spent
        self._lines: list[str] = []
        self._failed_in_a_row = 0
        self._unread_in_a_row = 0
        self._failure: EndpointError | None = None
        self._unasked = 0
        """Papers whose request the endpoint failed."""
        self._heard = 0
        self._measures: dict[str, Measured] = {}
        self._best = 0.0
        self._reader = PartReader(grounded.part, context.library.document_frequency)
        self._stop = ""

    async def parts(self) -> AsyncGenerator[GeneratedPart, None]:
        """The progress of asking, then the text."""
        grounded = self._grounded
        if self._context.model.is_extractive:
            work = self._measured()
        else:
            self._context.accounting.allow(grounded.planned, grounded.prepared.request.max_cost)
            self._counts.take(grounded.known)
            self._heard = len(grounded.known)
            work = self._by_model()
        async with aclosing(work) as lines:
            async for line in lines:
                yield line
        if self._failure is not None and not self._heard:
            raise self._failure
        for part in await asyncio.to_thread(self._text):
            yield part
        yield await asyncio.to_thread(self._ended)

    def stopped(self) -> tuple[tuple[GeneratedPart, ...], Generated]:
        """The text on the papers heard so far; none where none was heard."""
        rest = self._text() if self._counts.heard else ()
        return rest, self._ended()

    def _text(self) -> tuple[GeneratedPart, ...]:
        if self._reader.ranks and self._context.model.is_extractive:
            self._counts.take(self._reader.verdicts(self._measures, self._best))
        elif self._reader.ranks:
            names = [name for name, _ in self._counts.best()]
            papers = self._context.library.papers_by_id(names)
            self._counts.take(self._reader.in_order([*papers.values()]))
        pieces, evidence = answer_text(self._context, self._counts)
        return (Attempt(evidence, is_verbatim=True), *map(Piece, pieces))

    def _outcome(self) -> Outcome:
        coverage = self._counts.coverage
        if self._counts.heard < coverage.asked or (coverage.failed and not coverage.yes):
            return "interrupted"  # a paper that was not heard may be the one that says yes
        return "answered" if coverage.yes else "not_in_collection"

    def _ended(self) -> Generated:
        by_model = not self._context.model.is_extractive
        coverage = self._counts.coverage
        left = coverage.asked - self._counts.heard
        reused = by_model and not self._usage.calls and not (left or coverage.failed)
        told = self._reader.notes(by_model=by_model)
        notes = [
            "all papers were asked before, nothing was sent (--no-cache asks anew)"
            if reused
            else "",
            *told,
            "" if by_model or told else BY_MEASURE,
            _left(left, by_model) if left else "",
            self._stop or self._why_unasked(),
            *self._context.retriever.notes(self._grounded.prepared.request.filter),
        ]
        return Generated(
            self._grounded,
            Finished("stop"),
            self._usage,
            note="; ".join(filter(None, notes)),
            outcome=self._outcome(),
            coverage=coverage,
            papers=self._counts.papers(),
            cached=reused,
        )

    def _why_unasked(self) -> str:
        """Why some papers failed, where the endpoint told."""
        if self._failure is None:
            return ""
        papers = "1 paper" if self._unasked == 1 else f"{self._unasked} papers"
        return f"{papers} could not be asked: {clean_line(self._failure.message)}"

    # The built-in model.

    async def _measured(self) -> AsyncGenerator[Progress, None]:
        context, papers, reader = self._context, self._grounded.papers, self._reader
        meter = None
        if reader.topic:
            meter = await asyncio.to_thread(
                PaperMeasure, context.library, context.retriever, reader.topic
            )
        for start in range(0, len(papers), _SLICE):
            part = papers[start : start + _SLICE]
            found = await asyncio.to_thread(_measure, context, meter, reader, part)
            self._measures.update(found)
            self._counts.take({one.id: Verdict("failed") for one in part if one.id not in found})
            # What is yes hangs on the best paper so far.
            best = max((one.measure for one in found.values()), default=0.0)
            if best > self._best:
                self._best, found = best, self._measures
            self._counts.take(await asyncio.to_thread(reader.verdicts, found, self._best))
            yield self._progress()

    def _progress(self) -> Progress:
        counts = self._counts
        asked = counts.coverage.asked
        return Progress(text=counts.line(), done=counts.heard, total=asked, unit="papers asked")

    # A chat model.

    async def _by_model(self) -> AsyncGenerator[Progress, None]:
        grounded = self._grounded
        asking = await asyncio.to_thread(
            Asking,
            self._context,
            self._prompt,
            self._asked,
            grounded.scores,
            self._lines.append,
            0 if grounded.prepared.request.max_cost is not None else MOST_THOUGHTS,
        )
        if grounded.known and grounded.missing:
            yield Progress(
                text=f"{len(grounded.known)} of {len(grounded.papers)} papers were asked before;"
                f" {len(grounded.missing)} are left"
            )
        todo = deque((batch, False) for batch in grounded.batches())
        running: dict[asyncio.Task[Heard], bool] = {}
        try:
            while todo or running:
                while todo and len(running) < self._context.parallel and not self._stop:
                    batch, again = todo.popleft()
                    if not self._affords(batch):
                        todo.appendleft((batch, again))
                        break
                    running[asyncio.create_task(asking.ask(batch))] = again
                if not running:
                    break
                done, _ = await asyncio.wait(
                    running, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                while self._lines:
                    yield Progress(text=self._lines.pop(0))
                for task in done:
                    again = running.pop(task)
                    todo.extend(await self._take(task.result(), again=again))
                if done:
                    yield self._progress()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        self._counts.take({one.id: Verdict("failed") for batch, _ in todo for one in batch})

    def _affords(self, batch: Sequence[AskedPaper]) -> bool:
        """False when a request would lead above the cap, which ends the run."""
        max_cost = self._grounded.prepared.request.max_cost
        if max_cost is None:
            return True
        estimate = self._context.accounting.estimate(
            sum(one.tokens for one in batch), output_tokens(len(batch))
        )
        spent = self._usage.cost
        if spent is None or estimate.cost is None or spent + estimate.cost > max_cost:
            self._stop = "the cap of the cost was reached: the rest was not asked"
        return not self._stop

    async def _take(
        self, heard: Heard, *, again: bool
    ) -> list[tuple[tuple[AskedPaper, ...], bool]]:
        """Count what came of a request; returns requests that are to be made for it once more."""
        self._usage = total(self._usage, heard.usage)
        if heard.failure is not None:
            return self._failed(heard, heard.failure, again=again)
        self._failed_in_a_row = 0
        self._unread_in_a_row = 0 if heard.readable else self._unread_in_a_row + 1
        said = dict(heard.said)
        more: list[tuple[tuple[AskedPaper, ...], bool]] = []
        if self._unread_in_a_row >= _IN_A_ROW and not self._stop:
            self._stop = f"stopped after {_IN_A_ROW} replies in a row that hold no verdict"
        if heard.missing and not again and not self._stop:
            parts = cut_again(heard.missing, len(heard.batch), self._grounded.budget)
            more = [(part, True) for part in parts]
        elif heard.missing:
            says = "unclear" if heard.readable else "failed"
            said.update({one.id: Verdict(says) for one in heard.missing})  # type: ignore[arg-type]
        self._heard += sum(one.says != "failed" for one in said.values())
        self._counts.take(said)
        # What is counted is kept, or a run that is stopped here would ask it again.
        keeping = asyncio.to_thread(
            keep_verdicts,
            self._context.accounting,
            self._prompt,
            self._asked,
            heard.batch,
            said,
        )
        await asyncio.shield(keeping)
        return more

    def _failed(
        self, heard: Heard, failure: EndpointError, *, again: bool
    ) -> list[tuple[tuple[AskedPaper, ...], bool]]:
        batch = heard.batch
        if failure.code == "context_too_long" and len(batch) > 1:
            half = len(batch) // 2
            return [(batch[:half], again), (batch[half:], again)]
        self._failure = with_remedy(failure, self._asked)
        self._unasked += len(batch)
        self._failed_in_a_row += 1
        self._counts.take({one.id: Verdict("failed") for one in batch})
        self._lines.append(f"{len(batch)} papers could not be asked: {failure.message}")
        if self._failed_in_a_row >= _IN_A_ROW and not self._stop:
            self._stop = f"stopped after {_IN_A_ROW} failures in a row: {failure.message}"
        return []


def _left(papers: int, by_model: bool) -> str:
    many = "1 paper was" if papers == 1 else f"{papers} papers were"
    # What the built-in model says is not kept: it has all said again sooner than looked up.
    goes_on = "; the same question goes on from there" if by_model else ""
    return f"interrupted, {many} not asked{goes_on}"


def _measure(
    context: AnswerContext,
    meter: PaperMeasure | None,
    reader: PartReader,
    part: Sequence[AskedPaper],
) -> dict[str, Measured]:
    """Measures of some papers, all the same without a meter; what else is asked of them is read."""
    texts = context.library.texts([one.id for one in part])
    bare = {one.id: Measured(1.0, 1.0, 0, one.title) for one in part if one.id in texts}
    measured = meter.of(texts) if meter else bare
    if not reader.reads:
        return measured
    papers = context.library.papers_by_id(list(measured))
    there = [papers[one.id] for one in part if one.id in papers]
    reader.read(there, measured)
    return {one.id: measured[one.id] for one in there}
