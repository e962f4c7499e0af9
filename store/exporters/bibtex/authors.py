"""The field "author": names that BibTeX parts as they are meant."""

from __future__ import annotations

from collections.abc import Iterable

from store.exporters.names import Name, parted
from store.latex.codec import escaped
from store.pattern import pattern

_INITIALS = pattern(r"[A-Z]{2,3}")
_CLOSED = pattern(r"['’ʼ‐‑-] ")
_EAST_ASIAN = pattern(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3·\s]+")
_AND = pattern(r"(?i)(?:^|\s)and(?:\s|$)")


def authors(names: Iterable[str], *, ascii_only: bool) -> str:
    """Names as "von Last, Jr, First", those of groups in braces: BibTeX parts none of these."""
    return " and ".join(_written(name, ascii_only=ascii_only) for name in names)


def is_read_back(name: str) -> bool:
    """True where a reader that puts the given name first gets the same text."""
    found = _parted(name)
    if found.literal:
        return found.literal == name
    is_odd = _INITIALS.fullmatch(found.given) or _CLOSED.search(name)
    return found.spoken == name and not is_odd


def _parted(name: str) -> Name:
    """The parts of a name; in scripts of East Asia the family comes first, and no comma follows."""
    return Name(literal=name) if _EAST_ASIAN.fullmatch(name) else parted(name)


def _written(text: str, *, ascii_only: bool) -> str:
    name = _parted(text)
    if name.literal or not name.given or _AND.search(text):
        return f"{{{escaped(text, ascii_only=ascii_only)}}}"
    given = name.given
    if _INITIALS.fullmatch(given):  # styles take "JA" for one name
        given = " ".join(f"{letter}." for letter in given)
    parts = (name.family, name.suffix, given)
    return ", ".join(escaped(part, ascii_only=ascii_only) for part in parts if part)
