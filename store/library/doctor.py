"""Examining a library part by part, and mending what can be mended from the ledger."""

from __future__ import annotations

import shutil
from pathlib import Path

from store.dense.vector_file import FOLDER, SET_ASIDE
from store.embedders.base import embedder_name
from store.errors import (
    EmbedderMismatch,
    EmbedderUnavailable,
    EmbeddingFailed,
    LibraryBusy,
    LibraryReadOnly,
    ProjectionFailed,
    UnsafeCollection,
)
from store.files import disk_bytes, loose_modes, tighten
from store.integrity.seal import break_seal
from store.ledger import outbox
from store.ledger.check import check_ledger
from store.ledger.lost_changes import accept_lost_changes
from store.ledger.vectors import count_lacking, embedder_key
from store.library import erase
from store.library.doctor_kept import kept_sentences, kept_tokens
from store.library.finding import Finding
from store.library.library import Library

_READ_ONLY = "the library cannot be written"


def examine(library: Library, *, fix: bool = False) -> tuple[Finding, ...]:
    """Look at every part of a library, and mend it.

    What follows the ledger is brought in line always: it loses nothing, a damaged index is
    set aside unchanged. Vectors of the ledger that are not as they were written are made anew.
    With `fix`, modes that are too open are tightened, index folders set
    aside earlier are removed, and the outbox is completed. Of a library that cannot be written
    the ledger is examined, and its indexes, which nothing uses then, are left as they are.
    Raises LibraryDamaged, and with `fix` LibraryReadOnly.
    """
    if fix and library.ledger.read_only:
        raise LibraryReadOnly(
            f"the library at {library.folder} cannot be written", "change its permissions"
        )
    findings = [_ledger(library, fix=fix)]
    findings.append(_outbox(library, fix=fix))
    findings.append(_embedder(library))
    findings.append(_vectors(library))
    findings.append(_words(library))
    findings += kept_sentences(library)
    findings += kept_tokens(library)
    findings.append(_chroma(library, fix=fix))
    findings.append(_set_aside(library, fix=fix))
    if erase.is_pending(library):
        findings.append(_erased(library, fix=fix))
    findings.append(_modes(library.folder, fix=fix))
    return tuple(findings)


def is_whole(findings: tuple[Finding, ...]) -> bool:
    """True when nothing is left broken or behind."""
    return not any(one.state in ("broken", "behind") for one in findings)


def _ledger(library: Library, *, fix: bool) -> Finding:
    """The ledger itself, and changes that it has lost; with `fix` the loss is accepted."""
    state, message = check_ledger(library.ledger)
    if not library.lost:
        return Finding(part="ledger", state=state, message=message)
    if fix and not library.ledger.read_only:
        accept_lost_changes(library.ledger)
        message = f"{message}; {library.lost}; the loss is accepted"
        library.lost = ""
        return Finding(part="ledger", state="mended", message=message)
    message = (
        f"{message}; but {library.lost}; put a backup of the whole folder in its place, or add"
        " the sources again; quire doctor --fix accepts the loss"
    )
    return Finding(part="ledger", state="broken", message=message)


def _outbox(library: Library, *, fix: bool) -> Finding:
    ledger = library.ledger
    missing = ledger.rows("SELECT id FROM papers WHERE id NOT IN (SELECT id FROM outbox)")
    ghosts = ledger.rows(
        "SELECT id FROM outbox WHERE deleted = 0 AND id NOT IN (SELECT id FROM papers)"
    )
    wrong = len(missing) + len(ghosts)
    if not wrong:
        return Finding(part="outbox", state="ok", message="every paper has its place")
    if not fix:
        return Finding(
            part="outbox", state="broken", message=f"{wrong} papers without a place; use --fix"
        )
    with ledger.write():
        for (name,) in missing:
            ledger.run("INSERT INTO outbox VALUES (?, ?, 0)", (name, ledger.next_seq()))
        for (name,) in ghosts:
            ledger.run(
                "UPDATE outbox SET seq = ?, deleted = 1 WHERE id = ?", (ledger.next_seq(), name)
            )
    return Finding(part="outbox", state="mended", message=f"{wrong} places completed")


def _embedder(library: Library) -> Finding:
    """Which embedder is in use, whether it works here, and a change that was not ended."""
    name = embedder_name(library.fingerprint)
    next_mark = outbox.mark_in_progress(library.ledger)
    unfinished = library.ledger.meta("next_embedder")
    if next_mark is not None and unfinished is not None:
        other = embedder_name(unfinished)
        message = f"{name}; the change to {other} is not done: quire models use {other} goes on"
        return Finding(part="embedder", state="left", message=message)
    try:
        library.needed_embedder().embed(["a paper"])
    except (EmbedderUnavailable, EmbeddingFailed) as failure:
        message = f"{failure.message}; {failure.hint}"
        return Finding(part="embedder", state="left", message=f"words alone: {message}")
    try:
        if library.sentence_embedder is not None:
            library.sentence_embedder.embed(["a sentence"])
    except EmbedderUnavailable as failure:
        message = f"{name} works, but sentences are compared by words: {failure.message}"
        return Finding(part="embedder", state="left", message=f"{message}; {failure.hint}")
    return Finding(part="embedder", state="ok", message=f"{name} works")


def _vectors(library: Library) -> Finding:
    name = embedder_name(library.fingerprint)
    key = embedder_key(library.ledger, library.fingerprint)
    lacking = count_lacking(library.ledger, -1 if key is None else key)
    if not lacking:
        chroma = None if library.ledger.read_only else library.chroma
        if chroma is not None and not chroma.check_scan():
            message = "the file to scan differed from the ledger: written anew"
            return Finding(part="vectors", state="mended", message=message)
        return Finding(part="vectors", state="ok", message=f"{name}, none missing")
    if library.ledger.read_only:
        return Finding(part="vectors", state="behind", message=f"{lacking} missing; {_READ_ONLY}")
    if library.embedder is None:
        return Finding(part="vectors", state="left", message="no embedder here: words alone")
    try:
        library.make_vectors()
    except (EmbedderUnavailable, EmbeddingFailed) as failure:
        return Finding(part="vectors", state="behind", message=f"{lacking}: {failure.message}")
    return Finding(part="vectors", state="mended", message=f"{lacking} missing vectors made")


def _words(library: Library) -> Finding:
    if library.ledger.read_only:
        return Finding(part="word index", state="left", message=f"not used: {_READ_ONLY}")
    mark = outbox.mark(library.ledger, "lexical")
    rows = library.ledger.rows(
        "SELECT id FROM outbox WHERE deleted = 0 AND seq <= ?"
        " ORDER BY (seq * 2654435761) % 4294967291 LIMIT 64",
        (mark.watermark,),
    )
    trouble = library.words.examine([str(row[0]) for row in rows])
    waiting = outbox.pending_count(library.ledger, outbox.mark(library.ledger, "lexical").watermark)
    try:
        if trouble:
            library.words.rebuild(trouble)
        while library.words.catch_up():
            pass
    except (ProjectionFailed, LibraryBusy) as failure:
        return Finding(part="word index", state="broken", message=failure.message)
    if trouble:
        return Finding(part="word index", state="mended", message=f"{trouble}: rebuilt")
    if waiting:
        return Finding(part="word index", state="mended", message=f"{waiting} papers projected")
    return Finding(part="word index", state="ok", message="whole")


def _chroma(library: Library, *, fix: bool) -> Finding:
    if library.ledger.read_only:
        return Finding(part="Chroma", state="left", message=f"not used: {_READ_ONLY}")
    chroma = library.chroma
    if chroma is None:
        return Finding(part="Chroma", state="left", message="no embedder here: words alone")
    waiting = outbox.pending_count(library.ledger, outbox.mark(library.ledger, "chroma").watermark)
    try:
        chroma.look(deep=True)
    except (UnsafeCollection, EmbedderMismatch) as failure:
        chroma.trouble = failure.message
    if chroma.state == "busy" and fix:
        try:
            library.ask_for_chroma()
        except LibraryBusy as failure:
            return Finding(part="Chroma", state="in use", message=failure.message)
    if chroma.state == "busy":
        return Finding(part="Chroma", state="in use", message=f"{chroma.trouble}; it keeps it")
    trouble = chroma.trouble
    try:
        if chroma.state != "ready":
            chroma.rebuild()
        while chroma.catch_up():
            pass
    except (ProjectionFailed, LibraryBusy) as failure:
        return Finding(part="Chroma", state="broken", message=failure.message)
    if chroma.state != "ready":
        return Finding(part="Chroma", state="broken", message=chroma.trouble)
    if trouble:
        return Finding(part="Chroma", state="mended", message=f"{trouble}: rebuilt")
    if waiting:
        return Finding(part="Chroma", state="mended", message=f"{waiting} papers projected")
    return Finding(part="Chroma", state="ok", message="whole")


def _set_aside(library: Library, *, fix: bool) -> Finding:
    old = []
    next_mark = outbox.mark_in_progress(library.ledger)
    for name in ("lexical", "chroma"):
        generation = str(
            library.ledger.value("SELECT generation FROM projections WHERE name = ?", (name,))
        )
        folder = library.folder / name
        if folder.is_dir():
            # One with a higher number may be in progress.
            old += [
                one
                for one in folder.iterdir()
                if one.name.isdigit() and int(one.name) < int(generation)
                if name != "chroma" or next_mark is None or int(one.name) != next_mark.generation
            ]
    vectors = library.folder / FOLDER / SET_ASIDE
    old += [vectors] if vectors.is_dir() else []
    if not old:
        return Finding(part="set aside", state="ok", message="nothing")
    size = sum(disk_bytes(one) for one in old)
    if not fix:
        return Finding(
            part="set aside",
            state="left",
            message=f"{len(old)} old index folders, {size / 1e6:.1f} MB; --fix removes them",
        )
    for one in old:
        shutil.rmtree(one, ignore_errors=True)
        break_seal(one)
    return Finding(
        part="set aside", state="mended", message=f"{len(old)} old index folders removed"
    )


def _erased(library: Library, *, fix: bool) -> Finding:
    """Papers that were removed for good, by a run that did not come to its end."""
    part = "removed for good"
    if not fix:
        message = "files may still hold what was removed; use --fix"
        return Finding(part=part, state="behind", message=message)
    try:
        erase.complete(library)
    except (LibraryBusy, ProjectionFailed) as failure:
        return Finding(part=part, state="in use", message=failure.message)
    return Finding(part=part, state="mended", message="no file holds them any more")


def _modes(folder: Path, *, fix: bool) -> Finding:
    loose = loose_modes(folder)
    if not loose:
        return Finding(part="permissions", state="ok", message="for you alone")
    if not fix:
        return Finding(
            part="permissions", state="left", message=f"others can read {loose} files; use --fix"
        )
    return Finding(
        part="permissions", state="mended", message=f"{tighten(folder)} permissions tightened"
    )
