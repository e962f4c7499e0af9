"""Counting what the check of an answer said."""

from __future__ import annotations

from assistant.checking.verdicts import contradicted, model_judged, verdict_counts
from assistant.types.claims import Claim, Verdict


def claim(verdict: Verdict, by: str = "text") -> Claim:
    values = {"text": verdict, "start": 0, "end": 1, "verdict": verdict, "checked_by": by}
    return Claim.model_validate(values)


def test_claims_are_counted_by_verdict_in_the_order_of_the_signs() -> None:
    claims = [
        claim("contradicted", "model"),
        claim("uncited"),
        claim("matched"),
        claim("uncited"),
        claim("supported", "model"),
    ]
    assert list(verdict_counts(claims).items()) == [
        ("matched", 1),
        ("uncited", 2),
        ("supported", 1),
        ("contradicted", 1),
    ]
    assert model_judged(claims) == 2
    assert contradicted(claims) == claims[:1]
    assert verdict_counts([]) == {}
