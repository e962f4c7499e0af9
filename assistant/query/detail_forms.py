"""What a question asks for in detail: a number beside a noun, a name after "by", a licence.

The words by which details are asked for and given are in details.toml.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from assistant.query.question import MAX_READ
from assistant.text.numbers.compare import numbers
from assistant.text.numbers.units import UNITS
from assistant.text.tables import read_table
from assistant.text.words import terms

Holds = Callable[[str], bool]
"""True for a sentence that gives a detail."""

Recorded = Literal["", "authors", "date"]
"""What of a paper's record gives the detail too, though its abstract may not."""


@dataclass(frozen=True)
class Detail:
    """One detail that a question asks for.

    `what` is it in words ("the number of GPUs"); `holds` tells sentences that give one;
    `asking` are words that name what is asked for, not what it is asked of. Where a source
    gives the detail, sentences of it that `perhaps` tells may do so too, though they do not
    name it: "from 69.8% to 73.2%".
    """

    what: str
    holds: Holds
    asking: str = ""
    recorded: Recorded = ""
    perhaps: Holds | None = None


def detail_of(question: str) -> Detail | None:
    """The detail that a question asks for; None where it asks for something else."""
    question = question[:MAX_READ]
    for kind in _table()["kinds"]:
        found = re.search(_filled("|".join(kind["asks"])), question, re.IGNORECASE)
        if found is not None:
            detail = _FORMS[kind["form"]](found) if "form" in kind else _fixed(kind)
            if detail is not None:
                return detail
    return None


_REACH_AFTER, _REACH_BEFORE = 60, 40
_ACCURACY = "(?:top-?[15] )?accuracy"


@cache
def _table() -> dict[str, Any]:
    return read_table(__file__, "details.toml")


@cache
def _filled(pattern: str) -> str:
    """A pattern of the table with its parts put in."""
    parts = _table()["parts"] | {"METRIC": "|".join(f"(?:{one})" for one in _table()["metrics"])}
    return re.sub(r"<([A-Z]+)>", lambda found: str(parts[found[1]]), pattern)


def _asking(found: re.Match[str]) -> str:
    """The words of a match that name what is asked for."""
    parts = found.groupdict()
    hardware = _table()["hardware"]
    return " ".join(filter(None, (parts.get("noun"), parts.get("metric"), hardware)))


def _words_of(noun: str) -> frozenset[str]:
    """The terms by which a noun may stand in a sentence."""
    own = set(terms(noun))
    for group in _table()["synonyms"]:
        words = terms(group)
        if words[0] in own:
            own |= set(words)
    return frozenset(own)


def _unit_of(noun: str) -> str:
    """The base unit that a noun names ("hours", "millimetres"), or nothing."""
    low = noun.lower()
    low = {"weeks": "days", "months": "days", "years": "days"}.get(low, low)
    low = low.replace("millimetre", "mm").replace("kilometre", "km").replace("centimetre", "cm")
    return UNITS.get(low, UNITS.get(low.removesuffix("s"), ("", 1.0)))[0]


def _near_number(noun: str, phrase: str = "") -> Holds:
    """Sentences that hold a number close to a noun, or one in the unit that the noun is.

    The initials of the whole phrase do too: "50 IPC" gives the number of images per class.
    """
    initials = "".join(word[0] for word in phrase.split()).lower()
    wanted = _words_of(noun) | ({initials} if len(initials) > 2 else set())
    unit = _unit_of(noun)

    led_by = re.compile(
        rf"\b(?:{'|'.join(map(re.escape, wanted))})\w*(?:\s*[:=(]|\s+(?:is|are|was|were|of|to))"
        r"\s*(?:about|only|just|over|up to)?\s*$",
        re.IGNORECASE,
    )

    def holds(text: str) -> bool:
        for number in numbers(text):
            if unit and number.unit == unit:
                return True
            after = text[number.start : number.end + _REACH_AFTER]
            if wanted & set(terms(re.split(r"[.;:]\s", after)[0])):
                return True
            before = text[max(0, number.start - _REACH_BEFORE) : number.start]
            if led_by.search(before):
                return True
        return False

    return holds


def _with_number(*units: str) -> Holds:
    """Sentences with a number in one of some units, in any where none is given."""
    return lambda text: any(not units or number.unit in units for number in numbers(text))


def _matching(pattern: str, *, number: bool = False, case: bool = False) -> Holds:
    """Sentences in which a pattern is found, with a number beside it where one is asked for."""
    flags = 0 if case else re.IGNORECASE

    def holds(text: str) -> bool:
        found = re.search(_filled(pattern), text, flags) is not None
        return found and (not number or bool(numbers(text)))

    return holds


def _speaking(words: frozenset[str], *, number: bool = False) -> Holds:
    """Sentences that have one of some terms, with a number where one is asked for."""
    return lambda text: bool(words & set(terms(text))) and (not number or bool(numbers(text)))


def _fixed(kind: Mapping[str, Any]) -> Detail:
    """A detail that is the same whatever the words that ask."""
    gives: Sequence[Holds] = [
        _with_number(*one["units"]) if "units" in one else _matching(**one) for one in kind["gives"]
    ]
    hardware = _table()["hardware"]
    recorded = kind.get("recorded", "")
    return Detail(kind["what"], lambda text: any(one(text) for one in gives), hardware, recorded)


def _count(found: re.Match[str]) -> Detail | None:
    """What "how many GPUs" asks for: a number beside the noun; papers are not counted."""
    phrase = found["noun"].strip()
    head = re.split(r"\s+(?:of|per|in|for|with|\w+ed (?:up|for|in|on|at|to|by))\s", phrase)[0]
    noun = head.split()[-1] if head.split() else ""
    first = phrase.split()[0] if phrase.split() else ""
    if not noun or set(terms(f"{first} {noun}")) & set(terms(_table()["not_counted"])):
        return None
    return Detail(f"the number of {phrase}", _near_number(noun, phrase), _asking(found))


def _counted(found: re.Match[str]) -> Detail:
    """What "the parameter count" asks for: a number beside the noun."""
    return Detail(f"the {found['noun']} count", _near_number(found["noun"]), _asking(found))


def _amount(found: re.Match[str]) -> Detail:
    """What "how much memory" asks for: a number in a sentence that speaks of it."""
    noun = found["noun"]
    if noun in _table()["comparatives"].split():
        return Detail(f"how much {noun} it is", _with_number(), _asking(found))
    speaks = _speaking(frozenset(terms(noun)), number=True)
    return Detail(f"how much {noun}", speaks, _asking(found))


def _gives_accuracy(text: str) -> bool:
    """True for a sentence with an accuracy, or with a share that something reaches."""
    reached = (
        r"\b(?:achiev|reach|obtain|attain|scor|report|yield|get|surpass)\w*\b[^.;]{0,40}?"
        r"\d(?:\.\d+)? ?(?:%|percent)"
    )
    return _matching(_table()["metrics"][_ACCURACY], number=True)(text) or _matching(reached)(text)


def _accuracy(found: re.Match[str]) -> Detail:
    """What "how accurate" asks for."""
    return Detail("how accurate it is", _gives_accuracy, _asking(found))


def _metric(found: re.Match[str]) -> Detail | None:
    """What "what SDR" asks for: the measure by any of its names, with a number."""
    name = found["metric"]
    for asked, given in _table()["metrics"].items():
        if re.fullmatch(asked, name, re.IGNORECASE):
            article = "an" if name[0].lower() in "aeiou" else "a"
            holds = _gives_accuracy if asked == _ACCURACY else _matching(given, number=True)
            perhaps = _with_number("%") if asked in (_ACCURACY, "error rate") else None
            return Detail(f"{article} {name}", holds, _asking(found), perhaps=perhaps)
    return None


def _by_name(forms: str) -> Holds:
    """Sentences with a verb in one of its forms, "by" and a name."""
    return _matching(rf"\b(?:{forms})\b\s+by\s+(?:(?:the|a|an|our)\s+)?<NAME>", case=True)


def _who_did(found: re.Match[str]) -> Detail:
    """What "who wrote" asks for: the verb, of making and writing with "by" and a name."""
    verb = found["verb"].lower()
    for one in _table()["doing"]:
        if re.fullmatch(one["forms"], verb):
            holds = _matching(one["gives"]) if "gives" in one else _by_name(one["forms"])
            what, recorded = one.get("what", f"who {verb} it"), one.get("recorded", "")
            return Detail(what, holds, _asking(found), recorded)
    return Detail(f"who {verb}", _speaking(frozenset(terms(verb))), _asking(found))


def _who_is(found: re.Match[str]) -> Detail:
    """What "who is the president" asks for: a sentence that has the noun."""
    noun = found["noun"].split()[-1]
    if re.fullmatch(r"authors?|inventors?|writers?|creators?|developers?", noun, re.IGNORECASE):
        making = [one["forms"] for one in _table()["doing"] if "recorded" in one]
        return Detail("its authors", _by_name("|".join(making)), _asking(found), "authors")
    return Detail(f"who the {noun} is", _speaking(_words_of(noun)), _asking(found))


def _name(found: re.Match[str]) -> Detail:
    """What "the name of the singer" asks for: the word with a name after it."""
    noun = found["noun"].lower()
    named = _matching(rf"\b{noun}s?,? (?:named |called )?<NAME>", case=True)
    recorded: Recorded = "authors" if noun in ("author", "writer") else ""
    return Detail(f"the name of the {noun}", named, _asking(found), recorded)


_FORMS: Mapping[str, Callable[[re.Match[str]], Detail | None]] = {
    "count": _count,
    "counted": _counted,
    "amount": _amount,
    "accuracy": _accuracy,
    "metric": _metric,
    "who did": _who_did,
    "who is": _who_is,
    "name": _name,
}
"""What reads the words that ask, by the name that the table has for it."""
