"""Telling files that no reader takes, by what they begin with and by their suffix."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from store.clean import shorten
from store.pattern import pattern
from store.readers.xml.root import root_of

_MAGIC = (
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"PAR1", "a Parquet file"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript file"),
)
_TAR_MARK = slice(257, 262)

_ARCHIVE = "a compressed file or archive"
COMPRESSED = frozenset((".gz", ".tgz", ".zip", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar"))
"""Suffixes that are believed whatever a file holds."""

FOREIGN_SUFFIXES: Mapping[str, str] = MappingProxyType(
    {
        ".xml": "an XML file",
        ".rss": "an XML file",
        ".atom": "an XML file",
        ".html": "an HTML page",
        ".htm": "an HTML page",
        ".ps": "a PostScript file",
        ".doc": "an Office document",
        ".docx": "an Office document",
        ".odt": "an Office document",
        ".xlsx": "an Office document",
        ".epub": "an e-book",
        ".rtf": "an RTF document",
        ".tex": "a LaTeX file",
        ".parquet": "a Parquet file",
        ".sqlite": "an SQLite database",
        ".sqlite3": "an SQLite database",
        ".db": "a database",
        ".png": "an image",
        ".jpg": "an image",
        ".jpeg": "an image",
        ".gif": "an image",
        ".svg": "an image",
        **dict.fromkeys(sorted(COMPRESSED), _ARCHIVE),
    }
)
"""What files with these suffixes are; no reader takes them by suffix."""

_XML = pattern(r"<\?xml\b|<!DOCTYPE\b|<[A-Za-z][\w.:-]*(?:\s[^<>]*)?>.*?(?:</|/>)", re.DOTALL)


def binary_kind(head: bytes) -> str | None:
    """What a file is that holds no plain text, with its article, or None."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[_TAR_MARK] == b"ustar":
        return "a tar archive"
    return None


def foreign_text(head: str) -> str | None:
    """What a text is by its beginning, with its article, when no reader takes it."""
    if _XML.match(head.lstrip()):
        root = root_of(head)
        return f"an XML file with the root element <{shorten(root, 60)}>" if root else "an XML file"
    return None
