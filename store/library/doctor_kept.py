"""Examining what is kept of the texts of papers, and making it whole."""

from __future__ import annotations

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
    if trouble:
        return [Finding(part=part, state="mended", message=f"{trouble}: rebuilt")]
    if wrong:
        message = f"{wrong} of them were damaged: read again"
        return [Finding(part=part, state="mended", message=message)]
    if waiting:
        return [Finding(part=part, state="mended", message=f"{waiting} papers projected")]
    return [Finding(part=part, state="ok", message="whole")]


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
    if wrong:
        message = f"{wrong} of them were damaged: made anew"
        return [Finding(part=part, state="mended", message=message)]
    if made:
        return [Finding(part=part, state="mended", message=f"those of {made} papers read")]
    return [Finding(part=part, state="ok", message="whole")]
