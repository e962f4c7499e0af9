"""Examining what is kept of the texts of papers, and making it whole."""

from __future__ import annotations

from collections.abc import Iterable

from store.errors import EmbedderUnavailable
from store.library.finding import Finding
from store.library.library import Library


def kept_sentences(library: Library) -> list[Finding]:
    """How the kept sentences stand; nothing where the library was given no reader."""
    kept, part = library.kept_readings, "sentences"
    if kept is None:
        return []
    trouble, wrong = kept.examine()
    waiting = kept.waiting()
    try:
        is_whole = kept.mend()
    except EmbedderUnavailable as failure:
        return [Finding(part=part, state="left", message=f"without vectors: {failure.message}")]
    if not is_whole:
        message = "they cannot be kept: texts are read at each question"
        return [Finding(part=part, state="left", message=message)]
    mended = (
        f"{trouble}: rebuilt" if trouble else "",
        f"{wrong} of them were damaged: read again" if wrong else "",
        f"{waiting} papers projected" if waiting else "",
    )
    return [_whole(part, mended)]


def kept_tokens(library: Library) -> list[Finding]:
    """How the kept tokens stand; nothing where the embedder tells none apart."""
    kept, part = library.tokens, "tokens"
    if kept is None:
        return []
    try:
        done, made, wrong = kept.mend()
    except EmbedderUnavailable as failure:
        return [Finding(part=part, state="left", message=failure.message)]
    if not done:
        return [Finding(part=part, state="left", message="they cannot be kept")]
    mended = (
        f"{wrong} of them were damaged: made anew" if wrong else "",
        f"those of {made} papers read" if made else "",
    )
    return [_whole(part, mended)]


def _whole(part: str, mended: Iterable[str]) -> Finding:
    """A part that is whole now, with the first of what was done for it."""
    done = next(filter(None, mended), "")
    return Finding(part=part, state="mended" if done else "ok", message=done or "whole")
