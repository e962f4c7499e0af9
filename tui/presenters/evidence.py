"""Which papers stand beside an answer: cited ones, those that hold what is not cited, and what
single papers said to a question that was put to every one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from assistant.checking.verdicts import SIGNS
from assistant.types.answers import Answer, PaperVerdict
from assistant.types.evidence import Evidence
from store.clean import clean_line
from tui.presenters import sources
from tui.presenters.sources import Item, Kind

HOLDS = f"{SIGNS['uncited'].symbol} holds uncited words"
"""What is said of a paper that holds the words of a sentence which cites nothing."""

_SAID: dict[str, tuple[Kind, str]] = {
    "yes": ("yes", "says yes"),
    "unclear": ("unclear", "unclear"),
    "failed": ("failed", "could not be asked"),
}


def items(answer: Answer, evidence: Evidence | None = None) -> tuple[Item, ...]:
    """The sources that an answer cites, then those that hold what is not cited, then other
    papers that were asked, but for those that say no; where there is none of all these, the
    papers that came closest."""
    papers = {one.paper.id: one.paper for one in evidence.sources} if evidence else {}
    held, titles = _held(answer)
    cited = [sources.cited(one, answer, papers.get(one.id)) for one in answer.references]
    known = {one.id for one in cited}
    others = [
        Item("held", one, clean_line(titles[one]), HOLDS, None, papers.get(one), held=quotes)
        for one, quotes in held.items()
        if one not in known
    ]
    found = (
        *(_holding(one, held.get(one.id, ())) for one in cited),
        *others,
        *(_said(one) for one in answer.papers if one.verdict in _SAID and one.id not in known),
    )
    return found or tuple(sources.near(one, papers.get(one.id)) for one in answer.near_misses)


def _held(answer: Answer) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, str]]:
    """The sentences that hold what is not cited, by paper, and the titles of these."""
    quotes: dict[str, tuple[str, ...]] = {}
    titles: dict[str, str] = {}
    for claim in answer.claims:
        if near := claim.nearest:
            quotes[near.id] = tuple(dict.fromkeys((*quotes.get(near.id, ()), near.quote)))
            titles[near.id] = near.title
    return quotes, titles


def _holding(item: Item, held: tuple[str, ...]) -> Item:
    """A cited paper, with those sentences of it that are not cited and hold what is not."""
    rest = tuple(one for one in held if not any(one.strip() in each for each in item.quotes))
    return replace(item, held=rest, detail=f"{HOLDS} · {item.detail}") if rest else item


def _said(one: PaperVerdict) -> Item:
    """A paper that was asked and is not cited, with the sentence that shows what it says."""
    kind, says = _SAID[one.verdict]
    quote = (one.sentence or "").strip()
    detail = f"{says}: {clean_line(quote)}" if quote else says
    return Item(kind, one.id, clean_line(one.title), detail, quotes=(quote,) if quote else ())
