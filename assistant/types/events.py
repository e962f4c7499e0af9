"""What a stream of an answer consists of."""

from __future__ import annotations

from typing import Literal

from assistant.types.answers import Answer
from assistant.types.claims import Claim
from assistant.types.evidence import Evidence
from assistant.types.usage import Estimate
from store.value import Value


class EvidenceFound(Value):
    """The sources of the answer to come, and what a model will be sent; None: nothing is sent."""

    kind: Literal["evidence"] = "evidence"
    evidence: Evidence
    estimate: Estimate | None = None


class TextDelta(Value):
    """The next piece of the answer's text, cleaned, its citations already renumbered.

    All pieces joined are the text of the answer.
    """

    kind: Literal["delta"] = "delta"
    text: str


class ClaimChecked(Value):
    """A sentence of the answer has been checked against its sources; its text has come whole.

    The verdict is that of words and numbers; the answer at the end may hold a later one.
    """

    kind: Literal["claim"] = "claim"
    claim: Claim


class AnswerWhole(Value):
    """The text of the answer is whole and checked by its words; the model `judge` judges it now."""

    kind: Literal["whole"] = "whole"
    answer: Answer
    judge: str


class ClaimJudged(Value):
    """A model has judged one claim of an answer whose text is whole.

    `index` is its place among the answer's claims, from 0. A judgement that turns out to be none
    is taken back by another event, with the claim as it was; `void` says why.
    """

    kind: Literal["judged"] = "judged"
    index: int
    claim: Claim
    void: str = ""


class Progress(Value):
    """One line on what is being waited for (a retry, a slow start), or what a question was read as.

    Where the work has parts, `done` of `total` are done; `unit` names them: "papers asked".
    """

    kind: Literal["progress"] = "progress"
    text: str
    done: int | None = None
    total: int | None = None
    unit: str = ""


class Thinking(Value):
    """A piece of what the model thinks aloud before it answers, cleaned; no part of the answer."""

    kind: Literal["thinking"] = "thinking"
    text: str


class AskedAgain(Value):
    """The text so far is void and the answer begins anew; `why` is one line for the reader."""

    kind: Literal["again"] = "again"
    why: str


class AnswerDone(Value):
    """The whole checked answer; always the last event of a stream that did not fail."""

    kind: Literal["done"] = "done"
    answer: Answer


Event = (
    EvidenceFound
    | TextDelta
    | ClaimChecked
    | AnswerWhole
    | ClaimJudged
    | Thinking
    | Progress
    | AskedAgain
    | AnswerDone
)
"""What `Assistant.ask` and `Assistant.summarize` yield: evidence, text with claims, the whole and
what a model judges of it where one does, the answer; Progress and Thinking anywhere, AskedAgain
before text that begins anew.
"""
