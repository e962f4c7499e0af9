"""Paths as they are shown and stored."""

from __future__ import annotations


def printable_path(path: str) -> str:
    """A path as text: bytes that are not UTF-8 and characters that do not print are escaped."""
    return "".join(one if one.isprintable() else _escaped(one) for one in path)


def _escaped(character: str) -> str:
    # Python shows a byte of a file name that is not UTF-8 as U+DC00 and the byte (PEP 383).
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")
