"""Watching a reply while it comes: does it loop, and does it cite anything."""

from __future__ import annotations

from assistant.replies.cited_text import CitedText
from assistant.replies.prompt_echo import PromptWords
from assistant.replies.repetition import LoopFilter
from assistant.types.evidence import Evidence


class ReplyWatch:
    """Passes the raw pieces of one reply on until it loops, and keeps what was passed.

    It is read as it will be cited, up to the end of the first sentence that cites something:
    `has_cited` is True then.
    """

    def __init__(self, evidence: Evidence, words: PromptWords, question: str) -> None:
        self._loop = LoopFilter()
        self._reply = CitedText(evidence, words, question)
        self._passed: list[str] = []
        self._is_read = False
        self.has_cited = False

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
        if not self._is_read:
            self._reply.finish()
            self._is_read = True
        return rest

    def _pass(self, text: str) -> str:
        self._passed.append(text)
        if text and not self._is_read:
            self._reply.feed(text)
            if self._reply.worth_checking():
                self._is_read = self.has_cited = self._reply.has_cited
        return text

    @property
    def refuses(self) -> bool:
        """True for a reply that has ended and says that nothing answers."""
        return self._reply.refused

    @property
    def cites(self) -> bool:
        """True for a reply that has ended and cites something with a sentence."""
        return self.has_cited or self._reply.cites

    @property
    def cites_nothing(self) -> bool:
        """True for a reply that has ended, has words, refuses nothing and cites nothing."""
        return bool(self._reply.text.strip()) and not (self.refuses or self.cites)
