"""The grammar of citations: a tokenizer of what stands in brackets, and a table of brackets.

An address is `source.sentence`, or `source` alone; sentence 0 is the title.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple
from unicodedata import normalize

from assistant.types.evidence import Evidence
from store.pattern import pattern

_LONGEST_GROUP, _MOST_ITEMS, _MOST_OTHERS = 160, 60, 3  # characters, addresses, words
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
LABELS = "Eqs?|Equations?|Figs?|Figures?|Tab|Tables?|Sec|Sect|Sections?"  # numbered as well
_RAISED_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_RAISED = pattern(
    rf"[{_RAISED_DIGITS}]{{1,2}}(?:[ ]?[,.·⋅˙⁻–‚ ][ ]?[{_RAISED_DIGITS}]{{1,2}}){{0,12}}"
    r"|\^(\d{1,2}(?:\.\d{1,2})?(?:[,–-]\d{1,2}(?:\.\d{1,2})?)*)\^?"
)
_NAMED = pattern(
    r"[Ss]ource(?:s \d[\d.]*(?:, \d[\d.]*)*(?:,? (?:and|&) |[–-])\d[\d.]*"
    r"| (?:\d{1,3}\.\d{1,3}(?:(?:, (?:and )?| and | & |[–-])\d{1,3}\.\d{1,3})*|\d{1,3}))"
    r"(?:,? sentences? \d{1,3}(?:(?:, | and |[–-])\d{1,3})*)?(?<!\.)(?![\w]|\.\w)"
)
UNBRACKETED = {**dict.fromkeys(f"^{_RAISED_DIGITS}", _RAISED), **dict.fromkeys("sS", _NAMED)}
"""The citations without brackets, by their first character: raised numbers, "Source 1"."""
REACH = 90  # characters that it may have, with what tells it from other words

_WORDS = "source src reference ref document doc paper abstract title address citation cited cite"
_WORDS += " see also cf no quelle fuente fonte источник 来源"
_WITHIN = "sentence sent line satz frase 第"
_AND = r"and or und et [yeи](?=\s)"
_TOKEN = pattern(
    rf"(?P<word>(?:{_WORDS.replace(' ', '|')})(?:e?[sn])?(?![a-zа-я])\.?:?|s(?=\s?\d)|[\^#§@])"
    rf"|(?P<within>(?:{_WITHIN.replace(' ', '|')})s?(?![a-zа-я])\.?|s\.(?=\s?\d))"
    r"|(?P<number>\d{1,4}(?:(?:\.\s?|:)\d{1,3})?)(?![a-z\d]|\.\d)"
    r"|(?P<aside>†[^\];,】]*|:?\s*(?:\"[^\"]*\"|“[^”]*”))"
    r"|(?P<to>[-‐–—−]|\.\.|(?:to|bis|through)\b)"
    rf"|(?P<and>[,;:&/|+、]|(?:{_AND.replace(' ', '|')})\b)|(?P<space>[ \t句])"
    rf"|(?P<other>(?!(?:{LABELS})\b)[^\W\d_][^\s\d,;:()]*|\([^()\d]*\))",
    re.IGNORECASE,
)
_WORD = r"[^\W\d_][^\s\d\[\]]*(?:[^\S\r\n]|\Z|(?=\d))"
_MAY_BE_NUMBERS = pattern(rf"(?:{_WORD}|[^\w\n\r\[\]]){{0,4}}(?:\d[^\n\r\[\]]*)?")
_DIGIT, _NOT_INSIDE = pattern(r"\d"), frozenset("[]\r\n")


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
    def addressed(self) -> bool:
        """True for what no whole numbers alone are."""
        return self.dotted or self.explicit

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
        usable = closed and _NOT_INSIDE.isdisjoint(inner)
        group = read_group(inner, kind) if usable else None
        if group is not None:
            return Found(group, kind, inside + len(inner) + len(closing))
    return False


def _may_close(inner: str, closing: str) -> bool:
    """True while an unfinished inside of a bracket can still be read as a citation."""
    parts = (size for size in range(len(closing), 0, -1) if inner.endswith(closing[:size]))
    text = inner[: len(inner) - next(parts, 0)]
    return len(inner) <= _LONGEST_GROUP and bool(_MAY_BE_NUMBERS.fullmatch(text))


def find_unbracketed(held: str, at: int) -> Found | bool:
    """The citation without brackets at an offset of a text, False where there is none."""
    found = UNBRACKETED[held[at]].match(held, at, at + REACH)
    group = found and read_group(re.sub("[·⋅˙]", ".", found.group()).strip("^").replace("‚", ","))
    if not found or not group:
        return False
    return Found(group, "named" if held[at] in "sS" else "raised", found.end())


@lru_cache(256)  # what is waited on is read again with each piece
def read_group(inner: str, kind: Kind = "round") -> Group | None:
    """Read the inside of a bracket as a citation; None when it is something else.

    In square ones up to three words of any kind may lead to addresses: [e.g. 2.3].
    """
    items: list[Item] = []
    numbers: list[str] = []
    text = normalize("NFKC", inner).strip().rstrip(".:")
    explicit, dotted, within, ranged, plus = kind == "marked", True, False, False, False
    at = others = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return None
        at = token.end()
        match token.lastgroup, token.group():
            case "word", word:
                explicit, within = True, False
                if word.lower().startswith("title") and items:
                    items[-1:] = [items[-1]] * (items[-1][1] is not None) + [(items[-1][0], 0)]
            case "aside", _:
                explicit = True
            case "within", _:
                explicit = within = True
            case "other", word:
                # Before addresses, behind the last of them, or in brackets: [6.9 (VAR), 6.10].
                is_note = word[0] == "(" or not items or not _DIGIT.search(text, at)
                others, ranged = others + 1, False
                if kind != "square" or others > _MOST_OTHERS or not is_note:
                    return None
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
    is_list = bool(items) and not ranged and len(items) <= _MOST_ITEMS
    if not is_list or ((plus or others) and not (dotted or (explicit and not others))):
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
    return read_group("-".join(both))
