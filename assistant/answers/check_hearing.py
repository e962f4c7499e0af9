"""What was heard of a check so far: the judgements of whole lines, and what they make of claims."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.answers.check_policy import CheckDecision
from assistant.checking.model_check import judged
from assistant.checking.model_verdicts import Judgement, JudgementReader
from assistant.checking.statements import Statement
from assistant.replies.refusal import tells_of_absence
from assistant.types.answers import Answer
from assistant.types.claims import Claim
from assistant.types.events import ClaimJudged, Event, Progress
from assistant.types.usage import Usage

_TOO_MUCH = "too much for the model at once: the rest of the check goes in smaller requests"
_BEGUN_ANEW = "its reply began anew"


@dataclass
class Hearing:
    """How far a check has come: judgements by place of the claim, and why it ended early.

    `claims` are those of the answer as events have told them, `told` the places of those judged.
    `distrust` is why a reply is not used, `left_out` why the check was not sent at all, empty
    where nothing is said of that. `replies` are what the model wrote, by key of the request: None
    where that was too long.
    """

    answer: Answer
    decision: CheckDecision
    todo: deque[tuple[Statement, ...]]
    found: dict[int, Judgement] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    told: set[int] = field(default_factory=set)
    usage: Usage = field(default_factory=lambda: Usage(cost=0.0))
    sent: int = 0
    too_long: int = 0
    failure: str = ""
    left_out: str | None = None
    distrust: str = ""
    replies: dict[str, str | None] = field(default_factory=dict)

    def take(self, statements: tuple[Statement, ...], reply: str | None) -> Iterator[Event]:
        """Read one whole reply; the statements of one that was too long (None) go in two."""
        self.sent += 1
        reader = reader_of(statements)
        if reply is not None:
            reader.feed(reply)
            reader.finish()
            self.distrust = self.distrust or reader.distrust
        elif len(statements) > 1:
            half = len(statements) // 2
            self.todo.extendleft((statements[half:], statements[:half]))
            yield Progress(text=_TOO_MUCH)
        else:
            # What it read of a statement is not known: its verdict is none.
            self.too_long += 1
        found = judgements_of(reader, statements)
        self.found |= {statements[number - 1].at: one for number, one in found.items()}
        is_cut = "" if reply is not None else _TOO_MUCH
        yield from self.news(statements, found, reader.distrust or is_cut or _BEGUN_ANEW)

    def news(
        self,
        statements: Sequence[Statement],
        found: Mapping[int, Judgement],
        void: str = _BEGUN_ANEW,
    ) -> Iterator[ClaimJudged]:
        """An event for each claim that is judged now, or made another than was told.

        `found` is by number. One whose judgement turned out to be none is what it was before;
        `void` is why.
        """
        judging = judged(self.answer, statements, found).claims
        for number, one in enumerate(statements, 1):
            claim, is_told = judging[one.at], one.at in self.told
            is_void = is_told and number not in found
            if is_void or (number in found and (not is_told or claim != self.claims[one.at])):
                self.told ^= {one.at} if is_void or not is_told else set()
                self.claims[one.at] = claim
                yield ClaimJudged(index=one.at, claim=claim, void=void if is_void else "")


def reader_of(statements: Sequence[Statement]) -> JudgementReader:
    """What reads a reply on some statements."""
    return JudgementReader([frozenset(one.sentences) for one in statements])


def judgements_of(reader: JudgementReader, statements: Sequence[Statement]) -> dict[int, Judgement]:
    """What was read of them, by number; what is only named as missing is said to be."""
    return {
        number: _worded(one, statements[number - 1].text)
        for number, one in reader.judgements.items()
    }


def _worded(judgement: Judgement, claim: str) -> Judgement:
    reason = judgement.reason
    is_named = judgement.verdict in ("partly", "not_stated") and reason
    if not is_named or tells_of_absence(reason, claim):
        return judgement
    return replace(judgement, reason=f"not there: {reason}")
