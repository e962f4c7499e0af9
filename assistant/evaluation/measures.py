"""What one answer came to, and the figures of many; pure functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from assistant.evaluation.matching import fact_is_in, same_title, unmarked
from assistant.evaluation.questions import (
    KINDS,
    UNANSWERABLE,
    AskedQuestion,
    Fact,
    expression_of,
    forms_of,
)

OVERALL = "all"
"""The row of all kinds together."""

MATCHED = ("matched", "supported")
"""Verdicts of a claim that its sources carry, by words or by a model."""


@dataclass(frozen=True)
class Record:
    """What came of one question; `outcome` is that of the answer, or "failed".

    `cited` are titles in the order of the references, `excluded_cited` counts those that a right
    answer leaves out, `gold_shown` needed papers among the `sources` shown to the model. `signs`
    are claims by the sign before them, `requests` those sent by what they asked for. Seconds are
    None where no text came; `cost` is None where the price of the model is unknown.
    """

    id: str
    kind: str
    question: str
    outcome: str
    gold: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()
    excluded_cited: int = 0
    verdicts: Mapping[str, int] = field(default_factory=dict)
    signs: Mapping[str, int] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    facts_found: tuple[str, ...] = ()
    sources: int = 0
    gold_shown: int = 0
    sure: bool = True
    calls: int = 0
    requests: Mapping[str, int] = field(default_factory=dict)
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = 0.0
    first_s: float | None = None
    total_s: float = 0.0
    split: str | None = None
    detail: bool = False
    near_misses: int = 0
    standalone: str | None = None
    error: str = ""
    text: str = ""

    @property
    def refused(self) -> bool:
        """True when it was said that the collection does not answer."""
        return self.outcome == "not_in_collection"

    @property
    def failed(self) -> bool:
        """True when no answer came at all."""
        return self.outcome == "failed"


def facts_found(facts: Iterable[Fact], text: str) -> tuple[str, ...]:
    """Those facts that an answer's text states in one of their forms, in words."""
    bare = unmarked(text)
    return tuple(
        fact_words(one) for one in facts if any(_is_said(form, bare) for form in forms_of(one))
    )


def fact_words(fact: Fact) -> str:
    """A fact with all its forms."""
    return " or ".join(forms_of(fact))


def _is_said(form: str, text: str) -> bool:
    expression = expression_of(form)
    if expression is None:
        return fact_is_in(form, text)
    return re.search(expression, text, re.IGNORECASE) is not None


def shared_titles(cited: Iterable[str], gold: Iterable[str]) -> tuple[str, ...]:
    """The gold titles that are cited."""
    there = tuple(cited)
    return tuple(one for one in gold if any(same_title(one, other) for other in there))


def precision(record: Record) -> float | None:
    """The share of cited papers that are gold; None without a citation or without gold."""
    if not record.gold or not record.cited:
        return None
    good = sum(any(same_title(one, other) for other in record.gold) for one in record.cited)
    return good / len(record.cited)


def recall(record: Record) -> float | None:
    """The share of gold papers that are cited, 0 for a refusal; None without gold."""
    if not record.gold:
        return None
    return len(shared_titles(record.cited, record.gold)) / len(record.gold)


def facts_share(record: Record) -> float | None:
    """The share of facts that are present, 0 for a refusal; None without facts."""
    return len(record.facts_found) / len(record.facts) if record.facts else None


@dataclass(frozen=True)
class Figures:
    """The figures of some questions; a mean is None where nothing counts towards it.

    Papers, facts, claims, refusals, requests and `cost` are sums over the questions; `beyond`
    counts papers cited that are not gold, where there is gold; `falsely` the refused that are
    answerable, `unanswerable` the questions that are not, `unsure` answers of the nearest
    sentences. `verdicts` are shares of all claims. Shares of a question, sources and tokens are
    means, seconds medians.
    """

    questions: int
    failed: int
    gold: int
    gold_shown: int
    gold_cited: int
    beyond: int
    excluded_cited: int
    facts: int
    facts_found: int
    precision: float | None
    recall: float | None
    facts_share: float | None
    sources: float | None
    requests: Mapping[str, int]
    refused: int
    falsely: int
    unanswerable: int
    unsure: int
    claims: int
    verdicts: Mapping[str, float]
    signs: Mapping[str, int]
    input_tokens: float | None
    output_tokens: float | None
    cost: float | None
    first_s: float | None
    total_s: float | None


def figures(records: Sequence[Record]) -> Figures:
    """Add up what came of some questions; failed ones count as nothing but failed."""
    whole = [one for one in records if not one.failed]
    verdicts, signs, requests = (
        _sum(getattr(one, name) for one in whole) for name in ("verdicts", "signs", "requests")
    )
    claims = verdicts.total()
    costs = [one.cost for one in whole]
    return Figures(
        questions=len(records),
        failed=len(records) - len(whole),
        gold=sum(len(one.gold) for one in whole),
        gold_shown=sum(one.gold_shown for one in whole),
        gold_cited=sum(len(shared_titles(one.cited, one.gold)) for one in whole),
        beyond=sum(map(_beyond, whole)),
        excluded_cited=sum(one.excluded_cited for one in whole),
        facts=sum(len(one.facts) for one in whole),
        facts_found=sum(len(one.facts_found) for one in whole),
        precision=_mean(map(precision, whole)),
        recall=_mean(map(recall, whole)),
        facts_share=_mean(map(facts_share, whole)),
        sources=_mean(one.sources for one in whole),
        requests=dict(requests),
        refused=sum(one.refused for one in whole),
        unanswerable=sum(one.kind == UNANSWERABLE for one in whole),
        falsely=sum(one.refused and one.kind != UNANSWERABLE for one in whole),
        unsure=sum(not one.sure and not one.refused for one in whole),
        claims=claims,
        verdicts={name: number / claims for name, number in verdicts.most_common()},
        signs=dict(signs),
        input_tokens=_mean(one.input_tokens for one in whole),
        output_tokens=_mean(one.output_tokens for one in whole),
        cost=None if None in costs else sum(cost for cost in costs if cost is not None),
        first_s=_median(one.first_s for one in whole),
        total_s=_median(one.total_s for one in whole),
    )


def by_kind(records: Sequence[Record]) -> dict[str, Figures]:
    """The figures of each kind that occurs, the usual ones first, and of all together."""
    there = dict.fromkeys(one.kind for one in records)
    kinds = [*(one for one in KINDS if one in there), *(one for one in there if one not in KINDS)]
    found = {kind: figures([one for one in records if one.kind == kind]) for kind in kinds}
    return {**found, OVERALL: figures(records)}


def refusals(records: Sequence[Record]) -> dict[str, tuple[int, int]]:
    """How many questions were refused, of how many: unanswerable ones and answerable ones.

    `detail` are the unanswerable ones about a paper that is there, `elsewhere` the others.
    """
    whole = [one for one in records if not one.failed]
    parts: dict[str, Callable[[Record], bool]] = {
        "unanswerable": lambda one: one.kind == UNANSWERABLE,
        "detail": lambda one: one.kind == UNANSWERABLE and one.detail,
        "elsewhere": lambda one: one.kind == UNANSWERABLE and not one.detail,
        "answerable": lambda one: one.kind != UNANSWERABLE,
        "answerable detail": lambda one: one.kind != UNANSWERABLE and one.detail,
    }
    found = {}
    for name, belongs in parts.items():
        here = [one for one in whole if belongs(one)]
        found[name] = (sum(one.refused for one in here), len(here))
    return found


def record_of(
    asked: AskedQuestion,
    outcome: str,
    text: str,
    cited: Sequence[str],
    verdicts: Mapping[str, int],
    **rest: object,
) -> Record:
    """A record with what was asked and what an answer holds of it."""
    refused = outcome == "not_in_collection"
    return Record(
        id=asked.id,
        kind=asked.kind,
        question=asked.question,
        outcome=outcome,
        gold=asked.gold_papers,
        cited=tuple(cited),
        excluded_cited=len(shared_titles(cited, asked.excluded)),
        verdicts=dict(verdicts),
        facts=tuple(map(fact_words, asked.facts)),
        facts_found=() if refused else facts_found(asked.facts, text),
        split=asked.split,
        detail=asked.detail,
        text=text,
        **rest,  # type: ignore[arg-type]
    )


def _beyond(record: Record) -> int:
    """How many papers are cited that are not gold; of a question without gold that is unknown."""
    good = (any(same_title(one, other) for other in record.gold) for one in record.cited)
    return len(record.cited) - sum(good) if record.gold else 0


def _sum(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return total


def _mean(values: Iterable[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return sum(known) / len(known) if known else None


def _median(values: Iterable[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return median(known) if known else None
