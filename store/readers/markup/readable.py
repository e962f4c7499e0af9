"""A title or abstract as its source has it, turned into the text that is read and searched.

Entities and tags first, then what copied pages lost of LaTeX, then LaTeX. Most texts hold none
of it, and a look for the few signs that all of it needs is quick. The regular expressions here
and beside take time in proportion to the text, whatever stands in it.
"""

from __future__ import annotations

import re

from store.clean import level_powers
from store.pattern import pattern

_PASSES = 6
"""How often a text is cleaned until nothing changes: what was escaped twice may hold more."""

_MOST_SIGNS = 4_000
"""A text with more of them than any abstract has is not looked into, so that none takes long."""

_SIGNS = "<&\\${}~^_`'"
_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
_ODD_SPACE = pattern(
    rf"(?P<number>(?<![\d.,])\d{{1,3}}(?:[\u00a0\u2009\u202f]\d{{3}})+(?!\d))|[{_SPACES}]"
)
# The pattern begins with the rare letter: so the search goes from one to the next at once.
_RELATION = pattern(r"q(?<=[lgn]eq)")
_DEGREES = pattern(r"(?<=\d)\s?[°º˚]\s?(?=[CF]\b)")
_CELSIUS = pattern(r"\s?℃")


def readable(text: str, *, title: bool = False) -> str:
    """The readable form of a text; what is readable already comes back unchanged.

    Paragraphs and sections are parted by an empty line, labels of sections stand before their
    text as "Background: ...". Nothing but commands, tags and entities is lost.
    """
    if len(text) > _MOST_SIGNS and sum(map(text.count, _SIGNS)) > _MOST_SIGNS:
        return text
    came, may_have_words = text, True
    for _ in range(_PASSES):
        before = text
        if "<" in text or "&" in text:
            from store.readers.markup.tags import without_tags

            text = without_tags(text, title=title)
            may_have_words = may_have_words or text != before
        # LaTeX that goes brings no word with it.
        may_have_words = may_have_words and _may_have_lost_words(text)
        if may_have_words or "_" in text or "^" in text:
            from store.readers.markup.lost import mended

            text = mended(text, words=may_have_words)
        if _may_have_latex(text):
            from store.readers.markup.latex import without_latex

            text = without_latex(text, title=title)
        if not text.isascii():
            text = _with_plain_signs(text, is_clean=text == came)
        if text == before:
            break
    return text


def _may_have_latex(text: str) -> bool:
    # Written out: a look for one character takes 0.04 µs, a loop around it three times that.
    return (
        "\\" in text
        or "$" in text
        or "{" in text
        or "~" in text
        or ("-" in text and "--" in text)
        or ("'" in text and "''" in text)
        or ("`" in text and "``" in text)
    )


def _may_have_lost_words(text: str) -> bool:
    # The longer a word, the less a look for it costs: 0.4 to 1 µs.
    return (
        "times" in text
        or "pm" in text
        or "math" in text
        or "rightarrow" in text
        or "infty" in text
        or "varepsilon" in text
        or "boldsymbol" in text
        or ("z" in text and "scriptsize" in text)
        or "sim " in text
        or ("q" in text and _RELATION.search(text) is not None)
    )


def _with_plain_signs(text: str, *, is_clean: bool) -> str:
    """Spaces, degrees and powers of ten as they are typed and compared.

    A space within a number stays, narrow: it parts thousands.
    """
    if any(map(text.__contains__, _SPACES)):
        text = _ODD_SPACE.sub(_space, text)
    if not is_clean and ("°" in text or "º" in text or "˚" in text):
        text = _DEGREES.sub(" °", text)
    if "℃" in text:
        text = _CELSIUS.sub(" °C", text)
    return level_powers(text)


def _space(found: re.Match[str]) -> str:
    number = found["number"]
    return re.sub(r"\s", "\u202f", number) if number else " "
