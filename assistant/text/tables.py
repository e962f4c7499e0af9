"""Patterns out of tables of words."""

from __future__ import annotations


def any_of(words: str) -> str:
    """What finds any of some words that spaces part, within a pattern."""
    return "|".join(words.split())
