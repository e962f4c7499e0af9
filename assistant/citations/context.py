"""Telling a citation from the sentence's own brackets: an interval, an index, a year, a value.

An address that exists is a citation, unless the syntax around its bracket says otherwise or the
evidence itself has that bracket, or those numbers, at that place: `RULES`. In doubt it is a
citation: one that is lost misleads the reader, a needless one is only weak.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from assistant.citations.forms import LABELS, Group, Kind
from assistant.text.numbers.compare import is_unit
from assistant.text.own_numbers import OwnNumbers
from assistant.text.words import STOP_WORDS
from assistant.types.evidence import Evidence
from store.pattern import pattern

AHEAD = 28  # characters after a group that a rule may look at

_OPERATOR = pattern(r"(?:[∈∉=≤≥×≈]|[\w)] [<>]|\\(?:in|leq?|geq?|times|approx))\s*\Z")
_LABEL = pattern(rf"\b(?:{LABELS})\.?\s*\Z")
_INDEXED = pattern(r"(?:\A|(?<!\d)[^\w-])[^\W\d_]\Z|\w_\w*\Z|\w(?:\[\w{1,4}\])+\Z|\\[a-z]+\Z")
_PREFIX = pattern(r"[-‐‑]?([^\W\d_⁰¹²³⁴-⁹]+)")
_GLUED = pattern(r"[A-Za-zÀ-ɏͰ-ӿ0-9_)\]}]\Z")
_MATRIX = pattern(r"\[\Z|\][-‐‑–—]\Z")
_REGEX = pattern(r"\+|\{\d|\*\d|[*?](?=[^\s\"”’)\]*_.,;:!?])")
_CLAUSE_END = pattern(
    r"[*_]{0,3}(?:\Z|[.,;:!?)\]}\"”»|。，；、]|\s+(?:\Z|[A-Z\[(]|(?:and|but|while|whereas|or)\b))"
)
_SQUARE_NEXT = pattern(r"[ \t]{0,3}[\[【［]\d")
_NAME_BEFORE = pattern(r"(?:^|[^\w\\])([^\W\d_]{3,}|\([^\W\d_][\w -]{2,}\))\Z")
_STOP_BEFORE = pattern(r"[^\W_]{2}[\"”’)\]]?[.,;:!?][\"”’]?\Z")
_GOES_ON = pattern(r"\s?[=≈≃~<>≤≥+*/×·±⁺⁻−^]|[\w{\\°%-]")
_LEADS = pattern(
    r"(?:\A|\n|\(|[.!?:;,–—][\"”’)\]]?\s|^[ \t]*(?:[-*•·+>]|\d{1,2}[.)])\s+|\*\*|__"
    r"|\b(?:according to|as|in|from|by|per|see|cf\.?|and|but|while|whereas|than|that)\s)\Z",
    re.IGNORECASE | re.MULTILINE,
)
_OF_OURS = pattern(r"(?:\*\*|__)?[:,.;)](?:\*\*|__)?(?:\s|\Z)| [a-z]+s\b|\Z")


@dataclass(frozen=True)
class Place:
    """A group where it stands; `theirs` are the numbers that the evidence holds."""

    group: Group
    kind: Kind
    written: str
    before: str
    after: str
    code: str
    evidence: Evidence
    theirs: OwnNumbers

    @property
    def ends_clause(self) -> bool:
        """True when a clause ends after it."""
        return bool(_CLAUSE_END.match(self.after))

    @cached_property
    def known(self) -> int:
        """How many of its addresses exist: none, 0, some, 1, or all, 2."""
        known, unknown = self.group.resolve(self.evidence)
        return bool(known) + bool(known and not unknown)


def _is_index(at: Place) -> bool:
    may_be = not at.group.dotted or at.code or ":" in at.written
    return bool(may_be and _INDEXED.search(at.before[-40:]))


def _is_code(at: Place) -> bool:
    """In a block, or right after something: "``so it is" [1] has but the quotes of LaTeX."""
    return at.code == "```" or not at.before[-1:].isspace()


def _is_prefix(at: Place) -> bool:
    word = _PREFIX.match(at.after)
    return word is not None and word[1].islower() and word[1] not in STOP_WORDS


def _is_theirs(at: Place) -> bool:
    """That very bracket, or its numbers among words that are rather theirs than those cited."""
    numbers = at.group.numbers
    if at.theirs.has_bracket_at(numbers, at.before, at.after):
        return True
    may_be_numbers = at.group.numbers[1:] and (at.group.dotted or at.theirs.has_bracket(numbers))
    if at.kind != "round" and not may_be_numbers:
        return False
    return at.theirs.states(numbers, at.before, at.group.resolve(at.evidence)[0])


def _is_power(at: Place) -> bool:
    """Behind a unit, a letter or a number, or where the evidence has the same: m², BERT²."""
    line = at.before.rpartition("\n")[2].rstrip()
    name = _NAME_BEFORE.search(line)
    if name is None or is_unit(name[1]):
        return not _STOP_BEFORE.search(line)
    theirs = at.theirs.writes(name[1], at.group.numbers[0], r"\$?\^\{?")
    return theirs or (at.written[0] == "^" and not at.ends_clause)


_Rule = tuple[str, Callable[[Place], object]]
_OPERAND: _Rule = ("an operand: x = [1.2]", lambda at: _OPERATOR.search(at.before[-12:]))
_IN_CODE: _Rule = ("in code", lambda at: at.code and not at.group.dotted and _is_code(at))
_NO_SOURCE: _Rule = ("no address exists", lambda at: not at.known)
_WHOLE: _Rule = ("whole numbers: (1)", lambda at: not at.group.addressed)
_GLUED_RULE: _Rule = ("a function: f(1.2)", lambda at: _GLUED.search(at.before[-1:]))
_GOES: _Rule = ("a formula, a unit: x² + 1", lambda at: _GOES_ON.match(at.after))
_OWN: tuple[_Rule, ...] = (
    _IN_CODE,
    _OPERAND,
    ("from nothing: [0, 1]", lambda at: any(source == 0 for source, _ in at.group.items)),
    ("a year", lambda at: any(source >= 1000 for source, _ in at.group.items)),
    ("a first row: [[1, 2]", lambda at: not at.group.dotted and _MATRIX.search(at.before[-2:])),
    ("a last row: [3, 4]]", lambda at: at.group.numbers[1:] and at.after.startswith("]")),
    ("an index: x[1], x[1:2]", _is_index),
    ("part of a name: [2.2]paracyclophane", _is_prefix),
    ("a pattern: [1]+", lambda at: _REGEX.match(at.after)),
    ("the evidence's own", _is_theirs),
    ("an array: [3, 64]", lambda at: at.group.numbers[1:] and at.known < 2 - at.group.dotted),
    ("no address, amid a clause", lambda at: not (at.known or at.ends_clause)),
)
_ROUND: tuple[_Rule, ...] = (
    *(_NO_SOURCE, _WHOLE, _GLUED_RULE),
    ("a label: Eq. (1.2)", lambda at: _LABEL.search(at.before[-14:])),
    ("a number with its citation: (1.2) [3.4]", lambda at: _SQUARE_NEXT.match(at.after)),
)
_BARE: tuple[_Rule, ...] = (_IN_CODE, ("an absent address", lambda at: at.known < 2), _GOES)
RULES: dict[Kind, tuple[_Rule, ...]] = {
    "square": _OWN,
    "round": (*_ROUND, *_OWN),
    "marked": (),
    "angle": (_WHOLE, _NO_SOURCE, _GLUED_RULE, _OPERAND),
    "escaped": (_WHOLE, _NO_SOURCE, _OPERAND),
    "raised": (
        *_BARE,
        ("a fraction: ^{2/5}", lambda at: at.written[0] == "^" and "/" in at.written),
        ("in a formula", lambda at: at.before.rpartition("\n")[2].count("$") % 2),
        ("a power: m²", _is_power),
    ),
    "named": (
        *_BARE,
        ("amid a clause", lambda at: not _LEADS.search(at.before)),
        ("any source", lambda at: at.written[0] == "s" and not _OF_OURS.match(at.after)),
        ("theirs", lambda at: at.theirs.writes("source", at.group.numbers[0], " ")),
    ),
}
"""What a group of each kind may be that is no citation; none of it where a word says it is one."""


def is_citation(at: Place) -> bool:
    """Tell a citation from what else brackets, raised numbers and "source 1" may be."""
    rules = RULES[at.kind]
    if at.group.explicit and at.kind in ("square", "round"):
        rules = (_NO_SOURCE,) if at.kind == "round" else ()
    return not any(holds(at) for _, holds in rules)
