"""Citations that stand in no square or round brackets: raised numbers, <1.2>, escaped brackets.

A raised number is a citation after a word or a sentence, an exponent after a number, a single
letter, a unit or a name of a quantity: "it works²", "BERT² is", but 10², m², R², MSE², x^2.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from assistant.citations.context import CLAUSE_REACH, ends_clause, is_interval, names_measure
from assistant.citations.forms import Group, may_become_group, read_group
from assistant.text.numbers.compare import is_unit
from store.pattern import pattern

RAISED_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
"""Digits that are written above the line."""

STARTS = frozenset("^<" + RAISED_DIGITS)
"""Characters that may begin a citation of these forms."""

_LONGEST = 60
_ESCAPED = 160
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾", "0123456789-()")
_RAISED = pattern(
    rf"[{RAISED_DIGITS}]{{1,2}}(?:(?:[ ]?[,·⋅˙⁻–‚][ ]?|[ ])[{RAISED_DIGITS}]{{1,2}}){{0,12}}"
)
_POINT = pattern(r"[·⋅˙]")
_CARET = pattern(
    r"\^(?:\{(?P<braced>[\d.,; –-]{1,40})\}|\[(?P<square>[\d.,; –-]{1,40})\]"
    r"|(?P<closed>[\d.,–-]{1,20})\^|(?P<bare>\d{1,2}(?:\.\d{1,2})?(?:[,–-]\d{1,2}(?:\.\d{1,2})?)*))"
)
_MAY_BE_CARET = pattern(r"\^(?:[{\[]?[\d.,; –-]{0,40})?")
_TAG = pattern(r"<sup>\s*\[?([^<>\[\]\n]{1,40})\]?\s*</sup>", re.IGNORECASE)
_MAY_BE_TAG = pattern(
    r"<(?:s(?:u(?:p(?:>[^<>\n]{0,44}(?:<(?:/(?:s(?:u(?:p)?)?)?)?)?)?)?)?)?", re.IGNORECASE
)
_WORD_BEFORE = pattern(r"(?:^|[^\w\\])([^\W\d_]?[a-zß-öø-ÿ]{2,}|\([^\W\d_][\w -]{2,}\))\Z")
# A name in capitals, of three letters or more: DNA, BERT, ResNet, GANs.
_ACRONYM_BEFORE = pattern(r"(?:^|[\s(\[{\"“'‘/–—-])((?=[^\W\d_]*[A-Z][a-z]*[A-Z])[^\W\d_]{3,})\Z")
_EQUALS_AFTER = pattern(r"\s?[=≈≃~<>≤≥+*/×·±]")
_END_BEFORE = pattern(r"[^\W_]{2}[\"”’)\]]?[.,;:!?][\"”’]?\Z")
_GOES_ON = pattern(r"[\w+⁺⁻−*/^=<>{\\°%-]")
_NAMES_OF_QUANTITIES = (
    "chi eta rho tau phi psi omega sigma alpha beta gamma delta epsilon lambda theta log sin cos "
    "tan exp error errors loss losses norm norms distance distances residual residuals variance "
    "deviation value values score scores pixel pixels voxel voxels feet foot inch inches mile "
    "miles micron microns mol rad deg dim width height depth radius length size diag var std cov "
    "max min dex med mse rmse mae rms snr psnr fft dft roc auc auroc fid lsd std mad sum dim dist"
)
_QUANTITIES = frozenset(_NAMES_OF_QUANTITIES.split())


def is_definition(line: str, after: str) -> bool:
    """True for a raised number that begins a line and a note: "¹ Paper 1"."""
    return not line.strip() and after[:1] in (" ", "\t")


class Raised(NamedTuple):
    """A citation of these forms: its group, where it ends, and which of the forms it is.

    The form is "raised" (¹, a <sup> tag), "caret", "angle" or "escaped".
    """

    group: Group
    end: int
    form: str


def raised_name(before: str, written: str) -> str:
    """The name that raised digits would belong to, were they none: "RL²"; empty for none.

    `before` is the text before the digits, `written` the digits as they are written.
    """
    name = _ACRONYM_BEFORE.search(before)
    return name[1] + written if name else ""


def find_raised(held: str, at: int, *, final: bool) -> Raised | bool | None:
    """What begins at an offset of a text: a citation of these forms, or False.

    None when only more text can tell; `final` says that there is none.
    """
    char = held[at]
    if char in RAISED_DIGITS:
        return _digits(held, at, final=final)
    if char == "^":
        return _caret(held, at, final=final)
    if char == "<":
        return _angle(held, at, final=final)
    return _escaped(held, at, final=final)


def is_raised_citation(one: Raised, before: str, after: str) -> bool:
    """Tell a citation of these forms, all of whose addresses exist, by the text around it."""
    group = one.group
    if one.form in ("angle", "escaped"):
        if names_measure(before) or is_interval(group, before):
            return False
        if one.form == "escaped":
            return group.dotted or group.explicit
        spaced = not before or not (before[-1].isalnum() or before[-1] in "_)<")
        return spaced and ends_clause(after) and (group.dotted or group.explicit)
    line = before.rpartition("\n")[2]
    if not line.strip() or line.count("$") % 2 or _GOES_ON.match(after):
        return False
    if _END_BEFORE.search(line.rstrip()):
        return True
    word = _WORD_BEFORE.search(line.rstrip())
    if word is None and one.form == "raised" and not _EQUALS_AFTER.match(after):
        word = _ACRONYM_BEFORE.search(line.rstrip())
    if word is None or is_unit(word[1]) or word[1].lower() in _QUANTITIES:
        return False
    # Apart from its word, or with a caret, it is one only where a clause ends.
    apart = line[-1].isspace() or one.form == "caret"
    return ends_clause(after) if apart else True


def _digits(held: str, at: int, *, final: bool) -> Raised | bool | None:
    found = _RAISED.match(held, at)
    if found is None:
        return False
    if not final and len(held) - found.end() < CLAUSE_REACH and "\n" not in held[found.end() :]:
        return None
    written = found.group().translate(_LOWERED)
    return _raised(_POINT.sub(".", written), found.end(), "raised")


def _caret(held: str, at: int, *, final: bool) -> Raised | bool | None:
    window = held[at : at + _LONGEST]
    found = _CARET.match(window)
    if not final and _MAY_BE_CARET.fullmatch(window):
        return None
    if found is None:
        return False
    end = at + found.end()
    if not final and len(held) - end < CLAUSE_REACH and "\n" not in held[end:]:
        return None
    inner = next(one for one in found.groups() if one is not None)
    trimmed = inner.rstrip(".,")
    if found["bare"] is not None:
        end -= len(inner) - len(trimmed)
    return _raised(trimmed, end, "raised" if found["square"] else "caret")


def _angle(held: str, at: int, *, final: bool) -> Raised | bool | None:
    window = held[at : at + _LONGEST]
    tag = _TAG.match(window)
    if tag:
        inner, end, form = tag[1], at + tag.end(), "raised"
    elif not final and _MAY_BE_TAG.fullmatch(window):
        return None
    else:
        close = re.search(r"[<>\n]", window[1:])
        if close is None:
            waits = not final and len(window) < _LONGEST and may_become_group(window[1:])
            return None if waits else False
        if close.group() != ">":
            return False
        inner, end, form = window[1 : close.start() + 1], at + close.end() + 1, "angle"
    if not final and len(held) - end < CLAUSE_REACH and "\n" not in held[end:]:
        return None
    return _raised(inner, end, form)


def _escaped(held: str, at: int, *, final: bool) -> Raised | bool | None:
    if not held.startswith("[", at + 1):
        return False
    window = held[at + 2 : at + 2 + _ESCAPED]
    close = re.search(r"[\[\]\\\n]", window)
    if close is None or (close.end() == len(window) and close.group() == "\\"):
        inside = window[: close.start()] if close else window
        waits = not final and len(window) < _ESCAPED and may_become_group(inside)
        return None if waits else False
    if not window.startswith("\\]", close.start()):
        return False
    return _raised(window[: close.start()], at + 2 + close.start() + 2, "escaped")


def _raised(inner: str, end: int, form: str) -> Raised | bool:
    group = read_group(inner) if may_become_group(inner) else None
    return Raised(group, end, form) if group is not None else False
