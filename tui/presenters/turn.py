"""One turn of a conversation as it is shown, from the question to the account of the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from assistant.answers.asked_of import among
from assistant.answers.claim_words import counted, reason_words
from assistant.checking.model_check import unnoted
from assistant.checking.verdicts import CITES_NO_SOURCE, sign_of
from assistant.sessions import UNREAD
from assistant.types.events import (
    AnswerDone,
    AnswerWhole,
    AskedAgain,
    ClaimChecked,
    ClaimJudged,
    Event,
    EvidenceFound,
    Progress,
    TextDelta,
    Thinking,
)
from assistant.types.sessions import Turn, UnreadTurn
from store.clean import clean_line, clean_text
from tui.presenters import answer as answer_lines
from tui.presenters import costs, paper, sources
from tui.presenters.key_names import AS_THEY_COME, KeyNames
from tui.presenters.markdown import annotate, in_margins, plain
from tui.presenters.sources import Item, Seen

if TYPE_CHECKING:
    from assistant.types.answers import Answer
    from assistant.types.asked_of import AskedOf
    from assistant.types.claims import Claim
    from assistant.types.evidence import Evidence
    from store.types import Paper

THOUGHTS_SHOWN = 70
"""Characters of what a model thinks that are shown: one line of a narrow terminal."""

THOUGHTS_KEPT = 2000
"""Characters of it that are kept, and shown where they are unfolded."""


class Again(NamedTuple):
    """That a question is asked again: of which model, and the turn before, its place from 0."""

    model: str
    of: int


@dataclass(frozen=True)
class TurnPage:
    """One turn; every line is cleaned, and "" where nothing is said.

    `text` is the whole text, annotated, or None while pieces of it come. `items` are the
    sources to be listed: candidates while the answer is written, then those cited; `read` are
    those that were read alone. `addresses` are the web addresses that may be links. `thinking` is
    the end of what the model thinks aloud. `answer`, `evidence` and `claims` are what came so far.
    `judge` is the model that judges the answer now, "" for none, `judged` the places of the claims
    it has judged.
    `since` says how many papers came after it that belong to it. `among` says which papers it is
    put to, "" for all, `keys` are those that its lines name. `again` is set where another model
    answered it before.
    """

    question: str
    progress: str = ""
    thinking: str = ""
    text: str | None = None
    ending: str = ""
    is_error: bool = False
    account: str = ""
    items: tuple[Item, ...] = ()
    read: tuple[Item, ...] = ()
    addresses: tuple[str, ...] = ()
    answer: Answer | None = None
    evidence: Evidence | None = None
    claims: tuple[Claim, ...] = ()
    judge: str = ""
    judged: frozenset[int] = frozenset()
    since: str = ""
    among: str = ""
    keys: KeyNames = AS_THEY_COME
    again: Again | None = None

    @property
    def heading(self) -> str:
        """The question, which papers it is put to, and which model it is asked again with."""
        again = again_with(self.again.model) if self.again else ""
        return " · ".join(one for one in (self.question, self.among, again) if one)

    @property
    def is_answered(self) -> bool:
        """True when the answer is there."""
        return self.answer is not None

    @property
    def seen(self) -> Mapping[int, Seen]:
        """What was seen of the claims, by their places, where there is more than the sign says."""
        told = ((place, reason_words(one), one) for place, one in enumerate(self.claims))
        return {place: Seen(line, sign_of(one).role) for place, line, one in told if line}

    @property
    def thoughts(self) -> str:
        """The line that shows what the model thinks."""
        if not self.thinking:
            return ""
        # A piece may be cut amid what is cleaned away: some more than is shown is cleaned.
        return f"thinking … {clean_line(self.thinking[-5 * THOUGHTS_SHOWN :])[-THOUGHTS_SHOWN:]}"

    @property
    def thoughts_unfolded(self) -> str:
        """What the model thinks, as far as it is kept, in its lines."""
        return f"thinking …\n{clean_text(self.thinking).strip()}" if self.thinking else ""


def begun(title: str, asked: AskedOf | None = None, again: Again | None = None) -> TurnPage:
    """A turn of which there is a heading alone; `asked` is what the heading has to tell."""
    return TurnPage(clean_text(title).strip(), among=among(asked), again=again)


def again_with(model: str) -> str:
    """What marks a question that another model answers as well."""
    return f"again with {clean_line(model)}"


def named(turn: Turn | UnreadTurn) -> TurnPage:
    """A turn of a saved conversation with its question, and its answer without the text of it."""
    if isinstance(turn, UnreadTurn):
        return begun(turn.question)
    coverage, asked = turn.answer.coverage, turn.answer.asked_of
    if coverage is None:
        return replace(begun(turn.question, asked), answer=turn.answer)
    title = costs.asked_title(turn.question, coverage.asked, asked)
    return replace(begun(title), answer=turn.answer)


def saved(turn: Turn | UnreadTurn, keys: KeyNames = AS_THEY_COME) -> TurnPage:
    """A turn of a saved conversation."""
    page = replace(named(turn), keys=keys)
    return (
        stopped(page, "", UNREAD, is_error=True)
        if page.answer is None
        else finished(page, page.answer)
    )


def waiting(page: TurnPage, line: str) -> TurnPage:
    """The turn with a line on what is being waited for; in a check beside how far that is."""
    if page.judge:
        return replace(page, account=_check_line(page, clean_line(line)))
    return replace(page, progress=clean_line(line))


def checking(page: TurnPage, judge: str, doing: str = "") -> TurnPage:
    """The turn while a model judges its answer, without what an earlier check said of itself.

    How far it has come stands where the account stood, the last line of the answer: a line
    above the text may have scrolled away.
    """
    if page.answer is None:
        return page
    page = finished(page, unnoted(page.answer))
    return waiting(replace(page, judge=judge), doing)


def _check_line(page: TurnPage, doing: str = "") -> str:
    many = sum(one.verdict not in CITES_NO_SOURCE for one in page.claims)
    far = f"{len(page.judged)} of {many} judged by {clean_line(page.judge)}"
    return " · ".join(part for part in (far, doing, f"{page.keys['back']} stops the check") if part)


def after(page: TurnPage, event: Event) -> TurnPage:
    """The turn after an event of its stream; pieces of text are not gathered here."""
    match event:
        case Progress():
            return waiting(page, event.text)
        case Thinking():
            return replace(page, thinking=(page.thinking + event.text)[-THOUGHTS_KEPT:])
        case AskedAgain():
            return waiting(replace(page, text="", claims=()), event.why)
        case EvidenceFound():
            return _found(page, event)
        case TextDelta():
            is_new = page.text is not None or page.thinking
            return replace(page, text=None, thinking="") if is_new else page
        case ClaimChecked():
            return _checked(page, event.claim)
        case ClaimJudged():
            return _judged(page, event)
        case AnswerWhole():
            return checking(finished(page, event.answer), event.judge)
        case AnswerDone():
            return finished(page, event.answer)


def _found(page: TurnPage, event: EvidenceFound) -> TurnPage:
    evidence = event.evidence
    known = (one for source in evidence.sources for one in paper.addresses(source.paper))
    count = f"{len(evidence.sources)} of {evidence.considered}"
    page = waiting(
        page,
        f"reading {count} papers found{costs.takes(event.estimate)} · {page.keys['back']} stops",
    )
    return replace(
        page, evidence=evidence, items=sources.candidates(evidence), addresses=tuple(known)
    )


def _checked(page: TurnPage, claim: Claim) -> TurnPage:
    """What a checked sentence cites is a source from now on."""
    claims = (*page.claims, claim)
    page = waiting(page, f"checked so far: {counted(claims)}")
    return replace(page, claims=claims, items=sources.so_far(claims, page.evidence))


def _judged(page: TurnPage, event: ClaimJudged) -> TurnPage:
    """The whole answer with the verdict of a model on one of its claims."""
    claims = (*page.claims[: event.index], event.claim, *page.claims[event.index + 1 :])
    if page.answer is None:
        return replace(page, claims=claims)
    answer = page.answer.model_copy(update={"claims": claims, "judged_by": page.judge})
    judged = page.judged | {event.index}
    return waiting(replace(finished(page, answer), judge=page.judge, judged=judged), "")


def finished(page: TurnPage, answer: Answer, explanation: str = "") -> TurnPage:
    """The turn with its checked answer; `explanation` is a line more of its account."""
    text = annotate(answer.text, answer.claims)
    told = in_margins(text)
    return replace(
        page,
        answer=answer,
        claims=answer.claims,
        items=sources.of_answer(answer, page.evidence),
        read=sources.read_for(answer, page.evidence),
        addresses=_addresses(answer, page.evidence),
        progress="",
        thinking="",
        text=text,
        ending="\n".join(answer_lines.ending(answer, told, page.keys)),
        account="\n".join(one for one in (answer_lines.account(answer), explanation) if one),
        judge="",
        judged=frozenset(),
    )


def stopped(page: TurnPage, raw: str, line: str, *, is_error: bool = False) -> TurnPage:
    """The turn with what came of it, `raw` as it came, and why no more comes."""
    if page.answer:
        return replace(finished(page, page.answer), ending=line, is_error=is_error)
    page = replace(page, progress="", thinking="", ending=line, is_error=is_error)
    cited = tuple(one for one in page.items if one.kind == "cited")
    return replace(page, items=cited, text=annotate(raw, page.claims))


def is_cut(page: TurnPage) -> bool:
    """True when the answer was stopped before its end; a stop may come too late for that."""
    return page.answer is not None and page.answer.outcome == "interrupted"


def is_asked_again(page: TurnPage) -> bool:
    """True when some papers could not be asked: the same question again asks those."""
    coverage = page.answer.coverage if page.answer else None
    return coverage is not None and coverage.failed > 0


def copied(page: TurnPage, shown: str) -> str:
    """The answer with signs and references as plain text; until it is there, what is `shown`."""
    return answer_lines.copied(page.answer) if page.answer else plain(shown)


def item(page: TurnPage, number: int, claim: int | None = None) -> Item | None:
    """The cited source with a number, pointing at what one claim cites if one is given."""
    found = next((one for one in page.items if one.number == number), None)
    if found is None or claim is None or not 0 <= claim < len(page.claims):
        return found
    return sources.for_claim(found, page.claims[claim])


def claim_item(page: TurnPage, place: int) -> Item | None:
    """The source of a claim: the first one that it cites, else the one that may hold it."""
    if not 0 <= place < len(page.claims):
        return None
    claim = page.claims[place]
    for citation in claim.citations:
        if (found := item(page, citation.number, place)) is not None:
            return found
    near = claim.nearest
    return next((one for one in page.items if near and one.id == near.id), None)


def no_source(page: TurnPage, number: int) -> str:
    """What is said where a turn has no source with a number."""
    if page.is_answered:
        return f"This answer has no source {number}."
    return "Sources get their numbers when the answer is done."


def check_refusal(page: TurnPage | None) -> str:
    """Why the answer of a turn is not checked by a model; "" where it may be."""
    if page is None or page.answer is None or not page.answer.claims:
        return "There is no answer to check yet."
    if page.answer.coverage is not None:
        return "Nothing to check: these are sentences of the abstracts."
    return ""


def _addresses(answer: Answer, evidence: Evidence | None) -> tuple[str, ...]:
    """The web addresses that the sources of an answer have or state, each once."""
    cited = [paper.web_address(one.url) for one in answer.references]
    papers: Iterable[Paper] = [one.paper for one in evidence.sources] if evidence else []
    known = [one for each in papers for one in paper.addresses(each)]
    texts = [one.abstract for one in answer.references] + [one.abstract for one in papers]
    stated = [one for text in texts for one in paper.stated_addresses(text)]
    return tuple(dict.fromkeys(one for one in [*cited, *known, *stated] if one))
