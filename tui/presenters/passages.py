"""Cutting an abstract into the passages that an answer cites and the ones between them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

Span = tuple[int, int]
"""Character offsets, start and end, into an abstract."""

MIN_RUN = 4
"""Fewer words than these in a row are found anywhere by chance."""

_MAX_WORDS = 4000
_MAX_PLACES = 64
_WORD = re.compile(r"\S+")


class Passage(NamedTuple):
    """A piece of an abstract; `cited` pieces are what the answer points at.

    `held` pieces are not cited and hold the words of a sentence without citation. `answers` is how
    many saved answers cite it.
    """

    text: str
    cited: bool
    held: bool = False
    answers: int = 0


def locate(abstract: str, quotes: Iterable[str]) -> tuple[Span, ...]:
    """Find where quotes stand in an abstract, sorted and merged where they touch.

    A quote may join sentences that do not follow one another: what is not found as a
    whole is found by its longest runs of words.
    """
    spans: list[Span] = []
    for quote in quotes:
        wanted = quote.strip()
        if not wanted:
            continue
        at = abstract.find(wanted)
        if at >= 0:
            spans.append((at, at + len(wanted)))
        else:
            spans.extend(_runs(abstract, wanted))
    return _merged(abstract, spans)


def cut(abstract: str, spans: Iterable[Span]) -> tuple[Passage, ...]:
    """Cut an abstract at sorted spans; joined, the passages hold all its words."""
    passages: list[Passage] = []
    position = 0
    for start, end in spans:
        passages.append(Passage(abstract[position:start].strip(), False))
        passages.append(Passage(abstract[start:end].strip(), True))
        position = end
    passages.append(Passage(abstract[position:].strip(), False))
    return tuple(one for one in passages if one.text)


def hold(passages: Iterable[Passage], sentences: Iterable[str]) -> tuple[Passage, ...]:
    """Cut what is not cited once more, at the sentences that stand in it word for word."""
    wanted = [one.strip() for one in sentences]
    found: list[Passage] = []
    for passage in passages:
        there = [] if passage.cited else [one for one in wanted if one and one in passage.text]
        parts = cut(passage.text, locate(passage.text, there)) if there else (passage,)
        found += [one if one is passage else Passage(one.text, False, one.cited) for one in parts]
    return tuple(found)


def count_answers(
    passages: Iterable[Passage], answers: Mapping[str, AbstractSet[Hashable]]
) -> tuple[Passage, ...]:
    """Cut what is not marked at the sentences that saved answers cite, and count these.

    `answers` are those that cite a sentence, by its text. Sentences that the same ones cite stay
    together where they follow one another; what is marked stays whole, with all of its answers.
    """
    found: list[Passage] = []
    for passage in passages:
        text = passage.text
        starts = sorted((text.find(one), one) for one in answers if one and one in text)
        if passage.cited or passage.held or not starts:
            citing = {each for _, one in starts for each in answers[one]}
            found.append(passage._replace(answers=len(citing)))
            continue
        groups: dict[AbstractSet[Hashable], list[Span]] = {}
        for start, one in starts:
            groups.setdefault(answers[one], []).append((start, start + len(one)))
        spans = {span: len(by) for by, each in groups.items() for span in _merged(text, each)}
        found += _counted(text, spans)
    return tuple(found)


def _counted(text: str, spans: Mapping[Span, int]) -> Iterable[Passage]:
    """The passages of a text cut at spans, each with its number."""
    position = 0
    for start, end in [*sorted(spans), (len(text), len(text))]:
        if between := text[position:start].strip():
            yield Passage(between, False)
        if rest := text[max(start, position) : end].strip():
            yield Passage(rest, False, answers=spans[start, end])
        position = max(position, end)


def _runs(abstract: str, quote: str) -> list[Span]:
    found = [(one.group(), one.start(), one.end()) for one in _WORD.finditer(abstract)]
    found = found[:_MAX_WORDS]
    words = _WORD.findall(quote)[:_MAX_WORDS]
    places: defaultdict[str, list[int]] = defaultdict(list)
    for index, (word, _, _) in enumerate(found):
        if len(places[word]) < _MAX_PLACES:
            places[word].append(index)
    spans: list[Span] = []
    at = 0
    while at < len(words):
        run, place = max(
            ((_run_length(found, place, words, at), place) for place in places[words[at]]),
            default=(0, 0),
        )
        if run >= MIN_RUN or (run and at + run == len(words) == run):
            spans.append((found[place][1], found[place + run - 1][2]))
            at += run
        else:
            at += 1
    return spans


def _run_length(found: list[tuple[str, int, int]], place: int, words: list[str], at: int) -> int:
    length = 0
    while (
        place + length < len(found)
        and at + length < len(words)
        and found[place + length][0] == words[at + length]
    ):
        length += 1
    return length


def _merged(abstract: str, spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and not abstract[merged[-1][1] : start].strip():
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)
