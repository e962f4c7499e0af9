"""What a claim says of numbers together, held against the papers it cites.

Each rule names what it saw, or nothing: it speaks only where the cited sentences leave no other
reading. Numbers that stand nowhere are found by `numbers_missing`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from assistant.checking.cited_paper import CitedPaper
from assistant.checking.paper_names import Mention, mentions, name_of
from assistant.text.numbers.quantity import YEARS, bound_before
from assistant.text.words import STOP_WORDS, Number, is_figure, numbers, numbers_missing, terms
from store.pattern import pattern

# "the 9 hours of FenTTS", "9 hours (FenTTS)"; "FenTTS's 9 hours", "FenTTS (9 hours)"
_OF_NAME = pattern(
    r"(?:[ -](?!compared|instead|rather|unlike|than|against|more|less|short|out)[a-z]+){0,3}"
    r" (?:of|for|by|from|in|that|which) |(?:[ -][a-z]+){0,3} ?\("
)
_HAS_NUMBER = pattern(r"(?:['’]s?(?:\s[a-z]+){0,3}|\s?\()\s?[~≈]?")
_JOINED = pattern(r"(?:\s[a-z]+){0,2}?\s*(?:,|/|&|,?\s*\b(?:and|or|to|vs\.?)\b)\s*")
_JOINT = pattern(r"[,;]\s|\s(?:and|while|whereas|but)\s")
_RESPECTIVELY = pattern(r"\brespectively\b", re.IGNORECASE)

_PAPERS = r"(?:papers|works|studies|articles|publications|abstracts|sources|preprints)\b(?! of\b)"
_COUNTED = pattern(
    rf"(?:\sof(?:\s(?:the|these|those))+)?\s(?P<kind>(?:[\w-]+\s){{0,2}}?){_PAPERS}", re.IGNORECASE
)
_OF = pattern(r"\s(?:out\s)?of\s(?:(?:all|the|these|those)\s)*")
_IN_PART = pattern(
    r"\b(?:less|fewer|under|up to|at most|below|of)\s(?:(?:than|all|the|these|those)\s)*\Z",
    re.IGNORECASE,
)


def figures(text: str) -> list[Number]:
    """The numbers of a text that are no years."""
    return [one for one in numbers(text) if one.unit or one.spelt or one.value not in YEARS]


def held_by(claim: str, cited: Sequence[CitedPaper]) -> dict[Number, int]:
    """The numbers of a claim that stand in the cited sentences of one paper alone, and in which."""
    missing = [{one.start for one in numbers_missing(claim, paper.text)} for paper in cited]
    there = {
        number: [at for at, starts in enumerate(missing) if number.start not in starts]
        for number in numbers(claim)
    }
    return {number: papers[0] for number, papers in there.items() if len(papers) == 1}


def _by_clause(
    claim: str, cited: Sequence[CitedPaper], held: Mapping[Number, int]
) -> dict[Number, int]:
    """The papers that the clauses of a claim speak of, by the one number of each that has one.

    A clause is of the paper that alone among those cited has some of its words.
    """
    own = sorted(held, key=lambda one: one.start)
    cuts = [0]
    for one, other in pairwise(own):
        joint = _JOINT.search(claim, one.end, other.start)
        if not joint:
            return {}
        cuts.append(joint.end())
    texts = [frozenset(terms(one.whole)) for one in cited]
    found = {}
    for number, begin, end in zip(own, cuts, [*cuts[1:], len(claim)], strict=True):
        said = frozenset(one for one in terms(claim[begin:end]) if not is_figure(one))
        alone = [
            bool(said & text - frozenset().union(*(one for one in texts if one is not text)))
            for text in texts
        ]
        if sum(alone) == 1:
            found[number] = alone.index(True)
    return found


def changed_places(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """Numbers that a claim gives to one paper it names, and that stand in another one's sentences.

    Only where at least two have changed places: each is missing where the claim has it.
    """
    held = held_by(claim, cited) if len(cited) > 1 and len(numbers(claim)) > 1 else {}
    if len(set(held.values())) < 2:
        return ()
    named = mentions(claim, cited)
    given = _by_clause(claim, cited, held)
    given |= _given_to(claim, sorted((*named, *held), key=lambda one: one.start))
    wrong = {number: paper for number, paper in given.items() if held[number] != paper}
    givers, holders = set(wrong.values()), {held[number] for number in wrong}
    crossed = [one for one in wrong if held[one] in givers and wrong[one] in holders]
    order = [*(one.paper for one in named), *range(len(cited))]
    crossed.sort(key=lambda number: order.index(held[number]))
    told = [f"{name_of(cited[held[one]])} has {claim[one.start : one.end]}" for one in crossed]
    return (", ".join(told),) if told else ()


def _given_to(claim: str, order: Sequence[Mention | Number]) -> dict[Number, int]:
    """The papers that a claim gives its numbers to, where its order leaves no doubt.

    A number beside a name is of that paper. Of the rest, names and numbers take turns, or stand
    as two lists: the first number is of the first name.
    """
    given: dict[Number, int] = {}
    free = list(order)
    for one, other in pairwise(order):
        between = claim[one.end : other.start]
        if isinstance(one, Mention) and isinstance(other, Number):
            beside, pair = _HAS_NUMBER.fullmatch(between), (one, other)
        elif isinstance(one, Number) and isinstance(other, Mention):
            is_open = between.endswith("(") and not claim.startswith(")", other.end)
            beside, pair = None if is_open else _OF_NAME.fullmatch(between), (other, one)
        else:
            continue
        if beside:
            given[pair[1]] = pair[0].paper
            free = [each for each in free if each not in pair]
    names = [one for one in free if isinstance(one, Mention)]
    rest = [one for one in free if isinstance(one, Number)]
    in_turn = all(isinstance(a, Mention) != isinstance(b, Mention) for a, b in pairwise(free))
    gaps = [(a.end, b.start) for a, b in pairwise(names)]
    gaps += [(a.end, b.start) for a, b in pairwise(rest)]
    in_lists = free in ([*names, *rest], [*rest, *names]) and all(
        _JOINED.fullmatch(claim, *gap) or _RESPECTIVELY.search(claim) for gap in gaps
    )
    if len(names) == len(rest) and (in_turn or in_lists):
        given |= {number: name.paper for name, number in zip(names, rest, strict=True)}
    return given


def too_many_papers(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """A count of papers that is greater than the papers cited, and in none of their abstracts.

    Of "three of the five papers" either may be what is cited.
    """
    plain = [one for one in figures(claim) if not (one.unit or one.share)]
    for number in plain:
        counted = _COUNTED.match(claim, number.end)
        if not counted or not STOP_WORDS.isdisjoint(counted["kind"].lower().split()):
            continue
        part = next((one for one in plain if _OF.fullmatch(claim, one.end, number.start)), number)
        if _IN_PART.search(claim, 0, part.start) or min(part.value, number.value) <= len(cited):
            continue
        texts = "\n".join(f"{paper.text}\n{paper.abstract}" for paper in cited)
        stated = {one.value for one in numbers(texts) if not one.unit}
        if number.value not in stated:
            are = "is" if len(cited) == 1 else "are"
            return (f"{claim[part.start : counted.end()]}, {len(cited)} {are} cited",)
    return ()


def turned_bounds(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """A number that a claim bounds on one side and every cited sentence with it on the other."""
    found: list[str] = []
    for number in numbers(claim):
        side = _side(claim, number)
        same = [
            (text, one)
            for paper in (cited if side else ())
            for text in paper.sentences
            for one in numbers(text)
            if (one.value, one.unit) == (number.value, number.unit)
        ]
        if same and all(_side(*one) not in ("", side) for one in same):
            text, one = same[0]
            words = bound_before(text, one.start)[1].lower()
            found.append(f"the source says {words} {text[one.start : one.end]}")
    return tuple(found)


def _side(text: str, number: Number) -> str:
    """On which side a number is bounded; "over 5 years" may mean during."""
    is_span = number.unit in ("s", "month") and text[: number.start].lower().endswith("over ")
    return "" if is_span or number.hedge == "about" else number.hedge
