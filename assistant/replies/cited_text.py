"""From the raw pieces of a model to the text that is displayed, and its sentences."""

from __future__ import annotations

import re

from assistant.citations.parser import CitationReader
from assistant.prompting.prompts import REFUSAL
from assistant.replies.claims import draft_claims
from assistant.replies.fence_echo import FenceFilter
from assistant.types.citations import DraftClaim
from assistant.types.evidence import Evidence
from store.clean import StreamCleaner
from store.pattern import pattern

_REFUSING = pattern(
    r"\b(?:sources?|collection|abstracts?|papers?|text|information|context)\b[^.]{0,60}"
    r"\b(?:do(?:es)? not|don['’]t|doesn['’]t|cannot|can['’]t|contains? no|no)\b[^.]{0,40}"
    r"\b(?:answer|contain|mention|provide|include|address|state|specify|discuss|information)",
    re.IGNORECASE,
)
_SHORT_REFUSAL = 300
_LONG = 4000
_LOOK_AGAIN = 1.1
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


class CitedText:
    """The text of an answer as it comes: raw pieces go in, text to show comes out.

    What a model repeats of its prompt's fences, which the token `fence` marks, is dropped; the
    beginning is held back while it may be the refusal; addresses of the evidence become
    numbered citations.
    """

    def __init__(self, evidence: Evidence, fence: str = "") -> None:
        self._cleaner = StreamCleaner()
        self._filter = FenceFilter(fence)
        self._gate = RefusalGate()
        self._reader = CitationReader(evidence)
        self._raw = 0
        self._handed_out = 0
        self._looked_at = 0
        self._shown: list[str] = []
        self._heard: list[list[str]] = [[]]

    @property
    def text(self) -> str:
        """What was shown so far."""
        return "".join(self._shown)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """What the model wrote, clean and without fences, its addresses as they were."""
        return tuple("".join(one) for one in self._heard)

    @property
    def order(self) -> tuple[int, ...]:
        """The numbers of the sources cited, in the order in which they are displayed."""
        return self._reader.order

    def feed(self, piece: str) -> str:
        """Take a raw piece of the model's, return the text to show now."""
        self._raw += len(piece)
        return self._show(self._reader.feed(self._gate.feed(self._clean(piece))))

    def end_paragraph(self) -> None:
        """What follows is another paragraph of the model's."""
        self._heard.append([])

    def finish(self) -> str:
        """End the text, return what was still to be shown."""
        last = self._filter.feed(self._cleaner.finish()) + self._filter.finish()
        self._heard[-1].append(last)
        rest = self._gate.feed(last) + self._gate.finish()
        return self._show(self._reader.feed(rest) + self._reader.finish())

    def say(self, text: str) -> None:
        """Put words of our own where the model wrote none."""
        self._shown.append(text)

    @property
    def only_echo(self) -> bool:
        """True when the model wrote nothing but the fences of its prompt."""
        return self._filter.dropped and not self.text.strip() and not self._gate.refused

    def _clean(self, piece: str) -> str:
        text = self._filter.feed(self._cleaner.feed(piece))
        self._heard[-1].append(text)
        return text

    def _show(self, text: str) -> str:
        if not self._shown:
            text = text.lstrip()
        if text:
            self._shown.append(text)
        return text

    def worth_checking(self) -> bool:
        """True when enough has come since the last look: a long text is not read for each word."""
        if self._raw < _LOOK_AGAIN * self._looked_at and self._raw > _LONG:
            return False
        self._looked_at = self._raw
        return True

    def claims(self) -> tuple[DraftClaim, ...]:
        """All sentences of the text so far."""
        return draft_claims(self._reader.text, self._reader.marks)

    def whole_claims(self, *, ended: bool = False) -> tuple[DraftClaim, ...]:
        """Claims whose text is whole and that were not handed out before.

        The last one may go on, unless a paragraph has `ended` with it.
        """
        reader = self._reader
        drafts = draft_claims(reader.text, reader.marks, self._handed_out)
        drafts = drafts if ended else drafts[:-1]
        self._handed_out = drafts[-1].end if drafts else self._handed_out
        return drafts

    @property
    def refused(self) -> bool:
        """True when the model said, by the phrase or in other words, that nothing answers."""
        if self._gate.refused:
            return True
        text = self.text
        uncited = not self._reader.order
        return uncited and len(text) < _SHORT_REFUSAL and bool(_REFUSING.search(text))


def _bare(text: str) -> str:
    return " ".join(text.strip(_WRAPPING).casefold().split())
