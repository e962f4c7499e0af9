"""Reading what a model really writes when it is asked for verdicts, one line a statement.

The form asked for is `3: contradicted 2.4`. Read as well: other numbering, tables, words around
the verdict, JSON, a heading for each statement with the verdict below, verdicts without
numbers where there is one for each statement, and thoughts before them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from store.clean import clean_text
from store.pattern import pattern

ModelVerdict = Literal["supported", "contradicted", "not_stated"]
"""What a model says of a claim."""

Place = tuple[int, int]
"""An address: number of a paper, index of a sentence."""

MAX_LINES = 1_000
"""Lines that are read of a reply."""

MAX_CHARACTERS = 100_000
"""Characters that are read of a reply."""

_MOST_TRIES = 40


@dataclass(frozen=True)
class Judgement:
    """A model's verdict on one claim, with the addresses of the claim's own that it names."""

    verdict: ModelVerdict
    addresses: tuple[Place, ...] = ()


_THOUGHT = pattern(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_LOOSE_END = pattern(r"\A.*</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_DRESS = pattern(r"[*`\"'“”‘’{}|#>✓✔✗✘]|(?<=\w)_+(?=\W|$)|(?<!\w)_+(?=\w)")
_LABEL = r"(?:statements?|claims?|sentences?|items?|id|number|no\.?|index)"
_NUMBERED = pattern(
    rf"[\s\-–•+(\[,]*(?:{_LABEL}[\s:=#(\[]*)*(?P<number>\d{{1,3}})(?!\d|\.\d)"
    rf"(?P<more>(?:\s*(?:,|&|and)\s*\d{{1,3}}(?!\d|\.\d))*)[\s\])}}.:,;=–—\-→>]*",
    re.IGNORECASE,
)
_FIRST_WORD = pattern(
    r"(?:(?:verdict|judge?ment|label|result|status|answer|conclusion|is|the)[\s:=\-–]*)*",
    re.IGNORECASE,
)
_VERDICTS: tuple[tuple[ModelVerdict | None, str], ...] = (
    (None, r"(?:not|isn.?t|never) (?:\w+ )?contradict\w*|no contradictions?"),
    (
        "not_stated",
        r"(?:not|isn.?t|aren.?t|never|nowhere|cannot be|can.?t be|without|no|lacks?|insufficient)"
        r"[ _-](?:\w+[ _-]){0,2}?(?:stat\w+|support\w*|mention\w*|said|given|found|verif\w+|enough"
        r"|provided|addressed|covered|evidence|information|entail\w*|confirm\w*|present|clear)"
        r"|unsupported|unstated|unverifi\w+|unclear|unmentioned|neutral|irrelevant|notstated"
        r"|not[_-]?stated|nei\b|partial\w*|partly|in part",
    ),
    ("contradicted", r"contradict\w*|contrary|refut\w*|incorrect|false\b|disprov\w*|conflict\w*"),
    ("supported", r"support\w*|entail\w*|confirm\w*|correct\b|true\b|verified\b|stated\b"),
)
_VERDICT = pattern(
    "|".join(f"(?P<v{at}>\\b(?:{words}))" for at, (_, words) in enumerate(_VERDICTS)),
    re.IGNORECASE,
)
_ADDRESS = pattern(
    r"(?<![\w.,])(\d{1,3})\.(\d{1,3})(?:\s*[-–—]\s*(?:(\d{1,3})\.)?(\d{1,3}))?"
    r"(?!\s*%|[\w]|\.\d)"
)
_WHOLE = pattern(r"[\[(](\d{1,3})[\])]")
_LONGEST_HEADING = 400
_NUMBER_FIELDS = ("statement", "claim", "number", "id", "index", "n", "statement_number")
_VERDICT_FIELDS = ("verdict", "judgement", "judgment", "label", "result", "status", "answer")
_ADDRESS_FIELDS = ("address", "addresses", "sentence", "sentences", "evidence", "source", "basis")
_CAUTION: dict[ModelVerdict, int] = {"supported": 0, "not_stated": 1, "contradicted": 2}


def read_judgements(text: str, own: Sequence[AbstractSet[Place]]) -> dict[int, Judgement]:
    """The verdicts of a reply by number of statement, from 1; `own` are each one's addresses.

    Addresses that are not a statement's own are left out, and a verdict that rests on those of
    other statements only is dropped. Of two verdicts on one statement the more cautious counts.
    """
    found: dict[int, Judgement] = {}
    loose: list[tuple[ModelVerdict, str]] = []
    pending: tuple[int, ...] = ()
    for line in _lines(text):
        numbers, rest = _numbers(line)
        verdict, after = _verdict(rest)
        if numbers and verdict is None:
            pending = numbers if len(rest) < _LONGEST_HEADING else ()
            continue
        if verdict is None:
            # JSON over several lines, or a reason: an address may stand by itself.
            continue
        chosen = numbers or pending
        pending = ()
        if not chosen:
            loose.append((verdict, after))
        for number in chosen:
            _take(found, number, verdict, after, own)
    if not found and len(loose) == len(own):
        for number, (verdict, after) in enumerate(loose, 1):
            _take(found, number, verdict, after, own)
    return found


def _lines(text: str) -> list[str]:
    """The lines of a reply without thoughts and dress; a record of JSON becomes a line."""
    text = _THOUGHT.sub("\n", clean_text(text[:MAX_CHARACTERS]))
    text = _LOOSE_END.sub("", text)
    raw = _records(text) or text.split("\n")
    lines = (re.sub(r"\s+", " ", _DRESS.sub(" ", line)).strip() for line in raw)
    return [line for line in lines if any(char.isalnum() for char in line)][:MAX_LINES]


def _records(text: str) -> list[str]:
    """The lines that stand for the JSON of a reply; none when it holds no JSON."""
    starts = [at for sign in "[{" if (at := text.find(sign)) >= 0]
    found: list[str] = []
    decoder = json.JSONDecoder()
    at = min(starts, default=len(text))
    tries = 0
    # Each try may read a long way before it fails: brackets of prose get a few.
    while at < len(text) and len(found) < MAX_LINES and tries < _MOST_TRIES:
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            tries += 1
        else:
            found += _of_json(value)
        nexts = [place for sign in "[{" if (place := text.find(sign, at)) >= 0]
        at = min(nexts, default=len(text))
    return found


def _of_json(value: object) -> list[str]:
    """The verdicts in a value of JSON, as lines of the form that is asked for."""
    if isinstance(value, list):
        return [line for one in value for line in _of_json(one)]
    if not isinstance(value, dict):
        return []
    fields = {str(name).lower(): one for name, one in value.items()}
    number = next((fields[name] for name in _NUMBER_FIELDS if name in fields), None)
    verdict = next((fields[name] for name in _VERDICT_FIELDS if name in fields), None)
    if isinstance(verdict, str):
        others = [one for name, one in fields.items() if name in _ADDRESS_FIELDS]
        return [f"{number}: {verdict} {_flat(others)}" if number is not None else verdict]
    lines: list[str] = []
    for name, one in fields.items():
        digits = re.search(r"\d{1,3}", name)
        if digits and isinstance(one, str | list):
            lines.append(f"{digits[0]}: {_flat(one)}")
        elif digits and isinstance(one, dict):
            lines.append(f"{digits[0]}: {_flat(list(one.values()))}")
        else:
            lines += _of_json(one)
    return lines


def _flat(value: object) -> str:
    return " ".join(map(_flat, value)) if isinstance(value, list) else str(value)


def _numbers(line: str) -> tuple[tuple[int, ...], str]:
    """The numbers of the statements that a line begins with, and what follows."""
    match = _NUMBERED.match(line)
    if not match:
        return (), line
    every = [match["number"], *re.findall(r"\d+", match["more"])]
    return tuple(dict.fromkeys(map(int, every))), line[match.end() :]


def _verdict(text: str) -> tuple[ModelVerdict | None, str]:
    """The first verdict of a line, and the line without the text before it."""
    for match in _VERDICT.finditer(text):
        verdict = _VERDICTS[int((match.lastgroup or "v0")[1:])][0]
        if verdict is not None:
            return verdict, text[match.start() :]
    return None, ""


def _take(
    found: dict[int, Judgement],
    number: int,
    verdict: ModelVerdict,
    after: str,
    own: Sequence[AbstractSet[Place]],
) -> None:
    if not 1 <= number <= len(own):
        return
    mine = own[number - 1]
    named = _addresses(after, mine)
    papers = {place[0] for place in mine}
    others = frozenset().union(*own) - mine
    if named and all(place in others and place[0] not in papers for place in named):
        return
    kept = tuple(place for place in named if place in mine) if verdict != "not_stated" else ()
    before = found.get(number)
    if before is None or _CAUTION[verdict] > _CAUTION[before.verdict]:
        found[number] = Judgement(verdict, kept)


def _addresses(text: str, mine: AbstractSet[Place]) -> list[Place]:
    places: list[Place] = []
    for match in _ADDRESS.finditer(text):
        number, first = int(match[1]), int(match[2])
        same = match[3] is None or int(match[3]) == number
        last = int(match[4]) if match[4] and same else first
        places += [(number, index) for index in range(first, min(last, first + 20) + 1)]
    for match in _WHOLE.finditer(text):
        body = [place for place in mine if place[0] == int(match[1])]
        if len(body) <= 2:  # The title and one sentence: there is no doubt which is meant.
            places += [place for place in sorted(body) if place[1] or len(body) == 1]
    return list(dict.fromkeys(places))
