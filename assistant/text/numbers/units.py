"""Units, magnitudes and number words; the words are in units.toml."""

from __future__ import annotations

from store.tables import read_table

_TABLE = read_table(__file__, "units.toml")

UNITS: dict[str, tuple[str, float]] = {
    word: (unit["base"], unit["size"]) for unit in _TABLE["units"] for word in unit["words"].split()
}
"""Spellings of units, lower case: the base unit, and how many of it one is."""

MAGNITUDES: dict[str, float] = _TABLE["magnitudes"]
"""Words that multiply the number before them."""

FOREIGN_MAGNITUDES: dict[str, float] = {
    word: float(size) for size, words in _TABLE["foreign"].items() for word in words.split("|")
}
"""The same of other languages, lower case."""

LETTER_MAGNITUDES = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
"""Letters that multiply the number they are attached to."""

SMALL = {word: value for value, word in enumerate(_TABLE["small"].split())}
"""The numbers up to nineteen as words."""

TENS = {word: 10 * value for value, word in enumerate(_TABLE["tens"].split(), 2)}
"""The tens as words."""

_COUNTS = {**SMALL, **TENS, "hundred": 100, "thousand": 1000, "million": 1_000_000}
FACTORS = {
    **{f"{word}fold": float(value) for word, value in _COUNTS.items() if value > 1},
    **{f"{word}-fold": float(value) for word, value in _COUNTS.items() if value > 1},
    **{word: float(n) for n, words in _TABLE["factors"].items() for word in words.split()},
}
"""Words that are a number of times."""

PARTS = {word: 1 / int(n) for n, words in _TABLE["parts"].items() for word in words.split()}
"""Words that are a share, after a number word: two thirds."""
