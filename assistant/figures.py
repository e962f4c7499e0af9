"""Numbers in running text, compared as quantities: value, unit, and how exactly stated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from assistant.units import (
    FACTORS,
    LETTER_MAGNITUDES,
    MAGNITUDES,
    PARTS,
    SMALL,
    TENS,
    UNITS,
)

Hedge = Literal["", "about", "over", "under"]


@dataclass(frozen=True)
class Number:
    """A number of a text.

    `value` is in the base unit `unit` ("%", "x" for times, "s", "hz", "", ...), `step` is
    the value of one in the last place written, `start` and `end` are offsets of the number
    with its unit. `hedge` says how it was put: "about" 3, "over" 3, "under" 3. `spelt` is
    True for words ("ten"). `bare` is the value as written where the unit stands further on,
    at the end of a range or list.
    """

    value: float
    unit: str
    start: int
    end: int
    step: float = 1.0
    hedge: Hedge = ""
    spelt: bool = False
    bare: float | None = None


_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")

_DIGITS = re.compile(
    r"(?P<whole>\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?P<part>\.\d+)?"
    r"(?:[eE](?P<e>[-+−]?\d{1,3})(?!\w)"
    r"|(?:\s?(?:[×x*·]|\\?times)\s?10)\s?(?:\^\s?\{?(?P<p>[-−]?\d{1,3})\}?|(?P<q>[⁻⁰¹²³⁴-⁹]+))"
    r"|\^\s?\{?(?P<r>[-−]?\d{1,3})\}?|(?P<t>[⁻⁰¹²³⁴-⁹]+))?"
)
_SPELT = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(TENS)})(?:[- ](?P<ones>{'|'.join(list(SMALL)[1:10])}))?"
    rf"|(?P<small>{'|'.join(SMALL)})|(?P<single>single|once)"
    rf"|(?P<factor>{'|'.join(FACTORS)})|(?P<half>half|halve[sd]|halving)(?!-))\b",
    re.IGNORECASE,
)
_COMPOUND = re.compile(
    rf"\b(?P<many>an?|{'|'.join(list(SMALL)[1:11])}|\d\d?) (?:(?P<dozen>dozen)"
    r"|(?P<orders>orders of magnitude))\b",
    re.IGNORECASE,
)
_PART = re.compile(r"[- ](?P<part>thirds?|quarters?|fifths?|tenths?|half|halves)\b", re.IGNORECASE)
_HUNDREDS = re.compile(r"[- ]?(hundred|thousand|million|billion|trillion)s?\b", re.IGNORECASE)
_SIGN = re.compile(r"\s?\\?(%|×|x(?![\w]))")
_TIMES_LATEX = re.compile(r"\s?\\?times(?![a-z])")
_UNIT_WORD = re.compile(r"(?P<joint>[ \u00a0~-]?)(?P<word>per cent|[^\W\d_]+)(?![\w])")
_DIMENSION = re.compile(r"\s?[x×]\s?\d")
_RANGE = re.compile(r"\s?(?:-|–|—|−|\bto\b|~)\s?")
_LISTED = re.compile(r",?\s(?:and|or)\s|,\s")
_YEARS = range(1900, 2101)
_DEBRIS = re.compile(r"(?:pm|approx|sim|leq|geq|le|ge|times|rightarrow|to|textasciitilde)\Z")
_ENUMERATED = re.compile(r"\)(?:\s|\w)")
_ENUMERATES = re.compile(r"(?:^|\(|(?:[:;,.]|\band|\bor)\s)\Z")
_NAME_BEFORE = re.compile(r"(?:[^\W\d_]|[^\W\d_]\d*[-_/]|\d[^\W\d_][-_]?|\w\.)\Z")
_ABOUT = re.compile(
    r"(?:\babout|\baround|\broughly|\bapproximately|\bapprox\.?|\bcirca|\bca\.|\bsome|[~≈]|\\sim"
    r"|\bclose to|\bon the order of)\s*(?:an?\s)?[$+]?\Z",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"(?:\bover|\bmore than|\bat least|\babove|\bexceed(?:s|ing)|\bbeyond|\bgreater than|[>≥])"
    r"\s*(?:an?\s)?[$+]?\Z",
    re.IGNORECASE,
)
_UNDER = re.compile(
    r"(?:\bunder|\bless than|\bat most|\bbelow|\bfewer than|\bnearly|\balmost|\bjust|\bup to|[<≤])"
    r"\s*(?:an?\s)?[$+]?\Z",
    re.IGNORECASE,
)
# A count of what was cited is the writer's own: "Three papers report ...".
_OWN_COUNT = re.compile(
    r"\s(?:(?:of|the|these|other|such|further|different|recent|main|related|cited)\s){0,3}"
    r"(?:papers?|works?|stud(?:y|ies)|abstracts?|sources?|approach(?:es)?|methods?|groups?|lines?"
    r"|ways?|them|reasons?|directions?|of)\b",
    re.IGNORECASE,
)
_NAMED_BY = re.compile(r"([A-Z][\w-]*)[ -]\Z")


def numbers(text: str) -> tuple[Number, ...]:
    """The numbers of a text in order; digits inside names (GPT-4, ResNet50, 3D) are none."""
    whole = list(_compounds(text))
    spans = [(one.start, one.end) for one in whole]
    parts = (
        one
        for one in (*_in_digits(text), *_in_words(text))
        if not any(start <= one.start < end for start, end in spans)
    )
    found = [*whole, *parts]
    return tuple(sorted(found, key=lambda number: number.start))


def numbers_missing(claim: str, evidence: str) -> tuple[Number, ...]:
    """The numbers of a claim that its evidence does not have, compared as quantities.

    A number is there when value and unit agree, when it has fewer places and the evidence
    rounds to it, or when it is hedged and near: 5 % for "about", 10 % for "over" and
    "nearly" on their side.
    """
    wanted = [number for number in numbers(claim) if not _is_own_count(claim, number)]
    if not wanted:
        return ()
    given = numbers(evidence)
    squeezed = re.sub(r"[\W_]", "", evidence).lower()
    return tuple(
        number
        for number in wanted
        if not any(_agrees(number, other) for other in given)
        and not _is_part_of_name(claim, number, squeezed)
    )


def is_number_word(word: str) -> bool:
    """True for a number written as one lower-case word: "ten", "forty"."""
    return word in SMALL or word in TENS


def is_unit(letters: str) -> bool:
    """True for letters that are a unit or a magnitude after a number: x, kHz, M, pm."""
    low = letters.lower()
    return low in UNITS or low in "kmbt" or low in MAGNITUDES or low == "pm"


def _is_own_count(claim: str, number: Number) -> bool:
    if not number.spelt or number.unit:
        return False
    return number.value <= 1 or bool(_OWN_COUNT.match(claim, number.end))


def _is_part_of_name(claim: str, number: Number, squeezed: str) -> bool:
    """True for "COCO 2014" where the evidence writes COCO2014."""
    named = _NAMED_BY.search(claim, max(0, number.start - 24), number.start)
    if not named:
        return False
    name = re.sub(r"[\W_]", "", named[1] + claim[number.start : number.end]).lower()
    return name in squeezed


def _agrees(wanted: Number, given: Number) -> bool:
    value = given.value
    if not wanted.unit and wanted.value == given.bare:
        return True
    if wanted.unit != given.unit and wanted.unit and given.unit:
        return False
    if wanted.unit == "%" and not given.unit and 0 < value <= 1 and wanted.value > 1:
        value *= 100
    elif given.unit == "%" and not wanted.unit and 0 < wanted.value < 1 and value > 1:
        value /= 100
    close = 1e-6 * max(abs(value), abs(wanted.value), 1e-12)
    gap = value - wanted.value
    if abs(gap) <= close:
        return True
    if given.step < wanted.step and abs(gap) <= wanted.step / 2 + close:
        # Fewer places than the evidence. Round thousands written out are exact.
        return True
    size = max(abs(wanted.value), 1e-12)
    match wanted.hedge:
        case "about":
            return abs(gap) <= 0.05 * size
        case "over":
            return -close <= gap <= 0.1 * size
        case "under":
            return -0.1 * size <= gap <= close
        case _:
            return False


def _in_digits(text: str) -> Iterator[Number]:
    last_end = 0
    row: list[Number] = []
    for match in _DIGITS.finditer(text):
        if match.start() < last_end:
            continue
        number = _read(text, match)
        if row and (number is None or not _is_joined(text, row[-1], number)):
            yield from row
            row = []
        if number is not None:
            last_end = number.end
            row = [*(_shared_unit(one, number, text) for one in row), number]
    yield from row


def _is_joined(text: str, first: Number, second: Number) -> bool:
    """True for numbers of a range or of a list, which may share the unit at its end."""
    if _RANGE.fullmatch(text, first.end, second.start):
        return True
    return bool(_LISTED.fullmatch(text, first.end, second.start)) and first.value not in _YEARS


def _shared_unit(first: Number, last: Number, text: str) -> Number:
    """A number of a range or list, in the unit of its last when it has none: 2-2.5%."""
    if first.unit or not last.unit or last.unit == "x":
        return first
    digits = re.match(r"[\d,]*\d(?:\.\d+)?", text[last.start : last.end])
    written = float(digits[0].replace(",", "")) if digits else 0.0
    factor = last.value / written if written else 1.0
    return replace(
        first,
        value=first.value * factor,
        unit=last.unit,
        step=first.step * factor,
        bare=first.value,
    )


def _read(text: str, match: re.Match[str]) -> Number | None:
    before = text[max(0, match.start() - 24) : match.start()]
    if _NAME_BEFORE.search(before) and not _DEBRIS.search(before):
        return None
    if _ENUMERATED.match(text, match.end()) and _ENUMERATES.search(before) and len(match[0]) < 3:
        return None  # "1) first, 2) second", "(3) third"
    value = float(match["whole"].replace(",", "") + (match["part"] or ""))
    step = 10.0 ** -(len(match["part"]) - 1) if match["part"] else 1.0
    power = match["e"] or match["p"] or (match["q"] or "").translate(_SUPERSCRIPTS)
    plain = match["r"] or (match["t"] or "").translate(_SUPERSCRIPTS)
    if power not in ("", "-"):
        scale = 10.0 ** int(power.replace("−", "-"))
        value, step = value * scale, step * scale
    elif plain not in ("", "-") and value == 10:
        value = step = 10.0 ** int(plain.replace("−", "-"))
    return _with_unit(text, match.start(), match.end(), value, step, spelt=False)


def _with_unit(
    text: str, start: int, end: int, value: float, step: float, *, spelt: bool
) -> Number | None:
    """Read magnitude and unit after a number; None when the letters there make it a name."""
    before = text[max(0, start - 24) : start]
    hedge: Hedge = (
        "about" if _ABOUT.search(before)
        else "over" if _OVER.search(before)
        else "under" if _UNDER.search(before)
        else ""
    )  # fmt: skip
    scaled = _HUNDREDS.match(text, end)
    letter = text[end : end + 1]
    if scaled:
        scale = MAGNITUDES[scaled[1].lower()]
        value, step, end = value * scale, step * scale, scaled.end()
    elif letter in LETTER_MAGNITUDES and not text[end + 1 : end + 2].isalnum():
        scale = LETTER_MAGNITUDES[letter]
        value, step, end = value * scale, step * scale, end + 1
    if text.startswith(("$", "}$"), end):
        end = text.index("$", end) + 1
    if not spelt and _DIMENSION.match(text, end):
        return Number(value, "", start, end, step, hedge, spelt)
    sign = _SIGN.match(text, end) or _TIMES_LATEX.match(text, end)
    if sign:
        unit = "%" if "%" in sign[0] else "x"
        return Number(value, unit, start, sign.end(), step, hedge, spelt)
    word = _UNIT_WORD.match(text, end)
    if not word:
        return Number(value, "", start, end, step, hedge, spelt)
    name = "%" if word["word"].lower() == "per cent" else word["word"].lower()
    unit, factor = UNITS.get(name, ("", 1.0))
    if unit and (len(name) > 1 or word["joint"] != "-"):
        return Number(value * factor, unit, start, word.end(), step * factor, hedge, spelt)
    if word["joint"] == "" or (word["joint"] == "-" and len(name) == 1):
        return None  # 3D, 1st, 3-D
    return Number(value, "", start, end, step, hedge, spelt)


def _compounds(text: str) -> Iterator[Number]:
    """Numbers of several words that are no sum of theirs: a dozen, two orders of magnitude."""
    for match in _COMPOUND.finditer(text):
        low = match["many"].lower()
        many = 1 if low in ("a", "an") else SMALL.get(low) or int(low)
        if match["dozen"]:
            yield Number(12.0 * many, "", *match.span(), spelt=True)
        elif many > 1:
            yield Number(10.0**many, "x", *match.span(), hedge="about", spelt=True)


def _in_words(text: str) -> Iterator[Number]:
    for match in _SPELT.finditer(text):
        start, end = match.span()
        low = match.group().lower()
        if match["factor"]:
            yield Number(FACTORS[low], "x", start, end, spelt=True)
            continue
        if match["half"]:
            if re.match(r" (?:of|as|the|that|its|their)\b|[.,;]", text[end:]) or low != "half":
                yield Number(0.5, "", start, end, step=0.01, spelt=True)
            continue
        if match["single"]:
            yield Number(1.0, "", start, end, spelt=True)
            continue
        value = SMALL.get(low, 0) if match["small"] else TENS[match["tens"].lower()]
        value += SMALL.get((match["ones"] or "").lower(), 0)
        part = _PART.match(text, end)
        if part and value < 10:
            share = value * PARTS[part["part"].lower()]
            yield Number(share, "", start, part.end(), step=0.01, hedge="about", spelt=True)
            continue
        number = _with_unit(text, start, end, float(value), 1.0, spelt=True)
        if number is not None:
            yield number
