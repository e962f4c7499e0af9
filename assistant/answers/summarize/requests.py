"""The requests of a summary of many papers: one for each group, one for all of them together."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.answers.context import AnswerContext
from assistant.answers.cost import Order, added
from assistant.answers.model_check_run import Checker
from assistant.answers.preview import Sending, sent_sources
from assistant.answers.request import Job
from assistant.generation.truncation import OVERHEAD_TOKENS
from assistant.prompting.grounding import break_templates, estimate_tokens, render_sources
from assistant.prompting.prompts import REFUSAL, load_prompt
from assistant.retrieval.grouping import GROUP_TOKENS, Group, within_budget
from assistant.types.answers import PromptReference
from assistant.types.evidence import Source
from assistant.types.message import Message
from assistant.types.usage import Estimate

GROUP_OUTPUT, OVERVIEW_OUTPUT = 500, 500
"""Tokens that a model may write on a group, and on all of them together."""

_NOTES_TOKENS = 4_000
_LEAST_BUDGET = 200
_SENTENCES = {
    "sentence": "one sentence",
    "short": "two or three sentences",
    "long": "four to six sentences",
}
_WRITTEN = {"sentence": 1, "short": 3, "long": 6}
_OVERVIEW_WRITTEN = 5
"""Sentences that a chat model is expected to write, on a group and on all of them."""
_SAME_TOKEN = "0" * 12
_MARK = re.compile(r"[\[【(]\s*(\d{1,3})\.(\d{1,3})")


class GroupRequests:
    """What a chat model is asked for a grouped summary of one length, and what that takes."""

    def __init__(self, context: AnswerContext, checker: Checker, length: str) -> None:
        self._context = context
        self._checker = checker
        self._length = length
        given = frozenset({"sources", "refusal", "token", "request"})
        self._prompt = load_prompt("summary", given, context.prompts)
        inputs = frozenset({"notes", "request", "token"})
        self._overview = load_prompt("overview", inputs, context.prompts)

    @property
    def prompt(self) -> PromptReference:
        """The prompt that a group is written with."""
        return self._prompt.reference

    def order(self, job: Job) -> Order:
        """All requests together: their key among kept answers, and their estimate."""
        accounting = self._context.accounting
        orders = [self.order_of(job, one) for one in groups_of(job)]
        estimate = accounting.estimate(self._room(_NOTES_TOKENS), OVERVIEW_OUTPUT)
        for one in orders:
            estimate = added(estimate, one.estimate)
        key = accounting.key(
            [one.key for one in orders], job.settings, self._overview.reference.digest
        )
        return Order(key, estimate, sum(one.raw for one in orders))

    def order_of(self, job: Job, group: Group) -> Order:
        """The request about one group."""
        return self._context.accounting.order(self._messages(job, group, _SAME_TOKEN), GROUP_OUTPUT)

    def checking(self, job: Job) -> Estimate:
        """What having the claims judged will take, where it was asked for."""
        groups = groups_of(job)
        if not job.check:
            return Estimate(cost=0.0)
        claims = len(groups) * _WRITTEN[self._length] + _OVERVIEW_WRITTEN * (len(groups) > 1)
        sources = [one for group in groups for one in self._sources(job, group)]
        return self._checker.expected(sources, claims)

    def sending(self, job: Job) -> Sending:
        """What would be sent; nothing is."""
        bare = Sending(
            question=job.asked,
            standalone=job.standalone,
            model=self._context.model.name,
            considered=job.evidence.considered,
            dropped=job.evidence.dropped,
            estimate=Estimate(cost=0.0),
            note=f"{len(groups_of(job))} groups",
        )
        if self._context.model.is_extractive:
            return bare
        order = self.order(job)
        cached = not job.anew and self._context.accounting.find(order) is not None
        estimate = added(order.estimate, self.checking(job))
        return bare.model_copy(
            update={
                "sources": sent_sources(job.evidence),
                "estimate": Estimate(cost=0.0) if cached else estimate,
                "cached": cached,
                "prompt": self.prompt,
                "note": f"{bare.note}, a request for each and one for all together",
            }
        )

    def on_group(self, job: Job, group: Group, token: str) -> tuple[Message, ...]:
        """The messages that ask for the text on a group, its fences marked by a random token."""
        return self._messages(job, group, token)

    def on_all(self, job: Job, texts: Mapping[int, str], token: str) -> tuple[Message, ...]:
        """The messages that ask for what holds across the groups, from the texts on them."""
        groups = groups_of(job)
        each = self._room(_NOTES_TOKENS) // max(len(groups), 1)
        notes = "\n\n".join(
            f"{token} {break_templates(one.heading)}\n"
            f"{break_templates(_shortened(texts.get(at, ''), each))}\n{token} end"
            for at, one in enumerate(groups)
            if texts.get(at)
        )
        return self._overview.fill(notes=notes, request=_wish(job), token=token)

    def cites_group(self, job: Job, group: Group, text: str) -> bool:
        """True for a text that cites a sentence of the group."""
        for number, index in _MARK.findall(text):
            source = job.evidence.source(int(number))
            if int(number) in group.sources and source and source.sentence(int(index)):
                return True
        return False

    def cites_any(self, job: Job, text: str) -> bool:
        """True for a text that cites a source."""
        return any(job.evidence.source(int(one)) for one, _ in _MARK.findall(text))

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
        there = [one for one in sources if one is not None]
        return within_budget(there, self._room(GROUP_TOKENS))

    def _room(self, tokens: int) -> int:
        """So many tokens of papers or notes, or fewer where the model's window is small."""
        room = self._context.model.context_tokens - GROUP_OUTPUT - OVERHEAD_TOKENS
        return max(min(tokens, int(room / max(self._context.accounting.ratio, 1.0))), _LEAST_BUDGET)


def groups_of(job: Job) -> tuple[Group, ...]:
    """The groups of a summary."""
    return job.plan.groups if job.plan else ()


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
