"""Texts in plain letters, as they are indexed and looked up: one way to write a thing is left.

Greek letters become their names, letters that look Latin in a Latin word become Latin, dots of
abbreviations and commas of thousands go, and what scripts without spaces run together is taken
apart. Compatibility forms (ligatures, full width, the micro sign) are those of Unicode (NFKC).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from store.clean import folded, level_powers
from store.pattern import pattern

WORD = pattern("(?:[^\\W_]|[\u0900-\u0963\u0971-\u0df3])+")
"""A word of a plain text; in the scripts of India vowels are marks on letters."""
PLUS_PLUS = "plusplus"
"""What stands for the end of "k-means++" and "C++"."""

_DASHES = "‐‑‒–—―−﹣－"
_APOSTROPHES = "’‘ʼʻʹ′＇´`"
_LEVEL = str.maketrans({**dict.fromkeys(_DASHES, "-"), **dict.fromkeys(_APOSTROPHES, "'")})
_ABBREVIATED = pattern(r"\.[^\W\d_](?![^\W_])")
_ABBREVIATION = pattern(r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+(?![^\W_])\.?")
_PARTED = pattern(r",\d{3}(?!\d)")
_THOUSANDS = pattern(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?!,?\d)")
_POSSESSIVE = pattern(r"'s(?![^\W_])")
_PLUS_PLUS = pattern(r"\+\+(?!\+)")

_LATIN = pattern("[A-Za-z\u00c0-\u024f]")
_GREEK = pattern("[\u0370-\u03ff\u1f00-\u1fff]")
_PLAIN_GREEK = pattern("[\u0391-\u03a9\u03b1-\u03c9]+")
_CYRILLIC = pattern("[\u0400-\u052f]")
_MICRO = pattern(
    "(\\d*)\u03bc((?:m|s|g|l|L|M|A|V|W|F|H|J|N|K|T|C|Hz|Pa|mol|eV|rad|bar|Gy|Sv|Bq|Ci|IU)\\d*)"
)
"""The micro sign before a unit of measurement; "u" stands for it in ISO 2955."""
_UNSPACED = pattern(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u3005-\u3007"
    "\u3041-\u3096\u309d-\u30ff\u3105-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U000323af]"
)
"""Thai, Lao, Burmese, Khmer, Tai; kana, bopomofo, Han: no space stands between their words."""
_GREEK_WORD = 3  # letters from which a run of them is a word, not letters that name things

_CYRILLIC_LATIN = str.maketrans(
    "асԁеҽһіӏјорԛѕуүѵѡԝхАВСЕНІӀЈКМОРЅТѴԜХУҮЗ", "acdeehiijopqsyyvwwxABCEHIIJKMOPSTVWXYY3"
)
_GREEK_LATIN = str.maketrans("οϲϳΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿ", "ocjABEZHIKMNOPTYXCJ")
"""Confusable letters of UTS #39. Small Greek ones but omicron are meant as what they are."""
_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma
tau upsilon phi chi psi omega
"""
_GREEK_NAMES = {chr(0x3B1 + at): name for at, name in enumerate(_NAMES.split())}


def plain(text: str, *, names: bool = False, parted: bool = True) -> str:
    """A text in plain letters; no rule reaches over a space.

    In `names` of persons initials stay apart. Scripts without spaces are taken apart, letter by
    letter, where `parted` asks for it.
    """
    if not text.isascii():
        parts = text.split(" ")
        text = " ".join([part if part.isascii() else _plain_part(part, parted) for part in parts])
    if not names and "." in text and _ABBREVIATED.search(text):
        text = _ABBREVIATION.sub(lambda found: found[0].replace(".", ""), text)
    if "," in text and _PARTED.search(text):
        text = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), text)
    if "'" in text:
        text = _POSSESSIVE.sub("", text)
    if "++" in text:
        text = _PLUS_PLUS.sub(f" {PLUS_PLUS}", text)
    return text


def plain_question(text: str) -> str:
    """A question in plain letters, its abbreviations with dots in capitals: "u.s." is "US"."""
    if "." in text and _ABBREVIATED.search(text):
        text = _ABBREVIATION.sub(lambda found: found[0].upper(), text)
    return plain(text)


def is_unspaced(word: str) -> bool:
    """True for a part of a text in a script without spaces between words."""
    return not word.isascii() and _UNSPACED.match(word) is not None


@lru_cache(maxsize=1 << 14)
def _plain_part(part: str, parted: bool) -> str:
    """What stands between two spaces, in plain letters."""
    part = unicodedata.normalize("NFKC", level_powers(part).translate(_LEVEL))
    part = "".join(letter for letter in part if not unicodedata.combining(letter))
    part = WORD.sub(lambda found: _plain_word(found[0]), part)
    return _UNSPACED.sub(_set_apart, part) if parted else part


def _set_apart(found: re.Match[str]) -> str:
    """A letter of a script without spaces as a word of its own; marks on it go."""
    return f" {found[0]} " if found[0].isalnum() else ""


def _plain_word(word: str) -> str:
    if word.isascii():
        return word
    is_latin = _LATIN.search(word) is not None
    if is_latin and _CYRILLIC.search(word):
        word = word.translate(_CYRILLIC_LATIN)
    return _named(word, is_latin=is_latin) if _GREEK.search(word) else word


def _named(word: str, *, is_latin: bool) -> str:
    """A word with the names of its Greek letters: "TNFα" is "TNF-alpha"; Greek words stay."""
    micro = _MICRO.fullmatch(word)
    if micro:
        return f"{micro[1]}u{micro[2]}"
    if is_latin:
        word = word.translate(_GREEK_LATIN)
    elif not _PLAIN_GREEK.search(word) or len(_GREEK.findall(word)) >= _GREEK_WORD:
        return folded(word)
    spelt = "".join(
        f"-{_GREEK_NAMES[letter.casefold()]}-" if letter.casefold() in _GREEK_NAMES else letter
        for letter in word
    )
    return spelt.strip("-").replace("--", "-")
