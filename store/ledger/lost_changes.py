"""Changes that an index knows of and the ledger has lost, as with its write-ahead log."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from store.integrity.seal import known_changes, unsigned
from store.ledger import outbox
from store.ledger.database import Ledger

NOTED = "lost_changes"
"""The setting of the ledger that holds the line on changes that are gone, until the reader has
accepted the loss."""
ERASING = "erasing"
"""The setting of the ledger that is there while files may still hold what was removed for good."""
_INDEXES: Mapping[str, outbox.ProjectionName] = {"the word index": "lexical", "Chroma": "chroma"}
_VECTORS, _VECTORS_FOLDER = "the file of vectors", "vectors"


def lost_changes(ledger_seq: int, known: Mapping[str, int]) -> str:
    """A line on changes that a part of the library knows of and the ledger does not.

    `known` is up to which change each part goes. Empty when the ledger has them all.
    """
    ahead = {name: seq for name, seq in known.items() if seq > ledger_seq}
    if not ahead:
        return ""
    gone = max(ahead.values()) - ledger_seq
    who = " and ".join(ahead)
    return (
        f"the last {gone} {'change' if gone == 1 else 'changes'} of the library"
        f" {'is' if gone == 1 else 'are'} gone from the ledger, and {who} still"
        f" {'know' if len(ahead) > 1 else 'knows'} of {'it' if gone == 1 else 'them'}"
    )


def note_lost_changes(ledger: Ledger, library: Path) -> str:
    """The line on changes that are gone, now or since they were first found to be; else empty.

    What is found is noted in the ledger, so that numbers of new changes begin above those that
    are gone, and the indexes that still hold them begin anew. Raises LibraryDamaged.
    """
    # First what the indexes say: the number of the ledger only grows.
    folders = [library / name for name in _INDEXES.values()]
    found = known_changes(folders)
    known = {word: found[name] for word, name in _INDEXES.items() if name in found}
    known[_VECTORS] = _described_change(library / _VECTORS_FOLDER)
    noted = ledger.meta(NOTED) or ""
    line = lost_changes(_newest(ledger), known)
    if not line or ledger.read_only:
        return noted or line
    with ledger.write():
        if max(known.values()) > _newest(ledger):  # else a neighbour has noted it
            ledger.set_meta(NOTED, line)
            ledger.set_meta("seq", str(max(known.values())))
            ledger.run(
                "DELETE FROM meta WHERE name GLOB 'vector_file:*' OR name GLOB 'vectors_whole:*'"
            )
            for name in _INDEXES.values():
                outbox.begin_anew(ledger, name)
    return line


def accept_lost_changes(ledger: Ledger) -> None:
    """Forget that changes are gone: the reader knows."""
    with ledger.write():
        ledger.set_meta(NOTED, None)


def _newest(ledger: Ledger) -> int:
    """The newest change that the ledger tells of, should its count of them be damaged."""
    return int(
        ledger.value(
            "SELECT max(coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'seq'), 0),"
            " coalesce((SELECT max(seq) FROM outbox), 0))"
        )
    )


def _described_change(folder: Path) -> int:
    """The last change of the ledger that files in the folder of vectors tell of; 0 without any."""
    seqs = [0]
    for path in folder.glob("*.json"):
        with suppress(OSError, ValueError, TypeError, KeyError):
            seqs.append(int(unsigned(path.read_bytes())["seq"]))
    return max(seqs)
