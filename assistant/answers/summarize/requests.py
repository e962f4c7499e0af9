"""The requests of a summary of many papers: one for each group, one for all of them together."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.answers.check_policy import CheckDecision
from assistant.answers.context import AnswerContext
from assistant.answers.cost import Order, Recording, added
from assistant.answers.stages import Grounded, Retrieved
from assistant.generation.base import ModelTask, Stage
from assistant.generation.truncation import source_room
from assistant.prompting.grounding import (
    SAME_TOKEN,
    break_templates,
    estimate_tokens,
    render_sources,
)
from assistant.prompting.prompts import NOT_ANSWERED
from assistant.retrieval.grouping import GROUP_TOKENS, Group, within_budget
from assistant.types.evidence import Evidence, Source
from assistant.types.message import Message
from assistant.types.questions import SummaryRequest
from store.pattern import pattern

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
_MARK = pattern(r"[\[【(]\s*(\d{1,3})\.(\d{1,3})")


class GroupRequests:
    """What a chat model is asked for the groups of a summary, and what that takes."""

    def __init__(self, context: AnswerContext, retrieved: Retrieved) -> None:
        self._context = context
        self._retrieved = retrieved
        self._prompt = context.prompt("summary")
        self._overview = context.prompt("overview")

    def order(self) -> Order:
        """All requests together: their key among kept answers, and their estimate."""
        accounting = self._context.accounting
        orders = [self.order_of(one) for one in self.groups]
        estimate = accounting.estimate(self._room(_NOTES_TOKENS), OVERVIEW_OUTPUT)
        for one in orders:
            estimate = added(estimate, one.estimate)
        settings = self._retrieved.prepared.settings
        key = accounting.key([one.key for one in orders], settings, self._overview.reference.digest)
        return Order(key, estimate, sum(one.raw for one in orders))

    def order_of(self, group: Group) -> Order:
        """The request about one group."""
        return self._context.accounting.order(self.on_group(group, SAME_TOKEN), GROUP_OUTPUT)

    def check(self, order: Order, recorded: Recording | None) -> CheckDecision:
        """Whether a model judges the claims."""
        groups = self.groups
        claims = len(groups) * _WRITTEN[self._length] + _OVERVIEW_WRITTEN * (len(groups) > 1)
        sources = [one for group in groups for one in self._sources(group)]
        return self._context.decide_check(self._retrieved, sources, claims, order, recorded)

    def on_all(self, texts: Mapping[int, str], token: str) -> tuple[Message, ...]:
        """The messages that ask for what holds across the groups, from the texts on them."""
        groups = self.groups
        each = self._room(_NOTES_TOKENS) // max(len(groups), 1)
        notes = "\n\n".join(
            f"{token} {break_templates(one.heading)}\n"
            f"{break_templates(_shortened(texts.get(at, ''), each))}\n{token} end"
            for at, one in enumerate(groups)
            if texts.get(at)
        )
        return self._overview.fill(notes=notes, request=self._wish(), token=token)

    def cites_group(self, group: Group, text: str) -> bool:
        """True for a text that cites a sentence of the group."""
        for number, index in _MARK.findall(text):
            source = self._retrieved.evidence.source(int(number))
            if int(number) in group.sources and source and source.sentence(int(index)):
                return True
        return False

    def cites_any(self, text: str) -> bool:
        """True for a text that cites a source."""
        return any(self._retrieved.evidence.source(int(one)) for one, _ in _MARK.findall(text))

    def on_group(self, group: Group, token: str) -> tuple[Message, ...]:
        """The messages that ask for the text on a group, its fences marked by a token."""
        topic = f" with an eye on {self._topic}" if self._topic else ""
        request = (
            f"These papers stand for a group of {group.size} on: {group.label}. Say in"
            f" {_SENTENCES[self._length]} what they propose and find{topic}."
        )
        return self._prompt.fill(
            sources=render_sources(self._sources(group), token),
            request=request,
            refusal=NOT_ANSWERED,
            token=token,
        )

    def group_task(self, group: Group, token: str) -> ModelTask:
        """The request for the text on a group."""
        evidence = Evidence(sources=self._sources(group))
        return self._task("group", self.on_group(group, token), GROUP_OUTPUT, token, evidence)

    def overview_task(self, texts: Mapping[int, str], token: str) -> ModelTask:
        """The request for the text on all groups together, from the texts on them."""
        messages = self.on_all(texts, token)
        return self._task("overview", messages, OVERVIEW_OUTPUT, token, self._retrieved.evidence)

    def _task(
        self,
        stage: Stage,
        messages: tuple[Message, ...],
        output: int,
        token: str,
        evidence: Evidence,
    ) -> ModelTask:
        asked = self._retrieved.standalone
        return ModelTask(stage, asked, messages, evidence, max_output_tokens=output, fence=token)

    def _sources(self, group: Group) -> tuple[Source, ...]:
        sources = tuple(self._retrieved.evidence.source(number) for number in group.sources)
        there = [one for one in sources if one is not None]
        return within_budget(there, self._room(GROUP_TOKENS))

    def _wish(self) -> str:
        if self._topic:
            return f"The summary is on: {self._topic}"
        return "The summary is of a whole collection."

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups of the summary."""
        return self._retrieved.plan.groups if self._retrieved.plan else ()

    @property
    def _topic(self) -> str:
        return self._retrieved.plan.request if self._retrieved.plan else ""

    @property
    def _length(self) -> str:
        request = self._retrieved.prepared.request
        return request.length if isinstance(request, SummaryRequest) else "short"

    def _room(self, tokens: int) -> int:
        """So many tokens of papers or notes, or fewer where the model's window is small."""
        room = source_room(self._context.model.context_tokens, GROUP_OUTPUT)
        return max(min(tokens, int(room / max(self._context.accounting.ratio, 1.0))), _LEAST_BUDGET)


def ground_groups(context: AnswerContext, retrieved: Retrieved) -> Grounded:
    """A summary of groups as a chat model is asked for it, in a request for each and one for all.

    Synchronous, for a thread.
    """
    if context.model.is_extractive:
        return Grounded(retrieved, retrieved.evidence)
    requests = GroupRequests(context, retrieved)
    order = requests.order()
    recorded = context.accounting.find(order, anew=context.is_anew(retrieved.prepared.request))
    return Grounded(
        retrieved,
        retrieved.evidence,
        prompt=context.prompt("summary").reference,
        order=order,
        check=requests.check(order, recorded),
        recorded=recorded,
    )


def _shortened(text: str, tokens: int) -> str:
    """As much of a text as a number of tokens takes, cut at the end of a sentence."""
    if estimate_tokens(text) <= tokens:
        return text
    cut = text[: tokens * 3]
    end = max(cut.rfind("]. "), cut.rfind(". "), cut.rfind("]\n"))
    return cut[: end + 2] if end > 0 else cut
