"""The names in an author field of BibTeX, after "Names" in btxdoc and the manual of BibLaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable

from store.pattern import pattern
from store.readers.bibtex.plain import groups_joined, is_one_group

NAMES_LIMIT = 20_000
"""Most names read of one field."""

Plain = Callable[[str], str]
"""Makes plain text of LaTeX."""

_AND = pattern(r"(?i)\s+and(?=\s)")
_PIECE = pattern(r"\\.|[{},]|[\s~]+|[^\\{},\s~]+", re.DOTALL)
_PART = pattern(r"(?is)\s*\"?(family|given|prefix|suffix|useprefix|[a-z]+-i)\s*=\s*(.*?)\"?\s*\Z")
_SUFFIX = pattern(r"(?i)(?:jr|sr|ii|iii|iv)\.?")
_COMMAND = pattern(r"\{?\\[A-Za-z]+\*?|\{?\\.", re.DOTALL)


def names_of(text: str, plain: Plain) -> list[object] | str:
    """The names as objects with family, given and so on, or the text where it is no such list."""
    pieces = _at_and(text)
    if len(pieces) == 1:
        only = pieces[0].strip()
        if ";" in _outside(only) or _outside(only).count(",") > 2:
            return plain(only)
    names: list[object] = []
    for piece in pieces[:NAMES_LIMIT]:
        piece = piece.strip().strip(",").strip()
        if piece:
            names.append(_name(piece, plain))
    return names


def _at_and(text: str) -> list[str]:
    """Split at " and " outside of braces."""
    parts = _AND.split(f" {text} ")
    return groups_joined(parts, " and") if "{" in text else parts


def _name(piece: str, plain: Plain) -> object:
    if piece.lower() in ("others", "{others}"):
        return "et al."
    if is_one_group(piece) and piece[1:2] != "\\":
        return {"literal": plain(piece)}
    if "=" in piece and (named := _named_parts(piece)):
        return _person({name: plain(value) for name, value in named.items()})
    parts = _parts(piece)
    if len(parts) > 3:
        return plain(piece)
    first, *rest = parts
    if not rest:
        return _person(_first_von_last(first, plain))
    von, last = _von_last(first)
    given = rest.pop(0 if _SUFFIX.fullmatch(" ".join(rest[-1])) else -1) if len(rest) > 1 else []
    given, suffix = (given, rest[0]) if given else (rest[0], [])
    return _person(
        {
            "prefix": plain(" ".join(von)),
            "family": plain(" ".join(last)),
            "suffix": plain(" ".join(suffix)),
            "given": plain(" ".join(given)),
        }
    )


def _person(parts: dict[str, str]) -> object:
    family, given = parts.get("family", ""), parts.get("given", "")
    person = {
        "family": family,
        "given": given,
        "non-dropping-particle": parts.get("prefix", ""),
        "suffix": parts.get("suffix", ""),
    }
    return {name: value for name, value in person.items() if value}


def _first_von_last(tokens: list[str], plain: Plain) -> dict[str, str]:
    lower = [at for at, token in enumerate(tokens[:-1]) if _is_lower(token)]
    if lower:
        begin, end = lower[0], lower[-1] + 1
    else:
        begin = end = len(tokens) - 1
    return {
        "given": plain(" ".join(tokens[:begin])),
        "prefix": plain(" ".join(tokens[begin:end])),
        "family": plain(" ".join(tokens[end:])),
    }


def _von_last(tokens: list[str]) -> tuple[list[str], list[str]]:
    end = 0
    for at, token in enumerate(tokens[:-1]):
        if _is_lower(token):
            end = at + 1
    if not _is_lower(tokens[0]) if tokens else True:
        end = 0
    return tokens[:end], tokens[end:]


def _is_lower(token: str) -> bool:
    """True for a word that begins in lower case; a group in braces has no case."""
    if token[0] == "{" and token[1:2] != "\\":
        return False
    if token[0] in "{\\":
        token = _COMMAND.sub("", token)
    letter = next((one for one in token if one.isalpha()), "")
    return letter.islower()


def _parts(text: str) -> list[list[str]]:
    """The words of the parts between commas; groups in braces are not cut."""
    if "{" not in text and "\\" not in text:
        return [part.replace("~", " ").split() for part in text.split(",")]
    parts: list[list[str]] = [[]]
    word = ""
    depth = 0
    for found in _PIECE.finditer(text):
        piece = found[0]
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth = max(depth - 1, 0)
        elif not depth and (piece == "," or piece[0] in " \t\n\r~" or piece.isspace()):
            if word:
                parts[-1].append(word)
            word = ""
            if piece == ",":
                parts.append([])
            continue
        word += piece
    if word:
        parts[-1].append(word)
    return parts


def _named_parts(text: str) -> dict[str, str]:
    """The parts of a name in BibLaTeX's extended form: family=Berg, prefix=van den."""
    named: dict[str, str] = {}
    for part in text.split(","):
        found = _PART.match(part)
        if not found:
            return {}
        named[found[1].lower()] = found[2]
    return named


def _outside(text: str) -> str:
    """What stands outside of braces."""
    if "{" not in text:
        return text
    depth = 0
    kept: list[str] = []
    for letter in text:
        if letter == "{":
            depth += 1
        elif letter == "}":
            depth = max(depth - 1, 0)
        elif not depth:
            kept.append(letter)
    return "".join(kept)
