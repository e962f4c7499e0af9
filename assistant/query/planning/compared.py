"""An author whose paper is compared with one that is named otherwise: both are evidence."""

from __future__ import annotations

from assistant.query.planning.asked import Asked, Span, word_class
from assistant.query.planning.held import is_held, papers_left
from assistant.query.question import named_words
from assistant.text.words import is_name
from store.library.library import Library
from store.pattern import pattern

_COMPARING = pattern(
    rf"(?i)\b(?:{'|'.join(sorted(word_class('comparing')))})\b|\bsame\b.*\bas\b|\bor\b"
)
_OTHER = pattern(
    r"(?i)\b(?:with|to|than|and|from|versus|vs\.?|unlike|contradicts?|oppose)\s+"
    r"(?:the|that|those|what)\b"
)


def release_compared(asked: Asked, library: Library) -> None:
    """Give back the one author whose paper is compared: the other paper is not the author's.

    It is told by a name that none of the author's papers has, or by a description behind a word
    of comparing.
    """
    authors = [one for one in asked.spans if one.filter.authors and one.first <= one.last]
    if len(authors) != 1 or authors[0].is_excluded or not _owns(asked, authors[0]):
        return
    cue = _COMPARING.search(asked.text)
    if cue is None:
        return
    is_described = cue[0].lower() != "or" and bool(_OTHER.search(asked.text, cue.start()))
    if is_described or _names_another(asked, authors[0], library):
        asked.spans.remove(authors[0])
        asked.taken.difference_update(range(authors[0].first, authors[0].last + 1))


def _owns(asked: Asked, span: Span) -> bool:
    """True for "Reed's paper" and "the paper by Reed", where no list of papers is asked for."""
    led = asked.words[span.first].plain in ("by", "of", "from")
    return led or asked.words[span.last].is_possessive


def _names_another(asked: Asked, span: Span, library: Library) -> bool:
    """True for a name that papers have, but none of the author's."""
    own = papers_left(span.filter, library)
    named = named_words(asked.text)
    written = (asked.text[one.start : one.end] for one in asked.words)
    return any(
        library.document_frequency(one) and not is_held((one,), own, library)
        for one in written
        if one in named and is_name(one)
    )
