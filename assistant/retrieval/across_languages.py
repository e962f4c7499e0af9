"""What can be found for a question in another language than the abstracts, without a model."""

from __future__ import annotations

from assistant.text.words import is_figure, is_name, term_words
from assistant.types.evidence import Evidence

_LEAST = 4
"""Letters of a capitalised word that two languages have in common: "Radar", not "Im"."""


def by_names(question: str, evidence: Evidence) -> Evidence:
    """The sources that hold a name or a number of the question; it is never sure.

    All other words that two languages share by chance say nothing: "die", "hat", "war".
    """
    asked = {term for word, term in term_words(question) if _is_shared(word, term)}
    sources = [
        source
        for source in evidence.sources
        if asked & {term for one in source.sentences for _, term in term_words(one.text)}
    ]
    numbered = [one.model_copy(update={"number": at}) for at, one in enumerate(sources, 1)]
    return evidence.model_copy(
        update={"sources": tuple(numbered), "answerable": bool(sources), "sure": False}
    )


def _is_shared(word: str, term: str) -> bool:
    return is_name(word) or is_figure(term) or (word.istitle() and len(word) >= _LEAST)
