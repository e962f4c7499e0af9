"""LaTeX that lost its backslashes on the way through a web page: what is certain is mended."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from store.pattern import pattern
from store.tables import read_table

_FORMULA = "formula"
_LONGEST = 16
_WRAPPER = pattern(
    r"(?<![A-Za-z\\])(?:text(?:bf|it|tt|sc|rm|sf)|emph|math(?:cal|bb|rm|bf|frak|sf|it|scr)"
    r"|boldsymbol|sqrt|frac|operatorname|widetilde|overline|hat|bar|tilde)\Z"
)
_NUMERATOR = pattern(r"(?<![\w.}])\d{1,3}\Z")


@dataclass(frozen=True, slots=True)
class _Form:
    needs: tuple[str, ...]
    is_word: bool
    within: tuple[str, ...]
    find: re.Pattern[str]
    give: str
    hint: re.Pattern[str] | None


@lru_cache
def _forms() -> tuple[_Form, ...]:
    return tuple(
        _Form(
            tuple(one["needs"]),
            not any("^" in need or "_" in need for need in one["needs"]),
            tuple(one.get("within", ())),
            re.compile(one["find"]),
            one["give"],
            _hint(one),
        )
        for one in read_table(__file__, "lost.toml")["forms"]
    )


def _hint(form: dict[str, str]) -> re.Pattern[str] | None:
    return re.compile(form["hint"]) if "hint" in form else None


@dataclass(frozen=True, slots=True)
class Lost:
    """A command that braces belong to, or text; `cut` is its length before the braces."""

    cut: int = 0
    command: str = ""
    text: str = ""


def lost_at_brace(before: str, content: str) -> Lost | None:
    """What stands before a group, or in it, as the rest of a command; None where none is certain.

    textbf{...} and mathcal{O} are commands, {approx} is a sign, 8{255} was a fraction, and an
    address twice was a link.
    """
    last = before[-1:]
    if last.isalpha() and (found := _WRAPPER.search(before[-_LONGEST:])):
        return Lost(cut=len(found[0]), command=found[0])
    if content.isalpha() and content in _sign_names():
        return Lost(text=_sign_names()[content])
    if last.isdigit() and content.isdigit() and len(content) <= 3 and _NUMERATOR.search(before):
        return Lost(text=f"/{content}")
    if "://" in before and not last.isspace():
        address = before.split()[-1]
        if "://" in address and content.rstrip("/") in (address.rstrip("/"), "URL", "url", "Url"):
            return Lost(cut=0, text="")
    return None


@lru_cache
def _sign_names() -> dict[str, str]:
    table = read_table(__file__, "latex.toml")
    signs: dict[str, str] = {**table["symbols"], **table["relations"]}
    return {name: signs[name] for name in read_table(__file__, "lost.toml")["signs"].split()}


def mended(text: str, *, words: bool = True) -> str:
    """A text in which lost commands are characters, or commands again for what comes next.

    Without `words` only those are looked for that have "^" or "_".
    """
    for form in _forms():
        if (words or not form.is_word) and _has(text, form):
            give = _joined if form.give == _FORMULA else form.give
            text = form.find.sub(give, text)
    return text


def _has(text: str, form: _Form) -> bool:
    """True when a text holds what a form needs, not only as a command with its backslash."""
    for sign in form.within:
        if sign not in text:
            return False
    for sign in form.needs:
        if sign in text and text.count(sign) != text.count(f"\\{sign}"):
            return form.hint is None or form.hint.search(text) is not None
    return False


def _joined(found: re.Match[str]) -> str:
    """A chemical formula without the marks of its subscripts."""
    return re.sub(r"[_{}]", "", found[0])
