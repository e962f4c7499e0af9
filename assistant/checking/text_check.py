"""Checking the sentences of an answer against the sentences they cite, by words and numbers.

"Matched" says that nothing was found against a claim where it points. It says nothing of
truth, unless the claim stands there word for word.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from functools import cache

from assistant.checking.cited_paper import CitedPaper
from assistant.checking.record_names import names_elsewhere, whole_text
from assistant.checking.rules import reasons_against
from assistant.checking.verdicts import NOT_THERE
from assistant.checking.word_for_word import is_word_for_word, misquoted
from assistant.retrieval.evidence_similarity import (
    Similarity,
    claim_recall,
    claim_weights,
    combined,
    coverage,
    similar_texts,
)
from assistant.retrieval.missing_words import missing_phrases, missing_things
from assistant.retrieval.pointing import pointed
from assistant.retrieval.token_similarity import TokenReader
from assistant.text.discourse_cues import is_absence
from assistant.text.foreign_names import foreign_names
from assistant.text.language import is_in_another_language
from assistant.text.sentences import split_sentences
from assistant.text.words import Statistics, numbers_missing, terms
from assistant.types.citations import DraftClaim
from assistant.types.claims import Citation, Claim, TextVerdict
from assistant.types.evidence import Evidence, Source
from assistant.types.paper_records import entry_of, listed, record_line, whole_record
from store.types import Paper

LEAST_SCORE = 0.2
"""Below this score of what it cites, a claim speaks of something else.

So do nine of ten claims put to a random abstract (dev parts of SciFact and citint), none of the
supported ones of SciFact and 4 % of citint. What is invented beside true words lies above.
"""

_HALF = 0.5
"""Where so many of its terms stand in what a claim cites, it speaks of that."""

FOREIGN = "in another language than its source"
"""The reason of a claim whose words cannot be compared with what it cites."""

_CONNECTIVE_WORDS = (
    "summary short brief overall conclusion following follows above below answer yes no note "
    "addition addition example abstract abstracts paper papers source sources say says question "
    "collection together briefly finding findings relevant based according sure course hope helps"
)


def check_claims(
    drafts: Sequence[DraftClaim],
    evidence: Evidence,
    statistics: Statistics,
    similarity: Similarity | None,
    tokens: TokenReader | None = None,
) -> tuple[Claim, ...]:
    """What `TextCheck` says of claims, for those who check once."""
    return TextCheck(evidence, statistics, similarity, tokens).check(drafts)


@dataclass(frozen=True)
class _Cited:
    """What a claim cites of one paper, as indices of its sentences.

    `shown` are those quoted; `basis` is the same, or all of a source that is cited as a whole.
    """

    source: Source
    shown: tuple[int, ...]
    basis: tuple[int, ...]
    whole: bool

    @property
    def texts(self) -> list[str]:
        """The title, what the record says where that is cited, and the sentences."""
        texts = _texts(self.source, (0, *self.basis))
        return [*texts, self.record] if self.record else texts

    @property
    def record(self) -> str:
        """What the record says, where the title is cited, or the whole paper."""
        return record_line(self.source.paper) if 0 in self.basis else ""

    @property
    def paper(self) -> CitedPaper:
        """The same as rules are given it."""
        paper = self.source.paper
        cited = _texts(self.source, [index for index in self.basis if index])
        entries = _entries(paper) if 0 in self.basis else ()
        return CitedPaper(paper.title, paper.abstract, tuple(cited), entries, self.record)


@dataclass(frozen=True)
class TextCheck:
    """Gives claims their citations and verdicts, against the evidence of one answer.

    The verdict is unknown_citation when an address does not exist, uncited without any,
    number_not_found when a number stands neither in the cited sentences nor in the titles,
    weak when something else speaks against the claim, else matched. A citation of a whole
    source is pointed at its best sentences. `tokens` tell more than `similarity` does, which
    then only points.
    """

    evidence: Evidence
    statistics: Statistics
    similarity: Similarity | None
    tokens: TokenReader | None = None
    _terms: dict[str, frozenset[str]] = field(default_factory=dict)

    def check(self, drafts: Sequence[DraftClaim]) -> tuple[Claim, ...]:
        """The claims with what was found; sentences without content are left out."""
        return tuple(self._checked(draft) for draft in drafts if _says_something(draft))

    def _checked(self, draft: DraftClaim) -> Claim:
        cited = self._cited(draft)
        basis = [one for one in cited.values() if one.basis]
        papers = [one.paper for one in basis]
        verbatim = is_word_for_word(draft.text, papers)
        foreign = set() if verbatim else _in_other_languages(draft.text, papers)
        missing: tuple[str, ...] = ()
        against = misquoted(draft.text, papers) if not basis else ()
        if basis and not verbatim:
            found = numbers_missing(draft.text, _number_text(basis), is_english=not foreign)
            missing = tuple(dict.fromkeys(draft.text[one.start : one.end] for one in found))
            if foreign:
                against = (FOREIGN,)
            else:
                against = self._against(draft.text, basis, papers, found=not missing)
        verdict = _verdict(draft, against, missing)
        reasons = (*(f"{one}{NOT_THERE}" for one in missing), *against)
        if verdict == "matched" and not verbatim:
            reasons = self._rare(draft.text, basis)
        alone = len(cited) == 1 and not draft.unknown
        return Claim(
            text=draft.text,
            start=draft.start,
            end=draft.end,
            verdict=verdict,
            reasons=reasons,
            is_verbatim=verbatim,
            is_foreign=bool(foreign),
            citations=tuple(
                Citation(
                    number=number,
                    id=one.source.paper.id,
                    sentences=one.shown,
                    quote=" ".join(_texts(one.source, one.shown)),
                    verdict=verdict if alone else self._own(draft.text, one, foreign),
                    is_whole=one.whole,
                )
                for number, one in sorted(cited.items())
            ),
        )

    def _against(
        self, claim: str, basis: Sequence[_Cited], papers: Sequence[CitedPaper], *, found: bool
    ) -> tuple[str, ...]:
        """What speaks against a claim beside its numbers, in words for the reader.

        Of one that says that something is not given, only that it speaks of something else.
        `found` says that its numbers stand there, however they are written.
        """
        reasons: list[str] = []
        if not is_absence(claim):
            reasons += (f"{one} is not in the cited paper" for one in self._foreign(claim, basis))
            reasons += reasons_against(claim, papers)
        if not self._carries(claim, basis, found=found):
            texts = "\n".join(text for one in basis for text in one.texts)
            lost = missing_phrases(claim, texts) or "most of it"
            reasons.append(f"not in the cited sentences: {lost}")
        return tuple(reasons)

    def _foreign(self, claim: str, basis: Sequence[_Cited]) -> tuple[str, ...]:
        own = {one.source.number for one in basis}
        papers = [one.paper for one in self.evidence.sources if one.number in own]
        others = [one.paper for one in self.evidence.sources if one.number not in own]
        texts, beside = ([whole_text(one) for one in each] for each in (papers, others))
        found = foreign_names(claim, texts, beside, self.statistics)
        if any(one.record for one in basis):
            found += names_elsewhere(claim, papers, others)
        return tuple(dict.fromkeys(found))

    def _rare(self, claim: str, basis: Sequence[_Cited]) -> tuple[str, ...]:
        """A note on things that a claim names and the papers and their records have in no form."""
        texts = "\n".join(whole_text(one.source.paper) for one in basis)
        named = missing_things(claim, texts, self.statistics)
        return (f"not in the abstract: {named}",) if named else ()

    def _carries(self, claim: str, basis: Sequence[_Cited], *, found: bool) -> bool:
        """True when what is cited, with the titles, speaks of what a claim does.

        So it does where it has half of the terms; rare ones count more where it has not.
        """
        texts = list(dict.fromkeys(text for one in basis for text in one.texts))
        held = frozenset().union(*map(self.terms_of, texts))
        if _share(self.terms_of(claim), held) >= _HALF:
            return True
        weighted = self.weights(claim)
        recalled = claim_recall(weighted, held, numbers_found=found)
        whole = any(one.whole for one in basis)
        if self.tokens and self.tokens.learn([claim, *texts]):
            score = self.tokens.score(
                claim, weighted, held, texts, whole=whole, numbers_found=found
            )
        elif self.similarity:
            row = self.similarity([claim], texts)[0]
            score = combined(recalled, similar_texts(row, whole=whole))
        else:
            score = recalled
        return score >= LEAST_SCORE

    def _own(self, claim: str, cited: _Cited, foreign: Container[str]) -> TextVerdict:
        """The verdict of one citation beside others, which may carry only its part of the claim."""
        if cited.source.paper.title in foreign:
            return "unchecked"
        held = frozenset().union(*map(self.terms_of, cited.texts))
        return "matched" if _share(self.terms_of(claim), held) >= LEAST_SCORE else "weak"

    def weights(self, claim: str) -> dict[str, float]:
        """The terms of a claim with their idf."""
        self.statistics.learn(claim)
        return claim_weights(claim, self.statistics)

    def _cited(self, draft: DraftClaim) -> dict[int, _Cited]:
        """What a claim points at, by the number displayed for the paper."""
        found: dict[int, _Cited] = {}
        for number in dict.fromkeys(address.number for address in draft.addresses):
            mine = [one for one in draft.addresses if one.number == number]
            source = self.evidence.source(mine[0].source)
            if source is None:
                continue
            shown = [one.sentence for one in mine if one.sentence is not None]
            basis = shown
            if whole := len(shown) < len(mine):
                basis = [one.index for one in source.sentences]
                weighted = self.weights(draft.text)
                shown = shown or pointed(draft.text, weighted, source, self.similarity)
            found[number] = _Cited(
                source, tuple(dict.fromkeys(shown)), tuple(dict.fromkeys(basis)), whole
            )
        return found

    def terms_of(self, text: str) -> frozenset[str]:
        """The terms of a sentence, each read once."""
        if text not in self._terms:
            self._terms[text] = frozenset(terms(text))
        return self._terms[text]


def _says_something(draft: DraftClaim) -> bool:
    cites = bool(draft.addresses or draft.unknown)
    return cites or not _connective_terms().issuperset(terms(draft.text))


@cache
def _connective_terms() -> frozenset[str]:
    return frozenset(terms(_CONNECTIVE_WORDS))


def _in_other_languages(claim: str, papers: Sequence[CitedPaper]) -> set[str]:
    """The titles of papers that are in another language than a claim."""
    return {one.title for one in papers if is_in_another_language(claim, one.whole)}


def _share(own: frozenset[str], held: frozenset[str]) -> float:
    """The share of terms that stand among others; where it is small, with those like them."""
    exact = len(own & held) / max(len(own), 1)
    return exact if exact >= _HALF else sum(coverage(own, held).values()) / max(len(own), 1)


def _entries(paper: Paper) -> tuple[str, ...]:
    """A paper as lists name it, and what is left of that behind a title's inner full stop."""
    whole = (whole_record(paper), entry_of(paper), listed(paper), paper.title)
    begin = split_sentences(paper.title.strip())[-1][0] if paper.title.strip() else 0
    return (*whole, *(one[begin:] for one in whole)) if begin else whole


def _texts(source: Source, indices: Sequence[int]) -> list[str]:
    return [source.sentences[index].text for index in dict.fromkeys(indices)]


def _number_text(basis: Sequence[_Cited]) -> str:
    """All that a number of a claim may come from: sentences, titles, years."""
    parts = [text for one in basis for text in (*one.texts, str(one.source.paper.year or ""))]
    return "\n".join(parts)


def _verdict(draft: DraftClaim, against: Sequence[str], missing: Sequence[str]) -> TextVerdict:
    """The verdict of a claim, by what speaks against it and the numbers that are missing."""
    if draft.unknown:
        return "unknown_citation"
    if not draft.addresses:
        return "uncited"
    if missing and (FOREIGN in against or not is_absence(draft.text)):
        return "number_not_found"
    if FOREIGN in against:
        return "unchecked"
    return "weak" if against else "matched"
