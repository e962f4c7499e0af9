"""The pattern of citation keys: what a key is made of, and which keys all programs take."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from store.clean import folded
from store.exporters.names import parted
from store.ledger.citation_keys import Unkeyed
from store.lexical.stopwords import STOP_WORDS
from store.pattern import pattern

LONGEST = 100
"""Longest key, in characters."""
_LONGEST_WORD = 30
_MOST_AUTHORS = 3
_PIECE = pattern(r"\{([A-Za-z]+)\}|([A-Za-z0-9_:.+/-]+)")
# btxdoc, the manual of biber and pandoc's have this in common: marks stand alone, and within.
_VALID = pattern(r"(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9_]+(?:[:.+/-][A-Za-z0-9_]+)*")
_MARKS = pattern(r"([_:.+/-])[_:.+/-]+")
_OUTSIDE = "_:.+/-"
_WORD = pattern(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
_NO_LETTER = pattern(r"[^a-z0-9]")
_UNFIT = pattern(r"[^A-Za-z0-9:.+/-]+")


class WrongPattern(ValueError):
    """A pattern that no key can be made by."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}; a pattern is fields in braces ({', '.join(_FIELDS)}; with a capital, such as"
            " {Author}, names begin with one), and between them letters, figures and _ : . + / -"
        )


class Part(NamedTuple):
    """What stands in a key: a field by its name, or a text as it is."""

    field: str
    text: str


@lru_cache(maxsize=8)
def parts_of(text: str) -> tuple[Part, ...]:
    """The parts of a pattern; raises WrongPattern."""
    parts: list[Part] = []
    at = 0
    while found := _PIECE.match(text, at):
        at = found.end()
        name = found[1] or ""
        if name and name.lower() not in _FIELDS:
            raise WrongPattern(f"{{{name}}} is no field")
        parts.append(Part(name, found[2] or ""))
    if at < len(text):
        raise WrongPattern(f"“{text[at]}” cannot stand in it")
    if not any(part.field for part in parts):
        raise WrongPattern("it has no field")
    return tuple(parts)


def is_valid(key: str) -> bool:
    """True for a key that BibTeX, biber and pandoc take as it stands."""
    return len(key) <= LONGEST and _VALID.fullmatch(key) is not None


def made_by(text: str, paper: Unkeyed) -> str:
    """The key that a pattern makes of a paper; its id where no letter would stand in it."""
    key = "".join(_filled(part, paper) for part in parts_of(text))
    key = _MARKS.sub(r"\1", key)[:LONGEST].strip(_OUTSIDE)
    return key if is_valid(key) else paper.id


def speaks_of(key: str, paper: Unkeyed) -> bool:
    """True for a key with a name of an author or a word of the title in it, as people make them."""
    plain = _NO_LETTER.sub("", folded(key))
    named = [_family(name) for name in paper.authors[:1]]
    words = [word for word in _words(paper.title) if len(word) > 3]
    return any(len(one) > 2 and one in plain for one in (*named, *words))


def next_key(base: str, number: int) -> str:
    """The key of one more paper for which the pattern makes the same: smith2020b, or -2."""
    if base[-1].isdigit() and number <= 26:
        return f"{base}{chr(ord('a') + number - 1)}"
    return f"{base}-{number}"


def _filled(part: Part, paper: Unkeyed) -> str:
    if not part.field:
        return part.text
    words = _FIELDS[part.field.lower()](paper)
    if part.field[0].isupper():
        words = [word[:1].upper() + word[1:] for word in words]
    return "".join(words)


def _author(paper: Unkeyed) -> list[str]:
    return [_family(name) for name in paper.authors[:1]]


def _authors(paper: Unkeyed) -> list[str]:
    if len(paper.authors) > _MOST_AUTHORS:
        return [*_author(paper), "etal"]
    return [_family(name) for name in paper.authors]


def _family(name: str) -> str:
    """The family name in plain letters, of a group its first word; nothing in another script."""
    found = parted(name)
    family = found.family or next(iter(_telling(_words(found.literal))), "")
    plain = "".join(_WORD.findall(folded(family))).replace("'", "").replace("’", "")
    return plain[:_LONGEST_WORD] if plain.isascii() else ""


def _title(paper: Unkeyed) -> list[str]:
    words = [word for word in _words(paper.title) if word.isascii()]
    return [word[:_LONGEST_WORD] for word in (_telling(words) or words)[:1]]


def _venue(paper: Unkeyed) -> list[str]:
    """The first letters of a venue's words; one word as it is."""
    words = [one for one in _telling(_words(paper.venue or "")) if one.isascii()]
    return [words[0][:_LONGEST_WORD] if len(words) == 1 else "".join(one[0] for one in words)]


def _words(text: str) -> list[str]:
    found = _WORD.findall(folded(text))
    return [word.replace("'", "").replace("’", "").replace("ʼ", "") for word in found]


def _telling(words: list[str]) -> list[str]:
    return [word for word in words if word not in STOP_WORDS]


_FIELDS: dict[str, Callable[[Unkeyed], list[str]]] = {
    "author": _author,
    "authors": _authors,
    "year": lambda paper: [str(paper.year or "")],
    "title": _title,
    "venue": _venue,
    "doi": lambda paper: [_UNFIT.sub("_", paper.doi or "")],
    "arxiv": lambda paper: [paper.arxiv_id or ""],
    "id": lambda paper: [paper.id],
}
