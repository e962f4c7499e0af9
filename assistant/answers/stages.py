"""What each stage of an answer knows and hands on; the stages follow each other in `ask`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from assistant.answers.check_policy import NO_CHECK, CheckDecision
from assistant.answers.cost import FREE_OF_CHARGE, Order, Recording, added
from assistant.errors import AssistantError, EndpointError
from assistant.generation.base import Finished, ModelTask, Piece, Reasoning, Waiting
from assistant.replies.prompt_echo import NO_WORDS, PromptWords
from assistant.types.answers import Answer, Coverage, Outcome, PaperVerdict, PromptReference
from assistant.types.citations import DraftClaim
from assistant.types.events import AskedAgain, Event, Progress
from assistant.types.evidence import Evidence
from assistant.types.message import Message
from assistant.types.plans import AskedPart, QuestionPlan, plain
from assistant.types.questions import Question, SummaryRequest
from assistant.types.usage import Estimate, Usage

if TYPE_CHECKING:
    from assistant.retrieval.summary_plan import Plan

Way = Literal["question", "summary", "all_papers"]
"""What is wanted: an answer, a summary, or what every single paper says to a question."""

_NO_SETTINGS = {"text", "filter", "history", "session", "begins", "check", "max_cost", "anew"}
_NO_SETTINGS |= {"query", "words"}


@dataclass(frozen=True)
class Prepared:
    """What is asked, made to stand alone.

    `asked` is the question in one clean line, `plan` how it is searched for and answered.
    `spent` is what making it stand alone took, `estimate` what that would take where it was
    not done; `note` says why it was done without the model where it was meant to do it, `offer`
    what putting it to all papers would take where only that answers it. `unsent` is the request
    that it would be read by, where that was not sent.
    """

    way: Way
    request: Question | SummaryRequest
    asked: str = ""
    plan: QuestionPlan = field(default_factory=lambda: plain(""))
    spent: Usage = field(default_factory=lambda: Usage(cost=0.0))
    estimate: Estimate = FREE_OF_CHARGE
    note: str = ""
    offer: str = ""
    unsent: ModelTask | None = None

    @property
    def standalone(self) -> str:
        """What it was understood as, standing alone."""
        return self.plan.standalone

    @property
    def read_as(self) -> str:
        """What it was read as, for the reader; empty where it was read as it stands."""
        anew = self.standalone if self.standalone != self.asked else ""
        return " · ".join(filter(None, (anew, self.plan.read_as)))

    @property
    def settings(self) -> str:
        """What else decides the text of the answer, as JSON: that it is judged does not."""
        return self.request.model_dump_json(exclude=_NO_SETTINGS)


@dataclass(frozen=True)
class Retrieved:
    """What was found for it, and how much of that an answer may take.

    `wording` is what a prompt asks for, `max_output_tokens` caps the text. `budget` are tokens
    of sources, `max_sentences` those of the built-in model, `claims` the sentences that a chat
    model is expected to write. `note` is for the reader. A question has its `parts`,
    a summary its `plan`.
    """

    prepared: Prepared
    asked: str
    standalone: str
    evidence: Evidence = field(default_factory=Evidence)
    wording: str = ""
    budget: int = 0
    max_sentences: int = 0
    claims: int = 0
    max_output_tokens: int = ModelTask.max_output_tokens
    note: str = ""
    parts: tuple[AskedPart, ...] = ()
    plan: Plan | None = None

    @property
    def offer(self) -> str:
        """A note on what would answer, and how much of that was read; empty where this does."""
        read = len(self.evidence.sources)
        offer = self.prepared.offer
        return f"{offer}; {read} {'was' if read == 1 else 'were'} read for this" if offer else ""

    @property
    def unanswered(self) -> str:
        """A note on the parts of a question that nothing found answers; empty for none."""
        lost = [f"“{one.plan.question}”" for one in self.parts if not one.evidence.answerable]
        return f"not answered: {', '.join(lost)}" if lost and len(self.parts) > 1 else ""


@dataclass(frozen=True)
class Grounded:
    """The sources that a model is given, the prompt around them, and what that will take.

    `order` is the request to a chat model, None where none is made; `check` whether a model
    judges its claims. `recorded` is what a model said to the same request before.
    """

    retrieved: Retrieved
    evidence: Evidence
    prompt: PromptReference | None = None
    order: Order | None = None
    check: CheckDecision = NO_CHECK
    recorded: Recording | None = None

    @property
    def prepared(self) -> Prepared:
        """What was asked."""
        return self.retrieved.prepared

    @property
    def estimate(self) -> Estimate | None:
        """What a chat model will be sent, the check included; None: nothing."""
        checking = self.check.estimate
        if self.order is not None and self.recorded is None:
            return added(self.order.estimate, checking)
        return checking if checking.calls else None


@dataclass(frozen=True, kw_only=True)
class GroundedPrompt(Grounded):
    """One prompt, which can be made smaller.

    `messages` makes it with a token in its fences; the built-in model has none. `refit` grounds
    the same in fewer sources.
    """

    messages: Callable[[str], tuple[Message, ...]]
    refit: Callable[[Evidence], GroundedPrompt]


@dataclass(frozen=True)
class Attempt:
    """A text begins, from these sources; one that had begun before is void.

    `words` are those of its prompt, `question` is what the sources were searched for. One that
    `is_verbatim` is made of sentences of the sources, and of what quire counts: in it nobody speaks
    of them.
    """

    evidence: Evidence
    words: PromptWords = NO_WORDS
    question: str = ""
    is_verbatim: bool = False


@dataclass(frozen=True)
class ParagraphEnd:
    """Nothing that follows can belong to the sentence before it."""


@dataclass(frozen=True)
class Generated:
    """How the text ended, and what it took.

    `outcome` is None where the text itself tells it. `failure` is what ended it early. `note`
    is for the reader; `cached` says that nothing was sent for it. A question to every paper
    brings `coverage` and `papers`. One that is not `is_whole` was ended in a loop.
    """

    grounded: Grounded
    ending: Finished | None
    usage: Usage
    note: str = ""
    replaced: int = 0
    outcome: Outcome | None = None
    failure: EndpointError | None = None
    coverage: Coverage | None = None
    papers: tuple[PaperVerdict, ...] = ()
    cached: bool = False
    is_whole: bool = True


GeneratedPart = (
    Attempt | Piece | ParagraphEnd | Waiting | Reasoning | Progress | AskedAgain | Generated
)


class Generation(Protocol):
    """A text in the making, raw: neither cleaned nor renumbered."""

    def parts(self) -> AsyncGenerator[GeneratedPart, None]:
        """The text: an Attempt, its pieces, at the end Generated.

        Every repeat happens in here, and begins with an Attempt of its own. Raises CostRefused,
        and EndpointError where no text came at all.
        """
        ...

    def stopped(self) -> tuple[tuple[GeneratedPart, ...], Generated]:
        """The parts that are still to come of a text that was stopped early, and its end.

        Synchronous, for a thread.
        """
        ...


@dataclass(frozen=True)
class ClaimsWhole:
    """Sentences whose text is whole, ready to be checked."""

    drafts: tuple[DraftClaim, ...]


@dataclass(frozen=True)
class Cited:
    """The text as it is displayed, its sentences, and the sources in the order of their numbers.

    `heard` is what the model wrote, paragraph by paragraph, clean but not renumbered. `leaves_open`
    says that it answers in part, and the model says so.
    """

    generated: Generated
    evidence: Evidence
    outcome: Outcome
    text: str
    drafts: tuple[DraftClaim, ...]
    order: tuple[int, ...]
    heard: tuple[str, ...]
    leaves_open: bool = False


CitedPart = Attempt | ClaimsWhole | Event | Cited


@dataclass(frozen=True)
class Checked:
    """The answer with a verdict on each claim; `replies` are what a model that judges wrote.

    `is_judged` is False where such a model was asked for, and is not done. `failure` is what is
    raised behind the answer.
    """

    cited: Cited
    answer: Answer
    replies: Mapping[str, str | None] = field(default_factory=dict)
    is_judged: bool = True
    failure: AssistantError | None = None


CheckedPart = Event | Checked
