"""Alt with a digit, on terminals that send it as Escape and the digit."""

from __future__ import annotations

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

_DIGITS = "0123456789"


def let_alt_digits_through() -> None:
    """Make Textual read Escape and a digit as Alt with that digit.

    Its table says that they are the characters which Option composes on one make of
    keyboard (£ for Alt+3). Terminals of that make send the characters themselves.
    """
    for digit in _DIGITS:
        ANSI_SEQUENCES_KEYS.pop(f"\x1b{digit}", None)  # type: ignore[attr-defined]
