"""Cutting abstracts and answers into sentences, by rules made for scientific text.

A full stop ends a sentence unless what stands around it says otherwise: abbreviations,
initials, decimals, versions and domains, enumerators, lower case after it, or a bracket
that is still open. A heading (METHODS:), a list item and a blank line start a sentence
without one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assistant.values import Sentence

MAX_SENTENCE = 1200
"""No sentence is longer, in characters: a longer one is cut at a semicolon or a space."""

_LOOK_BACK = 40
_BRACKET_REACH = 160

_CLOSERS = "\"'”’»)\\]}*_$"
_STOP = re.compile(
    # Not the one of "[?]" or "(!)".
    rf"(?<![\[(])[.!?…。！？]+[{_CLOSERS}]*"
    # Reference marks after the full stop belong to the sentence before it.
    r"(?:[ \t]?\[(?:\d[\d,;.\s–-]{0,40}|\?)\][*_]{0,2})*"
)
_BREAK = re.compile(
    r"\n[ \t]*(?:\n[ \t]*)+"  # a blank line
    r"|\n(?=[ \t]*(?:[-*•·+][ \t]|#{1,6}[ \t]|\(?\d{1,2}[.)][ \t]|\||>[ \t]))"  # a list item
    r"|(?<=\S)[ \t]*\n(?<=[:*_]\n)"  # the end of a line that leads in a list
)
_HEADING_LINE = re.compile(
    r"^[ \t]*(?:\#{1,6}[ \t][^\n]+|(\*\*|__)[^*_\n]{1,80}\1:?)\n", re.MULTILINE
)
_HEADING_WORDS = (
    "BACKGROUND|INTRODUCTION|CONTEXT|RATIONALE|IMPORTANCE|MOTIVATION|OBJECTIVES?|AIMS?|GOALS?"
    "|PURPOSE|HYPOTHESIS|DESIGN|SETTING|PARTICIPANTS|PATIENTS|SUBJECTS|SAMPLE|DATA SOURCES"
    "|INTERVENTIONS?|EXPOSURES?|MEASUREMENTS|MEASURES|OUTCOMES?|MAIN OUTCOME MEASURES?"
    "|METHODS?|METHODOLOGY|APPROACH|MATERIALS? AND METHODS?|PATIENTS AND METHODS|STUDY DESIGN"
    "|EXPERIMENTAL DESIGN|RESULTS?|MAIN RESULTS|FINDINGS|PRINCIPAL FINDINGS|DISCUSSION"
    "|METHODS AND RESULTS|METHODS AND FINDINGS|RESULTS AND CONCLUSIONS?"
    "|CONCLUSIONS?|INTERPRETATION|IMPLICATIONS|SIGNIFICANCE|LIMITATIONS|FUNDING|AVAILABILITY"
)
_HEADING = re.compile(rf"(?<=\s)(?:{_HEADING_WORDS})(?:/[A-Z ]{{3,40}})?:(?=\s)")

_NEVER = "e.g i.e eg ie cf vs viz dr prof mr mrs ms approx incl esp"
_NEVER_LAST = frozenset(_NEVER.split())
_SHORT_FORMS = (
    "al etc fig figs eq eqs eqn eqns sec secs sect ref refs tab tabs thm prop lem def alg ch chap "
    "app appx art vol vols no nos st jr sr inc ltd co corp univ dept resp ca avg std max min var "
    "dim param params ed eds trans ver rev ex exp est temp jan feb mar apr jun jul aug sep sept "
    "oct nov dec w.r.t i.i.d s.t a.k.a"
)
_ABBREVIATIONS = frozenset(_SHORT_FORMS.split())
# These are words as well: they abbreviate only before a number.
_NUMBERED = "no nos p pp v art ex exp app ch max min tab prop ed def"
_BEFORE_NUMBERS = frozenset(_NUMBERED.split())
_DOTTED = re.compile(r"(?:[A-Za-z]{1,2}\.)+[A-Za-z]{1,2}")
_NAMING = "by of and from with to in for against et & van de"
_INITIAL_AFTER = frozenset(_NAMING.split())

_OPENERS = (
    "A About According Across Additionally After All Also Although Among An And Another Any As At "
    "Based Because Before Besides Beyond Both But By Code Compared Consequently Conversely "
    "Currently Data Despite Due During Each Early Empirical Evaluations Even Experimental "
    "Experiments Extensive Finally First Firstly Following For Furthermore From Given Hence Here "
    "How However If In Inspired Instead Interestingly It Its Last Lastly Like Many Meanwhile "
    "Models Moreover Most Motivated Nevertheless Next No Nonetheless Not Notably Of On Once One "
    "Only Other Our Out Overall Prior Patients Previous Recent Recently Results Second Secondly "
    "Several Similarly Since So Some Specifically Such Surprisingly Than That The Their Then There "
    "Therefore These They Third This Those Though Through Thus To Together Traditional Two Under "
    "Unfortunately Unlike Using Usually Via We What When Where Whereas Whether Which While Who Why "
    "With Within Without Yet You"
)
_STARTERS = frozenset(_OPENERS.split())
_LOW_OPENERS = "we our however this these moreover furthermore finally it"
_LOW_STARTERS = frozenset(_LOW_OPENERS.split())
_WORD = re.compile(r"[^\W\d_]+")
_LOW_NAME = re.compile(
    r"[a-z]{1,3}[A-Z]|[a-z]+\d|[a-z]-[A-Z]|[α-ω][A-Z-]|https?://|[ivx]{1,4}\)|[a-z]\)"
)
_GLUED = re.compile(
    r"(?<![\w./@-])(?:[a-z]{3,}|[a-z]{2,}(?:-[a-z]+)+|[A-Z][a-z]{3,}|\d+(?:\.\d+)?\\?%|[)\]])"
    r"[.?!](?=([A-Z][a-z]*)(?:,?\s)|\(?\d\)\s)"
)
_MAY_BE_GLUED = re.compile(r"[.?!](?:[A-Z]|\(?\d\))")
_ADVERB = re.compile("[A-Z][a-z]{3,}ly")
_ENUMERATOR = re.compile(r"[\s(\[*#>•-]*(?:\d{1,2}|[A-Za-z]|[ivxIVX]{1,4})\)?\.")


@lru_cache(maxsize=1 << 10)
def split_sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Cut a text into sentences: (start, end) character offsets, trimmed, in order."""
    spans: list[tuple[int, int]] = []
    start = 0
    for end in (*_ends(text), len(text)):
        spans.extend(_trimmed(text, start, end))
        start = end
    return tuple(spans)


def source_texts(title: str, abstract: str) -> list[str]:
    """The texts of what `source_sentences` gives: the title, then each sentence."""
    return [title.strip(), *(abstract[start:end] for start, end in split_sentences(abstract))]


def source_sentences(title: str, abstract: str) -> tuple[Sentence, ...]:
    """The sentences of a paper as they are addressed: 0 is the title, the abstract from 1."""
    lead = len(title) - len(title.lstrip())
    whole = title.strip()
    found = [Sentence(index=0, start=lead, end=lead + len(whole), text=whole)]
    for index, (start, end) in enumerate(split_sentences(abstract), 1):
        found.append(Sentence(index=index, start=start, end=end, text=abstract[start:end]))
    return tuple(found)


def _ends(text: str) -> list[int]:
    """The offsets at which a sentence ends, ascending; the end of the text is not among them."""
    fixed = sorted(_hard_ends(text))
    ends: list[int] = []
    start, at = 0, 0
    for stop in _STOP.finditer(text):
        while at < len(fixed) and fixed[at] <= stop.start():
            start = fixed[at]
            ends.append(start)
            at += 1
        end = _stop_ends(text, start, stop)
        if end is not None and (not ends or end > ends[-1]):
            ends.append(end)
            start = end
    return sorted({*ends, *fixed[at:]})


def _hard_ends(text: str) -> set[int]:
    """Offsets at which a sentence ends whatever stands there: layout, headings, lost spaces.

    Most abstracts have none of it, and a look for the mark that each needs is quick.
    """
    hard: set[int] = set()
    if "\n" in text:
        hard |= {match.end() for match in _BREAK.finditer(text)}
        hard |= {match.end() for match in _HEADING_LINE.finditer(text)}
    if ":" in text:
        hard |= {match.start() for match in _HEADING.finditer(text)}
    if _MAY_BE_GLUED.search(text):
        hard |= {
            match.end()
            for match in _GLUED.finditer(text)
            if not match[1] or match[1] in _STARTERS or _ADVERB.fullmatch(match[1])
        }
    return hard


def _stop_ends(text: str, start: int, stop: re.Match[str]) -> int | None:
    """Where the sentence from `start` ends at this stop, or None where it goes on."""
    after = stop.end()
    rest = text[after : after + 48]
    following = rest.lstrip()
    if not following:
        return after
    if rest[0].isspace() or stop[0][0] in "。！？":
        if _goes_on(text, start, stop, following):
            # "... shown. [3] reports": the mark begins the next sentence.
            mark = stop[0].find("[")
            if mark > 0 and following[0].islower():
                return stop.start() + mark
            return None
        return after
    return None


def _goes_on(text: str, start: int, stop: re.Match[str], following: str) -> bool:
    """True when the sentence does not end at this stop."""
    before = text[max(start, stop.start() - _LOOK_BACK) : stop.start()]
    if stop[0][0] in "。！？":
        return False
    if stop.start() - start < 8 and _ENUMERATOR.fullmatch(text, start, stop.start() + 1):
        return True
    word = _word_at(following)
    if stop[0].rstrip(_CLOSERS) == "." or stop[0].startswith(".["):
        token = re.split(r"[\s(\[{“\"'’/–—-]", before)[-1]
        if stop[0] == "." and _is_abbreviation(token, before, following, word):
            return True
        if following[0].isdigit() and _splits_a_number(token):
            return True
    if not _may_start(following, word, before):
        return True
    return _inside_brackets(text, start, stop)


def _word_at(text: str) -> str:
    found = _WORD.match(text)
    return found.group() if found else ""


def _is_abbreviation(token: str, before: str, following: str, word: str) -> bool:
    key = token.lower()
    starts = word in _STARTERS and following[len(word) : len(word) + 1] != "."
    if key in _NEVER_LAST:
        return True
    if key in _BEFORE_NUMBERS:
        return following[0].isdigit()
    if key in _ABBREVIATIONS or _DOTTED.fullmatch(token):
        return not starts
    if len(token) == 1 and token.isupper():
        words = before[: -len(token)].split()
        last = words[-1] if words else ""
        named = last in _INITIAL_AFTER or not last or not last[-1].islower() or last[0].isupper()
        return named and not starts
    return False


def _splits_a_number(token: str) -> bool:
    """True for "92. 5": a short bare number before a full stop that a number follows."""
    return token.isdigit() and len(token) < 4


def _may_start(following: str, word: str, before: str) -> bool:
    first = following[0]
    if first.isdigit() or first.isupper() or first.istitle():
        return True
    if first.isalpha():
        # A letter without case (a Chinese one, say) can start a sentence.
        known = word in _LOW_STARTERS and re.search(r"[^\W\d]{4}\Z|[)\]%\d]\Z", before)
        return not first.islower() or bool(known) or bool(_LOW_NAME.match(following))
    if first in "\"'“‘«([{*_`¿¡":
        inner = following.lstrip("\"'“‘«([{*_`¿¡")
        return not inner or not inner[0].islower() or bool(_LOW_NAME.match(inner)) or first in "*_`"
    return first not in ",;:)]}-–—=<>+%/.!?&|…"


def _inside_brackets(text: str, start: int, stop: re.Match[str]) -> bool:
    """True when a round bracket opened before the stop is closed soon after it."""
    open_at = 0
    before = max(start, stop.start() - 2 * _BRACKET_REACH)
    if text.find("(", before, stop.end()) < 0:
        return False
    for char in text[before : stop.end()]:
        open_at = open_at + 1 if char == "(" else max(open_at - 1, 0) if char == ")" else open_at
    if not open_at:
        return False
    for char in text[stop.end() : stop.end() + _BRACKET_REACH]:
        if char == "(":
            open_at += 1
        elif char == ")":
            open_at -= 1
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
