"""Sentences of an answer, what they cite, and what was found of that."""

from __future__ import annotations

from typing import Literal

from store.value import Value

TextVerdict = Literal[
    "matched", "weak", "number_not_found", "uncited", "unknown_citation", "unchecked"
]
"""What a comparison of words and numbers says of a claim; `unchecked`: it cannot compare them,
for the claim is in another language than what it cites."""
Verdict = Literal[
    "matched",
    "weak",
    "number_not_found",
    "uncited",
    "unknown_citation",
    "unchecked",
    "supported",
    "partly",
    "contradicted",
    "not_stated",
]
"""What the check of a claim said; the last four come from a model."""

CheckMode = Literal["auto", "on", "off"]
"""Whether a model judges the claims of an answer: where that costs nothing unforeseen, always,
never."""


class Citation(Value):
    """A mark in an answer: which sentences of which paper it points at.

    `number` is the paper's number in the answer, from 1 in order of appearance;
    `sentences` are indices as in `Sentence`; `quote` is their text. `is_whole` says that the
    mark names the paper and no sentence of it; these were then chosen.
    """

    number: int
    id: str
    sentences: tuple[int, ...]
    quote: str
    verdict: Verdict
    is_whole: bool = False


class NearSentence(Value):
    """The sentence of a source that holds the words and numbers of a claim without citation.

    It was found by quire and not named by the model; `sentence` is its index.
    """

    id: str
    title: str
    sentence: int
    quote: str


class WordsFound(Value):
    """What a comparison of words and numbers said of a claim before a model judged it."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()


class Claim(Value):
    """One sentence of an answer, with its citations and what their check said.

    `start` and `end` are character offsets into the answer's text, marks included. `basis`
    are the addresses that a model's judgement names, as number of the paper in the answer
    and index of the sentence: "2.4". `reasons` name what was seen, each in words for the reader.
    `is_verbatim` says that the claim stands word for word in what it cites, `is_foreign` that
    it is in another language. `by_words` is what words said of one that a model judged.
    `nearest` is what an uncited claim may rest on.
    """

    text: str
    start: int
    end: int
    verdict: Verdict
    checked_by: Literal["text", "model"] = "text"
    basis: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    is_verbatim: bool = False
    is_foreign: bool = False
    by_words: WordsFound | None = None
    citations: tuple[Citation, ...] = ()
    nearest: NearSentence | None = None

    @property
    def is_approved(self) -> bool:
        """True where a model found it supported, or it stands in the abstract word for word.

        Never where claim and source are in different languages.
        """
        if self.is_foreign:
            return False
        return self.verdict == "supported" or (self.is_verbatim and self.verdict == "matched")
