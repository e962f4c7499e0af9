"""Sentences of an answer, what they cite, and what was found of that."""

from __future__ import annotations

from typing import Literal

from store.value import Value

TextVerdict = Literal["matched", "weak", "number_not_found", "uncited", "unknown_citation"]
"""What a comparison of words and numbers says of a claim."""
Verdict = Literal[
    "matched",
    "weak",
    "number_not_found",
    "uncited",
    "unknown_citation",
    "supported",
    "contradicted",
    "not_stated",
]
"""What the check of a claim said; the last three come from a model."""


class Citation(Value):
    """A mark in an answer: which sentences of which paper it points at.

    `number` is the paper's number in the answer, from 1 in order of appearance;
    `sentences` are indices as in `Sentence`; `quote` is their text.
    """

    number: int
    id: str
    sentences: tuple[int, ...]
    quote: str
    verdict: Verdict


class NearSentence(Value):
    """The sentence of a source that holds the words and numbers of a claim without citation.

    It was found by quire and not named by the model; `sentence` is its index.
    """

    id: str
    title: str
    sentence: int
    quote: str


class Claim(Value):
    """One sentence of an answer, with its citations and what their check said.

    `start` and `end` are character offsets into the answer's text, marks included. `basis`
    are the addresses that a model's judgement names, as number of the paper in the answer
    and index of the sentence: "2.4". `nearest` is what an uncited claim may rest on.
    """

    text: str
    start: int
    end: int
    verdict: Verdict
    checked_by: Literal["text", "model"] = "text"
    basis: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    nearest: NearSentence | None = None
