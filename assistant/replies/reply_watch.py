"""Watching a reply while it comes: does it loop, and does it cite anything."""

from __future__ import annotations

from functools import cached_property

from assistant.replies.cited_text import CitedText
from assistant.replies.prompt_echo import PromptWords
from assistant.replies.repetition import LoopFilter
from assistant.types.evidence import Evidence


class ReplyWatch:
    """Passes the raw pieces of one reply on until it loops, and keeps what was passed.

    What it says is read once it has ended, as it will be cited: that is work for a thread. Where
    `one_sentence` is wanted it is read as it comes, and `is_said` once that one is whole and cited.
    """

    def __init__(
        self, evidence: Evidence, words: PromptWords, question: str, *, one_sentence: bool = False
    ) -> None:
        self._loop = LoopFilter()
        self._read_as = (evidence, words, question)
        self._passed: list[str] = []
        self._first = CitedText(*self._read_as) if one_sentence else None
        self.is_said = False

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
        return self._pass(self._loop.finish())

    def _pass(self, text: str) -> str:
        self._passed.append(text)
        if text and self._first is not None and not self.is_said:
            self._first.feed(text)
            claims = self._first.claims()
            cited = next((one for one in claims if one.addresses), None)
            ended = self._first.text.rstrip().endswith((".", "!", "?"))
            self.is_said = cited is not None and (ended or cited is not claims[-1])
        return text

    @cached_property
    def _reply(self) -> CitedText:
        reply = CitedText(*self._read_as)
        reply.feed(self.text)
        reply.finish()
        return reply

    @property
    def refuses(self) -> bool:
        """True for a reply that has ended and says that nothing answers."""
        return self._reply.refused

    @property
    def cites(self) -> bool:
        """True for a reply that has ended and cites something with a sentence."""
        return self._reply.cites

    @property
    def cites_nothing(self) -> bool:
        """True for a reply that has ended, has words, refuses nothing and cites nothing."""
        return bool(self._reply.text.strip()) and not (self.refuses or self.cites)
