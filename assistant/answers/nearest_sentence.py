"""For a sentence that a model left without a citation, the sentence of a source that holds it.

Small models often answer from the sources and cite none. What such a sentence rests on can
still be looked for: here among all sentences that the model was shown, by the check that a
citation goes through. The verdict does not change by it, for the model did not say so.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.checking.text_check import TextCheck
from assistant.text.discourse_cues import is_absence
from assistant.types.citations import Address, DraftClaim
from assistant.types.claims import Claim, NearSentence

_LOOKED_AT = 6
"""Sentences that are checked for a claim: those that hold most of its terms."""

_LEAST_RECALL = 0.5
"""A sentence that holds less than this of a claim's terms is not looked at."""

_LEAST_TERMS = 3
"""A claim of fewer terms, "Yes" or "It does", says too little to be looked for."""


def with_nearest(claims: Sequence[Claim], check: TextCheck) -> tuple[Claim, ...]:
    """The claims, each that cites nothing with the sentence that would be its citation.

    Such is the sentence whose check as a citation gives "matched", the one with the most of
    the claim's terms (each weighted by its idf) where several do. A claim without such a
    sentence, one that says that something is not given, and cited ones stay as they are.
    """
    found = list(claims)
    for at, claim in enumerate(claims):
        if claim.verdict == "uncited" and (near := _nearest(claim, check)) is not None:
            found[at] = claim.model_copy(update={"nearest": near})
    return tuple(found)


def _nearest(claim: Claim, check: TextCheck) -> NearSentence | None:
    weighted = check.weights(claim.text)
    if len(weighted) < _LEAST_TERMS or is_absence(claim.text):
        return None
    total = sum(weighted.values())
    ranked = sorted(
        (
            (
                sum(weighted[term] for term in weighted.keys() & check.terms_of(one.text)) / total,
                source.number,
                one.index,
            )
            for source in check.evidence.sources
            for one in source.sentences[1:]
        ),
        reverse=True,
    )
    for recalled, number, index in ranked[:_LOOKED_AT]:
        address = Address(number, index, number)
        draft = DraftClaim(claim.text, claim.start, claim.end, (address,), ())
        if recalled < _LEAST_RECALL or check.check([draft])[0].verdict != "matched":
            continue
        source = check.evidence.sources[number - 1]
        return NearSentence(
            id=source.paper.id,
            title=source.paper.title,
            sentence=index,
            quote=source.sentences[index].text,
        )
    return None
