"""Addresses of a reply under the numbers that its sources have in another prompt."""

from __future__ import annotations

from collections.abc import Sequence
from re import Match

from assistant.generation.records import RecordedSource
from store.pattern import pattern

_CITED = pattern(
    r"(?i)(?<=[\[【])[^\[\]【】\n]{1,200}(?=[\]】])|\b(?:sources?|papers?)\s+\d{1,3}(?![\d.])"
)
_DOTTED = pattern(r"(?<![\d.])(\d{1,3})\.(\d{1,3})(?![\d.]|\s?%)")
_BARE = pattern(r"(?<!\d)(\d{1,3})(?!\d)")
_ONLY_NUMBERS = pattern(r"(?i)(?:[\d\s,;&–-]|sources?|papers?|and)+")
_LINE = pattern(r"(?m)^[^\w\n]*(?:source\s+)?(\d{1,3})(?!\.?\d)([^\n]*)$")


def moved(before: Sequence[RecordedSource], after: Sequence[RecordedSource]) -> dict[int, int]:
    """The numbers that papers had before, to those that they have after; papers by their text."""
    places = {one.sentences: one.number for one in reversed(after)}
    return {one.number: places[one.sentences] for one in before if one.sentences in places}


def renumbered(
    text: str, before: Sequence[RecordedSource], after: Sequence[RecordedSource]
) -> tuple[str, tuple[RecordedSource, ...]]:
    """A text with the numbers of after, and the papers that it cites and that are gone."""
    known = {one.number: one for one in before}
    numbers = moved(before, after)
    gone: dict[int, RecordedSource] = {}

    def number(found: Match[str]) -> str:
        old = int(found.group(1))
        if old not in known or (found.re is _DOTTED and not _has(known[old], found)):
            return found.group()
        if old not in numbers:
            gone[old] = known[old]
        return found.group().replace(found.group(1), str(numbers.get(old, old)), 1)

    def cited(found: Match[str]) -> str:
        inside = found.group()
        if _DOTTED.search(inside):
            return _DOTTED.sub(number, inside)
        return _BARE.sub(number, inside) if _ONLY_NUMBERS.fullmatch(inside) else inside

    return _CITED.sub(cited, text), tuple(gone.values())


def _has(source: RecordedSource, address: Match[str]) -> bool:
    return int(address.group(2)) < len(source.sentences)


def line_of(text: str, number: int, other: int) -> str:
    """The line on one source of a reply that has a line on each, under another number of it."""
    for found in _LINE.finditer(text):
        if int(found.group(1)) == number:
            rest = _DOTTED.sub(
                lambda one: f"{other}.{one[2]}" if int(one[1]) == number else one[0],
                found.group(2),
            )
            return f"{other}{rest}"
    return ""
