"""From the raw pieces of a model to the text that is displayed, and its sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.citations.parser import CitationReader
from assistant.replies.asides import Asides
from assistant.replies.claims import draft_claims
from assistant.replies.headings import statements
from assistant.replies.plain_text import plain
from assistant.replies.prompt_echo import NO_WORDS, EchoFilter, PromptWords
from assistant.replies.refusal import RefusalGate, refuses
from assistant.replies.wrapping import Unwrapper
from assistant.types.citations import DraftClaim
from assistant.types.evidence import Evidence
from store.clean import StreamCleaner

_LONG = 4000
_LOOK_AGAIN = 1.1


class CitedText:
    """The text of an answer as it comes: raw pieces go in, text to show comes out.

    What a model repeats of the words of its prompt is dropped, and what it put around its
    reply; the beginning is held back while it may be the refusal; addresses of the evidence
    become numbered citations. What is said to the reader and not of the papers is text and no
    claim: `question` is what the papers were searched for.
    """

    def __init__(
        self, evidence: Evidence, words: PromptWords = NO_WORDS, question: str = ""
    ) -> None:
        self._cleaner = StreamCleaner()
        self._filter = EchoFilter(words)
        self._wrapping = Unwrapper()
        self._gate = RefusalGate()
        self._reader = CitationReader(evidence)
        self._asides = Asides(evidence, question)
        self._raw = 0
        self._handed_out = 0
        self._undecided: tuple[DraftClaim, ...] = ()
        self._has_begun = False
        self._looked_at = 0
        self._shown: list[str] = []
        self._heard: list[list[str]] = [[]]

    @property
    def text(self) -> str:
        """What was shown so far."""
        return "".join(self._shown)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """What the model wrote, clean, without its prompt's words, its addresses as they were."""
        return tuple("".join(one) for one in self._heard)

    @property
    def order(self) -> tuple[int, ...]:
        """The numbers of the sources cited, in the order in which they are displayed."""
        return self._reader.order

    def feed(self, piece: str) -> str:
        """Take a raw piece of the model's, return the text to show now."""
        self._raw += len(piece)
        return self._show(
            self._reader.feed(self._gate.feed(self._wrapping.feed(self._clean(piece))))
        )

    def end_paragraph(self) -> None:
        """What follows is another paragraph of the model's."""
        self._heard.append([])

    def finish(self) -> str:
        """End the text, return what was still to be shown."""
        last = self._filter.feed(self._cleaner.finish()) + self._filter.finish()
        self._heard[-1].append(last)
        last = self._wrapping.feed(last) + self._wrapping.finish()
        rest = self._gate.feed(last) + self._gate.finish()
        return self._show(self._reader.feed(rest) + self._reader.finish())

    def say(self, text: str) -> None:
        """Put words of our own where the model wrote none."""
        self._shown.append(text)

    @property
    def cites(self) -> bool:
        """True when a sentence cites something that is there."""
        return bool(self.order) and any(one.addresses for one in self._sentences())

    @property
    def has_cited(self) -> bool:
        """True once a sentence that cites something is whole, while the text goes on."""
        if not self.order:
            return False
        *before, last = self._sentences() or (None,)
        is_whole = self.text.rstrip().endswith((".", "!", "?"))
        return any(one and one.addresses for one in (*before, last if is_whole else None))

    @property
    def only_echo(self) -> bool:
        """True when the model wrote nothing but what its prompt says."""
        return self._filter.dropped and not self.text.strip() and not self._gate.refused

    @property
    def is_unusable(self) -> bool:
        """True when the model wrote JSON that holds no text."""
        return self._wrapping.unusable and not self.text.strip()

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
        """All sentences of the text so far that say something of the papers."""
        return self._asides.settled(self._sentences())[0]

    def _sentences(self) -> tuple[DraftClaim, ...]:
        """All sentences of the text so far, those to the reader too: no embedder is asked."""
        return self._bare(draft_claims(self._reader.text, self._reader.marks))

    def whole_claims(self, *, ended: bool = False) -> tuple[DraftClaim, ...]:
        """Claims whose text is whole and that were not handed out before.

        The last one may go on, unless a paragraph has `ended` with it.
        """
        reader = self._reader
        drafts = draft_claims(reader.text, reader.marks, self._handed_out)
        drafts = drafts if ended else drafts[:-1]
        self._handed_out = drafts[-1].end if drafts else self._handed_out
        fresh, self._undecided = self._asides.settled(
            (*self._undecided, *self._bare(drafts)), is_first=not self._has_begun
        )
        self._has_begun = self._has_begun or bool(fresh)
        return fresh

    def _bare(self, drafts: Sequence[DraftClaim]) -> tuple[DraftClaim, ...]:
        """The sentences without headings and marks of bold."""
        return tuple(_plain(one) for one in statements(self._reader.text, drafts))

    @property
    def refused(self) -> bool:
        """True when the model said, by the phrase or in other words, that nothing answers."""
        if self._gate.refused:
            return True
        return not self._reader.order and refuses(self.text)


def _plain(draft: DraftClaim) -> DraftClaim:
    has_marks = "**" in draft.text or "__" in draft.text
    return replace(draft, text=plain(draft.text)) if has_marks else draft
