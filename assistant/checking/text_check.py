"""Checking the sentences of an answer against the sentences they cite, by words and numbers.

"Matched" says that the words and the numbers of a claim were found where it points. It says
nothing of truth: no signal used here sees a contradiction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.checking.cited_paper import CitedPaper
from assistant.checking.mismatch import foreign_names
from assistant.checking.rules import reasons_against
from assistant.checking.token_similarity import (
    MATCHED_BY_TOKENS,
    MATCHED_BY_TOKENS_WHOLE,
    TokenReader,
)
from assistant.retrieval.evidence_similarity import (
    Similarity,
    claim_recall,
    claim_weights,
    combined,
    positive,
    rank_sentences,
    recall,
    similar_whole,
)
from assistant.text.language import is_in_another_language
from assistant.text.words import Number, Statistics, numbers_missing, terms
from assistant.types.citations import DraftClaim
from assistant.types.claims import Citation, Claim, TextVerdict
from assistant.types.evidence import Evidence, Source
from store.pattern import pattern

MATCHED_THRESHOLD = 0.39
"""From this score of cited sentences on, a claim is matched.

This one and the next three part supported claims from those not stated best on the training
parts of SciFact and citint, or lie a little below, for the sake of few false alarms.
"""

MATCHED_THRESHOLD_WHOLE = 0.47
"""The same where a source is cited as a whole, which scores higher by its mere length."""

MATCHED_THRESHOLD_WORDS = 0.40
"""The same for recall alone, when there is no embedder."""

MATCHED_THRESHOLD_WORDS_WHOLE = 0.47
"""The same for recall alone in a whole source."""

FOREIGN = "in another language than its source"
"""The reason of a claim whose words cannot be compared with what it cites."""

_SHARE_OF_ONE = 0.5
_SECOND_SENTENCE_GAIN = 0.12
_MOST_POINTED = 3

_ABSENCE = pattern(
    r"\b(?:no|none|neither|nor|not|never|n't|without|nothing|lacks?|omits?|unclear|unknown)\b"
    r"[^.;]{0,80}\b(?:giv\w+|stat\w+|report\w*|mention\w*|specif\w+|provid\w+|describ\w+|sa(?:y|ys|id)"
    r"|discuss\w*|disclos\w+|nam\w+|quantif\w+|address\w*|cover\w*|compar\w+|evaluat\w+|figures?"
    r"|numbers?|values?|details?|information|found|available|included?)\b"
    r"|\b(?:does|do|did) not (?:say|give|state|report|mention|specify|provide|describe|name)\b",
    re.IGNORECASE,
)
_CONNECTIVE_WORDS = (
    "summary short brief overall conclusion following follows above below answer yes no note "
    "addition addition example abstract abstracts paper papers source sources say says question "
    "collection together briefly finding findings relevant based according sure course hope helps"
)


@dataclass(frozen=True)
class _Text:
    """A sentence of the evidence, its terms, and its row of similarities to the claims."""

    text: str
    terms: frozenset[str]


def check_claims(
    drafts: Sequence[DraftClaim],
    evidence: Evidence,
    statistics: Statistics,
    similarity: Similarity | None,
    tokens: TokenReader | None = None,
) -> tuple[Claim, ...]:
    """Give every claim its citations and its verdict; sentences without content are left out.

    The verdict is unknown_citation when an address does not exist, uncited without any,
    number_not_found when a number stands neither in the cited sentences nor in the titles,
    unchecked in another language than what is cited, else matched or weak by the score of its
    terms and similarity. A citation of a whole source is pointed at its best sentences. A
    sentence that states an absence is weak at worst. `tokens` tell more than `similarity`
    does, which then only points.
    """
    kept = [draft for draft in drafts if _says_something(draft)]
    for draft in kept:
        statistics.learn(draft.text)
    needed = _needed(kept, evidence)
    similar = _similarities(kept, needed, similarity)
    held = {key: _Text(text, frozenset(terms(text))) for key, text in needed.items()}
    if tokens and not tokens.learn([*(draft.text for draft in kept), *needed.values()]):
        tokens = None
    checker = _Checker(evidence, statistics, held, similar, tokens)
    return tuple(checker.check(at, draft) for at, draft in enumerate(kept))


def is_absence(text: str) -> bool:
    """True for a sentence that says that something is not given: "No figure is reported"."""
    return bool(_ABSENCE.search(text))


def _says_something(draft: DraftClaim) -> bool:
    if draft.addresses or draft.unknown:
        return True
    empty = frozenset(terms(_CONNECTIVE_WORDS))
    return any(term not in empty for term in terms(draft.text))


_Key = tuple[int, int]


def _needed(drafts: Sequence[DraftClaim], evidence: Evidence) -> dict[_Key, str]:
    """The sentences that any claim may rest on, by source number and sentence index."""
    found: dict[_Key, str] = {}
    for draft in drafts:
        for address in draft.addresses:
            source = evidence.source(address.source)
            if source is None:
                continue
            indices = {0, address.sentence}
            for sentence in source.sentences:
                if address.sentence is None or sentence.index in indices:
                    found[address.source, sentence.index] = sentence.text
    return found


def _similarities(
    drafts: Sequence[DraftClaim], needed: dict[_Key, str], similarity: Similarity | None
) -> list[dict[_Key, float]] | None:
    """For each claim, its similarity to each sentence; one call for all."""
    if similarity is None or not drafts or not needed:
        return None
    rows = similarity([draft.text for draft in drafts], list(needed.values()))
    return [dict(zip(needed, row, strict=True)) for row in rows]


@dataclass(frozen=True)
class _Cited:
    """What a claim points at in one paper, and what its check may use.

    `shown` are the sentences quoted; `basis` is the same, or all of a source that was
    cited as a whole.
    """

    shown: tuple[_Key, ...]
    basis: tuple[_Key, ...]
    whole: bool


@dataclass(frozen=True)
class _Checker:
    evidence: Evidence
    statistics: Statistics
    held: dict[_Key, _Text]
    similar: list[dict[_Key, float]] | None
    tokens: TokenReader | None

    def check(self, at: int, draft: DraftClaim) -> Claim:
        weighted = claim_weights(draft.text, self.statistics)
        cited = self._cited(at, draft, weighted)
        basis = tuple(key for one in cited.values() for key in one.basis)
        whole = any(one.whole for one in cited.values())
        missing = numbers_missing(draft.text, self._number_text(basis)) if basis else ()
        matched = self._carries(at, draft, weighted, basis, whole=whole, found=not missing)
        is_foreign = self._is_foreign(draft.text, basis)
        against = (FOREIGN,) if is_foreign else self._against(draft.text, cited)
        if missing and not is_absence(draft.text):
            against = (*(f"{_written(draft.text, one)} is not there" for one in missing), *against)
        matched = matched and not against
        verdict = _verdict(draft, matched=matched, numbers=bool(missing), is_foreign=is_foreign)
        citations = tuple(
            self._citation(
                at, draft, number, one, weighted, verdict, alone=len(cited) == 1, found=not missing
            )
            for number, one in sorted(cited.items())
        )
        return Claim(
            text=draft.text,
            start=draft.start,
            end=draft.end,
            verdict=verdict,
            reasons=against,
            is_foreign=is_foreign,
            citations=citations,
        )

    def _cited(self, at: int, draft: DraftClaim, weighted: dict[str, float]) -> dict[int, _Cited]:
        """What a claim points at, by the number displayed for the paper."""
        shown: dict[int, list[_Key]] = {}
        basis: dict[int, list[_Key]] = {}
        whole: set[int] = set()
        for address in draft.addresses:
            source = self.evidence.source(address.source)
            if source is None:
                continue
            own = shown.setdefault(address.number, [])
            used = basis.setdefault(address.number, [])
            if address.sentence is not None:
                own.append((address.source, address.sentence))
                used.append((address.source, address.sentence))
                continue
            whole.add(address.number)
            used += [(address.source, one.index) for one in source.sentences]
            if not any(key[0] == address.source for key in own):
                own += [(address.source, one) for one in self._pointed(at, draft, source, weighted)]
        return {
            number: _Cited(
                tuple(key for key in dict.fromkeys(shown[number]) if key in self.held),
                tuple(key for key in dict.fromkeys(basis[number]) if key in self.held),
                number in whole,
            )
            for number in shown
        }

    def _pointed(
        self, at: int, draft: DraftClaim, source: Source, weighted: dict[str, float]
    ) -> list[int]:
        """The sentences to quote of a source cited as a whole.

        The best one; a second when it adds much; and any that has a number still missing.
        """
        row = self.similar[at] if self.similar else None
        similar = [row[source.number, one.index] for one in source.sentences] if row else None
        ranked = [index for index, _ in rank_sentences(weighted, source.sentences, similar)]
        chosen = ranked[:1]
        held = self._terms_of(source, (0, *chosen))
        missing = numbers_missing(draft.text, _texts(source, (0, *chosen)))
        for index in ranked[1:]:
            more = held | self._terms_of(source, (index,))
            still = numbers_missing(draft.text, _texts(source, (0, *chosen, index)))
            gain = recall(weighted, more) - recall(weighted, held)
            second = len(chosen) == 1 and gain >= _SECOND_SENTENCE_GAIN
            if second or len(still) < len(missing):
                chosen.append(index)
                held, missing = more, still
            if len(chosen) == _MOST_POINTED:
                break
        return sorted(chosen)

    def _terms_of(self, source: Source, indices: Sequence[int]) -> frozenset[str]:
        return frozenset().union(*(self.held[source.number, index].terms for index in indices))

    def _carries(
        self,
        at: int,
        draft: DraftClaim,
        weighted: dict[str, float],
        keys: Sequence[_Key],
        *,
        whole: bool,
        found: bool,
        share: float = 1.0,
    ) -> bool:
        """True when sentences, with the titles of their papers, carry a share of a claim.

        `found` says that its numbers stand there.
        """
        if not keys:
            return False
        titles = [(number, 0) for number in dict.fromkeys(key[0] for key in keys)]
        both = [key for key in dict.fromkeys((*keys, *titles)) if key in self.held]
        held = frozenset().union(*(self.held[key].terms for key in both))
        if self.tokens is not None:
            texts = [self.held[key].text for key in both]
            score = self.tokens.score(
                draft.text, weighted, held, texts, whole=whole, numbers_found=found
            )
            return score >= share * (MATCHED_BY_TOKENS_WHOLE if whole else MATCHED_BY_TOKENS)
        recalled = claim_recall(weighted, held, numbers_found=found)
        if self.similar is None:
            least = MATCHED_THRESHOLD_WORDS_WHOLE if whole else MATCHED_THRESHOLD_WORDS
            return recalled >= share * least
        row = [self.similar[at][key] for key in both]
        least = MATCHED_THRESHOLD_WHOLE if whole else MATCHED_THRESHOLD
        score = combined(recalled, similar_whole(row) if whole else max(map(positive, row)))
        return score >= share * least

    def _against(self, text: str, cited: dict[int, _Cited]) -> tuple[str, ...]:
        """What speaks against a claim: names that the cited papers do not have, and the rules."""
        numbers = {key[0] for one in cited.values() for key in one.basis}
        if not numbers:
            return ()
        own = _papers(one for one in self.evidence.sources if one.number in numbers)
        others = _papers(one for one in self.evidence.sources if one.number not in numbers)
        foreign = foreign_names(text, own, others, self.statistics)
        papers = [
            CitedPaper(
                source.paper.title,
                source.paper.abstract,
                tuple(self.held[key].text for key in one.basis),
            )
            for one in cited.values()
            if one.basis and (source := self.evidence.source(one.basis[0][0])) is not None
        ]
        reasons = tuple(f"{name} is not in the cited paper" for name in foreign)
        return (*reasons, *reasons_against(text, papers))

    def _is_foreign(self, text: str, keys: Sequence[_Key]) -> bool:
        """True for a claim in another language than one of the papers it cites."""
        papers = (self.evidence.source(number) for number in dict.fromkeys(key[0] for key in keys))
        return any(
            is_in_another_language(text, f"{one.paper.title}\n{one.paper.abstract}")
            for one in papers
            if one is not None
        )

    def _number_text(self, keys: Sequence[_Key]) -> str:
        """All that a number of a claim may come from: sentences, titles, years."""
        parts = [self.held[key].text for key in keys]
        for number in dict.fromkeys(key[0] for key in keys):
            source = self.evidence.source(number)
            if source is not None:
                parts += [source.paper.title, str(source.paper.year or ""), source.paper.date or ""]
        return "\n".join(parts)

    def _citation(
        self,
        at: int,
        draft: DraftClaim,
        number: int,
        cited: _Cited,
        weighted: dict[str, float],
        verdict: TextVerdict,
        *,
        alone: bool,
        found: bool,
    ) -> Citation:
        """One citation; beside others it needs to carry only its part of the claim."""
        source = self.evidence.source(cited.shown[0][0]) if cited.shown else None
        own: TextVerdict = verdict
        if self._is_foreign(draft.text, cited.basis):
            own = verdict if alone and not found else "unchecked"
        elif not alone or verdict not in ("number_not_found", "weak", "matched"):
            share = 1.0 if alone else _SHARE_OF_ONE
            found = found and alone
            carries = self._carries(
                at, draft, weighted, cited.basis, whole=cited.whole, found=found, share=share
            )
            own = "matched" if carries else "weak"
        return Citation(
            number=number,
            id=source.paper.id if source else "",
            sentences=tuple(dict.fromkeys(key[1] for key in cited.shown)),
            quote=" ".join(self.held[key].text for key in cited.shown),
            verdict=own,
            is_whole=cited.whole,
        )


def _written(text: str, number: Number) -> str:
    return text[number.start : number.end]


def _papers(sources: Iterable[Source]) -> str:
    return "\n".join(f"{one.paper.title}\n{one.paper.abstract}" for one in sources)


def _texts(source: Source, indices: Sequence[int]) -> str:
    return "\n".join(source.sentences[index].text for index in indices)


def _verdict(draft: DraftClaim, *, matched: bool, numbers: bool, is_foreign: bool) -> TextVerdict:
    """The verdict of a claim, given what its citations carry and whether a number is missing."""
    if draft.unknown:
        return "unknown_citation"
    if not draft.addresses:
        return "uncited"
    if is_foreign:
        return "number_not_found" if numbers else "unchecked"
    if is_absence(draft.text):
        return "matched" if matched and not numbers else "weak"
    if numbers:
        return "number_not_found"
    return "matched" if matched else "weak"
