"""How a raised or lowered text is written in a line.

As readers type it and as the checks of numbers read it: CO2, 10^3, x_i. A raised number after a
letter is a unit, a charge or an isotope, and gets the raised characters of Unicode (m⁻², Ca²⁺,
¹³C), which are no numbers of the text; in a formula it keeps its caret, O(n^2), as typed.
"""

from __future__ import annotations

from store.pattern import pattern

_NUMBER = pattern(r"[-+−–‐]?\d+")
_CHARGE = pattern(r"[-+−–‐]?\d+[-+−–‐]?")
_SIGNS = pattern(r"[-+−–‐*′″†‡§¶®™±/]+|st|nd|rd|th|TM|SM|o|°|∘|º")
_ONE_WORD = pattern(r"[-+−–‐]?(?:\d+(?:\.\d+)?|[^\W\d]\w*)|[-+−–‐*′″†‡]+|\S")
_UPPER = pattern(r"[A-Z]\Z")
_ALONE = pattern(r"(?:\A|[^^_\w])[^\W\d_]\Z")
_RAISED = str.maketrans("0123456789+-−–‐", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁻")
_MINUS = str.maketrans("−–‐", "---")
_AS_DEGREE = ("°", "∘", "º", "o")


def raised(before: str, text: str, *, upright: bool) -> str:
    """A superscript after the text `before`; `upright` says that it stands outside a formula."""
    text = text.strip()
    last = before[-1:]
    if text in _AS_DEGREE and (text != "o" or last.isdigit() or last.isspace()):
        return "°"
    if _SIGNS.fullmatch(text) and (upright or text in ("*", "′", "″")):
        return text
    if _NUMBER.fullmatch(text) and last.isdigit():
        return f"^{text.translate(_MINUS)}"
    if _CHARGE.fullmatch(text) and upright:
        return text.translate(_RAISED)
    if not text or (upright and not last.isalnum() and last not in (")", "]")):
        return text
    return f"^{_bracketed(text.translate(_MINUS))}"


def lowered(before: str, text: str, *, upright: bool) -> str:
    """A subscript after the text `before`; `upright` says that it stands outside a formula."""
    text = text.strip()
    last = before[-1:]
    if not text or not last.strip() or (upright and not last.isalnum() and last not in ")]}′"):
        return text
    if text[0].isdigit():
        is_joined = upright or _UPPER.search(before[-1:]) or last == ")"
    else:
        is_joined = upright and not (last.islower() and _ALONE.search(before[-2:]))
    if is_joined and not last.isdigit():
        return text
    return f"_{_bracketed(text)}"


def _bracketed(text: str) -> str:
    is_whole = _ONE_WORD.fullmatch(text) or (text[0] == "(" and text[-1] == ")")
    return text if is_whole else f"({text})"
