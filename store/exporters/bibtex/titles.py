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
    written: list[str] = []
    passed = ""
    for at, word in enumerate(words):
        begins = at == 0 or words[at - 1].endswith(":")
        passed += " " if at else ""
        found = None if word.islower() else _CORE.search(word)
        if found and (_is_meant(found[0]) or (_is_name(found[0]) and not (begins or all_capitals))):
            written.append(escaped(passed + word[: found.start()], ascii_only=ascii_only))
            written.append(f"{{{escaped(found[0], ascii_only=ascii_only)}}}")
            passed = word[found.end() :]
        else:
            passed += word
    return "".join(written) + escaped(passed, ascii_only=ascii_only)


def _is_in_title_case(words: list[str]) -> bool:
    longer = [word for word in words[1:] if len(word) >= _LONG and word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in longer)
    return len(longer) > 1 and 2 * capitals > len(longer)


def _is_name(word: str) -> bool:
    return word[0].isupper()


def _is_meant(word: str) -> bool:
    """True for "DNA", "mRNA", "GPT-4", "B12", "C"; not for "Self-Taught" or "A"."""
    if len(word) == 1:
        return word.isupper() and word != "A"
    if word[1:].islower() and word[1:].isalpha():
        return False
    if not any(map(str.isupper, word)):
        return False
    return any(
        any(letter.isupper() for letter in part[1:])
        or (any(map(str.isdigit, part)) and part[0].isupper())
        for part in word.split("-")
        if part
    ) or any(map(str.isdigit, word))
