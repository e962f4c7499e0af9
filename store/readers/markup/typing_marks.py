"""Marks that LaTeX makes of what keyboards have: ties, quotation marks, dashes, thin spaces.

Each stands in ordinary texts too ("of ~50", "f''", --flag), so that what is around it decides.
"""

from __future__ import annotations

from store.pattern import pattern

_DOI = pattern(r"\b10\.\d{4,9}/")
_LONGEST_ADDRESS = 300
_NUMBERED = pattern(
    r"\b(?:Figs?|Tabs?|Tables?|Eqs?|Secs?|Sections?|Refs?|Chapters?|No|Theorem|Lemma|Algorithm"
    r"|Appendix|Figures?|Equations?)\.?\Z"
)


def around(text: str, start: int, end: int) -> tuple[str, str]:
    """The characters before and after a part of a text, or nothing at its ends."""
    return text[max(start - 1, 0) : start], text[end : end + 1]


def is_in_address(text: str, at: int) -> bool:
    """True within the address of a page or a DOI, which stays as it is."""
    if at == 0 or text[at - 1].isspace():
        return False
    word = text[max(at - _LONGEST_ADDRESS, 0) : at].rsplit(maxsplit=1)[-1]
    return "://" in word or _DOI.search(word) is not None


def is_tie(text: str, at: int, *, is_latex: bool) -> bool:
    """Tell a tie, "Fig.~1", from "about" and "depends on": "of ~50", "of~50", "rate~age"."""
    before, after = around(text, at, at + 1)
    near = text[max(at - 12, 0) : at]
    is_after_word = before in ".,:;)]}$" or near[-2:].isalnum()
    is_after_word = is_after_word or (before.isdigit() and after == "\\")
    if not before.strip() or not after.strip() or not is_after_word or is_in_address(text, at):
        return False
    if after.isdigit():
        is_sure = before == "." or is_latex or _NUMBERED.search(near)
        return bool(is_sure) and not before.isdigit()
    if before.isalnum() and after.isalnum():
        return is_latex
    return after.isalnum() or after in "([\\$“`"


def quotation(text: str, start: int, opened: int) -> tuple[str, int]:
    """What two ticks at an offset are, and how many quotations are open after them."""
    marks = text[start : start + 2]
    before, after = around(text, start, start + 2)
    if is_in_address(text, start):
        return marks, opened
    if marks == "``":
        return ("“", opened + 1) if after.strip() else (marks, opened)
    may_open = (not before.strip() or before in "([") and after.isalnum()
    if may_open and "''" in text[start + 3 : start + _LONGEST_ADDRESS]:
        return "“", opened + 1
    return ("”", opened - 1) if opened and before.strip() else (marks, opened)


def dash(text: str, start: int, end: int, *, is_latex: bool) -> str:
    """What hyphens are: a dash of LaTeX, or what typists write for one, which stays."""
    before, after = around(text, start, end)
    marks = text[start:end]
    if is_in_address(text, start):
        return marks
    if len(marks) == 3:
        return "—"
    is_range = before.isdigit() and after.isdigit()
    is_pair = before.isalpha() and after.isupper()
    return "–" if is_range or is_pair or is_latex else marks


def thin_space(text: str, start: int, end: int) -> str:
    """A blank for a space of LaTeX; a narrow one where it parts thousands."""
    is_comma = text[end - 1 : end] == "," and text[max(start - 1, 0) : start].isdigit()
    is_number = is_comma and text[end : end + 3].isdigit() and not text[end + 3 : end + 4].isdigit()
    return "\u202f" if is_number else " "
