"""How like authors and abstracts of two records are."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from store.boilerplate import without_copyright
from store.clean import folded
from store.pattern import pattern

_WORD = pattern(r"[^\W_]+")
_NUMBER = pattern(r"(?:\d+|\.(?=\d))(?:[.,]?\d+)*")
_DATES = pattern(
    r"(?:1[6-9]|20)\d\d|\b(?:January|February|March|April|May|June|July|August|September|October"
    r"|November|December)\b"
)
_NOT_ASCII_WORD = pattern(r"[^\x00-\x7f\w]+")
_ASKED_AGAIN = 256
"""A batch of records is asked for its digests before it is embedded, and when it is written."""
_NO_LETTERS = bytes(set(range(128)) - set(b"0123456789abcdefghijklmnopqrstuvwxyz"))
_INITIALS = pattern(r"(?:[A-Z]\.?-?){1,3}")
_SUFFIX = pattern(r"(?i)(?:jr|sr|ii|iii|iv)\.?")
_OTHERS = frozenset({"others", "al"})


def compatible_authors(one: Sequence[str], other: Sequence[str]) -> bool:
    """True unless both lists are known and share no surname."""
    return not one or not other or share_author(one, other)


def share_author(one: Sequence[str], other: Sequence[str]) -> bool:
    """True where both lists are known and share a surname, however it is written."""
    return not surnames(one).isdisjoint(surnames(other))


def surnames(names: Sequence[str]) -> set[str]:
    """The surnames of authors without case, accents and particles: the last word of each.

    "Lovelace, A.", "A. Lovelace" and "Lovelace A" are one; of a name such as "Bo MA", which may
    be either, both words count.
    """
    return {found for name in names for found in _surnames(name)} - _OTHERS


def _surnames(name: str) -> list[str]:
    if "," in name:
        words = name.split(",")[0].split()
        return [_folded_word(words[-1])] if words else []
    words = [word for word in name.split() if not _SUFFIX.fullmatch(word)] or name.split()
    last = len(words) - 1
    while last > 0 and _INITIALS.fullmatch(words[last]):
        last -= 1
    chosen = words[last:] if last < len(words) - 1 else words[-1:]
    return [word for word in map(_folded_word, chosen) if len(word) > 1 or _is_ideograph(word)]


def _is_ideograph(letter: str) -> bool:
    """True for a letter without case, which is a surname in Chinese and Korean."""
    return letter.isalpha() and not letter.islower()


def _folded_word(word: str) -> str:
    text = "".join(_WORD.findall(folded(word)))
    return text.replace("ae", "a").replace("oe", "o").replace("ue", "u").replace("aa", "a")


def abstract_words(abstract: str) -> list[str]:
    """The words of an abstract without case, accents and a notice of copyright."""
    return _WORD.findall(folded(without_copyright(abstract)))


@lru_cache(maxsize=_ASKED_AGAIN)
def abstract_digest(abstract: str) -> str:
    """16 hex digits that two copies of one abstract share, whatever their marks and spaces."""
    text = folded(without_copyright(abstract))
    if not text.isascii():
        text = _NOT_ASCII_WORD.sub("", text)
    letters = text.encode("utf-8", "replace").translate(None, _NO_LETTERS)
    return hashlib.sha256(letters, usedforsecurity=False).hexdigest()[:16]


def overlap(one: str, other: str) -> float:
    """The Jaccard overlap of the words of two abstracts; 1.0 where one is cut or as the other."""
    first, second = abstract_words(one), abstract_words(other)
    short, long = sorted((first, second), key=len)
    if short and _is_beginning(short, long):
        return 1.0
    a, b = set(first), set(second)
    return len(a & b) / len(a | b) if a and b else 0.0


def is_cut_of(cut: str, whole: str) -> bool:
    """True when one abstract is the other without its end."""
    return len(cut) < len(whole) and _is_beginning(abstract_words(cut), abstract_words(whole))


def share_said(one: str, other: str) -> float:
    """The share of the words of an abstract that a longer one has; 0.0 for its own numbers."""
    first, second = Counter(abstract_words(one)), Counter(abstract_words(other))
    if not first or first.total() >= second.total() or _numbers(one) - _numbers(other):
        return 0.0
    return (first & second).total() / first.total()


def differ_in_numbers(one: str, other: str) -> bool:
    """True where each of two abstracts holds a number that the other does not."""
    return _differ(_numbers(one), _numbers(other))


def differ_in_dates(one: str, other: str) -> bool:
    """True where each of two abstracts names a year or month that the other does not."""
    return _differ(set(_DATES.findall(one)), set(_DATES.findall(other)))


def _differ(one: set[str], other: set[str]) -> bool:
    return bool(one - other) and bool(other - one)


def _numbers(text: str) -> set[str]:
    return {
        number.lstrip("0").replace(",", "") for number in _NUMBER.findall(without_copyright(text))
    }


def _is_beginning(cut: list[str], whole: list[str]) -> bool:
    """True where some words begin a text; the last one may be cut itself."""
    at = len(cut) - 1
    if at < 0:
        return True
    return cut[:at] == whole[:at] and at < len(whole) and whole[at].startswith(cut[at])
