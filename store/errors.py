"""What can go wrong in the store.

StoreError                   everything below; carries what happened and what to do next
├── LibraryMissing           no library stands at this path
├── LibraryDamaged           the ledger is not what was written, or gone
├── LibraryNewer             written by a newer quire
├── LibraryReadOnly          it cannot be written here
├── LibraryBusy              another process holds what this job needs
├── NoSpace                  the disk is full
├── EmbedderMismatch         the collection was made with another embedder
├── EmbedderUnavailable      an embedder that is needed is not on this machine
├── EmbeddingFailed          the service that computes vectors failed
├── FetchFailed              a model could be fetched from nowhere
├── UnsafeCollection         the stored configuration names an embedding function
├── ProjectionFailed         Chroma or tantivy failed; the ledger is untouched
├── ExportFailed             an exporter of another package failed
└── InputError               what the reader gave cannot be used
    ├── UnwritableTarget     a file that cannot be written
    ├── UnknownEmbedder      no embedder has this name
    ├── ModelFilesUnusable   files that are not those of the model
    ├── UnusableSource       a file that is no source of papers
    │   └── NoRecord         a file that can be read, and holds no paper
    ├── UnknownPaper         no paper has this name
    │   └── PaperRemoved     the paper with this id was removed
    ├── AmbiguousPaper       several papers have this name
    ├── UnknownSession       no saved conversation has this name
    ├── AmbiguousSession     several saved conversations have this name
    ├── NothingToUndo        no change is left that can be taken back
    └── NothingToPart        a paper that is not made of several records
"""

from __future__ import annotations

from store.nearest import did_you_mean
from store.wording import with_hint


class StoreError(Exception):
    """An operation of the store failed.

    `message` says what happened and where, `hint` the next step; both are one line
    and fit to be shown to the reader after cleaning.
    """

    code = "store"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """What happened and, where there is one, the next step, as commands say them."""
        return with_hint(self.message, self.hint)


class LibraryMissing(StoreError):
    """No library stands at this path."""

    code = "library_missing"


class LibraryDamaged(StoreError):
    """The ledger is not what was written into it, or gone while its indexes are there."""

    code = "library_damaged"


class LibraryNewer(StoreError):
    """The ledger was written by a newer quire."""

    code = "library_newer"


class LibraryReadOnly(StoreError):
    """The library cannot be written here."""

    code = "library_read_only"


class LibraryBusy(StoreError):
    """Another process holds what this job needs."""

    code = "library_busy"


class NoSpace(StoreError):
    """The disk is full."""

    code = "no_space"


class EmbedderMismatch(StoreError):
    """The collection was made with another embedder than the one in use."""

    code = "embedder_mismatch"


class EmbedderUnavailable(StoreError):
    """An embedder that is needed is not on this machine, or does not work on it."""

    code = "embedder_unavailable"


class EmbeddingFailed(StoreError):
    """The service that computes vectors failed, or what it gave cannot be used."""

    code = "embedding_failed"


class FetchFailed(StoreError):
    """A model could be fetched from nowhere."""

    code = "fetch_failed"


class UnsafeCollection(StoreError):
    """The stored configuration of a collection names an embedding function."""

    code = "unsafe_collection"


class ProjectionFailed(StoreError):
    """Chroma or tantivy failed; the ledger is untouched."""

    code = "projection_failed"


class ExportFailed(StoreError):
    """An exporter that another package brings failed."""

    code = "export_failed"


class InputError(StoreError):
    """What the reader gave cannot be used."""

    code = "input"


class UnwritableTarget(InputError):
    """A file that was to be written cannot be."""

    code = "unwritable_target"


class UnknownEmbedder(InputError):
    """No embedder has this name."""

    code = "unknown_embedder"


class ModelFilesUnusable(InputError):
    """Files that are not those of the model."""

    code = "model_files_unusable"


class UnusableSource(InputError):
    """A file or folder that is no source of papers."""

    code = "unusable_source"


class NoRecord(UnusableSource):
    """A source that holds no record of a paper."""


class UnknownPaper(InputError):
    """No paper has this name."""

    code = "unknown_paper"


class PaperRemoved(UnknownPaper):
    """The paper with this id was here and was removed, on a day (YYYY-MM-DD), maybe for good."""

    def __init__(self, name: str, day: str, *, forever: bool) -> None:
        self.when = f"removed for good on {day}" if forever else f"removed on {day}"
        super().__init__(f"no paper “{name}” in this library", f"it was {self.when}")


class AmbiguousPaper(InputError):
    """Several papers have this name."""

    code = "ambiguous_paper"


class UnknownSession(InputError):
    """No saved conversation has this name; `near` are the names most like it."""

    code = "unknown_session"

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        hint = did_you_mean([f"“{one}”" for one in near], "quire sessions lists them")
        super().__init__(f"no conversation “{name}”", hint)
        self.near = near


class AmbiguousSession(InputError):
    """Several saved conversations have this name."""

    code = "ambiguous_session"


class NothingToUndo(InputError):
    """No change is left that can be taken back."""

    code = "nothing_to_undo"


class NothingToPart(InputError):
    """A paper that is not made of several records."""

    code = "nothing_to_part"
