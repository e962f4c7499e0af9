"""The planning request: a chat model reads a question before papers are searched for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

from assistant.answers.context import AnswerContext
from assistant.answers.cost import Order
from assistant.answers.plan_merge import Merge
from assistant.answers.question_reading import FREE, ByWords, Planned
from assistant.errors import EndpointError
from assistant.generation.base import Finished, ModelTask, with_thinking
from assistant.generation.collect import Heard, listen
from assistant.prompting.grounding import (
    SAME_TOKEN,
    break_templates,
    disarm,
    estimate_tokens,
    fence_token_for,
)
from assistant.query.planning.filter_words import described
from assistant.query.planning.read import read_question
from assistant.replies.plan_reply import PartReply, has_ended, plan_reply
from assistant.replies.standalone import AskedQuestion
from assistant.types.plans import QuestionPlan
from assistant.types.sessions import Turn
from assistant.types.usage import Usage
from store.clean import shorten

_TURNS = 3
"""So many turns before a question are shown."""
_OUTPUT_TOKENS = 250
"""Three questions with four more lines each."""
_ANSWER = 600
"""Characters of an earlier answer that are shown."""
_MOST_AUTHORS = 6
_SPACE, _MOST_KEPT = "plan", 500
_NO_CONVERSATION = "The question stands at the beginning."
_SAME = "It is in the language of the abstracts."
_OTHER = "It is in %s, the abstracts are in %s. After “search:” translate it into %s."
_NO_NAMES = "No word of the question is the name of an author or a venue in the records."
_NOT_ALONE = "the follow-up was searched %s: the model did not make it stand alone (%s)"
_NOT_READ = "the question was read by its words alone: the model did not read it (%s)"
_AS_ASKED, _BY_WORDS = "as it was asked", "as its words are read"


@dataclass(frozen=True)
class PlanHeard:
    """What a model made of a question and what that took; no parts where `problem` says why."""

    parts: tuple[PartReply, ...] = ()
    spent: Usage = FREE
    problem: str = ""


async def plan_by_model(context: AnswerContext, read: ByWords, *, sends: bool) -> Planned:
    """How a chat model reads a question; without `sends` only what it is known to have said.

    Where it makes nothing of it, the plan by words stands, with a note.
    """
    asked, languages = AskedQuestion(read.asked, read.history), context.languages
    request = await asyncio.to_thread(PlanRequest, context, asked, read.plan, languages.main)
    is_anew = context.is_anew(read.request)
    heard = None if is_anew else await asyncio.to_thread(request.known)
    if heard is None and not sends:
        return Planned(read.plan, estimate=request.order.estimate, unsent=request.task)
    heard = heard or await request.hear()
    if heard.problem:
        return Planned(read.plan, heard.spent, note=_not_planned(read, heard.problem))
    by_words = partial(read_question, library=context.library)
    merge = Merge(context.library, languages, asked, read, by_words)
    plan = await asyncio.to_thread(merge.plan, heard.parts)
    problem = _not_planned(read, merge.problem) if merge.problem else ""
    note = "; ".join(filter(None, (problem, *dict.fromkeys(merge.notes))))
    return Planned(plan, heard.spent, note=note)


def _not_planned(read: ByWords, problem: str) -> str:
    """What the reader is told where a model did not read a question."""
    if not read.history:
        return _NOT_READ % problem
    return _NOT_ALONE % (_AS_ASKED if read.follow.question == read.asked else _BY_WORDS, problem)


class PlanRequest:
    """The request for the plan of a question, which is read without a model as `base`.

    `language` names that of the abstracts, empty where it is not known.
    """

    def __init__(
        self, context: AnswerContext, asked: AskedQuestion, base: QuestionPlan, language: str
    ) -> None:
        self._context, self._asked = context, asked
        said = tuple(_told(asked.history[-_TURNS:]))
        given = {
            "history": "\n".join(said) or _NO_CONVERSATION,
            "records": _names(base),
            "language": _languages(base.language, language),
            "question": break_templates(asked.asked),
        }
        fence = fence_token_for([*said, given["records"], asked.asked])
        prompt = context.prompt("plan")
        same = prompt.fill(token=SAME_TOKEN, **given)
        tokens = sum(estimate_tokens(one.content) for one in same)
        output = with_thinking(_OUTPUT_TOKENS, tokens, context.model.context_tokens)
        self.task = ModelTask(
            "plan",
            asked.asked,
            prompt.fill(token=fence, **given),
            max_output_tokens=output,
            fence=fence,
            inputs=said,
        )
        self.order: Order = context.accounting.order(same, output)

    def known(self) -> PlanHeard | None:
        """What the model made of the same question before; synchronous, for a thread."""
        kept = self._context.accounting.known(_SPACE, [self.order.key])
        parts = plan_reply(kept.get(self.order.key, ""), self._asked)
        return PlanHeard(parts) if parts else None

    async def hear(self) -> PlanHeard:
        """What the model makes of the question; it is known the next time.

        One that fails in any way makes nothing of it: there is a way without.
        """
        heard, problem = Heard(), ""
        model, accounting = self._context.model, self._context.accounting
        enough = partial(has_ended, asked=self._asked)
        try:
            async with aclosing(listen(model, self.task, heard, enough)) as lines:
                async for _ in lines:
                    pass  # a plan is short: nothing is told of it
        except EndpointError as failure:
            problem = failure.message
            heard.ending = Finished("stop", requests=failure.requests)
        tokens = accounting.order(self.task.messages, 0).estimate.input_tokens
        spent = accounting.took(heard.ending, tokens, estimate_tokens(heard.text))
        parts = plan_reply(heard.text, self._asked)
        if not problem and heard.ending.reason == "length":
            problem = "it came to its token limit"
        elif not problem and (heard.ending.reason != "stop" or not parts):
            problem = "what it wrote is no plan"
        if problem:
            return PlanHeard((), spent, problem)
        kept = {self.order.key: heard.text}
        await asyncio.to_thread(accounting.note, _SPACE, kept, _MOST_KEPT)
        return PlanHeard(parts, spent)


def _told(history: Sequence[Turn]) -> Iterator[str]:
    """The conversation, line by line: a question as it stands alone, and the papers answered from.

    What sources said may stand in an answer: it is shown as disarmed as they are.
    """
    for turn in history:
        answer = turn.answer
        yield f"Question: {disarm(answer.standalone or turn.question)}"
        yield f"Answer: {disarm(shorten(answer.text, _ANSWER))}"
        for one in answer.references:
            by = "; ".join(map(disarm, one.authors[:_MOST_AUTHORS]))
            about = ", ".join(filter(None, (str(one.year or ""), by)))
            yield f"[{one.number}] {disarm(one.title)}{about and f' ({about})'}"


def _languages(asked: str, abstracts: str) -> str:
    """Whether the question is to be put into another language, in a sentence."""
    abstracts = abstracts or "the language of their titles"
    return _OTHER % (asked, abstracts, abstracts) if asked else _SAME


def _names(base: QuestionPlan) -> str:
    """The names and years of the records that a question seems to say, in a sentence."""
    told = [words for one in base.parts if (words := described(one.filter))]
    if not told:
        return _NO_NAMES
    return f"Words of the question that the records hold: {disarm('; '.join(told))}."
