"""Text as the encoding of a stream can write it."""

from __future__ import annotations

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
