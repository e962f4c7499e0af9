"""What a paper says of a thing that a question leaves out, by the polarity of its sentences.

Absence cannot be read from an abstract: a paper counts where a sentence denies the thing, and one
that affirms it is never shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from assistant.text.polarity import Reading, read
from assistant.text.words import terms
from assistant.types.evidence import Evidence, Source
from assistant.types.plans import Exclusion, PlannedPart

Stance = Literal["denies", "affirms", "silent"]
_SHARE = 0.5
"""The share of the words of what is left out that a sentence about it has."""
_FEW, _REACH = 2, 4
_LEAVING_OUT = frozenset(
    f"{verb}{ending}"
    for verb in ("avoid", "eliminat", "remov", "bypass", "omit", "exclud", "obviat", "discard")
    for ending in ("", "e", "s", "es", "ing", "ting", "ed", "ted")
)
_LACK = frozenset(("lack", "lacks", "lacking"))
_NEEDED = frozenset(("needed", "required", "necessary", "used", "involved", "available"))


@dataclass(frozen=True)
class Excluded:
    """What a question leaves out: its words as they are compared, the rarest, how it is seen."""

    keys: frozenset[str]
    rarest: str
    words: frozenset[str]
    how: Exclusion

    @classmethod
    def of(cls, part: PlannedPart, frequency: Callable[[str], int]) -> Excluded:
        """What a part of a question leaves out; in how many papers a word is tells how rare."""
        reading = read(part.excluded)
        keys = reading.all_keys
        rarest = min(keys, key=lambda key: (frequency(reading.word_of(key)), key), default="")
        words = frozenset(terms(part.excluded))
        return cls(keys, rarest, words, part.excluded_as)

    def stance(self, source: Source, nearest: int) -> tuple[Stance, int]:
        """What a paper says of it, and in which sentence.

        `nearest` is the sentence that speaks most to the whole question: of a thing told in many
        words it decides where no sentence has them.
        """
        if self.is_silence:
            paper = source.paper
            more = (paper.abstract,) if self.how == "about" else (paper.venue or "", *paper.authors)
            own = " ".join((paper.title, *more))
            return ("affirms" if self.words <= set(terms(own)) else "silent"), nearest
        affirming: int | None = None
        for sentence in source.sentences[1:] or source.sentences:
            found = self._of(read(sentence.text))
            if found == "denies":
                return found, sentence.index
            if found == "affirms" and affirming is None:
                affirming = sentence.index
        if self._of(read(source.sentences[0].text)) == "affirms" and affirming is None:
            affirming = 0
        there = source.sentence(nearest)
        if not self.is_short and there and self.keys & self._denied(read(there.text)):
            return "denies", nearest
        return ("silent", nearest) if affirming is None else ("affirms", affirming)

    def _of(self, sentence: Reading) -> Stance:
        """What one sentence says of it."""
        turned = sentence.turned.keys()
        shared = self.keys & (sentence.all_keys | turned)
        if len(shared) < _SHARE * len(self.keys) or not shared:
            return "silent"
        if self.is_short and self.rarest not in shared:
            return "silent"
        denied = shared & self._denied(sentence)
        return "denies" if (self.rarest in denied if self.is_short else denied) else "affirms"

    def _denied(self, sentence: Reading) -> frozenset[str]:
        """What a sentence denies; "classifier-free guidance" is no guidance that is denied."""
        return _denied_keys(sentence, free="" if "free" in self.keys else "free")

    @property
    def is_silence(self) -> bool:
        """True where no sentence is read: whether the words stand there tells."""
        return self.how != "denied"

    @property
    def is_short(self) -> bool:
        """True where one of its words tells what is left out: "use LibriSpeech"."""
        return len(self.keys) <= _FEW


def without_affirming(
    evidence: Evidence, part: PlannedPart, frequency: Callable[[str], int]
) -> Evidence:
    """The sources that are none of those left out; nothing of the others is shown as near."""
    excluded = Excluded.of(part, frequency)
    right: Stance = "silent" if excluded.how == "named" else "denies"
    kept = [one for one in evidence.sources if excluded.stance(one, 0)[0] == right]
    numbered = (one.model_copy(update={"number": at}) for at, one in enumerate(kept, 1))
    is_left = evidence.answerable and bool(kept)
    update = {"sources": tuple(numbered), "answerable": is_left, "near_misses": ()}
    return evidence.model_copy(update=update)


def _denied_keys(sentence: Reading, free: str) -> frozenset[str]:
    """The keys of what a sentence says that is not there, not used or not so.

    Behind a negation or a verb of leaving out, before "is not needed" or "-free", in a
    word that a prefix turns. What there is less of is there.
    """
    words, keys = sentence.words, sentence.keys
    places = {
        place
        for cue, scope in sentence.scopes
        # What is lacking in a thing is not that thing.
        if not (cue in _LACK and scope and words[scope[0] - 1] == "in")
        for place in scope
    }
    for at, word in enumerate(words):
        if word in _LEAVING_OUT:
            places.update(range(at + 1, min(at + 1 + _REACH, len(words))))
        elif word == free and at:
            places.add(at - 1)
        elif word in _NEEDED and "not" in words[max(at - 2, 0) : at]:
            places.update(range(max(at - _REACH, 0), at))
    return frozenset(filter(None, (keys[place] for place in places))) | sentence.turned.keys()
