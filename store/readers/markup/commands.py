"""What the commands of LaTeX say: the frequent ones from a table, the rest from pylatexenc."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from store.tables import read_table

_KINDS = (
    "wrappers", "seconds", "fractions", "over", "under", "quantities", "unit_names",
    "declarations", "dropped", "spaces", "none", "paragraphs", "functions",
)  # fmt: skip
_NAMED = ("abbreviations", "letters", "symbols", "relations", "math_accents")
_BY_HAND = {
    "textsuperscript": "raised", "textsubscript": "lowered", "sqrt": "roots", "binom": "binomials",
    "url": "addresses", "path": "addresses", "href": "links",
    "footnote": "footnotes", "thanks": "footnotes", "enquote": "quotes", "item": "items",
    "newline": "breaks",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Commands:
    """The table: the kind of each command, and what it stands for where it stands for a sign.

    `accents` are combining characters by their sign or letter, `accented` the letters that a
    sign may stand on.
    """

    kinds: Mapping[str, str]
    signs: Mapping[str, str]
    accents: Mapping[str, str]
    accented: Mapping[str, str]
    units: Mapping[str, str]


@lru_cache
def commands() -> Commands:
    """The table of commands, read once."""
    table = read_table(__file__, "latex.toml")
    kinds = {name: kind for kind in _KINDS for name in table[kind].split()}
    signs: dict[str, str] = {}
    for kind in reversed(_NAMED):
        signs |= table[kind]
        kinds |= dict.fromkeys(table[kind], kind)
    return Commands(
        kinds | _BY_HAND,
        signs,
        table["accents"],
        table["accented"],
        {**table["units"], **table["letters"]},
    )


@lru_cache(maxsize=1 << 10)
def sign_of_library(name: str) -> str | None:
    """The sign that pylatexenc knows for a command that the table lacks; None where it is none."""
    # Loading it costs 30 ms, and few texts need it.
    from pylatexenc.latex2text import LatexNodes2Text

    try:
        sign = LatexNodes2Text().latex_to_text(f"\\{name}{{}}").strip()
    except Exception:  # whatever a name makes of it, the name stays
        return None
    if not sign or len(sign) > 3 or "\\" in sign or not sign.isprintable():
        return None
    return unicodedata.normalize("NFC", sign)


def base_of(letter: str) -> str:
    """A letter without the accents that it has already."""
    return letter if letter.isascii() else unicodedata.normalize("NFD", letter)[0]


def on_letter(letters: str, mark: str) -> str:
    """An accent on the first of some letters: "ı" gets its dot back first."""
    first = {"ı": "i", "ȷ": "j"}.get(letters[0], letters[0])
    return unicodedata.normalize("NFC", first + mark) + letters[1:]
