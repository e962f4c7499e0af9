"""Reading what a model says of each paper, one line a paper, from what models really write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from store.pattern import pattern

Said = Literal["yes", "no", "unclear"]

_YES = "yes y true relevant supports supported ja oui"
_NO = "no n none false irrelevant not"
_UNCLEAR = "unclear maybe perhaps partly partially partial unsure uncertain unknown possibly ?"
_WORDS: dict[str, Said] = {
    **dict.fromkeys(_YES.split(), "yes"),
    **dict.fromkeys(_NO.split(), "no"),
    **dict.fromkeys(_UNCLEAR.split(), "unclear"),
}
_BETWEEN = r"[\s:;=.,\-–—>|)\]*_`\"'(]*"
_LINE = pattern(
    r"^[\s>*_`#|\-•+\[({]*(?:(?:source|paper|abstract|no\.|nr\.?|number)\s*)?[*_`\[(]*"
    rf"(?P<number>\d{{1,3}})(?:\.0)?(?![\d]|\.\d){_BETWEEN}"
    r"(?P<word>[a-z]+|\?)(?P<rest>.*)$",
    re.IGNORECASE,
)
_JSON_PAIR = pattern(
    r"[{,]\s*[\"'](?P<number>\d{1,3})[\"']\s*:\s*[\"'](?P<word>[a-z]+)(?P<rest>[^\"',}]*)[\"']",
    re.IGNORECASE,
)
_ADDRESS = pattern(r"(?<![\d.])(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_BARE = pattern(
    r"^[\s,:;(\[\-–—>|]*(?:(?:sentence|sent\.?|address|s\.?)\s*)?(\d{1,3})(?![\d.%])", re.IGNORECASE
)


@dataclass(frozen=True)
class Line:
    """What was said of one paper of a batch.

    `sentences` are indices of the paper's sentences that were named, in order; `strays` is
    True when only sentences of other papers were named.
    """

    said: Said
    sentences: tuple[int, ...] = ()
    strays: bool = False


def read_lines(text: str, numbers: Collection[int]) -> dict[int, Line]:
    """What a reply says of each numbered paper; papers that it leaves out are left out.

    Of two lines on one paper that disagree nothing can be told: it is unclear. Numbers that
    were not asked about are ignored.
    """
    found: dict[int, Line] = {}
    for number, line in _all_lines(_plain(text)):
        if number not in numbers:
            continue
        before = found.get(number)
        if before is not None and before.said != line.said:
            found[number] = Line("unclear")
        elif before is None or (line.sentences and not before.sentences):
            found[number] = line
    return found


def _all_lines(text: str) -> list[tuple[int, Line]]:
    found: list[tuple[int, Line]] = []
    for one in text.splitlines():
        pairs = list(_JSON_PAIR.finditer(one))
        match = _LINE.match(one)
        for each in pairs or ([match] if match else []):
            said = _WORDS.get(each["word"].lower())
            if said is not None:
                number = int(each["number"])
                found.append((number, _line(number, said, each["rest"])))
    return found


def _line(number: int, said: Said, rest: str) -> Line:
    if said == "no" and re.match(r"\s*(?:sure|certain|clear)", rest, re.IGNORECASE):
        return Line("unclear")
    if said != "yes":
        return Line(said)
    addresses = [(int(paper), int(index)) for paper, index in _ADDRESS.findall(rest)]
    own = tuple(dict.fromkeys(index for paper, index in addresses if paper == number))
    if addresses:
        return Line(said, own, strays=not own)
    bare = _BARE.match(rest)
    return Line(said, (int(bare[1]),) if bare else ())


def _plain(text: str) -> str:
    """The text with look-alike digits, brackets and full stops written plainly."""
    return unicodedata.normalize("NFKC", text).replace("【", "[").replace("】", "]")
