"""Choosing what each of several papers says to a question that asks for many, verbatim.

Papers are taken in the order of retrieval, which tells those that are needed from the others
better than their best sentences do (mean average precision on the development questions for
several papers .75, by the measure of their texts .67). Then each speaks with the sentence
that answers for it. `python -m tests.bench.answers --kind multi --kind conflict` reports.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.generation.extractive.selection import Selected
from assistant.query.detail_forms import Detail, detail_of
from assistant.query.named_systems import coined_name, coined_names, holds_name, named_in
from assistant.query.question import MAX_READ, core_weights, kind_of, named_words
from assistant.retrieval.evidence_similarity import Similarity, positive, recall
from assistant.text.discourse_cues import CUE, HOUSEKEEPING, LEAD_IN, PROPOSAL, RESULT, is_dangling
from assistant.text.numbers.compare import numbers
from assistant.text.words import Statistics, terms
from assistant.types.evidence import Source
from store.pattern import pattern

_LIST_SHARE, _WEIGH_SHARE = 0.6, 0.75
"""A paper is listed from this share of the best paper's score on; where claims of papers are
weighed against each other ("do they need it?") those that hardly speak to it do harm."""

_OWN, _PROPOSES, _NAMED, _FIGURE, _OUTCOME = 0.6, 0.1, 0.2, 0.3, 0.1
"""What a sentence gains beside recall (1) and similarity (.5): for being on what the paper
itself does, for proposing it, for naming it, for a figure where one is asked for; and, where
papers are compared, for a result, and twice that for a paper's own part. Chosen on the
questions of tests/bench/questions_dev.jsonl whose split is "dev": from .6, .1, .0 on the first
three give the same facts."""

_COMPARES = pattern(
    r"\bcompar\w+|\bdiffer\w*|\b(?:dis)?agree\w*|\bversus\b|\bvs\b|\b\w+er\b.* or \b|\bhighest\b"
    r"|\b(?:is|are|has|have|reports?|the) (?:more|less|higher|lower|smaller|larger|faster|slower"
    r"|better|worse|cheaper|stronger)\b",
    re.IGNORECASE,
)
_WHETHER = pattern(
    r"^\W*(?:do|does|did|is|are|was|were|can|could|should|will|would|has|have)\b", re.IGNORECASE
)
_FOREMOST = pattern(
    r"\b(?:which|what|who)\b.*\b(?:first|best|worst|most|least|fastest|smallest|largest|highest"
    r"|lowest|biggest|cheapest|simplest|strongest|earliest|latest|newest)\b",
    re.IGNORECASE,
)
_SIZE = pattern(
    r"\b(?:small|large|big|compact|light)(?:er|est|weight)?\b|\bsizes?\b|\bfootprint\b"
    r"|\bparameters?\b|\bmemory\b",
    re.IGNORECASE,
)


def asks_to_weigh(question: str) -> bool:
    """True for a question that several papers may answer differently, though it names none.

    "Do diffusion models need it?", "Which was the first to do it?"
    """
    question = question[:MAX_READ]
    if named_words(question):
        return False
    return bool(_WHETHER.search(question) or _FOREMOST.search(question))


def select_list(
    question: str,
    sources: Sequence[Source],
    statistics: Statistics,
    similarity: Similarity | None,
    most: int,
) -> tuple[Selected, ...]:
    """One entry for each of the papers that answer a question, the best paper first.

    Papers that the question names each get one, whatever their scores.
    """
    named = named_in(question, sources)
    chosen = named if len(named) > 1 else _speaking(question, sources)
    asked = _Asked.of(question, statistics, similarity)
    return tuple(asked.entry(source) for source in chosen[:most])


def _speaking(question: str, sources: Sequence[Source]) -> tuple[Source, ...]:
    share = _LIST_SHARE if kind_of(question) == "list" else _WEIGH_SHARE
    least = share * max((one.score for one in sources), default=0.0)
    return tuple(one for one in sources if one.score >= least)


def is_own_part(text: str, source: Source) -> bool:
    """True for a sentence on what a paper itself does, by its cues or the name it coins."""
    if HOUSEKEEPING.search(text):
        return False
    if any(cue.search(text) for cue in (CUE, PROPOSAL, LEAD_IN)):
        return True
    name = coined_name(source)
    return bool(name) and name in text and bool(RESULT.search(text))


@dataclass(frozen=True)
class _Asked:
    """What a question asks of each paper."""

    question: str
    core: Mapping[str, float]
    similarity: Similarity | None
    detail: Detail | None
    sizes: bool
    own: bool

    @classmethod
    def of(cls, question: str, statistics: Statistics, similarity: Similarity | None) -> _Asked:
        compares = bool(_COMPARES.search(question[:MAX_READ]))
        detail = detail_of(question)
        sizes = bool((compares or detail) and _SIZE.search(question))
        core = core_weights(question, statistics)
        return cls(question, core, similarity, detail, sizes, own=not compares)

    @property
    def figures(self) -> bool:
        """True where a figure is asked for."""
        return self.detail is not None or self.sizes

    def entry(self, source: Source) -> Selected:
        """The sentence that answers for a paper, with its title where only that names it."""
        body = [one for one in source.sentences if one.index] or list(source.sentences)
        texts = [one.text for one in body]
        row = self.similarity([self.question], texts)[0] if self.similarity else [0.0] * len(body)
        names = coined_names(source)
        scores = {
            one.index: self._score(one.text, source, names) + 0.5 * positive(like)
            for one, like in zip(body, row, strict=True)
        }
        best = max(scores, key=lambda index: (scores[index], -index))
        indices = {best}
        if self.figures and not self._gives(source.sentences[best].text):
            giving = [index for index in scores if self._gives(source.sentences[index].text)]
            if giving:
                indices.add(max(giving, key=scores.__getitem__))
        elif best > 1 and is_dangling(source.sentences[best].text):
            indices.add(best - 1)
        title = coined_name(source)
        if self.own and title and not any(title in source.sentences[at].text for at in indices):
            indices.add(0)
        return Selected(source, tuple(sorted(indices)))

    def _score(self, text: str, source: Source, names: Sequence[str]) -> float:
        title = frozenset(terms(source.sentences[0].text))
        own = frozenset(terms(text))
        score = 0.5 * recall(self.core, own) + 0.5 * recall(self.core, own | title)
        if self.own:
            score += _OWN * is_own_part(text, source)
            score += _PROPOSES * bool(PROPOSAL.search(text))
            score += _NAMED * holds_name(text, names)
        else:
            score += _OUTCOME * (bool(RESULT.search(text)) + 2 * is_own_part(text, source))
        if self.figures and self._gives(text):
            score += _FIGURE
        if HOUSEKEEPING.search(text) and not HOUSEKEEPING.search(self.question):
            score -= 0.5
        return score

    def _gives(self, text: str) -> bool:
        """True for a sentence with a figure or detail of the kind that is asked for."""
        if self.detail is not None and not self.detail.holds(text):
            return False
        if not self.sizes:
            return self.detail is not None
        return bool(_SIZE.search(text)) and any(not number.spelt for number in numbers(text))
