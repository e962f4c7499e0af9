"""The grammar of citations: a tokenizer of what stands in brackets, and a table of brackets.

An address is `source.sentence`, or `source` alone; sentence 0 is the title. Which group is a
citation and which is the sentence's own is told by `assistant.citations.context`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple
from unicodedata import normalize

from assistant.types.evidence import Evidence
from store.pattern import pattern

_LONGEST_GROUP, _MOST_ITEMS = 160, 60  # characters between brackets, addresses

Item = tuple[int, int | None]
"""An address: a source, and a sentence of it or None for the whole."""

Kind = Literal["square", "marked", "round", "angle", "escaped", "raised", "named"]
"""What a citation stands in; `marked` brackets hold nothing else."""

BRACKETS: tuple[tuple[str, str, Kind], ...] = (
    *(("[[", "]]", "square"), ("[", "]", "square"), ("［", "］", "square")),
    *(("【", "】", "marked"), ("〔", "〕", "marked")),
    *(("(", ")", "round"), ("（", "）", "round"), ("<", ">", "angle"), ("{", "}", "angle")),
    *(("\\[", "\\]", "escaped"), ("\\cite{", "}", "marked"), ("\\citep{", "}", "marked")),
    *(("<sup>[", "]</sup>", "raised"), ("<sup>", "</sup>", "raised")),
    *(("^[", "]", "raised"), ("^{", "}", "raised")),
)
"""How brackets open and close, and the kind of what is in them; of two that fit, the first."""
_RAISED_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_RAISED = pattern(
    rf"[{_RAISED_DIGITS}]{{1,2}}(?:[ ]?[,.·⋅˙⁻–‚ ][ ]?[{_RAISED_DIGITS}]{{1,2}}){{0,12}}"
    r"|\^(\d{1,2}(?:\.\d{1,2})?(?:[,–-]\d{1,2}(?:\.\d{1,2})?)*)\^?"
)
_NAMED = pattern(
    # "According to Source 1, 3 of them": only "Sources" and whole addresses are a list.
    r"[Ss]ource(?:s \d[\d.]*(?:, \d[\d.]*)*(?:,? (?:and|&) |[–-])\d[\d.]*"
    r"| (?:\d{1,3}\.\d{1,3}(?:(?:, (?:and )?| and | & |[–-])\d{1,3}\.\d{1,3})*|\d{1,3}))"
    r"(?:,? sentences? \d{1,3}(?:(?:, | and |[–-])\d{1,3})*)?(?<!\.)(?![\w]|\.\w)"
)
UNBRACKETED = {**dict.fromkeys(f"^{_RAISED_DIGITS}", _RAISED), **dict.fromkeys("sS", _NAMED)}
"""The citations without brackets, by their first character: raised numbers, "Source 1"."""
REACH = 90
"""How far a citation without brackets goes, and what tells it from other words, in characters."""

_WORDS = (
    "source src reference ref document doc paper abstract title address citation cited cite see "
    "also cf no quelle fuente fonte источник 来源"
)
_WITHIN = "sentence sent line satz frase 第"
_AND = "and or und et y e и"
_KNOWN_WORDS = f"{_WORDS} {_WITHIN} {_AND} s to bis 句".split()
_TOKEN = pattern(
    rf"(?P<word>(?:{_WORDS.replace(' ', '|')})(?:e?[sn])?(?![a-zа-я])\.?:?|s(?=\s?\d)|[\^#§])"
    rf"|(?P<within>(?:{_WITHIN.replace(' ', '|')})s?(?![a-zа-я])\.?|s\.(?=\s?\d))"
    r"|(?P<number>\d{1,4}(?:[.:]\s?\d{1,3})?)(?![a-z\d]|\.\d)|(?P<to>[-‐–—−]|(?:to|bis)\b)"
    rf"|(?P<and>[,;&/|+、]|(?:{_AND.replace(' ', '|')})\b)"
    r"|(?P<aside>†[^\];,】]*|:?\s*(?:\"[^\"]*\"|“[^”]*”))|(?P<space>[ \t句])",
    re.IGNORECASE,
)
_ASIDE = pattern(r"†[^\];,】]*|\"[^\"]*(?:\"|\Z)|“[^”]*(?:”|\Z)")
_ALLOWED = pattern(r"[\w \t.,;:&/|+#^§、‐–—−-]*")
_LETTERS = pattern(r"[^\W\d_]+")


class Group(NamedTuple):
    """What stands between two brackets, read as a citation.

    `explicit` is True when a word or a sign says that it is one, `dotted` when every address
    names a sentence; `numbers` are the decimal numbers that it would be, were it none.
    """

    items: tuple[Item, ...]
    explicit: bool
    dotted: bool
    numbers: tuple[str, ...]

    @property
    def several(self) -> bool:
        """True for more numbers than one."""
        return len(self.numbers) > 1

    def resolve(self, evidence: Evidence) -> tuple[list[Item], list[str]]:
        """Its addresses that exist, and as written the last of each source that does not."""
        known: list[Item] = []
        unknown: dict[int, str] = {}
        for number, index in self.items:
            source = evidence.source(number)
            if source and (index is None or source.sentence(index)):
                known.append((number, index))
            else:
                unknown[number] = f"{number}" if index is None else f"{number}.{index}"
        return known, list(unknown.values())


class Found(NamedTuple):
    """A group in a text: its kind, and the offset after its closing bracket."""

    group: Group
    kind: Kind
    end: int


def find_group(held: str, at: int, *, final: bool) -> Found | bool | None:
    """The group whose bracket opens at an offset of a text, False where there is none.

    None when only more text can tell; `final` says that there is none.
    """
    for opening, closing, kind in (one for one in BRACKETS if one[0][0] == held[at]):
        if not held.startswith(opening, at):
            if not final and opening.startswith(held[at:]):
                return None
            continue
        inside = at + len(opening)
        window = held[inside : inside + _LONGEST_GROUP + len(closing)]
        inner, closed, _ = window.partition(closing)
        if not closed and not final and _may_close(inner, closing):
            return None
        one_line = closed and "\n" not in inner
        group = read_group(inner, explicit=kind == "marked") if one_line else None
        if group is not None:
            return Found(group, kind, inside + len(inner) + len(closing))
    return False


def _may_close(inner: str, closing: str) -> bool:
    """True while an unfinished inside of a bracket can still be read as a citation."""
    parts = (size for size in range(len(closing), 0, -1) if inner.endswith(closing[:size]))
    text = _ASIDE.sub("", normalize("NFKC", inner[: len(inner) - next(parts, 0)]))
    if len(inner) > _LONGEST_GROUP or not _ALLOWED.fullmatch(text):
        return False
    for word in _LETTERS.finditer(text):
        low, begun = word.group().lower(), word.end() == len(text)
        if not any(low.startswith(one) or (begun and one.startswith(low)) for one in _KNOWN_WORDS):
            return False
    return True


def find_unbracketed(held: str, at: int) -> Found | bool:
    """The citation without brackets at an offset of a text, False where there is none."""
    found = UNBRACKETED[held[at]].match(held, at, at + REACH)
    group = found and read_group(re.sub("[·⋅˙]", ".", found.group()).strip("^").replace("‚", ","))
    if not found or not group:
        return False
    return Found(group, "named" if held[at] in "sS" else "raised", found.end())


@lru_cache(256)  # what is waited on is read again with each piece
def read_group(inner: str, *, explicit: bool = False) -> Group | None:
    """Read the inside of a bracket as a citation; None when it is something else."""
    items: list[Item] = []
    numbers: list[str] = []
    text = normalize("NFKC", inner).strip().rstrip(".")
    at, within, ranged, dotted, plus = 0, False, False, True, False
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return None
        at = token.end()
        match token.lastgroup, token.group():
            case "word" | "aside" as kind, word:
                explicit, within = True, within and kind == "aside"
                if word.lower().startswith("title") and items:
                    items[-1] = (items[-1][0], 0)
            case "within", _:
                explicit = within = True
            case "to", _:
                ranged = True
            case "and", sign:
                plus = plus or sign == "+"
            case "number", written:
                number = re.sub(r"\s", "", written).replace(":", ".")
                numbers.append(number)
                dotted = dotted and ("." in number or within or ranged)
                if not _add(items, number, within=within, ranged=ranged):
                    return None
                ranged = False
    if not items or ranged or len(items) > _MOST_ITEMS or (plus and not (explicit or dotted)):
        return None
    if explicit:
        # "Source 1, 1.3" names its source twice.
        named = {source for source, index in items if index is not None}
        items = [item for item in items if item[1] is not None or item[0] not in named]
    return Group(tuple(items), explicit, dotted, tuple(numbers))


def _add(items: list[Item], number: str, *, within: bool, ranged: bool) -> bool:
    """Add a number to the items, alone or up to it; False when it makes no sense there."""
    source, _, sentence = number.partition(".")
    within = within and not sentence
    if not ranged and not within:
        items.append((int(source), int(sentence) if sentence else None))
        return True
    if not items:
        return False
    last, first = items[-1]
    if not ranged:
        items[-1:] = [(last, int(source))] if first is None else [items[-1], (last, int(source))]
        return True
    if sentence and int(source) != last:
        items.append((int(source), int(sentence)))
        return first is not None
    begin, end = last if first is None else first, int(sentence or source)
    more = range(begin + 1, end + 1)
    items += [(one, None) if first is None else (last, one) for one in more[:_MOST_ITEMS]]
    return begin <= end and not (sentence and first is None)


def span(first: Group, last: Group) -> Group | None:
    """The range that two groups are the ends of, [1.2]-[1.4]; None where they are not."""
    both = first.numbers + last.numbers
    if len(both) != 2 or first.dotted != last.dotted:
        return None
    return read_group("-".join(both), explicit=first.explicit)
