"""What a sentence must hold to give a detail: a number beside a noun, a name after "by"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from assistant.text.numbers.compare import numbers
from assistant.text.numbers.units import UNITS
from assistant.text.words import terms
from store.pattern import pattern

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


_SYNONYMS = (
    ("people", "person", "participant", "subject", "listener", "volunteer", "adult", "patient"),
    ("people", "user", "human", "annotator", "rater", "speaker", "student", "expert"),
    ("listener", "rater", "subject", "participant"),
    ("annotator", "rater", "labeller", "labeler"),
    ("song", "track", "piece"),
    ("class", "category", "label"),
    ("step", "iteration", "evaluation", "nfe"),
    ("image", "picture", "photograph"),
    ("author", "writer"),
    ("sample", "clip", "item", "recording", "example"),
    ("paper", "article"),
    ("token", "code"),
    ("layer", "block"),
    ("task", "benchmark"),
)
_REACH_AFTER, _REACH_BEFORE = 60, 40
_HARDWARE_WORDS = "GPU GPUs CPU CPUs TPU TPUs"
YEAR = r"(?:19|20)\d\d"
NAME = r"[A-Z][\w.-]+"


def _asking(found: re.Match[str]) -> str:
    """The words of a match that name what is asked for."""
    parts = found.groupdict()
    return " ".join(filter(None, (parts.get("noun"), parts.get("metric"), _HARDWARE_WORDS)))


def _words_of(noun: str) -> frozenset[str]:
    """The terms by which a noun may stand in a sentence."""
    own = set(terms(noun))
    for group in _SYNONYMS:
        if set(terms(group[0])) & own:
            own |= {term for word in group for term in terms(word)}
    return frozenset(own)


def _unit_of(noun: str) -> str:
    """The base unit that a noun names ("hours", "millimetres"), or nothing."""
    low = noun.lower()
    low = {"weeks": "days", "months": "days", "years": "days"}.get(low, low)
    low = low.replace("millimetre", "mm").replace("kilometre", "km").replace("centimetre", "cm")
    return UNITS.get(low, UNITS.get(low.removesuffix("s"), ("", 1.0)))[0]


def near_number(noun: str, phrase: str = "") -> Holds:
    """Sentences that hold a number close to a noun, or one in the unit that the noun is.

    The initials of the whole phrase do too: "50 IPC" gives the number of images per class.
    """
    initials = "".join(word[0] for word in phrase.split()).lower()
    wanted = _words_of(noun) | ({initials} if len(initials) > 2 else set())
    unit = _unit_of(noun)

    led_by = pattern(
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


def with_number(*units: str) -> Holds:
    """Sentences with a number in one of some units, in any where none is given."""

    def holds(text: str) -> bool:
        return any(not units or number.unit in units for number in numbers(text))

    return holds


def matching(form: str, *, number: bool = False, ignore_case: bool = True) -> Holds:
    """Sentences in which a form is found, with a number beside it where one is asked for."""
    found = pattern(form, re.IGNORECASE if ignore_case else 0)
    numbered = with_number()

    def holds(text: str) -> bool:
        return bool(found.search(text)) and (not number or numbered(text))

    return holds


def either(*each: Holds) -> Holds:
    """Sentences that any one takes."""
    return lambda text: any(holds(text) for holds in each)


def both(*each: Holds) -> Holds:
    """Sentences that every one takes."""
    return lambda text: all(holds(text) for holds in each)


def fixed(what: str, holds: Holds, recorded: Recorded = "") -> Callable[[re.Match[str]], Detail]:
    """A detail that is the same whatever the words that ask."""
    return lambda found: Detail(what, holds, _asking(found), recorded)


_NO_COUNT = frozenset(terms("papers works studies methods approaches abstracts articles"))


def count_of(found: re.Match[str]) -> Detail | None:
    """What "how many GPUs" asks for: a number beside the noun; papers are not counted."""
    phrase = found["noun"].strip()
    head = re.split(r"\s+(?:of|per|in|for|with|\w+ed (?:up|for|in|on|at|to|by))\s", phrase)[0]
    noun = head.split()[-1] if head.split() else ""
    first = phrase.split()[0] if phrase.split() else ""
    if not noun or set(terms(f"{first} {noun}")) & _NO_COUNT:
        return None
    return Detail(f"the number of {phrase}", near_number(noun, phrase), _asking(found))


def counted(found: re.Match[str]) -> Detail:
    """What "the parameter count" asks for: a number beside the noun."""
    noun = found["noun"]
    return Detail(f"the {noun} count", near_number(noun), _asking(found))


_COMPARATIVE_WORDS = (
    "better worse less more faster slower quicker smaller larger bigger longer shorter higher"
    " lower cheaper lighter heavier stronger weaker deeper wider simpler smoother safer"
)
_COMPARATIVES = frozenset(_COMPARATIVE_WORDS.split())


def how_much(found: re.Match[str]) -> Detail | None:
    """What "how much memory" asks for: a number in a sentence that speaks of it."""
    noun = found["noun"]
    if noun in _COMPARATIVES:
        return Detail(f"how much {noun} it is", with_number(), _asking(found))
    own = frozenset(terms(noun))
    speaks: Holds = lambda text: bool(own & set(terms(text)))  # noqa: E731
    return Detail(f"how much {noun}", both(speaks, with_number()), _asking(found))


_ACCURACY = r"(?:top-?[15] )?accuracy"
_METRICS = {
    r"mean opinion score|mos": r"\bMOS\b|mean opinion score",
    r"word error rate|wer": r"\bWER\b|word error",
    r"bit error rate|ber": r"\bBER\b|bit error",
    r"error rate": r"\berror",
    _ACCURACY: r"\baccura|\btop-?[15]\b",
    r"fid": r"\bFID\b|Fr[ée]chet",
    r"si-?sdr|sdr|signal.to.distortion(?: ratio)?": r"SDRi?\b|signal.to.distortion",
    r"psnr": r"\bPSNR\b",
    r"bleu(?: score)?": r"\bBLEU\b",
    r"f1(?:[ -]score)?": r"\bF1\b",
    r"perplexity": r"\bperplexit",
    r"(?:mean )?average precision|map": r"\bm?AP\b|average precision",
    r"sampling rate|sample rate": (
        r"sampl\w+.{0,40}?\d\s?k?hz\b|\d\s?k?hz\b.{0,20}?(?:sampl|audio|speech|music|wave)"
    ),
    r"bit ?rate": r"bps\b|bits? per|bit-?rate",
    r"batch size": r"batch[- ]size",
    r"learning rate(?! sched)": r"learning[- ]rate",
    r"context (?:length|window)": r"context",
    r"temperature": r"temperature",
    r"weight decay": r"weight decay",
    r"dropout(?: rate)?": r"dropout",
}
METRIC = "|".join(f"(?:{one})" for one in _METRICS)


ACCURACY = either(
    matching(_METRICS[_ACCURACY], number=True),
    matching(
        r"\b(?:achiev|reach|obtain|attain|scor|report|yield|get|surpass)\w*\b[^.;]{0,40}?"
        r"\d(?:\.\d+)? ?(?:%|percent)"
    ),
)


def metric_of(found: re.Match[str]) -> Detail | None:
    """What "what SDR" asks for: the measure by any of its names, with a number."""
    name = found["metric"]
    for asked, given in _METRICS.items():
        if re.fullmatch(asked, name, re.IGNORECASE):
            article = "an" if name[0].lower() in "aeiou" else "a"
            holds = ACCURACY if asked == _ACCURACY else matching(given, number=True)
            perhaps = with_number("%") if asked in (_ACCURACY, "error rate") else None
            return Detail(f"{article} {name}", holds, _asking(found), perhaps=perhaps)
    return None


_DOING = {
    "write": (r"wr(?:ote|itten|ites?)|author(?:ed)?", "authors"),
    "make": (
        r"invent(?:ed|s)?|propose[ds]?|develop(?:ed|s)?|create[ds]?|ma(?:de|kes)|introduced?"
        r"|design(?:ed)?|buil[dt]|discovered|published?",
        "authors",
    ),
    "fund": (r"fund(?:ed|s)?|financed?|sponsor(?:ed)?|paid", ""),
    "organi[sz]e": (r"organi[sz]ed?|hosted|held", ""),
    "sing": (r"sang|sings?|sung|performed", ""),
    "win": (r"w[io]n|won", ""),
}
_BY_NAME = rf"\s+by\s+(?:(?:the|a|an|our)\s+)?{NAME}"


def who_did(found: re.Match[str]) -> Detail | None:
    """What "who wrote" asks for: the verb, of making and writing with "by" and a name."""
    verb = found["verb"].lower()
    if re.fullmatch(_DOING["sing"][0], verb):
        return Detail("who sang", matching(r"\bs[aiu]ng|\bsinger|\bperformed by"), _asking(found))
    if re.fullmatch(_DOING["win"][0], verb):
        return Detail(
            "who won", matching(r"\bw[io]n\b|\bwinn|\bfirst place|\brank"), _asking(found)
        )
    for stem, (forms, recorded) in _DOING.items():
        if re.fullmatch(forms, verb):
            by = matching(rf"\b(?:{forms})\b{_BY_NAME}", ignore_case=False)
            kept: Recorded = "authors" if recorded else ""
            return Detail(f"who {verb} it", by, _asking(found), kept) if stem else None
    own = frozenset(terms(verb))
    return Detail(f"who {verb}", lambda text: bool(own & set(terms(text))), _asking(found))


def who_is(found: re.Match[str]) -> Detail | None:
    """What "who is the president" asks for: a sentence that has the noun."""
    noun = found["noun"].split()[-1]
    if re.fullmatch(r"authors?|inventors?|writers?|creators?|developers?", noun, re.IGNORECASE):
        by = matching(
            rf"\b(?:{_DOING['write'][0]}|{_DOING['make'][0]}){_BY_NAME}", ignore_case=False
        )
        return Detail("its authors", by, _asking(found), "authors")
    own = _words_of(noun)
    return Detail(f"who the {noun} is", lambda text: bool(own & set(terms(text))), _asking(found))


def name_of(found: re.Match[str]) -> Detail:
    """What "the name of the singer" asks for: the word with a name after it."""
    noun = found["noun"].lower()
    named = matching(rf"\b{noun}s?,? (?:named |called )?{NAME}", ignore_case=False)
    recorded: Recorded = "authors" if noun in ("author", "writer") else ""
    return Detail(f"the name of the {noun}", named, _asking(found), recorded)
