"""Text as a stream can write it: in its encoding, and as wide as it is."""

from __future__ import annotations

import shutil
from typing import Any

PLAIN_SIGNS = str.maketrans(
    {
        "✓": "+",
        "◐": "%",
        "∅": "0",
        "✗": "x",
        "○": "o",
        "–": "-",
        "“": '"',
        "”": '"',
        "…": "...",
        "·": "*",
        "▌": ">",
        "×": "x",
        "→": "->",
    }
)
"""What stands for a symbol where the encoding of a stream lacks it; no two signs look alike."""


def printable(text: str, stream: Any) -> str:
    """The text as a stream can write it: what its encoding lacks is replaced."""
    if writes_unicode(stream):
        return text
    encoding = stream.encoding
    swapped = text.translate(PLAIN_SIGNS)
    return swapped.encode(encoding, "replace").decode(encoding)


def writes_unicode(stream: Any) -> bool:
    """True where the encoding of a stream has every sign."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return encoding.lower().replace("-", "") in ("utf8", "utf16", "utf32")


def row_width(is_terminal: bool) -> int:
    """How wide a row of a list is: a pipe gets all of it."""
    return max(shutil.get_terminal_size((100, 24)).columns, 40) if is_terminal else 100_000
