"""Units, magnitudes and number words, as data."""

from __future__ import annotations

UNITS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(("%", "percent", "percents", "percentage", "pp"), ("%", 1.0)),
    **dict.fromkeys(("x", "×", "times", "fold"), ("x", 1.0)),
    **dict.fromkeys(("db", "decibel", "decibels"), ("db", 1.0)),
    **dict.fromkeys(("hz", "hertz"), ("hz", 1.0)),
    "khz": ("hz", 1e3),
    "mhz": ("hz", 1e6),
    "ghz": ("hz", 1e9),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), ("s", 1.0)),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), ("s", 1e-3)),
    **dict.fromkeys(("μs", "µs", "microsecond", "microseconds"), ("s", 1e-6)),
    **dict.fromkeys(("ns", "nanosecond", "nanoseconds"), ("s", 1e-9)),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), ("s", 60.0)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), ("s", 3600.0)),
    **dict.fromkeys(("day", "days"), ("s", 86400.0)),
    **dict.fromkeys(("week", "weeks"), ("s", 604800.0)),
    # No number of days is a month, so these compare among themselves alone.
    **dict.fromkeys(("month", "months"), ("month", 1.0)),
    **dict.fromkeys(("year", "years"), ("month", 12.0)),
    **dict.fromkeys(("b", "byte", "bytes"), ("byte", 1.0)),
    "kb": ("byte", 1e3),
    "mb": ("byte", 1e6),
    "gb": ("byte", 1e9),
    "tb": ("byte", 1e12),
    **dict.fromkeys(("bit", "bits"), ("bit", 1.0)),
    "kbps": ("bps", 1e3),
    "mbps": ("bps", 1e6),
    "fps": ("fps", 1.0),
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), ("m", 1.0)),
    "mm": ("m", 1e-3),
    "cm": ("m", 1e-2),
    "km": ("m", 1e3),
    "nm": ("m", 1e-9),
    **dict.fromkeys(("μm", "µm", "microm"), ("m", 1e-6)),
    "g": ("g", 1.0),
    "mg": ("g", 1e-3),
    "kg": ("g", 1e3),
}
"""Spellings of units, lower case: the base unit, and how many of it one is."""

MAGNITUDES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "mln": 1e6,
    "bn": 1e9,
}
"""Words that multiply the number before them."""

LETTER_MAGNITUDES = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
"""Letters that multiply the number they are attached to."""

_UP_TO_NINETEEN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS_UP = "twenty thirty forty fifty sixty seventy eighty ninety"
SMALL = {word: value for value, word in enumerate(_UP_TO_NINETEEN.split())}
"""The numbers up to nineteen as words."""

TENS = {word: 10 * value for value, word in enumerate(_TENS_UP.split(), 2)}
"""The tens as words."""

_COUNTS = {**SMALL, **TENS, "hundred": 100, "thousand": 1000, "million": 1_000_000}
FACTORS = {
    **{f"{word}fold": float(value) for word, value in _COUNTS.items() if value > 1},
    **{f"{word}-fold": float(value) for word, value in _COUNTS.items() if value > 1},
    **dict.fromkeys(("twice", "doubles", "doubled", "doubling"), 2.0),
    **dict.fromkeys(("thrice", "triples", "tripled", "tripling"), 3.0),
    **dict.fromkeys(("quadruples", "quadrupled", "quadrupling"), 4.0),
}
"""Words that are a number of times."""

_NAMED_PARTS = "third quarter fifth sixth seventh eighth ninth tenth"
PARTS = {
    **{name: 1 / part for part, name in enumerate(_NAMED_PARTS.split(), 3)},
    **{f"{name}s": 1 / part for part, name in enumerate(_NAMED_PARTS.split(), 3)},
    **dict.fromkeys(("hundredth", "hundredths"), 1 / 100),
    **dict.fromkeys(("thousandth", "thousandths"), 1 / 1000),
    **dict.fromkeys(("half", "halves"), 1 / 2),
    **dict.fromkeys(("fourth", "fourths"), 1 / 4),
}
"""Words that are a share, after a number word: two thirds."""
