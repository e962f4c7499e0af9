"""Cutting abstracts and answers into sentences, by rules made for scientific text.

A full stop ends a sentence unless what stands around it says otherwise: abbreviations,
initials, decimals, versions and domains, enumerators, lower case after a short word, or a
bracket that is still open. That of a script without capitals ends one with no space behind, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assistant.text.sentence_breaks import HEADINGS, WORDS, hard_ends
from assistant.types.evidence import Sentence
from store.pattern import pattern

_NEVER_LAST = WORDS["never_last"]
_ABBREVIATIONS = WORDS["abbreviations"]
_BEFORE_NUMBERS = WORDS["before_numbers"]
_PARTS_OF_TITLES = WORDS["parts_of_titles"]
_SPECIES = WORDS["species"]
_LETTERED_WORDS = WORDS["lettered_words"]
_SEROVARS = WORDS["serovars"]
_INITIAL_AFTER = WORDS["initial_after"]
_UNITS = WORDS["units"]
_STARTERS = WORDS["starters"]
_LOW_STARTERS = WORDS["low_starters"]

MAX_SENTENCE = 1200
"""No sentence is longer, in characters: a longer one is cut at a semicolon or a space."""

_LOOK_BACK = 40
_BRACKET_REACH = 160
_LONGEST_HEADING = 32

OTHER_STOPS = "。！？．｡﹒﹖﹗।॥۔؟։።፧။។៕‼⁇⁈⁉"
"""What ends a sentence in the living scripts that need no space or capital behind it: of
Unicode's property Sentence_Terminal."""

_WIDE_POINTS = "．﹒"
_CLOSERS = "\"'”’»)\\]}*_$」』）】］〉》〕"
_GOES_ON_WITH = ",;:)]}，、；：،؛"
_STOP = pattern(
    # Not the one of "[?]" or "(!)". The set stands first, where it is looked for quickly.
    rf"[.!?…{OTHER_STOPS}](?<![\[(].)[.!?…{OTHER_STOPS}]*[{_CLOSERS}]*"
    # Reference marks after the full stop belong to the sentence before it.
    r"(?:[ \t]?\[(?:\d[\d,;.\s–-]{0,40}|\?)\][*_]{0,2})*"
    # So does a closing quotation mark that stands apart: 'called "a loss. " We'.
    r"(?:(?<=[.?!])[ \t][\"”](?=\s|\Z))?"
)
_HEADING_ALONE = pattern(rf"\s*(?:{HEADINGS})", re.IGNORECASE)

_TOKEN_ENDS = pattern(r"[\s(\[{“\"'’/–—-]")
_NUMBER_ENDS = pattern(r"[\s(\[{“\"'’/]")
_WORD = pattern(r"[^\W\d_]+")
_WHOLE_WORD = pattern(r"[^\W\d_]{4}\Z")
# A unit with its number before it, or with what it is a part of: 14 ms, 3.2K, 9 m/sec, 5-min.
_MEASURED = pattern(
    r"(?P<number>(?<![\w.])[\d.,]*\d)[\s-]?(?:[^\W\d_]{1,4}[/·⋅*])?(?P<unit>[^\W\d_]{1,4})\Z"
)
_YEAR = pattern(r"(?:1[6-9]|20)\d\d")
_DOTTED = pattern(r"(?:[A-Za-z]{1,2}\.)+[A-Za-z]{1,2}")
_INITIALS_NEXT = pattern(r"(?:[A-Z]\.[ -]?)+[A-Z][a-z]")
_LETTER = pattern(r"[A-Z](?:\.\d+)?(?=[\s,;:)\]]|\.(?:\s|\Z))")
_SMALL_INITIAL = pattern(r"[a-z] ?\.")
_SMALL_INITIALS = pattern(r"(?<!\S)[a-z] ?\. ?[a-z]\Z")
_LOW_NAME = pattern(
    r"[a-z]+[A-Z]|[a-z]+-?\d|[a-z]-[A-Z]|[α-ω](?:[A-Z\d-]|\s)|https?://|[ivx]{1,4}\)|[a-z]\)"
)
_DASH_LEAD = pattern(r"[–—]\s?[^\W\d_]")
_BRACKETS = pattern(r"[()]")
_ENUMERATOR = pattern(r"[\s(\[*#>•-]*(?:\d{1,2}|[A-Za-z]|[ivxIVX]{1,4})\)?\.")


@lru_cache(maxsize=1 << 10)
def split_sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Cut a text into sentences: (start, end) character offsets, trimmed, in order."""
    spans: list[tuple[int, int]] = []
    start = 0
    for end in (*_ends(text), len(text)):
        spans.extend(_trimmed(text, start, end))
        start = end
    return tuple(spans)


MAX_SENTENCES = 999
"""Sentences of one abstract that have an address; addresses have at most three digits."""


def source_spans(title: str, abstract: str) -> tuple[tuple[int, int], ...]:
    """The offsets of what `source_sentences` gives, in the title, then in the abstract."""
    lead = len(title) - len(title.lstrip())
    cut = split_sentences(abstract)
    if len(cut) > MAX_SENTENCES:
        # The last that an address can name holds the rest.
        cut = (*cut[: MAX_SENTENCES - 1], (cut[MAX_SENTENCES - 1][0], cut[-1][1]))
    return ((lead, lead + len(title.strip())), *cut)


def source_texts(title: str, abstract: str) -> list[str]:
    """The texts of what `source_sentences` gives: the title, then each sentence."""
    (lead, end), *cut = source_spans(title, abstract)
    return [title[lead:end], *(abstract[start:end] for start, end in cut)]


def source_sentences(title: str, abstract: str) -> tuple[Sentence, ...]:
    """The sentences of a paper as they are addressed: 0 is the title, the abstract from 1."""
    spans = zip(source_spans(title, abstract), source_texts(title, abstract), strict=True)
    return tuple(
        Sentence(index=index, start=start, end=end, text=text)
        for index, ((start, end), text) in enumerate(spans)
    )


def _ends(text: str) -> list[int]:
    """The offsets at which a sentence ends, ascending; the end of the text is not among them."""
    fixed = sorted(hard_ends(text))
    ends: list[int] = []
    start, at = 0, 0
    without_capitals = text.islower()
    for stop in _STOP.finditer(text):
        while at < len(fixed) and fixed[at] <= stop.start():
            start = fixed[at]
            ends.append(start)
            at += 1
        end = _stop_ends(text, start, stop, without_capitals=without_capitals)
        if end is not None and (not ends or end > ends[-1]):
            ends.append(end)
            start = end
    return sorted({*ends, *fixed[at:]})


def _stop_ends(text: str, start: int, stop: re.Match[str], *, without_capitals: bool) -> int | None:
    """Where the sentence from `start` ends at this stop, or None where it goes on."""
    after = stop.end()
    rest = text[after : after + 48]
    following = rest.lstrip()
    if not following:
        return after
    if stop[0][0] in OTHER_STOPS:
        return None if _is_inside(text, stop, following) else after
    if not rest[0].isspace():
        return None
    if without_capitals and text[stop.start() - 1 : stop.start()].isspace():
        return after if _spaced_stop_ends(text, start, stop, following) else None
    if not _goes_on(text, start, stop, following):
        return after
    # "... shown. [3] reports": the mark begins the next sentence.
    mark = stop[0].find("[")
    if mark > 0 and following[0].islower() and not _abbreviates(text, stop):
        return stop.start() + mark
    return None


def _is_inside(text: str, stop: re.Match[str], following: str) -> bool:
    """True for a stop of another script within its sentence: "3．1", "(…。), and"."""
    if following[0] in _GOES_ON_WITH:
        return True
    number = text[max(0, stop.start() - 1) : stop.start()] + text[stop.end() : stop.end() + 1]
    return stop[0] in _WIDE_POINTS and len(number) == 2 and number.isdigit()


def _goes_on(text: str, start: int, stop: re.Match[str], following: str) -> bool:
    """True when the sentence does not end at this stop."""
    before = text[max(start, stop.start() - _LOOK_BACK) : stop.start()]
    if stop.start() - start < 8 and _ENUMERATOR.fullmatch(text, start, stop.start() + 1):
        return True
    if (
        stop[0] == "."
        and stop.start() - start < _LONGEST_HEADING
        and _HEADING_ALONE.fullmatch(text, start, stop.start())
    ):
        return True
    found = _WORD.match(following)
    word = found.group() if found else ""
    if stop[0].rstrip(_CLOSERS) == "." or stop[0].startswith(".["):
        token = _TOKEN_ENDS.split(before)[-1]
        if stop[0] == "." and _is_abbreviation(token, before, following, word):
            return True
        if following[0].isdigit() and _splits_a_number(before):
            return True
    if not _may_start(following, word, before, plain=stop[0] == "."):
        return True
    return _inside_brackets(text, start, stop)


def _spaced_stop_ends(text: str, start: int, stop: re.Match[str], following: str) -> bool:
    """True when " . " ends a sentence of a text that is written without any capitals.

    It does unless it parts initials ("m . i . t ."), a number or a leader of dots.
    """
    before = text[max(start, stop.start() - _LOOK_BACK) : stop.start()].rstrip()
    if not before or _SMALL_INITIAL.match(following) or following[0] in ".,;:)]":
        return False
    if before[-1] == "." or _SMALL_INITIALS.search(before):
        return False
    if _TOKEN_ENDS.split(before)[-1] in _NEVER_LAST:
        return False
    return not (following[0].isdigit() and before[-1].isdigit())


def _abbreviates(text: str, stop: re.Match[str]) -> bool:
    """True for the full stop of "et al. [3]": an abbreviation that a mark follows."""
    before = text[max(0, stop.start() - _LOOK_BACK) : stop.start()]
    token = _TOKEN_ENDS.split(before)[-1].lower()
    return token in _ABBREVIATIONS or token in _NEVER_LAST


def _is_abbreviation(token: str, before: str, following: str, word: str) -> bool:
    if following[0].isupper() and word not in _SEROVARS and _is_measured(before):
        return False
    key = token.lower()
    starts = word in _STARTERS and following[len(word) : len(word) + 1] != "."
    if key in _NEVER_LAST:
        return True
    if key in _BEFORE_NUMBERS:
        lettered = token in _LETTERED_WORDS and _LETTER.match(following)
        return following[0].isdigit() or bool(lettered)
    if key in _SPECIES:
        return not following[0].isupper() or (len(word) > 1 and word.isupper())
    if key in _ABBREVIATIONS or token in _PARTS_OF_TITLES or _DOTTED.fullmatch(token):
        return not starts
    if len(token) == 1 and token.isupper():
        if word in _SEROVARS or _INITIALS_NEXT.match(following):
            return True
        words = before[: -len(token)].split()
        last = words[-1] if words else ""
        named = last in _INITIAL_AFTER or not last or not last[-1].islower() or last[0].isupper()
        return named and not starts
    return False


def _is_measured(before: str) -> bool:
    """True for a unit after its number, "14 ms": it abbreviates nothing that is to follow."""
    found = _MEASURED.search(before)
    if found is None or found["unit"] not in _UNITS:
        return False
    return len(found["unit"]) > 1 or not _YEAR.fullmatch(found["number"])


def _splits_a_number(before: str) -> bool:
    """True for "92. 5": a short bare number before a full stop that a number follows."""
    token = _NUMBER_ENDS.split(before)[-1]
    return token.isdigit() and len(token) < 4


def _may_start(following: str, word: str, before: str, *, plain: bool) -> bool:
    """True when a sentence can begin so; `plain` says that a bare full stop stands before it."""
    first = following[0]
    if first.isdigit() or first.isupper() or first.istitle():
        return True
    if first.isalpha():
        # A letter without case (a Chinese one, say) can start a sentence.
        if not first.islower() or _LOW_NAME.match(following):
            return True
        # After a whole word, which is no abbreviation here, even a small letter can.
        if plain and _WHOLE_WORD.search(before):
            return True
        return word in _LOW_STARTERS and bool(re.search(r"[^\W\d_]{4}\Z|[)\]%\d]\Z", before))
    if first in "\"'“‘«([{*_`¿¡":
        inner = following.lstrip("\"'“‘«([{*_`¿¡")
        return not inner or not inner[0].islower() or bool(_LOW_NAME.match(inner)) or first in "*_`"
    if first in "–—":
        return bool(_DASH_LEAD.match(following))
    return first not in ",;:)]}-=<>+%/.!?&|…"


def _inside_brackets(text: str, start: int, stop: re.Match[str]) -> bool:
    """True when a round bracket opened before the stop is closed soon after it."""
    before = max(start, stop.start() - 2 * _BRACKET_REACH)
    if text.find("(", before, stop.end()) < 0:
        return False
    open_at = 0
    for bracket in _BRACKETS.findall(text, before, stop.end()):
        open_at = open_at + 1 if bracket == "(" else max(open_at - 1, 0)
    if not open_at:
        return False
    for bracket in _BRACKETS.findall(text, stop.end(), stop.end() + _BRACKET_REACH):
        open_at += 1 if bracket == "(" else -1
        if not open_at:
            return True
    return False


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Trim a span, drop it when nothing but marks of layout is left, cut it when too long."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > MAX_SENTENCE:
        cut = text.rfind("; ", start + MAX_SENTENCE // 3, start + MAX_SENTENCE) + 1
        cut = cut or text.rfind(" ", start + MAX_SENTENCE // 3, start + MAX_SENTENCE)
        cut = cut if cut > start else start + MAX_SENTENCE
        yield from _trimmed(text, start, cut)
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if end > start:
        yield start, end
