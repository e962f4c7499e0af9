"""Titles as names of papers: how two spellings are one, and which titles name no paper."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import cache

from store.clean import folded
from store.pattern import pattern
from store.tables import read_table

NEAR_TITLES = 0.85
"""Least likeness of two titles that differ by a slip of the pen, as `difflib` counts it."""
_WORD = pattern(r"[^\W_]+")
_WRITTEN = pattern(r"[^ -~]|[<{}&$]")
_TAGS_AND_BRACES = pattern(r"</?[A-Za-z][^<>]*>|[{}$]")
_AND = pattern(r"&(?:amp;)?")
_SPACE_BETWEEN_WORDS = pattern(r"(?<!\d) | (?!\d)")
_RETRACTED = pattern(
    r"\W*(?:retracted|withdrawn)(?: (?:article|paper|chapter))?\s*[:)\]–—-]\s*"
    r"|\s*[(\[](?:retracted|withdrawn)\b[^()\[\]]*[)\]]\W*\Z"
)
_BRACKETED = pattern(r"\s*\[.*\]\W*\Z")


def title_words(title: str) -> list[str]:
    """The words of a title without case, marks, markup and accents; Greek letters by name."""
    text = title
    if _WRITTEN.search(text):
        text = _AND.sub(" and ", _TAGS_AND_BRACES.sub("", text))
        if not text.isascii():
            text = folded(unicodedata.normalize("NFKC", text)).translate(_greek())
    text = text.lower()
    if "retracted" in text or "withdrawn" in text:
        text = _RETRACTED.sub("", text) or text
    return _WORD.findall(text)


def normal_title(title: str) -> str:
    """What two spellings of one title have in common, or "" for a title without words.

    Its words stand without spaces, but between numbers; "oe" is as much as "ö".
    """
    text = " ".join(title_words(title)).replace("ae", "a").replace("oe", "o").replace("ue", "u")
    return _SPACE_BETWEEN_WORDS.sub("", text)


def is_generic(title: str) -> bool:
    """True for a title that many texts have, such as "Preface", or that has no words."""
    known = _words("place") | _words("small") | _words("numerals")
    return all(word in known or word.isdigit() for word in title_words(title))


def is_bracketed(title: str) -> bool:
    """True for a title in square brackets: PubMed writes those so that it translated."""
    return _BRACKETED.match(title) is not None


def are_near(one: str, other: str) -> bool:
    """True for titles that are the same, differ by a slip, or by a subtitle.

    Not those of two parts of a work, nor of a paper and what was written about it.
    """
    if normal_title(one) == normal_title(other):
        return True
    if name_other_works(one, other):
        return False
    first, second = sorted((title_words(one), title_words(other)), key=len)
    if len(first) > 1 and second[: len(first)] == first:
        return True
    likeness = SequenceMatcher(None, normal_title(one), normal_title(other), autojunk=False)
    # Each is quicker than the next one, and never less.
    return (
        likeness.real_quick_ratio() >= NEAR_TITLES
        and likeness.quick_ratio() >= NEAR_TITLES
        and likeness.ratio() >= NEAR_TITLES
    )


def name_other_works(one: str, other: str) -> bool:
    """True where titles differ by a number or letter of a part, or by a word such as "reply"."""
    first, second = Counter(title_words(one)), Counter(title_words(other))
    differing = (first - second) + (second - first)
    return any(word in _words("about") or _counts(word) for word in differing)


def _counts(word: str) -> bool:
    letter = len(word) == 1 and word != "a"  # beside "Part B" stands another letter
    return letter or word in _words("numerals") or any(map(str.isdigit, word))


@cache
def _words(name: str) -> frozenset[str]:
    table: dict[str, str] = read_table(__file__, "titles.toml")
    return frozenset(table[name].split())


@cache
def _greek() -> dict[int, str]:
    """The name of each small letter of Greek, as Unicode has it."""
    return dict(_named_letters(map(chr, range(0x3B1, 0x3CA))))


def _named_letters(letters: Iterable[str]) -> Iterable[tuple[int, str]]:
    for letter in letters:
        yield ord(letter), unicodedata.name(letter).rsplit(" ", 1)[-1].lower()
