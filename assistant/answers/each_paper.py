"""Papers summed up in a sentence each by the built-in model, many at a time.

The stages are those of any summary, without their streams: the text is there at once, and for
each of many papers a hop to a thread and a transaction take longer than its sentence does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

from assistant.answers.check import Checking
from assistant.answers.cite import Citing
from assistant.answers.context import AnswerContext, KeepAll
from assistant.answers.cost import Recording
from assistant.answers.generate import Told, generate
from assistant.answers.ground import ground
from assistant.answers.retrieve import of_plan
from assistant.answers.stages import Generation, Grounded, GroundedPrompt, Prepared
from assistant.answers.text_request import request_of
from assistant.errors import AssistantError
from assistant.generation.extractive.model import extracted
from assistant.prompting.grounding import SAME_TOKEN
from assistant.retrieval.kept_sentences import KeptSentences
from assistant.retrieval.summary_plan import of_one_paper, plan_summary
from assistant.retrieval.term_statistics import LibraryStatistics
from assistant.types.answers import Answer
from assistant.types.evidence import Evidence
from assistant.types.questions import SummaryRequest
from store.errors import StoreError
from store.types import Paper

TOGETHER = 32
"""So many papers are read at once, and so many answers saved at most."""
_SECONDS = 0.5
"""An answer waits so long at most to be saved with others."""


class Each:
    """Sums papers up in this order, in one conversation.

    Synchronous, for a thread. Raises UnknownPaper for a paper that goes meanwhile, at its turn.
    """

    def __init__(self, context: AnswerContext, papers: Sequence[Paper], keep: KeepAll) -> None:
        self._context = context
        self._papers = papers
        self._keep = keep
        self._session: str | None = None
        self._is_stopped = threading.Event()
        self._answers = self._made()
        self._failure: AssistantError | StoreError | None = None

    def next(self) -> list[tuple[Paper, Answer]]:
        """The next papers with their answers, which are saved; none at the end, or once stopped."""
        made = self._next()
        if not made or self._is_stopped.is_set():
            return []
        kept = self._keep([answer for _, answer in made], self._session)
        self._session = kept[-1].session
        return [(paper, answer) for (paper, _), answer in zip(made, kept, strict=True)]

    def _next(self) -> list[tuple[Paper, Answer]]:
        """Answers that are saved together; those before a failure are, and it is raised then."""
        if self._failure is not None:
            raise self._failure
        made: list[tuple[Paper, Answer]] = []
        until = time.monotonic() + _SECONDS
        try:
            for one in self._answers:
                made.append(one)
                is_full = len(made) == TOGETHER or time.monotonic() >= until
                if is_full or self._is_stopped.is_set():
                    break
        except (AssistantError, StoreError) as failure:
            if not made:
                raise
            self._failure = failure
        return made

    def stop(self) -> None:
        """End `next` soon, which runs in another thread: what it has made is not saved any more."""
        self._is_stopped.set()

    def _made(self) -> Iterator[tuple[Paper, Answer]]:
        retriever = self._context.retriever
        for start in range(0, len(self._papers), TOGETHER):
            papers = self._papers[start : start + TOGETHER]
            ids = [one.id for one in papers]
            evidence = retriever.of_each(ids)
            kept = KeptSentences(retriever.readings(ids))
            for paper in papers:
                yield paper, self._answer(paper, evidence.get(paper.id), kept)

    def _answer(self, paper: Paper, evidence: Evidence | None, kept: KeptSentences) -> Answer:
        context = self._context
        request = SummaryRequest(papers=(paper.id,), length="sentence", check=False)
        prepared = Prepared("summary", request)
        if evidence is not None and evidence.sources[0].paper.abstract:
            plan = of_one_paper(evidence, request.length)
        else:
            plan = plan_summary(context.library, context.retriever, request, extractive=True)
        grounded = ground(context, of_plan(context, prepared, request, plan))
        citing = Citing(self._text(grounded, kept))
        # The text is whole, so that nothing is missing of what is there of it.
        checked = Checking(context, grounded, citing).stopped()
        assert checked is not None, "the built-in model says something of every paper"
        return checked.answer

    def _text(self, grounded: Grounded, kept: KeptSentences) -> Generation:
        context, evidence = self._context, grounded.evidence
        if not (isinstance(grounded, GroundedPrompt) and evidence.sources):
            return generate(context, grounded)
        task = request_of(grounded, SAME_TOKEN)
        # By sentences, as they are read again where one is chosen, and where it is checked.
        texts = [one.text for source in evidence.sources for one in source.sentences]
        statistics = LibraryStatistics(context.library, [task.question, *texts])
        said = extracted(task, statistics, context.retriever.similarity, kept)
        return Told(grounded, Recording(said), cached=False, is_verbatim=True)
