"""Removing papers for good: no file of the library holds a word of theirs afterwards.

What follows the ledger is written anew from it, and the old files go. It takes as long as
building the indexes; killed meanwhile, `doctor` ends it.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from store.chroma.owner import LOCK_FILE
from store.dense.vector_file import FOLDER as VECTORS
from store.errors import EmbedderUnavailable, EmbeddingFailed, LibraryBusy, LibraryReadOnly
from store.files import beside_others_in, try_lock
from store.integrity.seal import break_seal
from store.kept.file import forget
from store.ledger import outbox
from store.ledger.answer_cache import AnswerCache
from store.ledger.erase import MakeScrub, erase_rows, write_anew
from store.ledger.lost_changes import ERASING
from store.library.kept_tokens import TOKENS
from store.library.library import Library
from store.library.reembedding import LOCK, NEXT
from store.sentences.rows import SENTENCES
from store.value import Value

_WHY = "papers were removed for good"


class ErasureReport(Value):
    """What removing papers for good did.

    `papers` were in the library, `answers` saved ones lost what they had of them, `copies` are
    the names of older ledgers that were kept beside it and are deleted.
    """

    papers: int
    answers: int
    copies: tuple[str, ...]


def copies_of(folder: Path) -> tuple[Path, ...]:
    """The ledgers as they were before quire brought them up to date: they hold every paper."""
    return tuple(sorted(folder.glob("ledger-version-*")))


def erase(library: Library, ids: Sequence[str], make_scrub: MakeScrub) -> ErasureReport:
    """Remove papers for good, by their ids, also those that were removed before.

    A neighbour that owns Chroma is asked to let go. Raises LibraryReadOnly, LibraryBusy,
    NoSpace; what was not ended then is ended by `complete`.
    """
    if library.ledger.read_only:
        raise LibraryReadOnly(
            f"the library at {library.folder} cannot be written", "change its permissions"
        )
    _take_chroma(library)
    with beside_others_in(library.folder):  # no backup is put back in the middle
        papers, answers = erase_rows(library.ledger, ids, make_scrub)
        copies = complete(library)
    return ErasureReport(papers=papers, answers=answers, copies=copies)


def is_pending(library: Library) -> bool:
    """True when files may still hold what was removed for good."""
    return library.ledger.meta(ERASING) is not None


def complete(library: Library) -> tuple[str, ...]:
    """Make everything anew that follows the ledger; the names of the copies that are deleted.

    Raises LibraryBusy, NoSpace, ProjectionFailed.
    """
    folder, ledger = library.folder, library.ledger
    AnswerCache(folder).forget()
    copies = copies_of(folder)
    for one in copies:
        one.unlink(missing_ok=True)
    library.words.rebuild(_WHY)
    _drop_others(library, "lexical")
    _drop_chroma(library)
    shutil.rmtree(folder / VECTORS, ignore_errors=True)
    if library.kept_readings is not None:
        library.kept_readings.close()
    forget(folder, SENTENCES)
    if library.tokens is None:
        forget(folder, TOKENS)
    else:
        # Reading the tokens of all papers again would take minutes.
        library.tokens.drop_others()
    with ledger.write():
        ledger.run("DELETE FROM meta WHERE name GLOB 'vector_file:*'")
    with suppress(EmbedderUnavailable, EmbeddingFailed):  # it is filled when it can be
        library.catch_up()
    write_anew(ledger)
    return tuple(one.name for one in copies)


def _take_chroma(library: Library) -> None:
    """Have Chroma to ourselves; raises LibraryBusy when a neighbour does not let go."""
    chroma = library.chroma
    if chroma is None:
        return
    with suppress(Exception):  # what is wrong with it does not matter: it is made anew
        chroma.look()
    if chroma.state == "busy":
        library.ask_for_chroma()


def _drop_chroma(library: Library) -> None:
    """Begin Chroma anew, one in progress too, and take away the files of those before."""
    ledger, folder = library.ledger, library.folder
    _take_chroma(library)
    chroma = library.chroma
    if chroma is not None:
        chroma.close()
    with try_lock(folder / LOCK) as alone, try_lock(folder / LOCK_FILE) as mine:
        if not (alone and mine):
            raise LibraryBusy(
                "another process is writing Chroma, which still holds what was removed",
                "close that quire, then run: quire doctor --fix",
            )
        with ledger.write():
            outbox.begin_anew(ledger, "chroma")
            outbox.end_generation(ledger)
            ledger.set_meta(NEXT, None)
        _drop_others(library, "chroma")


def _drop_others(library: Library, name: outbox.ProjectionName) -> None:
    """Take away every generation of an index but the one in use."""
    kept = str(outbox.mark(library.ledger, name).generation)
    for one in (library.folder / name).glob("*"):
        if one.is_dir() and one.name != kept:
            shutil.rmtree(one, ignore_errors=True)
            break_seal(one)
