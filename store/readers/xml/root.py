"""The root element of a document, by which its format is told."""

from __future__ import annotations

from functools import lru_cache
from xml.parsers import expat


class _Seen(Exception):
    pass


@lru_cache(maxsize=2)  # every reader asks of the same text
def root_of(head: str) -> str | None:
    """The name of the root element of a text that begins like this, or None: it is no XML."""
    start = head.lstrip("\ufeff \t\r\n")
    if not start.startswith("<"):
        return None
    parser = expat.ParserCreate("utf-8")
    found: list[str] = []

    def begin(tag: str, _: dict[str, str]) -> None:
        found.append(tag)
        raise _Seen

    parser.StartElementHandler = begin
    try:
        parser.Parse(start.encode("utf-8", "replace"))
    except (_Seen, expat.ExpatError):
        pass
    return found[0] if found else None
