"""Cutting the papers that a question is put to into requests that a model has room for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from assistant.prompting.grounding import SAME_TOKEN, estimate_tokens, render_source
from assistant.text.sentences import source_sentences
from assistant.types.evidence import Source
from store.types import Paper, Ranks

BATCH_TOKENS = 4_000
"""Tokens of papers in one request; small models lose count in longer ones."""
BATCH_PAPERS = 12
_SEPARATOR = 2


@dataclass(frozen=True)
class AskedPaper:
    """A paper that a question is put to: what it takes to send it, and what it is known by."""

    id: str
    title: str
    content_hash: str
    tokens: int


def asked_paper(paper: Paper) -> AskedPaper:
    """A paper as it is asked, with the estimated tokens of sending it."""
    tokens = estimate_tokens(render_source(as_source(1, paper), SAME_TOKEN)) + _SEPARATOR
    return AskedPaper(paper.id, paper.title, paper.content_hash, tokens)


def as_source(number: int, paper: Paper) -> Source:
    """A paper under its number in a request."""
    return Source(
        number=number,
        paper=paper,
        sentences=source_sentences(paper.title, paper.abstract),
        score=0.0,
        ranks=Ranks(),
    )


def cut(papers: Sequence[AskedPaper], budget: int, most: int) -> Iterator[tuple[AskedPaper, ...]]:
    """Papers in order, in batches within a budget of tokens and at most so many papers.

    A paper that is above the budget by itself is a batch by itself.
    """
    batch: list[AskedPaper] = []
    spent = 0
    for one in papers:
        if batch and (spent + one.tokens > budget or len(batch) >= most):
            yield tuple(batch)
            batch, spent = [], 0
        batch.append(one)
        spent += one.tokens
    if batch:
        yield tuple(batch)


def cut_again(
    missing: Sequence[AskedPaper], papers: int, budget: int
) -> Iterator[tuple[AskedPaper, ...]]:
    """What a reply on a batch of so many papers left out, in batches of a third of its size.

    A small model loses count in a long one.
    """
    return cut(missing, budget, max(papers // 3, 1))


def sources_of(
    batch: Sequence[AskedPaper], find: Callable[[list[str]], dict[str, Paper]]
) -> tuple[Source, ...]:
    """The papers of a batch under their numbers, from 1; papers that are gone are left out."""
    papers = find([one.id for one in batch])
    there = [papers[one.id] for one in batch if one.id in papers]
    return tuple(as_source(number, paper) for number, paper in enumerate(there, 1))
