"""From the raw pieces of a model to a checked answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.checking.nearest_sentence import with_nearest
from assistant.checking.text_check import check_claims
from assistant.checking.token_similarity import ReadTokens, TokenReader
from assistant.checking.unsupported_quotes import with_true_quotations
from assistant.citations.claims import DraftClaim
from assistant.citations.fence_echo import FenceFilter
from assistant.citations.parser import CitationReader
from assistant.prompting.prompts import REFUSAL
from assistant.retrieval.evidence_similarity import Similarity
from assistant.text.words import Statistics
from assistant.types.answers import Answer, EvidenceCounts, Outcome, PromptReference, Reference
from assistant.types.claims import Claim
from assistant.types.evidence import Evidence
from assistant.types.usage import Usage
from store.clean import StreamCleaner
from store.types import Paper

_REFUSING = re.compile(
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


class Draft:
    """An answer in the making: pieces go in, text to show comes out, a check ends it.

    `fence` is the token of the prompt's fences, whose lines are no part of an answer.
    """

    def __init__(
        self,
        evidence: Evidence,
        statistics: Statistics,
        similarity: Similarity | None,
        fence: str = "",
        tokens: ReadTokens | None = None,
    ) -> None:
        self.evidence = evidence
        self._statistics = statistics
        self._similarity = similarity
        self._tokens = None if tokens is None else TokenReader(tokens)
        self._cleaner = StreamCleaner()
        self._echo = FenceFilter(fence)
        self._gate = RefusalGate()
        self._reader = CitationReader(evidence)
        self._raw = 0
        self._checked = 0
        self._looked_at = 0
        self._shown: list[str] = []

    @property
    def characters(self) -> int:
        """How many characters the model has written."""
        return self._raw

    @property
    def text(self) -> str:
        """What was shown so far."""
        return "".join(self._shown)

    def feed(self, piece: str) -> str:
        """Take a raw piece of the model's, return the text to show now."""
        self._raw += len(piece)
        text = self._echo.feed(self._cleaner.feed(piece))
        return self._show(self._reader.feed(self._gate.feed(text)))

    def finish(self) -> str:
        """End the text, return what was still to be shown."""
        last = self._echo.feed(self._cleaner.finish()) + self._echo.finish()
        rest = self._gate.feed(last) + self._gate.finish()
        return self._show(self._reader.feed(rest) + self._reader.finish())

    def say(self, text: str) -> None:
        """Put words of our own where the model wrote none."""
        self._shown.append(text)

    @property
    def only_echo(self) -> bool:
        """True when the model wrote nothing but the fences of its prompt."""
        return self._echo.dropped and not self.text.strip() and not self._gate.refused

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

    def whole_claims(self, *, ended: bool = False) -> list[DraftClaim]:
        """Claims whose text is whole and that were not handed out before.

        The last one may go on, unless a paragraph has `ended` with it.
        """
        drafts = self._reader.claims()[self._checked : None if ended else -1]
        self._checked += len(drafts)
        return list(drafts)

    def check(self, drafts: Sequence[DraftClaim]) -> list[Claim]:
        """Check claims; this asks the library, so it may wait for whoever writes to it."""
        claims = check_claims(
            drafts, self.evidence, self._statistics, self._similarity, self._tokens
        )
        return [with_true_quotations(claim, self.evidence) for claim in claims]

    @property
    def refused(self) -> bool:
        """True when the model said, by the phrase or in other words, that nothing answers."""
        if self._gate.refused:
            return True
        text = self.text
        uncited = not self._reader.order
        return uncited and len(text) < _SHORT_REFUSAL and bool(_REFUSING.search(text))

    def answer(
        self,
        question: str,
        outcome: Outcome,
        *,
        model: str,
        standalone: str | None = None,
        prompt: PromptReference | None = None,
        usage: Usage | None = None,
    ) -> Answer:
        """Check every claim, and put the answer together."""
        claims = with_nearest(
            self.check(self._reader.claims()),
            self.evidence,
            self._statistics,
            self._similarity,
            self._tokens,
        )
        cited: dict[int, set[int]] = {}
        for claim in claims:
            for citation in claim.citations:
                cited.setdefault(citation.number, set()).update(citation.sentences)
        papers = {
            number: source.paper
            for number, at in enumerate(self._reader.order, 1)
            if (source := self.evidence.source(at)) is not None
        }
        references = tuple(
            reference_to(number, paper, tuple(sorted(cited.get(number, ()))))
            for number, paper in papers.items()
        )
        refusing = outcome == "not_in_collection"
        return Answer(
            question=question,
            standalone=standalone if standalone != question else None,
            outcome=outcome,
            text=self.text,
            claims=() if refusing else claims,
            references=references,
            near_misses=self.evidence.near_misses if refusing else (),
            model=model,
            prompt=prompt,
            usage=usage or Usage(),
            evidence=EvidenceCounts(
                considered=self.evidence.considered,
                used=len(references),
                dropped=self.evidence.dropped,
            ),
        )


def reference_to(number: int, paper: Paper, sentences: tuple[int, ...]) -> Reference:
    """A cited paper as it is now, so that the citation outlives it."""
    place = paper.provenance[0] if paper.provenance else None
    return Reference(
        number=number,
        id=paper.id,
        title=paper.title,
        authors=paper.authors,
        year=paper.year,
        url=address_of(paper),
        abstract=paper.abstract,
        sentences=sentences,
        source=place.source if place else "",
        added_at=paper.added_at,
    )


def address_of(paper: Paper) -> str | None:
    """Where a paper is on the web, by what its record says; None when it says nothing."""
    if paper.url:
        return paper.url
    if paper.arxiv_id:
        return f"https://arxiv.org/abs/{paper.arxiv_id}"
    return f"https://doi.org/{paper.doi}" if paper.doi else None


def _bare(text: str) -> str:
    return " ".join(text.strip(_WRAPPING).casefold().split())
