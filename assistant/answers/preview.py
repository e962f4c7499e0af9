"""What would be sent for a question, without sending it."""

from __future__ import annotations

from dataclasses import replace

from assistant.answers.ask_all.selection import GroundedPapers
from assistant.answers.check_requests import CheckRequests
from assistant.answers.context import AnswerContext, Judge
from assistant.answers.cost import FREE_OF_CHARGE, added
from assistant.answers.stages import Grounded, GroundedPrompt
from assistant.answers.text_request import asking_to_cite, request_of
from assistant.checking.model_check import NEEDS_MODEL
from assistant.errors import CostRefused
from assistant.prompting.grounding import SAME_TOKEN, estimate_tokens, render_source
from assistant.query.breadth import BUDGET_FEW, BUDGET_MANY, FEW_FIT, MANY_SOURCES
from assistant.types.answers import Answer, PromptReference
from assistant.types.evidence import Evidence
from assistant.types.message import Message
from assistant.types.usage import Estimate
from assistant.types.wire import WireRequest
from store.value import Value

ONLY_CHECKED = "answered before from the same papers: only the check is sent"
"""The note where the text of an answer is there already, and is to be judged."""

_MEASURED = 50
"""Abstracts whose mean length is taken."""
_AROUND = 700
"""Tokens of what stands around the sources: 4 000 and 9 000 with them (`query/breadth`)."""


class SentMessage(Value):
    """A message of a prompt, as it would be sent."""

    role: str
    content: str


class SentSource(Value):
    """A paper that would be sent, with its estimated tokens."""

    number: int
    id: str
    title: str
    tokens: int


class Sending(Value):
    """What a question or a summary would send, and what it would take; nothing was sent.

    `standalone` is the question as it would be understood without a model's help. `cached`
    is True when the answer is there already and nothing would be sent. `considered` and
    `dropped` count sources as in `Evidence`; `messages` holds the first prompt whole, `request`
    the first request byte for byte, but for the token of its fences, which is drawn anew for
    each. `at_most` is what it takes where papers that a reply leaves out, or an answer that cites
    nothing, are asked for again; None where nothing can be. Room for thoughts is in neither figure.
    `judge` is the model that would judge the claims, empty for none, and `judge_sends_to` its
    host. `note` is one line for the reader, such as why nothing would be sent.
    """

    question: str
    standalone: str
    model: str
    sends_to: str | None = None
    judge: str = ""
    judge_sends_to: str | None = None
    sources: tuple[SentSource, ...] = ()
    considered: int = 0
    dropped: int = 0
    estimate: Estimate = Estimate()
    at_most: Estimate | None = None
    cached: bool = False
    prompt: PromptReference | None = None
    messages: tuple[SentMessage, ...] = ()
    request: WireRequest | None = None
    note: str = ""


def preview(context: AnswerContext, grounded: Grounded) -> Sending:
    """What would be sent for what was grounded; nothing is. Synchronous, for a thread."""
    grounded = _with_check_in_cap(context, grounded)
    retrieved, evidence, prepared = grounded.retrieved, grounded.evidence, grounded.prepared
    bare = Sending(
        question=retrieved.asked,
        standalone=retrieved.standalone,
        model=context.model.name,
        considered=evidence.considered,
        dropped=evidence.dropped,
        estimate=added(prepared.estimate, grounded.check.estimate),
    )
    if grounded.check.estimate.calls:
        judge = context.judge
        bare = bare.model_copy(update={"judge": judge.model.name, "judge_sends_to": judge.sends_to})
    if isinstance(grounded, GroundedPapers):
        update = _of_papers(context, grounded)
    elif retrieved.plan is not None and retrieved.plan.groups:
        groups = f"{len(retrieved.plan.groups)} groups"
        each = ", a request for each and one for all together" if grounded.order else ""
        update = {"note": "; ".join(filter(None, (f"{groups}{each}", grounded.check.why)))}
    else:
        update = {"note": _note(context, grounded)}
    if grounded.order is not None:
        messages: tuple[Message, ...] = ()
        if isinstance(grounded, GroundedPrompt) and not only_checked(grounded):
            messages = grounded.messages(SAME_TOKEN)
            update["at_most"] = _asked_twice(context, grounded)
        update |= {
            "sources": () if only_checked(grounded) else _sent_sources(evidence),
            "estimate": added(prepared.estimate, grounded.estimate or FREE_OF_CHARGE),
            "cached": grounded.estimate is None,
            "prompt": grounded.prompt,
            "messages": tuple(SentMessage(role=one.role, content=one.content) for one in messages),
        }
    return bare.model_copy(update=update)


def usual_tokens(context: AnswerContext) -> tuple[int, int]:
    """Tokens in that a question about one thing, and one about many, takes, before a look.

    So many sources as those take, of the mean length of some abstracts spread over the library,
    within their budgets, with what stands around them. Synchronous, for a thread.
    """
    library = context.library
    texts = library.texts(library.sample(_MEASURED)).values()
    if not texts:
        return 0, 0
    each = sum(estimate_tokens(f"{one.title} {one.abstract}") for one in texts) / len(texts)
    papers, ratio = library.count(), context.accounting.ratio

    def tokens(sources: int, budget: int) -> int:
        return round((min(each * min(sources, papers), budget) + _AROUND) * ratio)

    return tokens(FEW_FIT, BUDGET_FEW), tokens(MANY_SOURCES, BUDGET_MANY)


def preview_of_check(judge: Judge, requests: CheckRequests, answer: Answer) -> Sending:
    """What would be sent to have the claims of an answer judged; nothing is."""
    bare = Sending(
        question=answer.question,
        standalone=answer.standalone or answer.question,
        model=judge.model.name,
        sends_to=judge.sends_to,
    )
    if judge.model.is_extractive:
        return bare.model_copy(update={"note": NEEDS_MODEL})
    task = requests.first_task(answer)
    if task is None:
        return bare.model_copy(update={"note": "no claim of it can be judged"})
    messages = tuple(SentMessage(role=one.role, content=one.content) for one in task.messages)
    return bare.model_copy(
        update={"estimate": requests.plan(answer).estimate, "messages": messages}
    )


def _with_check_in_cap(context: AnswerContext, grounded: Grounded) -> Grounded:
    """Without a check that is asked for and would be refused for its cost, which is noted."""
    check, request = grounded.check, grounded.prepared.request
    if not (check.is_asked and check.estimate.calls):
        return grounded
    without = replace(grounded, check=replace(check, estimate=FREE_OF_CHARGE))
    before = added(grounded.prepared.estimate, without.estimate or FREE_OF_CHARGE).cost
    accounting = context.judge.accounting
    try:
        accounting.allow(check.estimate, request.max_cost, before)
    except CostRefused:
        cost = added(check.estimate, Estimate(cost=before)).cost
        why = (
            f"the price of {accounting.tariff.name} is not known"
            if cost is None
            else f"with it the cost may come to {cost:.4f} USD,"
            f" more than the {request.max_cost:g} allowed"
        )
        why = f"the check would be refused: {why}"
        return replace(without, check=replace(without.check, why=why))
    return grounded


def _asked_twice(context: AnswerContext, grounded: GroundedPrompt) -> Estimate | None:
    """What a text takes that is asked for again since it cites nothing; None where none can be."""
    if grounded.estimate is None:
        return None
    again = asking_to_cite(context, request_of(grounded, SAME_TOKEN))
    order = context.accounting.order(again.messages, again.max_output_tokens)
    return added(grounded.estimate, order.estimate)


def only_checked(grounded: Grounded) -> bool:
    """True where the text is there already, and only its check is sent."""
    return grounded.recorded is not None and grounded.estimate is not None


def _note(context: AnswerContext, grounded: Grounded) -> str:
    why = ""
    if context.model.is_extractive:
        why = "the built-in model answers on this machine"
    elif grounded.order is None:
        why = "nothing in the collection speaks to it"
    elif only_checked(grounded):
        why = ONLY_CHECKED
    return "; ".join(
        filter(None, (why, grounded.check.why, grounded.retrieved.offer, grounded.retrieved.note))
    )


def _of_papers(context: AnswerContext, grounded: GroundedPapers) -> dict[str, object]:
    papers = len(grounded.papers)
    if context.model.is_extractive:
        return {"considered": papers, "note": "the built-in model judges on this machine"}
    note = "1 paper" if papers == 1 else f"{papers} papers"
    note += f" in {requests(grounded.planned.calls)}"
    if grounded.missing:
        note += f", up to {grounded.at_most.calls} where replies leave papers out"
    if grounded.known:
        note += f"; {len(grounded.known)} of them were asked before and are not sent again"
    return {
        "considered": papers,
        "estimate": grounded.planned,
        "at_most": grounded.at_most if grounded.missing else None,
        "cached": not grounded.missing,
        "prompt": grounded.prompt,
        "note": note,
    }


def requests(number: int) -> str:
    """So many requests, in words."""
    return "1 request" if number == 1 else f"{number} requests"


def _sent_sources(evidence: Evidence) -> tuple[SentSource, ...]:
    """The papers of evidence that is sent whole."""
    return tuple(
        SentSource(
            number=one.number,
            id=one.paper.id,
            title=one.paper.title,
            tokens=estimate_tokens(render_source(one, SAME_TOKEN)),
        )
        for one in evidence.sources
    )
