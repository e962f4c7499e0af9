"""What stands word for word in an abstract: a claim as a whole, and what it quotes.

Aside are the first letter's case, spaces, kinds of quotation marks and dashes, dress of LaTeX
and of Markdown, list marks, and the stop at the end. Digits, signs and every word are not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from assistant.checking.cited_paper import CitedPaper
from store.pattern import pattern

MISQUOTED = "the quotation is not word for word"
"""What is said of a quotation that stands in none of the papers that its claim cites."""

LEAST_QUOTED = 4
"""Words of the shortest quotation that is compared: shorter ones are terms and names."""

_QUOTATION = pattern(
    r"“([^“”\n]{8,600})”|\"([^\"\n]{8,600})\"|«([^«»\n]{8,600})»|„([^„“\n]{8,600})“"
)
_GAP = pattern(r"\[\s*(?:…|\.{3})\s*\]|…|\.{3}")
_MARK = pattern(r"\s*\[(?:\d{1,3}|\?)\]")
_LETTERS = pattern(r"[^\W_]+")
_FIRST = pattern(r"[^\W\d_]+")
_TURNS = frozenset(("not", "no", "never", "neither", "nor", "without"))

_DASHES = pattern(r"[-‐‑‒–—―−]+")
_QUOTES = pattern(r"[“”„«»‘’‚\"'`]")
_EMPHASIS = pattern(r"\*\*|__|(?<![\w*])[*_](?=\S)|(?<=\S)[*_](?![\w*])")
_STYLE = pattern(r"\\(?:text|math|emph|operator)[a-z]*(?=\s*\{)")
_SYMBOLS = {"times": "×", "pm": "±", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "approx": "≈"}
_COMMAND = pattern(r"\\([A-Za-z]+|[,;:! ])")
_LIST_MARK = pattern(r"\A\s*(?:[#>*•+]+|-|\(?\d{1,2}[.)])\s+")
_SPACES = pattern(r"(?<!\w)\s+|\s+(?!\w)")
_ROUND = str.maketrans("[]【】［］", "()()()")


def is_word_for_word(claim: str, cited: Sequence[CitedPaper]) -> bool:
    """True for whole sentences that are cited, or a quotation of them under a paper's title."""
    if any(_is_run(claim, paper.sentences) for paper in cited):
        return True
    quoted = _QUOTATION.search(claim)
    if not quoted:
        return False
    quotation = next(filter(None, quoted.groups()))
    beside = _words(f"{claim[: quoted.start()]} {claim[quoted.end() :]}").split()
    return _TURNS.isdisjoint(beside) and any(
        set(_words(paper.title).split()).issuperset(beside) and _is_run(quotation, paper.sentences)
        for paper in cited
    )


def misquoted(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """A reason for each quotation of a claim that stands in none of the papers it cites."""
    quoted = quotations(claim)
    known = [_words(f"{one.title}. {one.abstract}") for one in cited] if quoted else []
    return tuple(MISQUOTED for one in quoted if not any(_stands(one, text) for text in known))


def quotations(text: str) -> tuple[str, ...]:
    """The quotations of a text that are long enough to be compared, without citation marks."""
    found = (next(filter(None, match.groups())) for match in _QUOTATION.finditer(text))
    bare = (_MARK.sub("", one).strip() for one in found)
    return tuple(one for one in bare if len(_words(one).split()) >= LEAST_QUOTED)


def _is_run(claim: str, sentences: Sequence[str]) -> bool:
    """True for one or more sentences that follow one another."""
    begins = _first_word(claim)
    for start, first in enumerate(sentences):
        if "\\" not in first and _first_word(first) != begins:
            continue  # most sentences end here, and cost little
        end = start + 1
        plain, run = _plain(claim), _plain(first)
        while run and run != plain and plain.startswith(run) and end < len(sentences):
            end += 1
            run = _plain(" ".join(sentences[start:end]))
        if run and run == plain:
            return True
    return False


def _first_word(text: str) -> str:
    found = _FIRST.search(text)
    return found[0].lower() if found else ""


@lru_cache(maxsize=1 << 10)
def _plain(text: str) -> str:
    text = _LIST_MARK.sub("", unicodedata.normalize("NFC", text)).translate(_ROUND)
    text = _COMMAND.sub(
        lambda one: _SYMBOLS.get(one[1], one[1].strip(" ,;:!")), _STYLE.sub("", text)
    )
    text = re.sub(r"[${}\\]", "", _EMPHASIS.sub("", _QUOTES.sub("", text)))
    text = _SPACES.sub("", " ".join(_DASHES.sub("-", text).split())).strip(" .;:,!?…")
    return text[:1].lower() + text[1:]


def _symbol(command: re.Match[str]) -> str:
    return _SYMBOLS.get(command[1], command[1].strip(" ,;:!"))


def _stands(quotation: str, text: str) -> bool:
    parts = filter(None, (_words(part) for part in _GAP.split(quotation)))
    return all(f" {part} " in f" {text} " for part in parts)


def _words(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_LETTERS.findall(folded))
