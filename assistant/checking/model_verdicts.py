"""Reading what a model writes of the claims of an answer, line by line as it comes.

A line is `3: partly 2.4 - what is missing`. Nothing is guessed: a line counts for the statement
whose number it begins with, and approves it only by naming one of its own sentences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal, get_args

from assistant.checking.statements import Place
from store.clean import clean_line
from store.pattern import pattern

ModelVerdict = Literal["supported", "partly", "not_stated", "contradicted"]
"""What a model says of a claim, in order of caution."""

CONTROL = 0
"""The number of the statement that no source supports: who approves it reads too little."""

_FEW = 3
_LONGEST_REPLY, _LONGEST_LINE, _LONGEST_REASON = 100_000, 1_000, 80
_CAUTION: tuple[ModelVerdict, ...] = get_args(ModelVerdict)


@dataclass(frozen=True)
class Judgement:
    """A model's verdict on one claim, with the addresses of its own that it names, and why."""

    verdict: ModelVerdict
    addresses: tuple[Place, ...] = ()
    reason: str = ""


_THOUGHT = pattern(r"\s*(?:<think(?:ing)?>|<\|channel\|>(?!final))", re.IGNORECASE)
_THOUGHT_OVER = pattern(r".*(?:</think(?:ing)?>|<\|channel\|>final<\|message\|>)", re.IGNORECASE)
_DRESS = str.maketrans({**dict.fromkeys("*`\"'“”‘’{}✓✔✗✘", " "), "|": ":", "_": " "})
_NUMBERED = pattern(
    r"\W*(?:(?P<label>statements?|claim|sentence|id|number|no|n)\W+)?"
    r"(?P<number>\d{1,4})(?![\w%]|\.\d)(?P<sign>\W*)",
    re.IGNORECASE,
)
_VERDICT = pattern(
    r"(?:(?:verdict|judge?ment|label|is)\W+)?"
    r"(?:(?P<supported>supported|entailed)"
    r"|(?P<partly>part(?:ly|ial|ially)|in part)(?:\W+(?:supported|stated))?"
    r"|(?P<not_stated>not?\W?(?:\w+ly )?(?:stated|supported|mentioned|given|found|said|evidence)"
    r"|un(?:supported|stated|mentioned))"
    r"|(?P<contradicted>contradict(?:ed|s|ion)|refuted))\b"
    # Else it is a word of the statement, said again.
    r"(?=\W*(?:$|\d+\.\d+)|\s*[-–—:;,.(\[]|\s+(?:by|in|at)\b)",
    re.IGNORECASE,
)
_ADDRESS = pattern(
    r"(?:[\s\[\](),;:&=]|\b(?:and|by|in|at|sentences?|address(?:es)?)\b)*[-–—]?\s*\[?"
    r"(\d{1,3})\.(\d{1,3})(?![\w%]|\.\d)",
    re.IGNORECASE,
)


class JudgementReader:
    """Reads a reply that comes in pieces; `own` are the addresses shown with each statement.

    Statements are counted from 1. `distrust` says why the reply as a whole is not used: it
    approves the control, judges statements that there are not, goes round in circles, or most of
    it cannot be meant. What was returned before that is void, and `judgements` are none.
    """

    def __init__(self, own: Sequence[AbstractSet[Place]]) -> None:
        self._own = own
        self._held = self.distrust = ""
        self._read = self._lines = self._wrong = 0
        self._thinks = False
        self._heading: int | None = None
        self._found: dict[int, Judgement] = {}

    @property
    def judgements(self) -> dict[int, Judgement]:
        """What counts of all that was read, by number of statement."""
        return {} if self.distrust else dict(self._found)

    def feed(self, piece: str) -> bool:
        """Take a piece; returns whether the lines it completes say something new."""
        before = self.judgements
        piece = piece[: max(0, _LONGEST_REPLY - self._read)]
        self._read += len(piece)
        *lines, held = (self._held + piece).split("\n")
        self._held = held[:_LONGEST_LINE]
        for line in lines:
            self._line(line)
        return self.judgements != before

    def finish(self) -> None:
        """Take the last line, and look at the reply as a whole."""
        self._line(self._held)
        self._held = ""
        named = [
            one.addresses
            for number, one in self._found.items()
            if one.addresses and any(index for _, index in self._own[number - 1])
        ]
        titles = sum(not any(index for _, index in places) for places in named)
        if self._wrong > len(self._found):
            self.distrust = self.distrust or "its lines cannot be taken as verdicts"
        elif titles >= _FEW and 2 * titles > len(named):
            self.distrust = self.distrust or "it names titles, and no sentences"

    def _line(self, line: str) -> None:
        over = _THOUGHT_OVER.match(line)
        if over:
            # What stood before was thought.
            self._found, self._lines, self._wrong, self.distrust = {}, 0, 0, ""
            self._thinks, line = False, line[over.end() :]
        self._thinks = self._thinks or bool(_THOUGHT.match(line))
        if self._thinks or not line.strip():
            return
        line = clean_line(line).translate(_DRESS)
        head = _NUMBERED.match(line)
        number, self._heading = self._heading, None
        start = 0
        if head and (head["label"] or set(":：.)]=-–—→>") & set(head["sign"])):
            number, start = int(head["number"]), head.end()
        verdict = _VERDICT.match(line, start) or _VERDICT.match(line.lstrip(" :"))
        if number is not None and verdict is not None:
            self._judge(number, verdict)
        elif start:
            self._heading = number

    def _judge(self, number: int, found: re.Match[str]) -> None:
        self._lines += 1
        verdict: ModelVerdict = next(name for name in _CAUTION if found[name])
        if number > len(self._own):
            self.distrust = self.distrust or "it judges statements that there are not"
        elif number == CONTROL and verdict == "supported":
            self.distrust = self.distrust or "it approves what no source says"
        elif self._lines > 2 * (len(self._own) + 1):
            self.distrust = self.distrust or "it goes round in circles"
        if self.distrust or number == CONTROL:
            return
        judgement = _judgement(verdict, found.string[found.end() :], self._own[number - 1])
        before = self._found.get(number)
        if judgement is None:
            self._wrong += 1
        elif not before or _CAUTION.index(before.verdict) < _CAUTION.index(verdict):
            self._found[number] = judgement


def _judgement(verdict: ModelVerdict, rest: str, own: AbstractSet[Place]) -> Judgement | None:
    """What a line says behind its verdict; None where it cannot be meant for this statement."""
    kept: list[Place] = []
    at = 0
    while (match := _ADDRESS.match(rest, at)) is not None:
        place = (int(match[1]), int(match[2]))
        if place in own:
            kept.append(place)
        elif kept or set("-–—:") & set(match[0]):
            break  # A number that the reason begins with.
        elif verdict != "not_stated":
            return None
        at = match.end()
    reason = " ".join(rest[at:].split()).strip(" -–—:;,.()[]=>")
    if verdict == "supported":
        is_sure = kept and not any(map(str.isalpha, reason))  # Who explains may well object.
        return Judgement(verdict, tuple(dict.fromkeys(kept))) if is_sure else None
    if len(reason) > _LONGEST_REASON:
        reason = reason[: _LONGEST_REASON - 1].rsplit(" ", 1)[0].rstrip(" ,;") + "…"
    basis = tuple(dict.fromkeys(kept)) if verdict != "not_stated" else ()
    return Judgement(verdict, basis, reason if any(map(str.isalpha, reason)) else "")
