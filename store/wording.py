"""Figures and instants as a sentence has them."""

from __future__ import annotations


def counted(number: int, word: str, plural: str = "") -> str:
    """So many of something: "1 paper", "2 papers"; `plural` where that is not the word and an s."""
    return f"{number} {word if number == 1 else plural or f'{word}s'}"


def minute(instant: str) -> str:
    """An instant, in ISO 8601, to the minute: "2026-11-30 01:44"."""
    return instant[:16].replace("T", " ")


def with_hint(message: str, hint: str) -> str:
    """What happened with what to do next, in one line."""
    end = " " if message.endswith("?") else ". "
    return message.rstrip(".") + (f"{end}{hint}" if hint else "")
