"""Checking: a verdict for each sentence, by its words and numbers, then by a model if asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from assistant.answers.asked_of import asked_of
from assistant.answers.check_policy import CheckDecision
from assistant.answers.cite import Citing
from assistant.answers.closest import UNCITED, closest_sources
from assistant.answers.context import AnswerContext
from assistant.answers.cost import total
from assistant.answers.doubts import doubts
from assistant.answers.references import reference_to
from assistant.answers.stages import (
    Attempt,
    Checked,
    CheckedPart,
    Cited,
    ClaimsWhole,
    Grounded,
)
from assistant.answers.text_checker import TextChecker
from assistant.checking.model_check import CHECK_STOPPED, noted, nothing_to_judge
from assistant.errors import RecordMissing, WrongUse
from assistant.generation.base import ChatModel, replaced_words
from assistant.text.discourse_cues import NEGATION
from assistant.types.answers import Answer, EvidenceCounts
from assistant.types.citations import DraftClaim
from assistant.types.claims import Claim
from assistant.types.events import (
    AnswerDone,
    AnswerWhole,
    ClaimChecked,
    ClaimJudged,
    EvidenceFound,
)
from assistant.types.evidence import Evidence
from assistant.types.usage import Usage

IN_PART = "the rest is not answered, says the model"
"""The note on an answer that a model gives in part."""

NEAREST_ONLY = "these are the sentences nearest to the question: they may not answer it"
"""The note on an answer of the built-in model that is not sure."""

UNTURNED = "the built-in model does not read “%s”: a sentence may say the opposite of what is asked"
"""The note on an answer to a question that has a negation."""

FROM_CACHE = {
    "question": "answered before from the same papers, %s (ask --no-cache asks anew)",
    "summary": "written before from the same papers, %s (summarize --no-cache asks anew)",
}
"""What an answer says that was recorded at an earlier time, by what is wanted."""
_NOTHING_SENT, _CHECK_SENT = "nothing was sent", "only its check was sent"


def sent_since(before: Answer, done: AnswerDone) -> AnswerDone:
    """The end of a check of an answer that is there, which no longer says that nothing was sent."""
    after = done.answer
    if not before.cached or after.usage.calls == before.usage.calls:
        return done
    update = {"cached": False, "note": after.note.replace(_NOTHING_SENT, _CHECK_SENT, 1)}
    return AnswerDone(answer=after.model_copy(update=update))


def check(context: AnswerContext, grounded: Grounded, citing: Citing) -> Checking:
    """The verdicts on a text that is being cited, not begun yet."""
    return Checking(context, grounded, citing)


class Checking:
    """Gives each sentence its verdict as soon as it is whole, and makes the answer at the end."""

    def __init__(self, context: AnswerContext, grounded: Grounded, citing: Citing) -> None:
        self._context = context
        self._grounded = grounded
        self._citing = citing
        self._evidence = Evidence()
        self._checker: TextChecker | None = None
        self._told = 0
        self._checked: Checked | None = None
        self._judged: dict[int, Claim] = {}
        self._taken = Usage(calls=0, cost=0.0)

    async def parts(self) -> AsyncGenerator[CheckedPart, None]:
        """The text as it comes, a ClaimChecked for each sentence; Checked at the end.

        Raises EndpointError where there is no text.
        """
        async with aclosing(self._citing.parts()) as parts:
            async for part in parts:
                match part:
                    case Attempt(evidence):
                        self._evidence, self._checker, self._told = evidence, None, 0
                        if self._grounded.prepared.way == "all_papers":
                            yield EvidenceFound(evidence=evidence)  # it is known only now
                    case ClaimsWhole(drafts):
                        checker = await asyncio.to_thread(self._text_checker, self._evidence)
                        own = self._to_check(drafts)
                        for claim in await asyncio.to_thread(checker.check, own):
                            self._told += 1
                            yield ClaimChecked(claim=claim)
                    case Cited():
                        async with aclosing(self._end(part)) as events:
                            async for event in events:
                                yield event
                    case _:
                        yield part

    async def _end(self, cited: Cited) -> AsyncGenerator[CheckedPart, None]:
        """The last sentences, and the answer."""
        checked = await asyncio.to_thread(self._by_text, cited)
        for claim in checked.answer.claims[self._told :]:
            yield ClaimChecked(claim=claim)
        if self._is_judged(cited):
            self._checked = replace(checked, is_judged=False)
            if checked.answer.outcome != "not_in_collection":
                yield AnswerWhole(answer=checked.answer, judge=self._context.checker.name)
            recorded = self._grounded.recorded
            replies = dict(recorded.replies) if recorded else {}
            try:
                async with aclosing(self._by_model(checked.answer, replies)) as parts:
                    async for part in parts:
                        if isinstance(part, AnswerDone):
                            checked = Checked(cited, part.answer, replies)
                            continue
                        if isinstance(part, ClaimJudged):
                            self._judged[part.index] = part.claim
                            if part.void:
                                del self._judged[part.index]
                        yield part
            except RecordMissing as missing:
                answer = self._unended(checked.answer, f"the check failed: {missing.message}")
                checked = replace(checked, answer=answer, failure=missing)
        elif self._decision.why and checked.answer.claims:
            answer = noted(checked.answer, self._decision.why, "none")
            checked = replace(checked, answer=answer)
        self._checked = checked = self._with_source(checked)
        yield checked

    def _with_source(self, checked: Checked) -> Checked:
        """The answer with a line that says so where its text was there before."""
        answer, generated = checked.answer, checked.cited.generated
        if not answer.cached or answer.coverage is not None:
            return checked
        is_sent = answer.usage.calls > generated.usage.calls
        came = FROM_CACHE[self._grounded.prepared.way] % (_CHECK_SENT if is_sent else _NOTHING_SENT)
        note = "; ".join(filter(None, (came, answer.note)))
        update = {"note": note, "cached": not is_sent}
        return replace(checked, answer=answer.model_copy(update=update))

    def stopped(self) -> Checked | None:
        """The answer that there is of one that was stopped early; None for none.

        Synchronous, for a thread.
        """
        checked = self._checked
        if checked is None:
            cited = self._citing.stopped()
            if cited is None:
                return None
            checked = self._by_text(cited)
            if not self._is_judged(cited) or cited.generated.ending is None:
                return self._with_source(checked)
            checked = replace(checked, is_judged=False)
        if checked.is_judged:
            return checked
        answer = self._unended(checked.answer, CHECK_STOPPED)
        return self._with_source(replace(checked, answer=answer))

    def _unended(self, answer: Answer, why: str) -> Answer:
        """The answer whose check has no end, with what was judged and taken until then."""
        if answer.outcome == "not_in_collection":
            return self._nothing_to_judge(answer)
        answer = answer.model_copy(update={"usage": total(answer.usage, self._taken)})
        if not self._judged:
            return noted(answer, why, "failed")
        claims = [self._judged.get(at, claim) for at, claim in enumerate(answer.claims)]
        by = self._context.checker.name
        update = {"claims": tuple(claims), "judged_by": by}
        return noted(answer.model_copy(update=update), why, "in_part")

    def _take(self, usage: Usage) -> None:
        self._taken = usage

    def _nothing_to_judge(self, answer: Answer) -> Answer:
        return nothing_to_judge(answer) if self._decision.is_asked else answer

    @property
    def _decision(self) -> CheckDecision:
        return self._grounded.check

    def _is_judged(self, cited: Cited) -> bool:
        """True where a model is to judge the claims too."""
        return self._decision.is_on and cited.generated.failure is None

    def _text_checker(self, evidence: Evidence) -> TextChecker:
        if self._checker is None or evidence is not self._evidence:
            question = self._grounded.retrieved.standalone
            library, retriever = self._context.library, self._context.retriever
            self._evidence = evidence
            self._checker = TextChecker(library, retriever, evidence, question)
        return self._checker

    def _to_check(self, drafts: Sequence[DraftClaim]) -> list[DraftClaim]:
        """The sentences that a model answers for: what quire counts itself is no claim."""
        prepared = self._grounded.prepared
        counts = prepared.way == "all_papers" or prepared.plan.is_of_records
        if not counts and self._context.model.is_extractive:
            counts = any(one.is_list for one in prepared.plan.parts)
        return [one for one in drafts if one.addresses or one.unknown or not counts]

    def _by_text(self, cited: Cited) -> Checked:
        claims = self._text_checker(cited.evidence).check_all(self._to_check(cited.drafts))
        answer = _answer(self._context.model, cited, claims)
        note = "; ".join(filter(None, self._notes(cited, answer)))
        return Checked(cited, answer.model_copy(update={"note": note}))

    async def _by_model(
        self, answer: Answer, replies: dict[str, str | None]
    ) -> AsyncGenerator[CheckedPart, None]:
        """Have the model judge the claims; the last event holds the answer."""
        if answer.outcome == "not_in_collection":
            yield AnswerDone(answer=self._nothing_to_judge(answer))
            return
        try:
            await self._context.get_judge_ready()
        except WrongUse as failure:  # it has no key
            why = f"the check failed: {failure.message}"
            yield AnswerDone(answer=noted(answer, why, "failed"))
            return
        most = self._grounded.prepared.request.max_cost
        spent = answer.usage.cost
        judging = self._context.checker.events(
            answer, most, spent, replies, self._decision, self._take
        )
        async with aclosing(judging) as parts:
            async for part in parts:
                yield part

    def _notes(self, cited: Cited, answer: Answer) -> tuple[str, ...]:
        """What the reader should know of an answer, line by line; some are empty."""
        generated = cited.generated
        retrieved = generated.grounded.retrieved
        turned = None
        if (
            self._grounded.prepared.way == "question"
            and self._context.model.is_extractive
            and answer.claims
            and not any(one.plan.excluded or one.plan.is_list for one in retrieved.parts)
        ):
            turned = NEGATION.search(retrieved.wording)
        return (
            UNCITED if cited.outcome == "uncited" else "",
            "" if answer.sure else NEAREST_ONLY,
            IN_PART if cited.leaves_open else "",
            retrieved.unanswered if self._context.model.is_extractive else "",
            retrieved.prepared.note,
            retrieved.offer,
            retrieved.plan.coverage(answer) if retrieved.plan else "",
            retrieved.note,
            generated.note,
            replaced_words(generated.replaced),
            doubts(answer, cited.evidence),
            UNTURNED % turned.group() if turned else "",
        )


def _answer(model: ChatModel, cited: Cited, claims: tuple[Claim, ...]) -> Answer:
    """The answer with its checked claims and the papers that they cite."""
    generated, evidence = cited.generated, cited.evidence
    retrieved, asked = generated.grounded.retrieved, generated.grounded.retrieved.asked
    sentences: dict[int, set[int]] = {}
    for claim in claims:
        for citation in claim.citations:
            sentences.setdefault(citation.number, set()).update(citation.sentences)
    references = tuple(
        reference_to(number, source.paper, tuple(sorted(sentences.get(number, ()))))
        for number, at in enumerate(cited.order, 1)
        if (source := evidence.source(at)) is not None
    )
    refuses = cited.outcome == "not_in_collection"
    near = evidence.near_misses if refuses else ()
    if cited.outcome == "uncited":
        near = closest_sources(evidence, claims)
    return Answer(
        question=asked,
        standalone=retrieved.standalone if retrieved.standalone != asked else None,
        read_as=retrieved.prepared.plan.read_as,
        sure=cited.outcome != "answered" or evidence.sure or not model.is_extractive,
        outcome=cited.outcome,
        text=cited.text,
        claims=() if refuses else claims,
        references=references,
        near_misses=near,
        model=model.name,
        prompt=generated.grounded.prompt,
        usage=generated.usage,
        evidence=EvidenceCounts(
            considered=evidence.considered, used=len(references), dropped=evidence.dropped
        ),
        cached=generated.cached,
        replaced=generated.replaced,
        coverage=generated.coverage,
        papers=generated.papers,
        asked_of=asked_of(retrieved.prepared.request),
    )
