"""Who is asked: the papers a filter leaves, what they said before, and what asking will take."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from assistant.answers.ask_all.batches import (
    BATCH_PAPERS,
    BATCH_TOKENS,
    AskedPaper,
    asked_paper,
    cut,
    cut_again,
)
from assistant.answers.ask_all.counts import Verdict
from assistant.answers.context import AnswerContext
from assistant.answers.cost import FREE_OF_CHARGE, Accounting
from assistant.answers.stages import Grounded, Retrieved
from assistant.errors import WrongUse
from assistant.generation.base import ModelTask
from assistant.prompting.grounding import SAME_TOKEN, estimate_tokens
from assistant.prompting.prompts import Prompt
from assistant.retrieval.filter_coverage import coverage_notes
from assistant.types.plans import PlannedPart
from assistant.types.usage import Estimate
from store.library.library import Library
from store.types import Filter

MOST_KEPT = 200_000
"""So many verdicts of single papers are kept, those used last."""
_SPACE = "every"
_SLICE = 500
_OUT_EACH, _OUT_BASE = 32, 256
_LEAST_BUDGET = 400
_FRAME_TOKENS = 10


@dataclass(frozen=True)
class GroundedPapers(Grounded):
    """The papers that a question is put to, and what asking them will take.

    `known` is what some said before, by id; `missing` are those still to be asked; `scores`
    are reciprocal ranks, for the order of the list; `budget` are tokens of papers in one
    request, `planned` is what all requests take, and `at_most` the same where each reply leaves
    all its papers out, which are then asked for once more.
    """

    papers: tuple[AskedPaper, ...] = ()
    known: dict[str, Verdict] = field(default_factory=dict)
    missing: tuple[AskedPaper, ...] = ()
    scores: dict[str, float] = field(default_factory=dict)
    budget: int = BATCH_TOKENS
    planned: Estimate = FREE_OF_CHARGE
    at_most: Estimate = FREE_OF_CHARGE

    @property
    def part(self) -> PlannedPart:
        """What papers are asked: the question's only part, else the whole of it as it stands."""
        parts = self.prepared.plan.parts
        return parts[0] if len(parts) == 1 else PlannedPart(question=self.retrieved.standalone)

    def batches(self) -> list[tuple[AskedPaper, ...]]:
        """The requests that the missing papers take."""
        return list(cut(self.missing, self.budget, BATCH_PAPERS))


def ground_papers(context: AnswerContext, retrieved: Retrieved) -> GroundedPapers:
    """Who is asked, what they said before, and what asking the others takes.

    Synchronous, for a thread. Raises WrongUse where the filter leaves no paper.
    """
    bare = GroundedPapers(retrieved, retrieved.evidence)
    wanted = context.library.held_by_both(retrieved.prepared.request.filter, bare.part.filter)
    if context.model.is_extractive:
        return replace(bare, papers=_papers_of(context, wanted, _unsent))
    asked, accounting = retrieved.standalone, context.accounting
    prompt = context.prompt("all")
    papers = _papers_of(context, wanted, _sent)
    keys = keys_of(accounting, prompt, asked, papers)
    known: dict[str, Verdict] = {}
    if not context.is_anew(retrieved.prepared.request):
        texts = accounting.known(_SPACE, list(keys.values()))
        for one in papers:
            verdict = _read(texts.get(keys[one.id]))
            if verdict is not None:
                known[one.id] = verdict
    missing = tuple(one for one in papers if one.id not in known)
    empty = prompt.fill(sources="", question=asked, numbers="1 to 12", token=SAME_TOKEN)
    base = sum(estimate_tokens(one.content) for one in empty) + _FRAME_TOKENS
    room = context.model.context_tokens - output_tokens(BATCH_PAPERS) - base
    budget = max(min(BATCH_TOKENS, int(room / max(accounting.ratio, 1.0))), _LEAST_BUDGET)
    batches = list(cut(missing, budget, BATCH_PAPERS))
    again = [part for one in batches for part in cut_again(one, len(one), budget)]
    ranked = context.retriever.ranked(asked, wanted)
    scores = {one.id: 1 / rank for rank, one in enumerate(ranked, 1)}
    return replace(
        bare,
        prompt=prompt.reference,
        papers=papers,
        known={
            name: replace(verdict, score=scores.get(name, 0.0)) for name, verdict in known.items()
        },
        missing=missing,
        scores=scores,
        budget=budget,
        planned=_estimate(accounting, batches, base),
        at_most=_estimate(accounting, [*batches, *again], base),
    )


def _estimate(
    accounting: Accounting, batches: Sequence[tuple[AskedPaper, ...]], base: int
) -> Estimate:
    """What requests of so many tokens beside the papers take."""
    raw = sum(one.tokens for batch in batches for one in batch) + base * len(batches)
    output = sum(output_tokens(len(batch)) for batch in batches)
    return accounting.estimate(raw, output, len(batches))


_Made = Callable[[Library, Sequence[str]], Iterator[AskedPaper]]
"""Makes what is asked of the papers with some ids, in this order."""


def _papers_of(context: AnswerContext, wanted: Filter, make: _Made) -> tuple[AskedPaper, ...]:
    """The papers that a filter leaves, in the order added; raises WrongUse for none."""
    ids = context.library.ids(wanted)
    found: list[AskedPaper] = []
    for start in range(0, len(ids), _SLICE):
        found += make(context.library, ids[start : start + _SLICE])
    if not found:
        hint = "; ".join(coverage_notes(context.library, wanted)) or "see: quire list"
        raise WrongUse("no paper is left to ask", hint)
    return tuple(found)


def _sent(library: Library, ids: Sequence[str]) -> Iterator[AskedPaper]:
    papers = library.papers_by_id(ids)
    yield from (asked_paper(papers[name]) for name in ids if name in papers)


def _unsent(library: Library, ids: Sequence[str]) -> Iterator[AskedPaper]:
    """Papers that nothing is sent of, and nothing is kept of what they say: not read whole."""
    texts = library.texts(ids)
    yield from (AskedPaper(name, texts[name][0], "", 0) for name in ids if name in texts)


def output_tokens(papers: int) -> int:
    """How many tokens a model may write about so many papers: a line each, and some slack."""
    return min(_OUT_EACH * papers + _OUT_BASE, ModelTask.max_output_tokens)


def keys_of(
    accounting: Accounting, prompt: Prompt, asked: str, papers: tuple[AskedPaper, ...]
) -> dict[str, str]:
    """Under which key each paper's verdict is kept: model, prompt, question and its content."""
    digest = prompt.reference.digest
    return {one.id: accounting.key(digest, asked, one.content_hash) for one in papers}


def keep_verdicts(
    accounting: Accounting,
    prompt: Prompt,
    asked: str,
    papers: tuple[AskedPaper, ...],
    said: dict[str, Verdict],
) -> None:
    """Keep what papers said; a failure is none of it."""
    keys = keys_of(accounting, prompt, asked, tuple(one for one in papers if one.id in said))
    texts = {
        keys[name]: json.dumps([one.says, one.sentence, one.quote])
        for name, one in said.items()
        if one.says != "failed"
    }
    accounting.note(_SPACE, texts, MOST_KEPT)


def _read(text: str | None) -> Verdict | None:
    try:
        says, sentence, quote = json.loads(text or "null")
    except (ValueError, TypeError):
        return None
    return Verdict(says, sentence, quote) if says in ("yes", "no", "unclear") else None
