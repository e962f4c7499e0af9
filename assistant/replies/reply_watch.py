"""Watching a reply while it comes: does it loop, and does it cite anything."""

from __future__ import annotations

from assistant.replies.cited_text import CitedText
from assistant.replies.prompt_echo import PromptWords
from assistant.replies.repetition import LoopFilter
from assistant.types.evidence import Evidence


class ReplyWatch:
    """Passes the raw pieces of one reply on until it loops, and keeps what was passed.

    Addresses are read only until the first one is found.
    """

    def __init__(self, evidence: Evidence, words: PromptWords, question: str) -> None:
        self._loop = LoopFilter()
        self._unproven: CitedText | None = CitedText(evidence, words, question)
        self._passed: list[str] = []

    @property
    def loops(self) -> bool:
        """True once the reply says the same again and again; no more of it is wanted."""
        return self._loop.loops

    @property
    def text(self) -> str:
        """What was passed so far, raw."""
        return "".join(self._passed)

    def feed(self, piece: str) -> str:
        """Take a raw piece, return what of the reply is to be used now."""
        return self._pass(self._loop.feed(piece))

    def finish(self) -> str:
        """The reply has ended: return the rest of what is to be used."""
        rest = self._pass(self._loop.finish())
        if self._unproven is not None:
            self._unproven.finish()
        return rest

    def _pass(self, text: str) -> str:
        if text:
            self._passed.append(text)
        if text and self._unproven is not None:
            self._unproven.feed(text)
            if self._unproven.order:
                self._unproven = None
        return text

    @property
    def cites_nothing(self) -> bool:
        """True for a reply that has ended, has words, refuses nothing and cites nothing."""
        reply = self._unproven
        if reply is None or reply.order:
            return False
        return bool(reply.text.strip()) and not (reply.refused or reply.is_unusable)
