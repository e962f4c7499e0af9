"""Titles whose capitals stay what they are, whatever a style makes of the others."""

from __future__ import annotations

from store.latex.codec import escaped
from store.pattern import pattern

_CORE = pattern(r"\w(?:.*\w)?")
_LONG = 4


def protected(title: str, *, ascii_only: bool) -> str:
    """A title as LaTeX, with braces around words that lose their meaning in lower case.

    These are words with a capital within or with a figure, and capitals alone. In a title that is
    a sentence they are all that begin with a capital; where most words do, names cannot be told.
    """
    words = title.split(" ")
    if not any(letter.islower() for letter in title):
        return escaped(title, ascii_only=ascii_only)
    all_capitals = _is_in_title_case(words)
    written = []
    for at, word in enumerate(words):
        found = _CORE.search(word)
        core = found[0] if found else ""
        begins = at == 0 or words[at - 1].endswith(":")
        if found and (_is_meant(core) or (core[0].isupper() and not (begins or all_capitals))):
            parts = [word[: found.start()], core, word[found.end() :]]
            before, latex, after = (escaped(one, ascii_only=ascii_only) for one in parts)
            written.append(f"{before}{{{latex}}}{after}")
        else:
            written.append(escaped(word, ascii_only=ascii_only))
    return " ".join(written)


def _is_in_title_case(words: list[str]) -> bool:
    longer = [word for word in words[1:] if len(word) >= _LONG and word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in longer)
    return 2 * capitals > len(longer)


def _is_meant(word: str) -> bool:
    """True for "DNA", "mRNA", "GPT-4", "B12", "C"; not for "Self-Taught" or "A"."""
    if not any(letter.isupper() for letter in word):
        return False
    if len(word) == 1:
        return word != "A"
    return any(
        any(letter.isupper() for letter in part[1:])
        or (any(map(str.isdigit, part)) and part[0].isupper())
        for part in word.split("-")
        if part
    ) or any(map(str.isdigit, word))
