"""What stands word for word in an abstract: a claim as a whole, and what it quotes.

Aside are the first letter's case, spaces, kinds of quotation marks and dashes, dress of LaTeX
and of Markdown, list marks, and the stop at the end. Digits, signs and every word are not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from assistant.checking.cited_paper import CitedPaper
from store.pattern import pattern

MISQUOTED = "the quotation is not word for word"
"""What is said of a quotation that stands in none of the papers that its claim cites."""

LEAST_QUOTED = 4
"""Words of the shortest quotation that is compared: shorter ones are terms and names."""

_QUOTATION = pattern(r"“[^“”\n]{8,600}”|\"[^\"\n]{8,600}\"|«[^«»\n]{8,600}»|„[^„“\n]{8,600}“")
_GAP = pattern(r"\[\s*(?:…|\.{3})\s*\]|…|\.{3}")
_MARK = pattern(r"\s*\[(?:\d{1,3}|\?)\]")
_LETTERS = pattern(r"[^\W_]+")
_TURNS = frozenset(("not", "no", "never", "neither", "nor", "without"))

_DASHES = pattern(r"[-‐‑‒–—―−]+")
_DRESS = pattern(r"[“”„«»‘’‚\"'`${}\\]|\*\*|__|(?<![\w*])[*_](?=\S)|(?<=\S)[*_](?![\w*])")
_SYMBOLS = {"times": "×", "pm": "±", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "approx": "≈"}
_COMMAND = pattern(r"\\(?:(?:text|math|emph|operator)[a-z]*(?=\s*\{)|([A-Za-z]+|[,;:! ]))")
_LIST_MARK = pattern(r"\A\s*(?:[#>*•+]+|-|\(?\d{1,2}[.)])\s+")
_SPACES = pattern(r"(?<!\w)\s+|\s+(?!\w)")
_ROUND = str.maketrans("[]【】［］", "()()()")


def is_word_for_word(claim: str, cited: Sequence[CitedPaper]) -> bool:
    """True for whole sentences of each paper cited, or a quotation of them under its title.

    So is the entry of a list that cites a title: the title with the year of its record.
    """
    if cited and all(
        _is_run(claim, paper.sentences) or _is_titled(claim, paper) for paper in cited
    ):
        return True
    quoted = _QUOTATION.search(claim)
    if not quoted:
        return False
    beside = _words(f"{claim[: quoted.start()]} {claim[quoted.end() :]}").split()
    return _TURNS.isdisjoint(beside) and any(
        set(_words(paper.title).split()).issuperset(beside)
        and _is_run(quoted[0][1:-1], paper.sentences)
        for paper in cited
    )


def misquoted(claim: str, cited: Sequence[CitedPaper]) -> tuple[str, ...]:
    """A reason for each quotation of a claim that stands in none of the papers it cites."""
    quoted = quotations(claim)
    known = [f" {_words(one.whole)} " for one in cited] if quoted else []
    parts = [[words for part in _GAP.split(one) if (words := _words(part))] for one in quoted]
    found = (any(all(f" {part} " in text for part in one) for text in known) for one in parts)
    return tuple(MISQUOTED for is_there in found if not is_there)


def quotations(text: str) -> tuple[str, ...]:
    """The quotations of a text that are long enough to be compared, without citation marks."""
    bare = (_MARK.sub("", one[1:-1]).strip() for one in _QUOTATION.findall(text))
    return tuple(one for one in bare if len(_words(one).split()) >= LEAST_QUOTED)


def _is_run(claim: str, sentences: Sequence[str]) -> bool:
    """True for one or more sentences that follow one another."""
    plain = _plain(claim)
    for start in range(len(sentences)):
        for end in range(start, len(sentences)):
            run = _plain(" ".join(sentences[start : end + 1]))
            if run and run == plain:
                return True
            if not plain.startswith(run):
                break  # most sentences end here
    return False


def _is_titled(claim: str, paper: CitedPaper) -> bool:
    """True for the title and the sentences behind it, and for an entry with or without them."""
    plain = _plain(claim)
    for entry in map(_plain, paper.entries):
        if plain.startswith(entry):
            rest = plain[len(entry) :].lstrip(":")
            if not rest or _is_run(rest, paper.sentences):
                return True
    return _plain(claim) != _plain(paper.title) and _is_run(claim, (paper.title, *paper.sentences))


@lru_cache(maxsize=1 << 10)
def _plain(text: str) -> str:
    text = _LIST_MARK.sub("", unicodedata.normalize("NFC", text)).translate(_ROUND)
    text = _COMMAND.sub(lambda one: _SYMBOLS.get(one[1], (one[1] or "").strip(" ,;:!")), text)
    text = " ".join(_DASHES.sub("-", _DRESS.sub("", text)).split())
    text = _SPACES.sub("", text).strip(" .;:,!?…")
    return text[:1].lower() + text[1:]


def _words(text: str) -> str:
    return " ".join(_LETTERS.findall(unicodedata.normalize("NFKC", text).casefold()))
