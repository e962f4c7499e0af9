"""What a reader types as a tag or a note, as it is kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from store.clean import clean_line, clean_text
from store.errors import InputError
from store.ledger.database import Ledger

LONGEST_TAG = 100
"""Characters that a tag has at most."""
LONGEST_NOTE = 20_000
"""Characters that a note has at most."""


def tags_typed(texts: Sequence[str]) -> tuple[str, ...]:
    """Tags as they are kept, in lower case, each once; a comma parts two. Raises InputError."""
    return tuple(dict.fromkeys(_tag(part) for text in texts for part in text.split(",")))


def tags_there(ledger: Ledger, texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tags that some paper has, of those typed, and those that none has.

    What was tagged by another program may be a tag with a comma, or one that is not typed here.
    """
    meant = [clean_line(text).lower() for text in texts]
    parts = {whole: [part.strip() for part in whole.split(",")] for whole in meant}
    every = [*meant, *(part for some in parts.values() for part in some)]
    rows = ledger.rows_in("SELECT DISTINCT tag FROM tags WHERE tag IN ({})", every)
    there = {str(row[0]) for row in rows}
    named = [tag for whole in meant for tag in ([whole] if whole in there else parts[whole])]
    known = dict.fromkeys(tag for tag in named if tag in there)
    return tuple(known), tuple(dict.fromkeys(tag for tag in named if tag not in there))


def _tag(text: str) -> str:
    tag = clean_line(text)
    if tag != unicodedata.normalize("NFC", " ".join(text.split())):
        raise InputError(f"the tag “{tag}” holds what does not print", "type it anew")
    if not tag:
        raise InputError("a tag is empty", "give a word, or a few")
    if len(tag) > LONGEST_TAG:
        raise InputError(
            f"a tag of {len(tag)} characters is longer than {LONGEST_TAG}", "write a note instead"
        )
    return tag.lower()


def note_typed(text: str) -> str:
    """A note as it is kept: cleaned, without empty edges; raises InputError."""
    note = clean_text(text).strip()
    if not note:
        raise InputError("the note is empty", "give a text")
    if len(note) > LONGEST_NOTE:
        raise InputError(
            f"a note of {len(note)} characters is longer than {LONGEST_NOTE}", "cut it into several"
        )
    return note
