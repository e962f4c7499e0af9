"""Numbers of papers put in order: those of one quantity, their units brought to one base.

A number is one of the quantity where the words for it, or its unit, follow the number ("44 000
hours"), or where it stands nearest to them in a sentence ("a capacity of 214 mAh"). Numbers in
other units are listed, and not compared.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from assistant.checking.quantities import figures
from assistant.text.numbers.quantity import Number
from assistant.text.numbers.units import UNITS
from assistant.text.words import STOP_WORDS, is_name, stem
from assistant.types.evidence import Source
from assistant.types.plans import PlannedPart
from store.pattern import pattern

_FOLLOWING = pattern(r"(?:[ -][A-Za-z][\w/%-]*){1,3}")
_NEXT = pattern(r"[ -]?([^\W\d_][\w/%²³-]*)")
_LETTERS_LAST = pattern(r"[^\W\d_]+\Z")
_BY = pattern(r"\bby (?:\w+ |\d[\w.]*\\?% ){0,3}\Z", re.IGNORECASE)
_ENDS = STOP_WORDS | {"per"}
_CHANGE = pattern(
    r"\s*(?:points?\b )?(?:higher|lower|more|less|fewer|faster|slower|better|worse|larger|smaller"
    r"|improvements?|gains?|reductions?|increases?|decreases?|drops?|speed-?ups?)\b",
    re.IGNORECASE,
)
_SPAN = 60
"""Units compare whose sizes are this far apart at most: hours and minutes, but not seconds."""
_SHOWN = 10
_OF = pattern(r"\s*of\b")
_OF_BEFORE = pattern(r"(\w+) of (?:\w+ )?\Z")
_PER = pattern(r"[/·][\w/]+| per (?:\w+ )?\w+")
_WORD = pattern(r"[^\W\d_][\w-]*")
_REACH = 60
"""Characters between a quantity's name and its number."""
_LETTERS = 6
_TIMES = frozenset(("s", "month"))
_LOWER_IS_BETTER = frozenset(
    ("error", "wer", "cer", "fid", "loss", "latenc", "perple", "rmse", "mae", "eer", "distor")
)


@dataclass(frozen=True)
class Figure:
    """A number of a quantity as it is written, in a sentence; numbers of one `kind` compare.

    `far` is how far its name stands from it, in characters; `better_low` says that a low one is
    the better.
    """

    value: float
    kind: str
    written: str
    sentence: int
    far: int
    better_low: bool = False


@dataclass(frozen=True)
class Ranking:
    """Papers in order, each with its number; those from `compared` on are in other units."""

    papers: tuple[tuple[str, Figure], ...]
    compared: int

    def words(self) -> str:
        """The numbers that were compared, in one line."""
        shown = [one.written for _, one in self.papers[: min(self.compared, _SHOWN)]]
        shown += ["…"] if self.compared > _SHOWN else []
        more = len(self.papers) - self.compared
        other = f"; {more} more in other units, not compared" if more else ""
        return f"compared: {' · '.join(shown)}{other}"


def figures_of(source: Source, quantity: str, *, is_named: bool) -> tuple[Figure, ...]:
    """The numbers of a quantity that a paper gives, those nearest to its name first.

    Where the question names it, the last word is counted ("2 steps" for "sampling steps"), and all
    of its words, or their first letters ("WER"), stand beside another number of it. What a
    superlative implies is measured by any of its words.
    """
    words = [one.lower() for one in _WORD.findall(quantity)]
    beside = words[:-1] if is_named else []
    asked = _Asked.of(words[-1:] if is_named else words, beside)
    found = [
        figure
        for sentence in source.sentences
        for figure in asked.figures(sentence.text, sentence.index)
    ]
    return tuple(sorted(found, key=lambda one: one.far))


def ranked(found: Mapping[str, Sequence[Figure]], part: PlannedPart) -> Ranking:
    """Papers by their numbers, the extreme one first; `found` holds those of each, by id.

    Compared is the kind that most papers give; where several do, the one nearest to its name.
    """
    of_kind: dict[str, dict[str, list[Figure]]] = defaultdict(lambda: defaultdict(list))
    for name, own in found.items():
        for figure in own:
            of_kind[figure.kind][name].append(figure)
    if not of_kind:
        return Ranking((), 0)

    def weight(kind: str) -> tuple[int, float]:
        papers = of_kind[kind].values()
        return len(papers), -sum(one[0].far for one in papers) / len(papers)

    best = max(of_kind, key=weight)
    implied = part.quantity[-1] if part.quantity else ""
    low = part.rank == "least"
    if _is_turned(best, implied, of_kind[best]):
        low = not low
    sign = 1 if low else -1
    first = sorted(
        ((name, _extreme(own, sign)) for name, own in of_kind[best].items()),
        key=lambda one: sign * one[1].value,
    )
    others = [(name, own[0]) for name, own in found.items() if own and name not in of_kind[best]]
    return Ranking((*first, *others), len(first))


def _extreme(own: Sequence[Figure], sign: int) -> Figure:
    """The extreme number of the sentence that has the one nearest to its name."""
    there = (one for one in own if one.sentence == own[0].sentence)
    return min(there, key=lambda one: sign * one.value)


def _is_turned(kind: str, implied: str, papers: Mapping[str, Sequence[Figure]]) -> bool:
    """True where the most of a quality is the least of the number: the fastest, the best error."""
    if implied.startswith("speed"):
        return kind in _TIMES
    return "score" in implied and all(own[0].better_low for own in papers.values())


@dataclass(frozen=True)
class _Asked:
    """A quantity as it is asked for: the keys of its words, and units with their sizes.

    `beside` are the keys of words before it, `short` are their first letters.
    """

    keys: frozenset[str]
    units: Mapping[str, float]
    beside: tuple[str, ...] = ()
    short: str = ""

    @classmethod
    def of(cls, words: Sequence[str], beside: Sequence[str] = ()) -> _Asked:
        """A quantity of any of some words, which others stand before."""
        units = dict(UNITS[one] for one in words if one in UNITS)
        keys = (_key(one) for one in words if one not in STOP_WORDS and one not in UNITS)
        before = tuple(_key(one) for one in beside if one not in STOP_WORDS)
        short = "".join(one[0] for one in (*beside, *words)).upper() if len(before) > 1 else ""
        return cls(frozenset(keys), units, before, short)

    def figures(self, text: str, index: int) -> Iterator[Figure]:
        """The numbers of the quantity in one sentence."""
        read = (self._with_unit(text, one) for one in figures(text))
        stated = [one for one in read if not self._is_relative(text, one)]
        if not stated:
            return
        low = any(_key(one.lower()) in _LOWER_IS_BETTER for one in _WORD.findall(text))
        for number in stated:
            if self._counts(text, number):
                yield _figure(text, number, index, number.unit or "count", 0, low=low)
        written = [one for one in stated if not one.spelt]
        for found in _WORD.finditer(text) if written else ():
            if not self._names(text, found):
                continue
            nearest = min(written, key=lambda one: _distance(one, *found.span()))
            for number in written:
                far = _distance(number, *found.span())
                is_like = number is nearest or (number.unit and number.unit == nearest.unit)
                if is_like and far <= _REACH and not self._counts(text, number):
                    kind = number.unit or _unit_word(text, number)
                    yield _figure(text, number, index, kind, 1 + far, low=low)

    def _with_unit(self, text: str, number: Number) -> Number:
        """A bare number in the unit asked for that words split from it: "40 labelled hours"."""
        words = None if number.unit or number.spelt else _FOLLOWING.match(text, number.end)
        for found in _WORD.finditer(words[0]) if words else ():
            base, size = UNITS.get(found[0].lower(), ("", 1.0))
            if found[0].lower() in _ENDS:
                break
            if base in self.units and len(found[0]) > 1:
                end = number.end + found.end()
                return replace(number, unit=base, value=number.value * size, end=end)
        return number

    def _names(self, text: str, found: re.Match[str]) -> bool:
        """True where a word names the quantity, the words before it too, or is short for all."""
        if self.short and found[0] == self.short:
            return True
        before = text[max(found.start() - _REACH, 0) : found.start()]
        there = {_key(one.lower()) for one in _WORD.findall(before)[-len(self.beside) - 1 :]}
        return _key(found[0].lower()) in self.keys and there.issuperset(self.beside)

    def _counts(self, text: str, number: Number) -> bool:
        """True where the words right behind a number name the quantity, or its unit does."""
        size = self.units.get(number.unit)
        written = _LETTERS_LAST.search(text, number.start, number.end)
        own = UNITS.get(written[0].lower()) if size and written else None
        if size and own and 1 / _SPAN <= own[1] / size <= _SPAN:
            return True
        words = _FOLLOWING.match(text, number.end)
        following = [one.lower() for one in _WORD.findall(words[0])] if words else []
        near = takewhile(lambda one: one not in _ENDS, following[: 1 if number.spelt else 3])
        there = {_key(one) for one in near}
        is_whole = not number.unit or there.issuperset(self.beside)
        return is_whole and not there.isdisjoint(self.keys)

    def _is_relative(self, text: str, number: Number) -> bool:
        """True for a share, a change or a factor: "81 % of it", "by 3 dB", "2 times"."""
        if number.share or number.orders or _BY.search(text, 0, number.start):
            return True
        if number.unit == "%" and "%" not in self.units and _OF.match(text, number.end):
            named = _OF_BEFORE.search(text, 0, number.start)  # "a share of 12 % of all"
            return named is None or _key(named[1].lower()) not in self.keys
        if number.unit == "x":
            return not self._counts(text, number)
        return bool(_CHANGE.match(text, number.end))


def _figure(text: str, number: Number, index: int, kind: str, far: int, *, low: bool) -> Figure:
    after = _NEXT.match(text, number.end)
    is_thing = after and after[1].lower() not in STOP_WORDS and (kind == "count" or not number.unit)
    end = after.end() if after and is_thing else number.end
    per = _PER.match(text, end)
    written = text[number.start : per.end() if per else end].strip()
    return Figure(number.value, kind, written, index, far, low)


def _unit_word(text: str, number: Number) -> str:
    """The word behind a number where it is written like a unit: "mAh", "mS/cm"."""
    after = _NEXT.match(text, number.end)
    word = after[1] if after else ""
    return word if is_name(word) or "/" in word else ""


def _distance(number: Number, start: int, end: int) -> int:
    """Characters between a number and a word; what follows the word is nearer."""
    return number.start - end if number.start >= end else 2 * (start - number.end)


def _key(word: str) -> str:
    return stem(word)[:_LETTERS]
