"""What one answer came to, and the figures of many; pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.bench.answers.loose import fact_is_in, same_title, unmarked
from tests.bench.answers.questions import KINDS, AskedQuestion

OVERALL = "all"
"""The row of all kinds together."""

MATCHED = ("matched", "supported")
"""Verdicts of a claim that its sources carry, by words or by a model."""


@dataclass(frozen=True)
class Record:
    """What came of one question; `outcome` is that of the answer, or "failed".

    `cited` are titles in the order of the references, `gold_shown` counts needed papers
    among the `sources` shown to the model. Seconds are None where no text came; `cost` is
    None where the price of the model is unknown.
    """

    id: str
    kind: str
    question: str
    outcome: str
    gold: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()
    verdicts: Mapping[str, int] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    facts_found: tuple[str, ...] = ()
    sources: int = 0
    gold_shown: int = 0
    calls: int = 0
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


def facts_found(facts: Iterable[str], text: str) -> tuple[str, ...]:
    """Those facts that an answer's text states."""
    bare = unmarked(text)
    return tuple(one for one in facts if fact_is_in(one, bare))


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
    """The figures of some questions; a share is None where nothing counts towards it.

    Means are over questions (macro); `verdicts` are shares of all claims; tokens are means,
    `calls` and `cost` sums, seconds medians.
    """

    questions: int
    failed: int
    precision: float | None
    recall: float | None
    facts: float | None
    refused: float | None
    claims: int
    verdicts: Mapping[str, float]
    sources: float | None
    gold_shown: float | None
    calls: int
    input_tokens: float | None
    output_tokens: float | None
    cost: float | None
    first_s: float | None
    total_s: float | None


def figures(records: Sequence[Record]) -> Figures:
    """Add up what came of some questions; failed ones count as nothing but failed."""
    whole = [one for one in records if not one.failed]
    verdicts: Counter[str] = Counter()
    for one in whole:
        verdicts.update(one.verdicts)
    claims = verdicts.total()
    costs = [one.cost for one in whole]
    with_gold = [one for one in whole if one.gold]
    return Figures(
        questions=len(records),
        failed=len(records) - len(whole),
        precision=_mean(map(precision, whole)),
        recall=_mean(map(recall, whole)),
        facts=_mean(map(facts_share, whole)),
        refused=_mean(float(one.refused) for one in whole),
        claims=claims,
        verdicts={name: number / claims for name, number in verdicts.most_common()},
        sources=_mean(one.sources for one in whole),
        gold_shown=_mean(one.gold_shown / len(one.gold) for one in with_gold),
        calls=sum(one.calls for one in whole),
        input_tokens=_mean(one.input_tokens for one in whole),
        output_tokens=_mean(one.output_tokens for one in whole),
        cost=None if None in costs else sum(cost for cost in costs if cost is not None),
        first_s=_median(one.first_s for one in whole),
        total_s=_median(one.total_s for one in whole),
    )


def by_kind(records: Sequence[Record]) -> dict[str, Figures]:
    """The figures of each kind that occurs, and of all together."""
    kinds = [kind for kind in KINDS if any(one.kind == kind for one in records)]
    found = {kind: figures([one for one in records if one.kind == kind]) for kind in kinds}
    return {**found, OVERALL: figures(records)}


def refusals(records: Sequence[Record]) -> dict[str, tuple[int, int]]:
    """How many questions were refused, of how many: unanswerable ones and answerable ones.

    `detail` are the unanswerable ones about a paper that is there, `elsewhere` the others.
    """
    whole = [one for one in records if not one.failed]
    parts: dict[str, Callable[[Record], bool]] = {
        "unanswerable": lambda one: one.kind == "unanswerable",
        "detail": lambda one: one.kind == "unanswerable" and one.detail,
        "elsewhere": lambda one: one.kind == "unanswerable" and not one.detail,
        "answerable": lambda one: one.kind != "unanswerable",
        "answerable detail": lambda one: one.kind != "unanswerable" and one.detail,
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
        verdicts=dict(verdicts),
        facts=asked.facts,
        facts_found=() if refused else facts_found(asked.facts, text),
        split=asked.split,
        detail=asked.detail,
        text=text,
        **rest,  # type: ignore[arg-type]
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return sum(known) / len(known) if known else None


def _median(values: Iterable[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return median(known) if known else None
