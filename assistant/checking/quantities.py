"""What a claim says of numbers together, held against the papers it cites.

Each rule names what it saw, or nothing: it speaks only where the cited sentences leave no other
reading. Numbers that stand nowhere are found by `numbers_missing`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal

from assistant.checking.cited_paper import CitedPaper
from assistant.checking.paper_names import Mention, mentions, name_of
from assistant.text.numbers.quantity import YEARS
from assistant.text.words import STOP_WORDS, Number, numbers, numbers_missing
from store.pattern import pattern

_FIGURE = pattern(r"[\d.,’' \u00a0\u2009\u202f]*\d|\w+")
_JOINED = pattern(r"\s*(?:,|/|&|,?\s*\b(?:and|or)\b)\s*")
_UNIT_BETWEEN = pattern(r"(?:\s[a-z]+){0,2}\s*(?:,|/|&|,?\s*\b(?:and|or|to|vs\.?)\b)\s*")
_RESPECTIVELY = pattern(r"\brespectively\b", re.IGNORECASE)
_OF_NAME = pattern(
    r"(?:[ -](?!compared|instead|rather|unlike|than|against|more|less|short|out)[a-z]+){0,3}"
    r" (?:of|for|by|from|in|that|which) \Z"
)
_IN_BRACKETS = pattern(r"(?:[ -][a-z]+){0,3} ?\(\Z")
_NAMES_NUMBER = pattern(r"(?:['’]s?(?:\s[a-z]+){0,3}|\s?\()\s?[~≈]?\Z")

_PAPERS = r"papers|works|studies|articles|publications|abstracts|sources|preprints"
_ANY_PAPERS = pattern(rf"\b(?:{_PAPERS})\b", re.IGNORECASE)
_COUNTED = pattern(rf"\s(?P<kind>(?:[\w-]+\s){{0,2}}?)(?:{_PAPERS})\b", re.IGNORECASE)
_REVIEWS = pattern(r"\b(?:review\w*|surveys?|surveyed|meta-?analy\w+|pooled)\b", re.IGNORECASE)
_OF = pattern(r"\s(?:out\s)?of\s(?:(?:all|the|these|those)\s)*")
_IN_PART = pattern(
    r"\b(?:less|fewer|under|up to|at most|below|of)\s(?:(?:than|all|the|these|those)\s)*\Z"
)

Side = Literal["", "more", "less"]
_MORE = (
    r"(?:more|greater|higher|larger|longer|better|bigger) than|over|above|beyond|at least"
    r"|exceed(?:s|ed|ing)?|upwards? of|a minimum of|[>≥]"
)
_LESS = (
    r"(?:less|fewer|lower|smaller|shorter) than|under|below|at most|up to|within|a maximum of|[<≤]"
)
_ANY_BOUND = pattern(rf"{_MORE}|{_LESS}", re.IGNORECASE)
_BOUND = pattern(
    rf"(?P<not>\b(?:no|not|never)\s+)?(?<!\w)(?:(?P<more>{_MORE})|(?P<less>{_LESS}))\s*"
    r"(?:an?\s|about\s|[$~+-])?\Z",
    re.IGNORECASE,
)
_LOOK_BACK = 32


def changed_places(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """Numbers that a claim gives to one paper it names, and that stand in another one's sentences.

    Only where at least two have changed places: each is missing where the claim has it.
    """
    several = len(cited) > 1 and len(numbers(claim)) > 1
    named = mentions(claim, cited) if several else ()
    if len({one.paper for one in named}) < 2:
        return ()
    held = _holders(claim, cited)
    given = _given_to(claim, named, held)
    wrong = {number: paper for number, paper in given.items() if held[number] != paper}
    crossed = {
        number: held[number]
        for number in wrong
        if any(wrong[other] == held[number] and other != number for other in wrong)
        and any(held[other] == wrong[number] for other in wrong)
    }
    if len(crossed) < 2:
        return ()
    order = [one.paper for one in named]
    said = sorted(crossed, key=lambda number: order.index(crossed[number]))
    first, *rest = [(_figure(claim, one), name_of(cited[crossed[one]])) for one in said]
    others = "".join(f", {figure} in {name}" for figure, name in rest)
    return (f"{first[0]} stands in {first[1]}{others}",)


def too_many_papers(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """A count of papers that is greater than the papers cited, and in no cited sentence.

    Of "three of the five papers" either may be what is cited.
    """
    plain = list(_plain(claim)) if _ANY_PAPERS.search(claim) else []
    for number in plain:
        counted = _COUNTED.match(claim, number.end)
        if not counted or any(word in STOP_WORDS for word in counted["kind"].lower().split()):
            continue
        part = next((one for one in plain if _OF.fullmatch(claim, one.end, number.start)), number)
        before = claim[max(0, part.start - _LOOK_BACK) : part.start].lower()
        if min(part.value, number.value) <= len(cited) or _IN_PART.search(before):
            continue
        # A review counts papers of its own.
        reviews = any(_REVIEWS.search(f"{one.title}\n{one.abstract}") for one in cited)
        stated = (one for paper in cited for one in numbers(_text(paper)))
        if not reviews and not any(one.value == number.value and not one.unit for one in stated):
            are = "is" if len(cited) == 1 else "are"
            return (f"{claim[part.start : counted.end()]}, {len(cited)} {are} cited",)
    return ()


def turned_bounds(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """A number that a claim bounds on one side and every cited sentence with it on the other."""
    bounded = (
        [(one, _bound(claim, one)[0]) for one in numbers(claim)] if _ANY_BOUND.search(claim) else []
    )
    if not any(side for _, side in bounded):
        return ()
    stated = [
        (one, text, *_bound(text, one))
        for paper in cited
        for text in paper.sentences
        for one in numbers(text)
    ]
    found: list[str] = []
    for number, side in bounded:
        same = [one for one in stated if (one[0].value, one[0].unit) == (number.value, number.unit)]
        if side and same and all(other not in ("", side) for _, _, other, _ in same):
            one, text, _, words = same[0]
            found.append(f"the source says {words} {text[one.start : one.end]}")
    return tuple(found)


def _bound(text: str, number: Number) -> tuple[Side, str]:
    """On which side a number is bounded, and by which words."""
    match = _BOUND.search(text[max(0, number.start - _LOOK_BACK) : number.start])
    if not match or (match["more"] == "over" and number.unit in ("s", "month")):
        return "", ""
    is_more = bool(match["more"]) != bool(match["not"])
    return "more" if is_more else "less", match[0].strip().lower()


def _plain(claim: str) -> Iterator[Number]:
    """The whole numbers of a claim that count something and are no years."""
    for one in numbers(claim):
        is_count = not one.unit and not one.share and one.value == int(one.value)
        if is_count and (one.spelt or one.value not in YEARS):
            yield one


def _holders(claim: str, cited: Sequence[CitedPaper]) -> dict[Number, int]:
    """The numbers of a claim that stand in the cited sentences of one paper alone, and in which."""
    missing = [{one.start for one in numbers_missing(claim, _text(paper))} for paper in cited]
    found = {}
    for number in numbers(claim):
        holders = [at for at, one in enumerate(missing) if number.start not in one]
        if len(holders) == 1:
            found[number] = holders[0]
    return found


def _given_to(claim: str, named: Sequence[Mention], held: Iterable[Number]) -> dict[Number, int]:
    """The papers that a claim gives its numbers to, where its order leaves no doubt."""
    order: list[Mention | Number] = sorted((*named, *held), key=lambda one: one.start)
    bound = dict(_bound_names(claim, order))
    given = {**_in_turn(order, bound), **_in_lists(claim, order)} | bound
    papers = {one.paper for one in named}
    loose = [one for one in order if isinstance(one, Number) and one not in given]
    if len(papers) == 2 and len(loose) == 1 and len(bound) == 1:
        # Of two numbers one has its name beside it: the other is of the other paper.
        given[loose[0]] = (papers - set(bound.values())).pop()
    return given


def _bound_names(claim: str, order: Sequence[Mention | Number]) -> Iterator[tuple[Number, int]]:
    """Numbers beside their names: "the 9 hours of FenTTS", "FenTTS's 9 hours", "FenTTS (9"."""
    for one, other in pairwise(order):
        between = claim[one.end : other.start]
        if isinstance(one, Number) and isinstance(other, Mention):
            in_brackets = _IN_BRACKETS.fullmatch(between) and claim.startswith(")", other.end)
            if in_brackets or _OF_NAME.fullmatch(between):
                yield one, other.paper
        elif isinstance(other, Number) and isinstance(one, Mention):
            yield from [(other, one.paper)] * bool(_NAMES_NUMBER.fullmatch(between))


def _in_turn(order: Sequence[Mention | Number], bound: Collection[Number]) -> dict[Number, int]:
    """Names and numbers that take turns: each name with the number after it, or before it."""
    free = [one for one in order if one not in bound]
    if len(free) < 4 or any(
        isinstance(a, Mention) == isinstance(b, Mention) for a, b in pairwise(free)
    ):
        return {}
    pairs = zip(free[::2], free[1::2], strict=False)
    return {
        number: name.paper
        for pair in pairs
        for name, number in (pair if isinstance(pair[0], Mention) else pair[::-1],)
        if isinstance(name, Mention) and isinstance(number, Number)
    }


def _in_lists(claim: str, order: Sequence[Mention | Number]) -> dict[Number, int]:
    """A list of names and one of as many numbers: "FenTTS and MarshTTS on 960 and 44000 hours"."""
    names = [one for one in order if isinstance(one, Mention)]
    figures = [one for one in order if isinstance(one, Number)]
    if len(names) != len(figures) or order not in ([*names, *figures], [*figures, *names]):
        return {}
    joined = all(_JOINED.fullmatch(claim, a.end, b.start) for a, b in pairwise(names)) and all(
        _UNIT_BETWEEN.fullmatch(claim, a.end, b.start) for a, b in pairwise(figures)
    )
    if not joined and not _RESPECTIVELY.search(claim):
        return {}
    return {number: name.paper for name, number in zip(names, figures, strict=True)}


def _text(paper: CitedPaper) -> str:
    return "\n".join((paper.title, *paper.sentences))


def _figure(claim: str, number: Number) -> str:
    """A number as it is written, without its unit."""
    found = _FIGURE.match(claim, number.start, number.end)
    return found[0] if found else claim[number.start : number.end]
