"""Which of two values of a field says more, so that joining two records loses neither."""

from __future__ import annotations

from collections.abc import Sequence

from store.clean import folded
from store.ledger.likeness import surnames
from store.pattern import pattern

_WORD = pattern(r"[^\W_]+")
_LETTERS = pattern(r"[A-Z]{1,3}")


def fuller_authors(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    """The first list with the names that the second spells out, or the longer one.

    A list whose persons all stand in a longer one, in its order, was cut.
    """
    if len(first) == len(second):
        return tuple(map(_fuller_name, first, second))
    short, long = sorted((first, second), key=len)
    named = iter(short)
    waiting = next(named, None)
    found = []
    for name in long:
        if waiting is not None and _is_one_person(waiting, name):
            found.append(_fuller_name(waiting, name))
            waiting = next(named, None)
        else:
            found.append(name)
    return tuple(found) if waiting is None else tuple(first)


def _fuller_name(first: str, second: str) -> str:
    is_less = _spelled_out(first) < _spelled_out(second)
    return second if is_less and _is_one_person(first, second) else first


def _is_one_person(one: str, other: str) -> bool:
    """True for one surname, and first names of which one may be short for the other."""
    if surnames((one,)).isdisjoint(surnames((other,))):
        return False
    short, long = sorted((_given(one), _given(other)), key=len)
    return all(
        mine.startswith(theirs) or theirs.startswith(mine)
        for mine, theirs in zip(short, long, strict=False)
    )


def _spelled_out(name: str) -> tuple[int, int]:
    """How many first names a name spells out, and how many it has."""
    given = _given(name)
    return sum(len(word) > 1 for word in given), len(given)


def _given(name: str) -> list[str]:
    """The first names and initials of a name, without case and accents; no particles."""
    _, comma, given = name.partition(",")
    words = _WORD.findall(given if comma else name)
    if not comma:
        own = surnames((name,))
        words = [word for word in words if surnames((f"{word},",)).isdisjoint(own)] or words[:-1]
    found: list[str] = []
    for word in words:
        if _LETTERS.fullmatch(word):
            found += folded(word)
        elif not word[0].islower():
            found.append(folded(word))
    return found


def fuller_date(first: str | None, second: str | None) -> str | None:
    """The first of two dates of one year, unless the second is more precise."""
    return second if _parts(first) < _parts(second) else first


def _parts(date: str | None) -> int:
    return min(3, len(_WORD.findall(date or "")))


def fuller_name(first: str | None, second: str | None) -> str | None:
    """The first of two names of a journal, unless it is short for the second."""
    if not first or not second:
        return first or second
    one, other = _WORD.findall(folded(first)), _WORD.findall(folded(second))
    is_shorter = len("".join(one)) < len("".join(other))
    return second if is_shorter and _abbreviates(one, other) else first


def _abbreviates(short: Sequence[str], long: Sequence[str]) -> bool:
    """True where each word begins one of the other name, in its order and from its first on."""
    rest = iter(long)
    return (
        short[:1] != []
        and long[0].startswith(short[0])
        and all(any(word.startswith(part) for word in rest) for part in short)
    )


def fuller_type(first: str | None, second: str | None) -> str | None:
    """The first of two CSL types, unless the second is a kind of it ("article-journal")."""
    return second if second and (not first or second.startswith(f"{first}-")) else first


def all_keywords(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    """The keywords of both in order, each once whatever its case."""
    found: dict[str, str] = {}
    for word in (*first, *second):
        found.setdefault(word.casefold(), word)
    return tuple(found.values())
