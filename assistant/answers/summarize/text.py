"""The text of a summary of many papers as it grows: group by group, in order."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from assistant.answers.context import AnswerContext
from assistant.answers.request import Job
from assistant.generation.extractive.model import verbatim
from assistant.generation.extractive.selection import select_summary
from assistant.retrieval.term_statistics import LibraryStatistics
from assistant.types.answers import Answer, Outcome, PromptReference
from assistant.types.events import ClaimChecked, Event, TextDelta
from assistant.types.usage import Usage

OVERVIEW = "All groups together:"
"""The line above what holds across the groups. It stands last: the text of a stream cannot be
changed any more, and nothing can be said of all groups before the last of them is written."""

_GAP = "\n\n"
_FENCE = "```"


class GroupedText:
    """The groups of a job under their headings, each as soon as those before it are there.

    Where no text of a model is, sentences of abstracts stand for a group. Synchronous, for
    threads; one at a time gets in, since a run that is stopped may leave one behind.
    """

    def __init__(self, context: AnswerContext, job: Job) -> None:
        self._context = context
        self._job = job
        self._groups = job.plan.groups if job.plan else ()
        self._draft = context.draft(job.evidence, job.standalone)
        self._lock = threading.Lock()
        self._next = 0
        self._is_headed = False
        self._is_closed = False
        self.verbatim = 0

    def through(self, texts: Mapping[int, str], *, final: bool = False) -> list[Event]:
        """Take the texts by place of their group as far as none is missing; `final`: to the end.

        An empty text is one that cannot be used.
        """
        events: list[Event] = []
        with self._lock:
            while self._next < len(self._groups) and (final or self._next in texts):
                at = self._next
                shown = self._heading()
                shown += self._draft.feed(_fenced(texts.get(at, "")) or self._chosen(at))
                # Nothing that follows can belong to its last sentence.
                shown += self._draft.feed(_GAP)
                self._next, self._is_headed = at + 1, False
                shown += self._heading() if self._next < len(self._groups) else ""
                events += self._told(shown)
        return events

    def close(self, overview: str = "") -> list[Event]:
        """End the text, with what holds across the groups where there is any."""
        with self._lock:
            if self._is_closed:
                return []
            self._is_closed = True
            shown = self._draft.feed(f"{OVERVIEW}\n{overview}") if overview else ""
            return self._told(shown + self._draft.finish())

    def answer(self, outcome: Outcome, *, prompt: PromptReference | None, usage: Usage) -> Answer:
        """The checked answer, once the text has ended."""
        name = self._context.model.name
        with self._lock:
            return self._draft.answer(
                self._job.asked, outcome, model=name, prompt=prompt, usage=usage
            )

    def _heading(self) -> str:
        """The line above the next group, unless it stands there: it is shown ahead."""
        if self._is_headed:
            return ""
        self._is_headed = True
        return self._draft.feed(f"{self._groups[self._next].heading}\n")

    def _told(self, shown: str) -> list[Event]:
        claims = self._draft.check(self._draft.whole_claims(ended=True))
        told: list[Event] = [TextDelta(text=shown)] if shown else []
        return [*told, *(ClaimChecked(claim=one) for one in claims)]

    def _chosen(self, at: int) -> str:
        """One sentence of each paper that stands for a group, word for word."""
        context, group, evidence = self._context, self._groups[at], self._job.evidence
        self.verbatim += 1
        sources = [one for number in group.sources if (one := evidence.source(number))]
        texts = [f"{one.paper.title} {one.paper.abstract}" for one in sources]
        topic = self._job.plan.request if self._job.plan else ""
        statistics = LibraryStatistics(context.library, [topic, *texts])
        lines = []
        for one in sources if context.model.is_extractive else sources[:2]:
            found = select_summary(topic, [one], statistics, context.retriever.similarity, 1)
            index = found[0].indices[0] if found else 0
            lines.append(f"- {verbatim(one.sentences[index].text)} [{one.number}.{index}]")
        return "\n".join(lines)


def _fenced(text: str) -> str:
    """A text that leaves no fence of code open behind it, in which no citation would be read."""
    return f"{text}\n{_FENCE}" if text.count(_FENCE) % 2 else text
