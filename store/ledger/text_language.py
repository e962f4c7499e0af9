"""The language of a text by its function words, or by its script where that has one language.

Function words are half of running text in every language (Grefenstette, JADT 1995, compares
them with trigrams of letters). Constants were set on made-up titles and abstracts: short texts
that hold few of them tell none.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import cache

from store.pattern import pattern
from store.tables import read_table

LEAST_SHARE = 0.15
"""Least share of the words of a text that are function words of its language."""
LEAST_LEAD = 1.3
"""How often as many these are as those of the next language."""
_MOST_LETTERS = 2_000
_WORD = pattern(r"[^\W\d_]+")
_SCRIPTS = {"HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh", "GREEK": "el"}
_SCRIPTS |= {"HEBREW": "he", "THAI": "th", "ARABIC": "ar", "CYRILLIC": "ru"}


def text_language(text: str) -> str | None:
    """The ISO 639 code of a text's language, or None where it cannot be told."""
    text = text[:_MOST_LETTERS]
    if not text.isascii() and (script := _by_script(text)):
        return script
    words = [word.lower() for word in _WORD.findall(text)]
    counts = Counter(code for word in words for code in _languages().get(word, ()))
    (code, most), (_, next_most) = [*counts.most_common(2), ("", 0), ("", 0)][:2]
    if most < max(1, LEAST_SHARE * len(words)) or most < LEAST_LEAD * next_most:
        return None
    return code


def are_in_other_languages(one: str, other: str) -> bool:
    """True for two texts whose languages are known and differ."""
    first, second = text_language(one), text_language(other)
    return first is not None and second is not None and first != second


def _by_script(text: str) -> str | None:
    letters = [letter for letter in text if letter.isalpha()]
    names = Counter(unicodedata.name(one, "").split(" ", 1)[0].split("-")[0] for one in letters)
    of_scripts = {name: number for name, number in names.items() if name in _SCRIPTS}
    if sum(of_scripts.values()) < len(letters) / 2:
        return None
    kana = of_scripts.keys() & {"HIRAGANA", "KATAKANA"}
    return "ja" if kana else _SCRIPTS[max(of_scripts, key=lambda name: of_scripts[name])]


@cache
def _languages() -> dict[str, tuple[str, ...]]:
    """The languages that have each function word."""
    found: dict[str, list[str]] = {}
    for code, words in read_table(__file__, "text_language.toml").items():
        for word in words.split():
            found.setdefault(word, []).append(code)
    return {word: tuple(codes) for word, codes in found.items()}
