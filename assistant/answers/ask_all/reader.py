"""What the built-in model makes of all papers where a question leaves out or ranks some."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace

from assistant.answers.ask_all.batches import as_source
from assistant.answers.ask_all.counts import Verdict
from assistant.answers.ask_all.exclusion import Excluded, Stance
from assistant.answers.ask_all.measure import Measured, verdict_of
from assistant.answers.ask_all.ranking import Figure, Ranking, figures_of, ranked
from assistant.query.planning.asks import IMPLIED
from assistant.query.question import named_words
from assistant.text.words import terms
from assistant.types.answers import PaperSays
from assistant.types.evidence import Source
from assistant.types.plans import PlannedPart
from store.types import Paper

_SILENT = "%s without a word on it: what is left out cannot be read from an abstract"
_NAMING = "counted are papers that have “%s”"
_DENYING = "shown is what denies “%s”"
_NONE_DENIES = "no abstract denies “%s”"
_NOT_ABOUT = "no abstract says that it is not about “%s”"
_NO_NUMBER = "no abstract gives a number for “%s”"


class PartReader:
    """Reads papers against one part of a question, and turns their measures into verdicts.

    `topic` is what they are measured by; empty where all papers are meant. It `ranks` where
    numbers are compared. Synchronous.
    """

    def __init__(self, part: PlannedPart, frequency: Callable[[str], int]) -> None:
        self._part = part
        self._excluded = Excluded.of(part, frequency) if part.excluded else None
        self._stances: dict[str, tuple[Stance, int, str]] = {}
        self._figures: list[dict[str, tuple[Figure, ...]]] = [{} for _ in part.quantity]
        self._texts: dict[str, dict[int, str]] = {}
        self._names = frozenset(terms(" ".join(named_words(part.topic))))
        names = named_words(part.question) if part.kind == "count" else frozenset()
        counted = [one for one in part.topic.split() if one in names and frequency(one)]
        self._counted = frozenset(terms(" ".join(counted)))
        self._naming: dict[str, tuple[int, str] | None] = {}
        self._says: dict[str, PaperSays] = {}
        self._ranking = Ranking((), 0)
        self.topic = self._topic()
        self.ranks = bool(part.rank)

    def _topic(self) -> str:
        part = self._part
        if not part.needs_all:
            return part.question
        by_words = self._excluded is None or self._excluded.is_silence or self._excluded.is_short
        return part.topic or ("" if by_words else part.excluded)

    @property
    def reads(self) -> bool:
        """True where papers are to be read, not measured alone."""
        return self._excluded is not None or bool(self._part.rank or self._counted)

    def read(self, papers: Sequence[Paper], measured: Mapping[str, Measured]) -> None:
        """Read some papers, which have been measured by the topic."""
        if not self.reads:
            return
        for paper in papers:
            source = as_source(1, paper)
            if self._counted:
                self._naming[paper.id] = self._named_in(source)
            if self._excluded is not None:
                stance, index = self._excluded.stance(source, measured[paper.id].sentence)
                self._stances[paper.id] = stance, index, source.sentences[index].text
            if not self._names <= set(terms(f"{paper.title} {paper.abstract}")):
                continue
            for tier, words in enumerate(self._part.quantity if self._part.rank else ()):
                if own := figures_of(source, words, is_named=words not in IMPLIED):
                    self._figures[tier][paper.id] = own
                    texts = {one.sentence: source.sentences[one.sentence].text for one in own}
                    self._texts.setdefault(paper.id, {}).update(texts)

    def verdicts(self, measured: Mapping[str, Measured], best: float) -> dict[str, Verdict]:
        """What papers say, beside the best measure of all so far; ranked are these alone."""
        said = {name: _said(one, best) for name, one in measured.items()}
        if self._excluded is not None:
            said = {name: self._without(name, one) for name, one in said.items()}
            self._says.update((name, one.says) for name, one in said.items())
        said = self._in_order(said) if self._part.rank else said
        if self._counted:
            said = {name: self._by_name(name, one) for name, one in said.items()}
        return {name: _shown(one) for name, one in said.items()}

    def _named_in(self, source: Source) -> tuple[int, str] | None:
        """The sentence of a paper that has what is counted by name, where the paper has all."""
        found = [self._counted & set(terms(one.text)) for one in source.sentences]
        if not self._counted <= frozenset().union(*found):
            return None
        best = max(source.sentences, key=lambda one: (len(found[one.index]), one.index > 0))
        return best.index, best.text

    def _by_name(self, name: str, one: Verdict) -> Verdict:
        """A verdict on a paper where a name is counted: it stands there, or it does not."""
        there = self._naming[name]
        if there is None:
            return replace(one, says="no")
        if self._counts_all or one.says == "yes":
            return Verdict("yes", *there, one.score)
        return one

    @property
    def _counts_all(self) -> bool:
        """True where names are counted, and nothing else is said of papers."""
        return bool(self._counted) and self._counted >= set(terms(self._part.topic))

    def _without(self, name: str, one: Verdict) -> Verdict:
        """A verdict on a paper that must not be of those left out."""
        stance, index, text = self._stances[name]
        if one.says == "no" or stance == "affirms":
            return replace(one, says="no")
        if self._part.excluded_as == "named":
            return replace(one, says="yes")
        if stance == "denies":
            return Verdict("yes", index, text, one.score)
        # Without a sentence: that a paper says nothing of it is no proof.
        says: PaperSays = "unclear" if one.says == "yes" else "no"
        return Verdict(says, score=one.score)

    def _in_order(self, said: Mapping[str, Verdict]) -> dict[str, Verdict]:
        """Verdicts by numbers: yes for a paper on the topic that gives one, the first foremost."""
        self._rank({name for name, one in said.items() if one.says in ("yes", "unclear")})
        places = {name: at for at, (name, _) in enumerate(self._ranking.papers)}
        own = dict(self._ranking.papers)
        return {
            name: self._numbered(name, own[name], len(places) - places[name])
            if name in places
            else Verdict("unclear" if one.says == "yes" and self.topic else "no", score=one.score)
            for name, one in said.items()
        }

    def in_order(self, papers: Sequence[Paper]) -> dict[str, Verdict]:
        """Papers that a model says yes for, in the order of their numbers, where they give some."""
        self.read(papers, {one.id: Measured(1.0, 1.0, 0, one.title) for one in papers})
        self._rank({one.id for one in papers})
        last = len(papers) + 1  # above the reciprocal ranks of all others
        return {
            name: self._numbered(name, figure, last - at)
            for at, (name, figure) in enumerate(self._ranking.papers)
        }

    def _numbered(self, name: str, figure: Figure, score: int) -> Verdict:
        return Verdict("yes", figure.sentence, self._texts[name][figure.sentence], float(score))

    def _rank(self, there: Set[str]) -> None:
        """Put those of some papers in order that give a number."""
        for tier in self._figures:
            found = {name: tier[name] for name in tier if name in there}
            self._ranking = ranked(found, self._part)
            if self._ranking.papers:
                break

    def notes(self, *, by_model: bool) -> tuple[str, ...]:
        """What is said of the reading, beside its figures; a model has read for itself."""
        part = self._part
        if by_model:
            return (self._ranking.words(),) if self._ranking.papers else ()
        if part.rank and part.quantity:
            if self._ranking.papers:
                return (self._ranking.words(),)
            return (_NO_NUMBER % _short(part.quantity[0]),)
        if self._counts_all:
            return (_NAMING % part.topic,)
        if not part.excluded or part.excluded_as == "named":
            return ()
        said = Counter(self._says.values())
        denies = _NOT_ABOUT if part.excluded_as == "about" else _NONE_DENIES
        notes = [(_DENYING if said["yes"] else denies) % part.excluded]
        if silent := said["unclear"]:
            more = " more" if said["yes"] else ""
            papers = f"1{more} paper is" if silent == 1 else f"{silent}{more} papers are"
            notes.append(_SILENT % (f"{papers} on the topic" if self.topic else papers))
        return tuple(notes)


def _said(one: Measured, best: float) -> Verdict:
    return Verdict(verdict_of(one, best), one.sentence, one.quote, one.chance)


def _shown(one: Verdict) -> Verdict:
    """A verdict without its sentence where it says no."""
    return replace(one, sentence=None, quote=None) if one.says == "no" else one


def _short(quantity: str) -> str:
    """What is measured, in few words."""
    return " or ".join(quantity.split()[:2]) if quantity in IMPLIED else quantity
