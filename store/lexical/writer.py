"""The writer of the word index."""

from __future__ import annotations

from pathlib import Path

import tantivy

from store.errors import LibraryBusy, ProjectionFailed, StoreError
from store.files import FILE_MODE
from store.integrity.foreign import Foreign
from store.lexical.fields import plain_paper
from store.types import Paper

MEND = "run: quire doctor"
"""What to do about an index that is not whole."""
_HEAP_BYTES = 32_000_000


class LexicalWriter:
    """Adds and deletes papers; nothing counts before `commit`. Raises as `LexicalIndex` does."""

    def __init__(self, index: tantivy.Index, folder: Path | None) -> None:
        self._folder = folder
        self._foreign = Foreign(lambda failure: index_failure(folder, failure))
        with self._foreign:
            self._writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)

    def put(self, paper: Paper) -> None:
        """Add a paper, or replace it."""
        self.delete(paper.id)
        there = plain_paper(paper)
        with self._foreign:
            self._writer.add_document(
                tantivy.Document(
                    id=[paper.id],
                    text=[there.title, there.abstract],
                    title=[there.title],
                    authors=[there.authors],
                    closed=[there.closed],
                )
            )

    def delete(self, paper: str) -> None:
        """Take a paper out; one that is not there does nothing."""
        with self._foreign:
            self._writer.delete_documents_by_term("id", paper)

    def commit(self) -> None:
        """Put all changes on the disk."""
        with self._foreign:
            self._writer.commit()
        self._keep_private()

    def close(self) -> None:
        """Finish merging and give the writer's lock back."""
        with self._foreign:
            self._writer.wait_merging_threads()
        self._keep_private()

    def _keep_private(self) -> None:
        if self._folder is None:
            return
        for path in self._folder.iterdir():
            try:
                if path.stat().st_mode & 0o777 != FILE_MODE:
                    path.chmod(FILE_MODE)
            except OSError:
                continue  # merged away meanwhile


def index_failure(folder: Path | None, failure: BaseException) -> StoreError:
    """What the word index of a folder, or the one in memory, raises for a failure of tantivy."""
    text = str(failure)
    if isinstance(failure, ValueError) and "LockBusy" in text:
        return LibraryBusy(
            f"another process is writing the word index in {folder}",
            "run the command again when it is done",
        )
    where = "in memory" if folder is None else f"in {folder}"
    return ProjectionFailed(f"the word index {where} cannot be used: {text[:200]}", MEND)
