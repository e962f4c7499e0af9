"""Signs that LaTeX has commands for, and letters with accents, as groups in braces."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

from store.pattern import pattern
from store.tables import read_table

_COMBINING = (
    "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0323\u0327\u0328\u0331"
)
MARKS = dict(zip(_COMBINING, "`'^~=u.\"rHvdckb", strict=True))
"""The command of each combining mark (LaTeX2e, table of accents)."""
_MARK_OF = {command: mark for mark, command in MARKS.items()}
_ACCENTED = pattern(r"\{\\([`'^\"~=.]|[uvHcdkbr](?=\{))(\\[ij]|[A-Za-z]|\{.+\})\}")


@cache
def signs() -> dict[str, str]:
    """Each sign with its group, such as {\\o} and {$\\alpha$}."""
    table = read_table(__file__, "signs.toml")
    text, math = table["text"].split(), table["math"].split()
    found = {sign: f"{{\\{name}}}" for sign, name in zip(text[::2], text[1::2], strict=True)}
    return found | {sign: f"{{${name}$}}" for sign, name in zip(math[::2], math[1::2], strict=True)}


@cache
def _meant() -> dict[str, str]:
    return {group: sign for sign, group in signs().items()}


@lru_cache(maxsize=4096)
def group_of(sign: str) -> str:
    """The group of a sign, or the sign where LaTeX has no command for it."""
    if found := signs().get(sign):
        return found
    apart = unicodedata.normalize("NFD", sign)
    base, marks = apart[0], apart[1:]
    if not marks or not all(mark in MARKS for mark in marks):
        return sign
    if not (base.isascii() and base.isalpha()):
        return sign
    for mark in marks:
        command = MARKS[mark]
        alone = f"{{{base}}}" if command.isalpha() and base[0] != "{" else base
        base = f"{{\\{command}{alone}}}"
    return base


@lru_cache(maxsize=4096)
def sign_of(group: str) -> str | None:
    """The sign that a group stands for; None for any other."""
    if found := _meant().get(group):
        return found
    accented = _ACCENTED.fullmatch(group)
    if accented is None:
        return None
    letter = accented[2]
    if letter.startswith("{"):
        inner = letter[1:-1]
        is_one = len(inner) == 1 or inner in ("\\i", "\\j")
        letter = inner if is_one else sign_of(letter) or ""
    letter = letter.removeprefix("\\")
    composed = unicodedata.normalize("NFC", letter + _MARK_OF[accented[1]])
    return composed if letter and len(composed) == 1 else None
