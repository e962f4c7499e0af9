"""Telling that a model says nothing answers, by the phrase that it was given or in other words."""

from __future__ import annotations

import re

from assistant.prompting.prompts import REFUSAL
from store.pattern import pattern

_REFUSING = pattern(
    r"\b(?:sources?|collection|abstracts?|papers?|text|information|context)\b[^.]{0,60}"
    r"\b(?:do(?:es)? not|don['’]t|doesn['’]t|cannot|can['’]t|contains? no|no)\b[^.]{0,40}"
    r"\b(?:answer|contain|mention|provide|include|address|state|specify|discuss|information)"
    r"|\b(?:cannot|can['’]t|unable to|(?:could|did|do)(?: not|n['’]t)) find\b[^.]{0,80}"
    r"\b(?:sources?|collection|abstracts?|papers?|context)\b",
    re.IGNORECASE,
)
_SHORT_REFUSAL = 300
_WRAPPING = " \t\n\"'“”*_`>#-"


class RefusalGate:
    """Holds the beginning of an answer back for as long as it may be the refusal."""

    def __init__(self) -> None:
        self._held = ""
        self._open = False
        self.refused = False

    def feed(self, piece: str) -> str:
        """Take a piece, return what is certainly part of an answer."""
        if self.refused:
            return ""
        if self._open:
            return piece
        self._held += piece
        begun, phrase = _bare(self._held), _bare(REFUSAL)
        if begun.startswith(phrase):
            self.refused = True
            return ""
        if phrase.startswith(begun):
            return ""
        self._open = True
        held, self._held = self._held, ""
        return held

    def finish(self) -> str:
        """Return what was still held back, unless it is the refusal."""
        held, self._held = self._held, ""
        if self._open or self.refused:
            return ""
        self.refused = bool(_bare(held)) and _bare(REFUSAL).startswith(_bare(held).rstrip("."))
        # Only most of the phrase is the phrase; a shared first word is not.
        if self.refused and len(_bare(held)) < len(_bare(REFUSAL)) - 8:
            self.refused = False
        return "" if self.refused else held


def refuses(text: str) -> bool:
    """True for a short text without a citation that says in its own words that nothing answers."""
    return len(text) < _SHORT_REFUSAL and bool(_REFUSING.search(text))


def _bare(text: str) -> str:
    return " ".join(text.strip(_WRAPPING).casefold().split())
