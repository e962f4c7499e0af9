"""From the raw pieces of a model to the text that is displayed, and its sentences."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.citations.parser import CitationReader
from assistant.prompting.prompts import REFUSAL
from assistant.replies.asides import Asides
from assistant.replies.claims import draft_claims
from assistant.replies.headings import statements
from assistant.replies.marker import MarkerFilter
from assistant.replies.plain_text import plain
from assistant.replies.prompt_echo import NO_WORDS, EchoFilter, PromptWords
from assistant.replies.refusal import LONGEST_REFUSAL, Refusals
from assistant.replies.wrapping import Unwrapper
from assistant.text.sentences import split_sentences
from assistant.types.citations import DraftClaim, Mark
from assistant.types.evidence import Evidence
from store.clean import StreamCleaner, shorten
from store.pattern import pattern

_LEAD = pattern(r"[\s*_`>#•\"“„«-]*(?:\d{1,2}[.)]\s+)?")
_LONG = 4000
_LOOK_AGAIN = 1.1


class CitedText:
    """The text of an answer as it comes: raw pieces go in, text to show comes out.

    What a model repeats of the words of its prompt is dropped, and what it put around its
    reply; addresses of the evidence become numbered citations. Behind the marker of what is not
    answered, the text is held back until a claim cites something: without, it is a refusal, of
    which the first sentence is shown. What is said to the reader, or of what is not answered, is
    text and no claim, whatever it cites: `question` is what the papers were searched for. A text
    that `is_verbatim` is of the papers' own sentences: none of them says that they do not answer.
    """

    def __init__(
        self,
        evidence: Evidence,
        words: PromptWords = NO_WORDS,
        question: str = "",
        *,
        is_verbatim: bool = False,
    ) -> None:
        self._cleaner = StreamCleaner()
        self._filter = EchoFilter(words)
        self._wrapping = Unwrapper()
        self._marker = MarkerFilter()
        self._marked: list[int] = []
        self._kept = ""
        self._reader = CitationReader(evidence)
        self._asides = Asides(evidence, question)
        self._refusals = Refusals(self._asides)
        self._is_verbatim = is_verbatim
        self._raw = 0
        self._handed_out = 0
        self._undecided: tuple[DraftClaim, ...] = ()
        self._has_begun = self._has_cited = False
        self._searched = 0
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
        return self._read(self._marker.feed(self._wrapping.feed(self._clean(piece))))

    def end_paragraph(self) -> str:
        """What follows is another paragraph of the model's; return what was held back of this."""
        self._heard.append([])
        return self._read(self._marker.finish())

    def finish(self) -> str:
        """End the text, return what was still to be shown."""
        last = self._filter.feed(self._cleaner.finish()) + self._filter.finish()
        self._heard[-1].append(last)
        last = self._wrapping.feed(last) + self._wrapping.finish()
        shown = self._read(self._marker.feed(last)) + self._read(self._marker.finish())
        shown += self._show(self._reader.finish())
        if self._marked and not self.has_cited:
            rest = self._kept
            if self.refused:
                gap = " " if self._shown and not self._shown[-1][-1].isspace() else ""
                rest = gap + self._first_open()
            self._shown.append(rest)
            self._kept, shown = "", shown + rest
        return shown

    @property
    def cites(self) -> bool:
        """True when a claim cites something that is there, and not for saying nothing."""
        return bool(self.order) and any(map(self._answers, self._sentences()))

    @property
    def has_cited(self) -> bool:
        """True once a claim that cites something is whole, while the text goes on."""
        if self.order and not self._has_cited:
            reader = self._reader
            drafts = self._drafts(self._searched)
            whole = drafts if reader.text.rstrip().endswith((".", "!", "?")) else drafts[:-1]
            self._has_cited = any(map(self._answers, self._bare(whole)))
            self._searched = drafts[-2].end if drafts[1:] else self._searched
        return self._has_cited

    @property
    def only_echo(self) -> bool:
        """True when the model wrote nothing but what its prompt says."""
        return self._filter.dropped and not self.text.strip()

    @property
    def is_unusable(self) -> bool:
        """True when the model wrote JSON that holds no text."""
        return self._wrapping.unusable and not self.text.strip()

    def _clean(self, piece: str) -> str:
        text = self._filter.feed(self._cleaner.feed(piece))
        self._heard[-1].append(text)
        return text

    def _read(self, runs: Sequence[str]) -> str:
        """The text to show of some text that was cut at its markers."""
        shown = self._show(self._reader.feed(runs[0]))
        for run in runs[1:]:
            shown += self._show(self._reader.end_paragraph())
            at = len(self._reader.text)
            if self._marked[-1:] != [at]:
                self._marked.append(at)
            shown += self._show(self._reader.feed(f"\n\n{run}" if at else run))
        return shown

    def _show(self, text: str) -> str:
        # A long text that cites on and on without a claim is not read for each word.
        is_due = len(self._kept) <= _LONG or any(stop in text for stop in ".!?")
        if self._marked and not (is_due and self.has_cited):
            self._kept += text
            return ""
        text, self._kept = self._kept + text, ""
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
        return self._bare(self._drafts())

    def _drafts(self, begin: int = 0) -> tuple[DraftClaim, ...]:
        return draft_claims(self._reader.text, self._reader.marks, begin)

    def whole_claims(self, *, ended: bool = False) -> tuple[DraftClaim, ...]:
        """Claims whose text is whole and that were not handed out before.

        The last one may go on, unless a paragraph has `ended` with it.
        """
        if not self.has_cited and (self._marked or self._is_refusal):
            return ()
        drafts = self._drafts(self._handed_out)
        drafts = drafts if ended else drafts[:-1]
        self._handed_out = drafts[-1].end if drafts else self._handed_out
        fresh, self._undecided = self._asides.settled(
            (*self._undecided, *self._bare(drafts)), is_first=not self._has_begun
        )
        self._has_begun = self._has_begun or bool(fresh)
        return fresh

    def _bare(self, drafts: Sequence[DraftClaim]) -> tuple[DraftClaim, ...]:
        """The sentences without headings and marks of bold, and without what is not answered."""
        marks = self._reader.marks
        return tuple(one for one in self._stated(drafts) if not self._is_open(one, marks))

    def _stated(self, drafts: Sequence[DraftClaim]) -> Iterator[DraftClaim]:
        return map(_plain, statements(self._reader.text, drafts))

    def _is_open(self, draft: DraftClaim, marks: Sequence[Mark]) -> bool:
        """True for a sentence that says what is not answered: by its words, or by its place.

        Behind a marker each does that asserts nothing, up to one that cites something.
        """
        if self._is_verbatim:
            return False
        behind = bisect_right(self._marked, draft.start)
        if self._refusals.is_sentence(draft.text):
            return bool(behind) or not (draft.addresses or draft.unknown)
        if draft.addresses or draft.unknown:
            return False
        if behind:
            at = bisect_left(marks, self._marked[behind - 1], key=lambda mark: mark.start)
            if at == len(marks) or marks[at].start >= draft.start:
                return not self._refusals.asserts(draft.text)
        return False

    def _answers(self, draft: DraftClaim) -> bool:
        """True for a claim that cites something, and does not refuse."""
        says = self._is_verbatim or not self._refusals.is_sentence(draft.text)
        return bool(draft.addresses) and says

    @property
    def refused(self) -> bool:
        """True when the model said, by the marker or in its words, that nothing answers."""
        if self._is_verbatim or self.cites:
            return False
        if self._marked:
            return not any(one.start < self._marked[0] for one in self.claims())
        return self._is_refusal

    @property
    def _is_refusal(self) -> bool:
        """True for a text that refuses in its words, whatever is cited for that."""
        text = self._reader.text
        says = self._is_verbatim or len(text) > _LONG
        return not says and self._refusals.is_reply(plain(self._unmarked(0)).strip())

    def _unmarked(self, begin: int) -> str:
        """The text from an offset on, without its citations."""
        pieces = []
        for mark in self._reader.marks:
            if mark.start >= begin:
                pieces.append(self._reader.text[begin : mark.start])
                begin = mark.end
        return "".join((*pieces, self._reader.text[begin:]))

    @property
    def leaves_open(self) -> bool:
        """True for a text that cites something, and says of the rest that it is not answered."""
        if self._is_verbatim:
            return False
        if self._marked or not self.cites:
            return self.cites
        marks = self._reader.marks
        return any(self._is_open(one, marks) for one in self._stated(self._drafts()))

    def _first_open(self) -> str:
        """What the model says of what is not answered, in a sentence; else what quire says."""
        behind = self._marked[0]
        first, bare = map(_first, (self._reader.text[behind:], self._unmarked(behind)))
        return REFUSAL if not first or self._refusals.asserts(bare) else first


def _first(text: str) -> str:
    """The first sentence of a text, in one line."""
    text = _LEAD.sub("", plain(text), count=1)
    first = next((text[start:end] for start, end in split_sentences(text)), "")
    return shorten(" ".join(first.split()), LONGEST_REFUSAL)


def _plain(draft: DraftClaim) -> DraftClaim:
    has_marks = "**" in draft.text or "__" in draft.text
    return replace(draft, text=plain(draft.text)) if has_marks else draft
