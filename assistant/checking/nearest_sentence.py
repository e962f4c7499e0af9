"""For a sentence that a model left without a citation, the sentence of a source that holds it.

Small models often answer from the sources and cite none. What such a sentence rests on can
still be looked for: here among all sentences that the model was shown, by the check that a
citation goes through. The verdict does not change by it, for the model did not say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.checking.text_check import check_claims, is_absence
from assistant.checking.token_similarity import TokenReader
from assistant.retrieval.evidence_similarity import Similarity, claim_weights, recall
from assistant.text.words import Statistics, terms
from assistant.types.citations import Address, DraftClaim
from assistant.types.claims import Claim, NearSentence
from assistant.types.evidence import Evidence

_LOOKED_AT = 6
"""Sentences that are checked for a claim: those that hold most of its terms."""

_LEAST_RECALL = 0.3
"""A sentence that holds less than this of a claim's terms is not looked at."""

_LEAST_TERMS = 3
"""A claim of fewer terms, "Yes" or "It does", says too little to be looked for."""


def with_nearest(
    claims: Sequence[Claim],
    evidence: Evidence,
    statistics: Statistics,
    similarity: Similarity | None,
    tokens: TokenReader | None = None,
) -> tuple[Claim, ...]:
    """The claims, each that cites nothing with the sentence that would be its citation.

    Such is the sentence whose check as a citation gives "matched", the one with the most of
    the claim's terms (each weighted by its idf) where several do. A claim without such a
    sentence, one that says that something is not given, and cited ones stay as they are.
    """
    bare = [at for at, one in enumerate(claims) if one.verdict == "uncited"]
    if not bare or not evidence.sources:
        return tuple(claims)
    shown = [
        (Address(source.number, sentence.index, source.number), frozenset(terms(sentence.text)))
        for source in evidence.sources
        for sentence in source.sentences
        if sentence.index
    ]
    found = list(claims)
    for at in bare:
        near = _nearest(claims[at], shown, evidence, statistics, similarity, tokens)
        if near is not None:
            found[at] = claims[at].model_copy(update={"nearest": near})
    return tuple(found)


def _nearest(
    claim: Claim,
    shown: Iterable[tuple[Address, frozenset[str]]],
    evidence: Evidence,
    statistics: Statistics,
    similarity: Similarity | None,
    tokens: TokenReader | None = None,
) -> NearSentence | None:
    weighted = claim_weights(claim.text, statistics)
    if len(weighted) < _LEAST_TERMS or is_absence(claim.text):
        return None
    ranked = sorted(((recall(weighted, held), one) for one, held in shown), reverse=True)
    drafts = [
        DraftClaim(claim.text, claim.start, claim.end, (address,), ())
        for recalled, address in ranked[:_LOOKED_AT]
        if recalled >= _LEAST_RECALL
    ]
    for tried in check_claims(drafts, evidence, statistics, similarity, tokens):
        if tried.verdict == "matched" and tried.citations:
            citation = tried.citations[0]
            source = evidence.source(citation.number)
            return NearSentence(
                id=citation.id,
                title=source.paper.title if source else "",
                sentence=citation.sentences[0],
                quote=citation.quote,
            )
    return None
