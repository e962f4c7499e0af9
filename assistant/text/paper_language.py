"""The language of a paper's abstract, by its words, else by its record.

Of 13 870 English abstracts (SciFact, SciTLDR, citint, PubMedQA, Cranfield) one is taken for
another language by its first 600 characters.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from assistant.text.language import language_of
from store.readers.values.languages import code_of, language_name
from store.types import Paper

ENGLISH = "English"
"""The language whose word endings the word search knows."""
_CHARACTERS = 600


def language_of_paper(paper: Paper) -> str:
    """The name of the language that an abstract is in; empty where neither tells.

    Its words come first: records often give the language of the article, of which the abstract
    is a translation. A title alone tells nothing.
    """
    read = _of_text(paper.abstract[:_CHARACTERS])
    return read or language_name(paper.details.language or "")


def noted_language(paper: Paper) -> str | None:
    """The code of a paper's language: as its record gives it, else what its words tell.

    None for what the record does not give where the words tell of English, or of nothing.
    """
    if paper.details.language:
        return paper.details.language
    read = _of_text(paper.abstract[:_CHARACTERS])
    return None if read in ("", ENGLISH) else code_of(read)


@lru_cache(maxsize=1 << 10)
def _of_text(text: str) -> str:
    return language_of(text)


def ending_notes(papers: Iterable[Paper]) -> tuple[str, ...]:
    """That word endings of some papers are read as English ones; nothing where all are English."""
    others = [name for name in map(language_of_paper, papers) if name not in ("", ENGLISH)]
    if not others:
        return ()
    named = " and ".join(dict.fromkeys(others))
    found = "1 paper found is" if len(others) == 1 else f"{len(others)} papers found are"
    return (f"{found} in {named}: word endings are read as English ones",)
