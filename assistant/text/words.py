"""Words as they are compared: terms without endings and stop words, and how rare they are."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Protocol

from assistant.text.numbers.compare import Number, is_number_word, is_unit, numbers, numbers_missing
from store.lexical.plain_text import plain
from store.lexical.spelling import american
from store.pattern import pattern
from store.tables import read_table

__all__ = [
    "STOP_WORDS",
    "Number",
    "Statistics",
    "beginnings",
    "is_figure",
    "is_name",
    "numbers",
    "numbers_missing",
    "stem",
    "term_words",
    "terms",
    "terms_beginning",
    "word_of",
]

_TABLE = read_table(__file__, "words.toml")
STOP_WORDS = frozenset(_TABLE["stop_words"].split())
"""Words that say nothing of what a text is about; lower case."""

_BEGINNING, _READ_AHEAD = 2, 3
"""Letters that no form of a word changes ("flies", "fly"), but where "ae" or "oe" is among some
more: "faecal", "fecal"."""
_SENTENCE = 1_000
"""So many characters of a text at most are kept as they were read: all but a few sentences."""
_NO_WORD = ""
_TOKEN = pattern(r"\d{1,3}(?:,\d{3})+(?![\w.])|[^\W_]+(?:['’\-‐‑–+.][^\W_]+)*")
_JOINTS = pattern(r"['’\-‐‑–+.]")
_PREFIXES = frozenset(_TABLE["prefixes"].split())
_NAME_WITH_NUMBER = pattern(r"([^\W\d_]{2,})\d+[^\W\d_]?")
_VOWEL = pattern("[aeiouy]")
_SUFFIXES = {
    "y": (("ingly", 4), ("edly", 4), ("ally", 4), ("ly", 4)),
    "g": (("ing", 3),),
    "d": (("ed", 3),),
    "n": (("ation", 4), ("ion", 4)),
}
"""Suffixes by their last letter, and the least letters before each."""
_KEPT = frozenset(_TABLE["kept"].split())
_QUANTITY = pattern(r"\d[\d.,+–-]*([^\W\d_]*)\d*(?:\.\d+)?")


def terms(text: str) -> tuple[str, ...]:
    """The content words of a text in order, lower-cased and stemmed, repeats kept.

    A hyphenated word counts as its parts ("class-incremental" is `clas`, `increment`), so
    that spelling with and without the hyphen compare equal; a prefix or a single letter
    joins its neighbour ("pre-trained", "U-Net", "k-means"). A name with a number gives the
    name too: "CIFAR-100", "CIFAR100" are `cifar100`, `cifar`. A quantity is its digits.
    """
    return tuple([term for _, term in term_words(text)])


def terms_beginning(texts: Sequence[str], starts: frozenset[str]) -> list[set[str]]:
    """The distinct terms of each text that begin as `starts` say, by `beginnings` of other terms.

    What takes time in reading a text is stemming words that nobody asks for.
    """
    tokens = _tokens_by_beginning(tuple(texts))
    found: list[set[str]] = [set() for _ in texts]
    for start in (_NO_WORD, *starts):
        for at, token in tokens.get(start, ()):
            for _, term in _token_terms(token):
                if term[:_BEGINNING] in starts:
                    found[at].add(term)
    return found


def beginnings(asked: Iterable[str]) -> frozenset[str]:
    """What terms begin with, for `terms_beginning`: endings change, the first letters stay."""
    return frozenset(term[:_BEGINNING] for term in asked)


def term_words(text: str) -> tuple[tuple[str, str], ...]:
    """Each term of a text with the whole word it came from, as that was written."""
    if text.isalpha() and text.isascii():
        return _token_terms(text)
    return _sentence_terms(text) if len(text) <= _SENTENCE else _text_terms(text)


def _text_terms(text: str) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for token in _TOKEN.findall(_folded(text)):
        found += _token_terms(token)
    return tuple(found)


_sentence_terms = lru_cache(maxsize=1 << 9)(_text_terms)
"""Kept for a while: sentences are compared with each other, with a claim, and with a title."""


def word_of(text: str, term: str) -> str | None:
    """The first word of a text with a term, as it was written; None where it has none."""
    starts = (_NO_WORD, term[:_BEGINNING])
    for token in _TOKEN.findall(_folded(text)):
        if _beginning(token) in starts:
            for word, own in _token_terms(token):
                if own == term:
                    return word
    return None


def _beginning(token: str) -> str:
    """What the terms of a token begin with; "" where that is not told without reading it."""
    start = token[:_READ_AHEAD].lower()
    return _NO_WORD if "ae" in start or "oe" in start or not token.isalpha() else start[:_BEGINNING]


@lru_cache(maxsize=1 << 9)
def _tokens_by_beginning(texts: tuple[str, ...]) -> Mapping[str, Sequence[tuple[int, str]]]:
    """The tokens of texts by their first letters, those that are no plain words by none.

    Each stands behind the place of its text. They are kept for a while, for the sentences of a
    paper are read several times.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for at, text in enumerate(texts):
        for token in _TOKEN.findall(_folded(text)):
            found.setdefault(_beginning(token), []).append((at, token))
    return found


@lru_cache(maxsize=1 << 16)
def _token_terms(token: str) -> tuple[tuple[str, str], ...]:
    """The terms of one token, each with the token itself."""
    is_plain = token.isalpha()  # neither a quantity, nor with joints, nor with a number
    if not is_plain and _is_quantity(token):
        return ((token, _digits(token)),)
    found: list[tuple[str, str]] = []
    for part in (token,) if is_plain else _parts(token):
        low = part.lower()
        if low in STOP_WORDS:
            continue
        if is_number_word(low):
            # Unstemmed: "three" stays itself, so that it can be told from a word.
            found.append((token, low))
            continue
        found.append((token, stem(low)))
        named = None if is_plain else _NAME_WITH_NUMBER.fullmatch(low)
        if named:
            found.append((token, stem(named[1])))
    return tuple(found)


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Strip the ending of a lower-case word, so that its forms compare equal.

    A light suffix stripper: plurals, -ing, -ed, -ly, -ation, -ion; it aims at equal
    results for forms of a word, in British and American spelling, not at readable ones.
    """
    if len(word) < 4 or not word.isascii() or not word.isalpha() or word in _KEPT:
        return word
    word = _singular(american(word))
    if word in _KEPT:
        return word
    for suffix, least in _SUFFIXES.get(word[-1], ()):
        if not word.endswith(suffix):
            continue
        rest = word[: -len(suffix)]
        if len(rest) >= least and _VOWEL.search(rest):
            if suffix == "ed" and rest.endswith("e"):
                continue  # speed, exceed
            word = rest
            break
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 5 and word.endswith("at"):
        word = word[:-2]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    if len(word) > 3 and word.endswith("y"):
        word = word[:-1] + "i"
    return word


def is_figure(term: str) -> bool:
    """True for a term that is a number: "88.53", "ten"."""
    return is_number_word(term) or term.replace(".", "").isdigit()


def is_name(word: str) -> bool:
    """True for a word written as a name or an acronym: capitals inside, or digits."""
    return any(char.isupper() for char in word[1:]) or any(char.isdigit() for char in word)


class Statistics(Protocol):
    """How telling a term is in the collection."""

    def idf(self, term: str) -> float:
        """The inverse document frequency, positive; highest for a term nothing contains."""
        ...

    def learn(self, text: str) -> None:
        """Take note of the words of a text, where terms are looked up by their words."""
        ...


def _folded(text: str) -> str:
    """The text in plain letters, without accents."""
    text = plain(text, parted=False)
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    return "".join(char for char in apart if not unicodedata.combining(char))


def _parts(token: str) -> list[str]:
    """The parts of a hyphenated word; prefixes, letters and numbers join a neighbour."""
    if not _JOINTS.search(token):
        return [token]
    parts: list[str] = []
    joins = False
    for part in _JOINTS.split(token):
        counts = bool(parts) and parts[-1].isdigit() and len(part) > 1 and part.islower()
        if parts and not counts and (joins or len(part) == 1 or _belongs(parts[-1], part)):
            parts[-1] += part
        else:
            parts.append(part)
        joins = len(part) == 1 or part.lower() in _PREFIXES
    return parts


def _belongs(before: str, part: str) -> bool:
    """True when a number names what stands before it: CIFAR-10, GPT-4, GPT-3.5."""
    return part[0].isdigit() and not before.isdigit() and not before.islower()


def _is_quantity(token: str) -> bool:
    """True for a bare number, or one with its unit: 88.53, 24x, 44.1kHz."""
    found = _QUANTITY.fullmatch(token)
    return found is not None and (not found[1] or is_unit(found[1]))


def _digits(token: str) -> str:
    """The number of a quantity as a term: "1,000" is 1000, "24x" is 24."""
    digits = "".join(itertools.takewhile(lambda char: char.isdigit() or char in ",.", token))
    return digits.replace(",", "").rstrip(".")


def _singular(word: str) -> str:
    if word[-1] != "s":
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("sses") or (word.endswith("ses") and word[-4] in "aeiouy"):
        return word[:-2]
    if word.endswith("sis") and len(word) > 4:
        return word[:-2]
    if word.endswith("s") and not word.endswith(("us", "ss", "is")):
        return word[:-1]
    return word
