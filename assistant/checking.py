"""Checking the sentences of an answer against the sentences they cite, by words and numbers.

"Matched" says that the words and the numbers of a claim were found where it points. It says
nothing of truth: no signal used here sees a contradiction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.drafts import DraftClaim
from assistant.evidence_match import Similarity, combined, rank_sentences, recall, weights
from assistant.values import Citation, Claim, Evidence, Source, TextVerdict
from assistant.words import Statistics, numbers_missing, terms

MATCHED_THRESHOLD = 0.42
"""From this score of recall and similarity on, a claim is matched; see tests/bench/calibration.py."""

MATCHED_THRESHOLD_WORDS = 0.4
"""The same for recall alone, when there is no embedder."""

_SHARE_OF_ONE = 0.5
_SECOND_SENTENCE_GAIN = 0.12

_ABSENCE = re.compile(
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
) -> tuple[Claim, ...]:
    """Give every claim its citations and its verdict; sentences without content are left out.

    The verdict is unknown_citation when an address does not exist, uncited without any,
    number_not_found when a number stands neither in the cited sentences nor in the titles,
    else matched or weak by the score of its terms and similarity. A citation of a whole
    source is pointed at its best sentences. A sentence that states an absence is weak at
    worst.
    """
    kept = [draft for draft in drafts if _says_something(draft)]
    needed = _needed(kept, evidence)
    similar = _similarities(kept, needed, similarity)
    held = {key: _Text(text, frozenset(terms(text))) for key, text in needed.items()}
    checker = _Checker(evidence, statistics, held, similar)
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
class _Checker:
    evidence: Evidence
    statistics: Statistics
    held: dict[_Key, _Text]
    similar: list[dict[_Key, float]] | None

    def check(self, at: int, draft: DraftClaim) -> Claim:
        weighted = weights(draft.text, self.statistics)
        cited = self._cited(at, draft, weighted)
        keys = [key for own in cited.values() for key in own]
        score = self._score(at, weighted, keys)
        missing = numbers_missing(draft.text, self._number_text(keys)) if keys else ()
        verdict = self._verdict(draft, score, numbers=bool(missing))
        citations = tuple(
            self._citation(at, number, own, weighted, verdict, alone=len(cited) == 1)
            for number, own in sorted(cited.items())
        )
        return Claim(
            text=draft.text,
            start=draft.start,
            end=draft.end,
            verdict=verdict,
            citations=citations,
        )

    def _cited(
        self, at: int, draft: DraftClaim, weighted: dict[str, float]
    ) -> dict[int, list[_Key]]:
        """The sentences a claim points at, by the number displayed for their paper."""
        cited: dict[int, list[_Key]] = {}
        for address in draft.addresses:
            keys = cited.setdefault(address.number, [])
            source = self.evidence.source(address.source)
            if address.sentence is not None:
                found = [address.sentence]
            elif source is not None and not any(key[0] == address.source for key in keys):
                found = self._pointed(at, draft.text, source, weighted)
            else:
                found = []
            keys += [
                (address.source, index) for index in found if (address.source, index) not in keys
            ]
        return cited

    def _pointed(
        self, at: int, claim: str, source: Source, weighted: dict[str, float]
    ) -> list[int]:
        """The best sentences of a source that was cited as a whole: one, or two for more."""
        row = self.similar[at] if self.similar else None
        similar = [row[source.number, one.index] for one in source.sentences] if row else None
        ranked = [index for index, _ in rank_sentences(weighted, source.sentences, similar)]
        best = ranked[:1]
        terms_of = {
            one.index: self.held[source.number, one.index].terms for one in source.sentences
        }
        text_of = {one.index: one.text for one in source.sentences}
        title = terms_of.get(0, frozenset())
        reached = recall(weighted, title.union(*(terms_of[index] for index in best)))
        missing = numbers_missing(claim, " ".join(text_of[index] for index in best))
        for index in ranked[1:]:
            if len(best) > 2:
                break
            gained = recall(
                weighted, title.union(terms_of[index], *(terms_of[one] for one in best))
            )
            fewer = missing and numbers_missing(
                claim, " ".join(text_of[one] for one in (*best, index))
            )
            if (len(best) < 2 and gained - reached >= _SECOND_SENTENCE_GAIN) or (
                missing and len(fewer) < len(missing)
            ):
                best.append(index)
                reached, missing = gained, fewer
        return sorted(best)

    def _score(self, at: int, weighted: dict[str, float], keys: Sequence[_Key]) -> float:
        """How far cited sentences, with the titles of their papers, carry a claim."""
        if not keys:
            return 0.0
        titles = [(number, 0) for number in {key[0] for key in keys}]
        both = [key for key in (*keys, *titles) if key in self.held]
        recalled = recall(weighted, frozenset().union(*(self.held[key].terms for key in both)))
        if self.similar is None:
            return recalled
        return combined(recalled, max(self.similar[at][key] for key in both))

    def _number_text(self, keys: Sequence[_Key]) -> str:
        """All that a number of a claim may come from: sentences, titles, years."""
        parts = [self.held[key].text for key in keys if key in self.held]
        for number in dict.fromkeys(key[0] for key in keys):
            source = self.evidence.source(number)
            if source is not None:
                paper = source.paper
                parts += [paper.title, str(paper.year or ""), paper.date or ""]
        return "\n".join(parts)

    def _verdict(self, draft: DraftClaim, score: float, *, numbers: bool) -> TextVerdict:
        if draft.unknown:
            return "unknown_citation"
        if not draft.addresses:
            return "uncited"
        matched = score >= self._threshold
        if is_absence(draft.text):
            return "matched" if matched and not numbers else "weak"
        if numbers:
            return "number_not_found"
        return "matched" if matched else "weak"

    def _citation(
        self,
        at: int,
        number: int,
        keys: Sequence[_Key],
        weighted: dict[str, float],
        verdict: TextVerdict,
        *,
        alone: bool,
    ) -> Citation:
        """One citation; beside others it needs to carry only its part of the claim."""
        known = [key for key in keys if key in self.held]
        sources = [self.evidence.source(key[0]) for key in known]
        paper_id = next((source.paper.id for source in sources if source), "")
        score = self._score(at, weighted, known)
        least = self._threshold * (1.0 if alone else _SHARE_OF_ONE)
        own: TextVerdict = "matched" if score >= least else "weak"
        if alone and verdict in ("number_not_found", "weak"):
            own = verdict
        return Citation(
            number=number,
            id=paper_id,
            sentences=tuple(dict.fromkeys(key[1] for key in known)),
            quote=" ".join(self.held[key].text for key in known),
            verdict=own,
        )

    @property
    def _threshold(self) -> float:
        return MATCHED_THRESHOLD if self.similar is not None else MATCHED_THRESHOLD_WORDS
