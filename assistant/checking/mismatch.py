"""Signs that a sentence says something else than the sentences it cites, in spite of like words.

Two are seen: a name that the cited paper does not have, and a direction (increases, beats)
where the cited sentence has the opposite one for the same thing. Neither proves anything.
`python -m tests.bench.swaps` prints what they catch, and how often they are wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from assistant.text.numbers.compare import is_unit
from assistant.text.tables import read_table
from assistant.text.words import STOP_WORDS, Statistics, is_figure, stem, terms
from store.pattern import pattern

_WORD = pattern(r"[^\W_]+(?:['’\-‐‑+./][^\W_]+)*\+*")
_SHORT = 4
_UNKNOWN_TERM = "qxzqxzq"
_NEAR = 4
"""Content words on either side of a direction that tell what it is about."""

_DIRECTIONS: list[list[str]] = read_table(__file__, "mismatch.toml")["directions"]
"""Pairs of opposite directions; a word may belong to several."""

_PHRASES = pattern(
    r"\b(?:los(?:es?|ing) to|lost to|fall(?:s|ing)? (?:short of|below|behind)"
    r"|fell (?:short of|below|behind)|lag(?:s|ged|ging)? behind)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1)
def _sides() -> dict[str, tuple[tuple[int, int], ...]]:
    """Stems of direction words: the pairs they belong to, each with their side of it."""
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for pair, sides in enumerate(_DIRECTIONS):
        for side, words in enumerate(sides):
            for name in dict.fromkeys(stem(word) for word in words.split()):
                found[name] = (*found.get(name, ()), (pair, side))
    return found


def foreign_names(claim: str, paper: str, others: str, statistics: Statistics) -> tuple[str, ...]:
    """The names of a claim that other papers have, and the text of those cited in no form.

    A name is a word with capitals inside or digits ("CIFAR-10", "MoSA"), or a capitalised
    one within the sentence that stands in `others`, the text of the papers read beside. An
    acronym whose words stand in the text is not foreign, nor is
    a compound whose names stand there ("AMPK-dependent"). Names that no paper of the
    collection has are left to the recall of terms, where they weigh most.
    """
    unknown = statistics.idf(_UNKNOWN_TERM)
    held = frozenset(terms(paper))
    squeezed = _squeezed(paper)
    return tuple(
        name
        for name in _names(claim)
        if (_is_marked(name) or name in others)
        and all(statistics.idf(term) < unknown for term in terms(name))
        and not (
            (len(name) >= _SHORT and _squeezed(name) in squeezed)
            or all(term in held for term in terms(name))
            or all(_is_held(part, squeezed, paper) for part in _name_parts(name))
        )
    )


def opposed(claim: str, cited: str) -> tuple[str, ...]:
    """The direction words of a claim whose opposite stands in a cited sentence for the same thing.

    They are about the same thing when words near them are the same. A sentence that has the
    direction of the claim too opposes nothing.
    """
    theirs = _directions(cited)
    found: list[str] = []
    for word, pair, side, near in _directions(claim):
        if any(one[1] == pair and one[2] == side for one in theirs):
            continue
        if any(one[1] == pair and one[2] != side and near & one[3] for one in theirs):
            found.append(word)
    return tuple(found)


def _names(text: str) -> list[str]:
    found: list[str] = []
    for match in _WORD.finditer(text):
        word = match.group()
        letters = [char for char in word if char.isalpha()]
        if not letters or word[0].isdigit():
            continue
        begins = not text[: match.start()].strip(" \t\"'“(*-") or text[
            : match.start()
        ].rstrip().endswith((".", ":", "?", "!"))
        if _is_marked(word) or (word[0].isupper() and not begins and len(word) > 1):
            found.append(word)
    return [
        name
        for name in dict.fromkeys(found)
        if name.lower() not in STOP_WORDS and not is_unit(name)
    ]


def _name_parts(name: str) -> list[str]:
    """The parts of a compound that are names themselves; a number stays with its name."""
    if re.search(r"\d", name):
        kept = [part for part in re.split(r"[/+]", name) if part]
        return [re.sub(r"-[a-z]{3,}\Z|\A[a-z]{3,}-", "", part) for part in kept]
    return [part for part in re.split(r"[-‐‑–/+]", name) if any(c.isupper() for c in part)]


def _is_marked(word: str) -> bool:
    """True for a word that is written as no common word is: capitals inside, or digits."""
    return any(char.isupper() for char in word[1:]) or any(char.isdigit() for char in word)


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()


def _is_held(part: str, squeezed: str, paper: str) -> bool:
    singular = part[:-1] if part.endswith("s") and part[:-1].isupper() else part
    bare = _squeezed(singular)
    if len(bare) < _SHORT:
        there = re.search(rf"(?<![^\W_]){re.escape(bare)}s?(?![^\W_])", paper, re.IGNORECASE)
        return there is not None or _is_acronym_of(singular, paper)
    return bare in squeezed or _is_acronym_of(singular, paper)


def _is_acronym_of(name: str, text: str) -> bool:
    """True when the letters of a name begin words that follow one another in a text."""
    capitals = "".join(char for char in name if char.isupper())
    small = sum(1 for char in name if char.islower())
    if len(capitals) < 2 or small * 2 > len(capitals):
        return False
    initials = "".join(word[0] for word in re.findall(r"[^\W\d_]+", text.lower()))
    return capitals.lower() in initials


_Direction = tuple[str, int, int, frozenset[str]]


def _directions(text: str) -> list[_Direction]:
    """The direction words of a text: word, pair, side, and the terms near it."""
    words = [match.group() for match in _WORD.finditer(_PHRASES.sub("underperforms", text))]
    each = [terms(word) for word in words]
    sides = _sides()
    found: list[_Direction] = []
    for at, word in enumerate(words):
        # Stop words such as "more" have no term.
        known = sides.get(each[at][0] if each[at] else stem(word.lower()))
        if known is None:
            continue
        near = frozenset((*_content(each[:at][::-1]), *_content(each[at + 1 :]))) - sides.keys()
        found += [(word, pair, side, near) for pair, side in known]
    return found


def _content(each: Sequence[tuple[str, ...]]) -> list[str]:
    found = [term for one in each for term in one if not is_figure(term)]
    return found[:_NEAR]
