"""Authors as sources give them: objects of many shapes, lists, and one string with all names."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence

from store.pattern import pattern
from store.readers.values.author_text import (
    is_others,
    split_authors,
    without_degrees,
    without_marks,
)
from store.readers.values.plain import (
    DEPTH_LIMIT,
    FIELD_LIMIT,
    LIST_LIMIT,
    LeftOut,
    by_bare_key,
    is_nothing,
    plain_line,
    text_of,
)

_GIVEN = (
    *("given", "givenname", "givennames", "firstname", "first", "forename", "forenames", "fname"),
    *("initials", "givenforename"),
)
_FAMILY = ("family", "familyname", "lastname", "last", "surname", "surnames", "sname", "lname")
_MIDDLE = ("middle", "middlename", "middlenames", "middleinitial")
_PARTICLES = ("droppingparticle", "nondroppingparticle", "prefix", "infix", "particle", "von")
_SUFFIX = ("suffix", "jr", "lineage", "generation")
# What holds the person of an entry: OpenAlex's authorships, XML turned into JSON, wrappers.
_INSIDE = ("author", "authors", "person", "creator", "creators", "collection", "list", "string")
_WHOLE = (
    *("literal", "fullname", "displayname", "name", "preferredname", "authorname", *_INSIDE),
    *("collab", "collective", "collectivename", "collaboration", "corporatename", "group"),
    *("groupname", "organization", "organisation", "institution", "consortium"),
    *(
        "rawauthorname",
        "creatorname",
        "standardname",
        "authname",
        "indexedname",
        "label",
        "text",
        "value",
        "content",
    ),
)
_TITLES = pattern(r"(?:(?:dr|prof|professor|mrs?|ms|sir|dame|rev)\.?\s*)+", re.IGNORECASE)
_ENDING = pattern(r"(?:jr|sr|i{1,3}|iv|vi{0,3}|2nd|3rd|ph\.?d|m\.?d)\.?", re.IGNORECASE)
_HOMONYM = pattern(r" 0\d{3}\Z")
_NO_SPACE_AFTER = ("'", "’", "ʼ", "-", "‐", "‑")
# Names that are written as they are kept, a line each: letters that NFC leaves, no marks.
_LETTER = r"A-Za-zÀ-ÖØ-öø-ſ.'’-"
_NAME = (
    r"(?!(?i:and\s*(?:oth|et)|oth|et[. ]|etal))"
    rf"[A-Za-zÀ-ÖØ-öø-ſ][{_LETTER}]*+(?:,? [{_LETTER}]++)*+"
)
_PLAIN_NAMES = pattern(rf"{_NAME}(?:\n{_NAME})*+")
_OTHER_ROLES = ("editor", "translator", "reviewedauthor", "bookauthor", "contributor", "advisor")


def authors_of(value: object, said: LeftOut) -> tuple[str, ...]:
    """The names of authors in their order; of an entry that is not understood it is said."""
    if is_nothing(value):
        return ()
    if isinstance(value, list) and (plain := _plain_names(value)):
        return plain
    odd: list[object] = []
    names: list[str] = []
    _gather(value, names, odd, DEPTH_LIMIT)
    found: list[str] = []
    for name in names:
        cleaned = plain_line(name).strip(" ,;")
        if not cleaned or is_others(cleaned):
            continue
        if len(cleaned) > FIELD_LIMIT or len(found) >= LIST_LIMIT:
            odd.append(cleaned)
        else:
            found.append(_HOMONYM.sub("", cleaned) if cleaned[-1].isdigit() else cleaned)
    if odd:
        said.leave_out("authors", odd[0])
    return tuple(found)


def _plain_names(value: list[object]) -> tuple[str, ...] | None:
    """The names of a list that holds them as they are kept; None where more is to be done.

    They stand there as texts, or as family and given names.
    """
    names: list[str] = []
    for one in value:
        if type(one) is str:
            names.append(one)
        elif type(one) is list and len(one) == 3 and one[2] == "":
            names.append(f"{one[1]} {one[0]}")
        else:
            return None
    text = "\n".join(names)
    is_plain = len(text) <= FIELD_LIMIT and _PLAIN_NAMES.fullmatch(text)
    return tuple(names) if is_plain and without_degrees(text) is text else None


def _gather(value: object, names: list[str], odd: list[object], depth: int) -> None:
    """Add the names in a value to `names`, and what is not understood to `odd`."""
    if isinstance(value, str):
        names += split_authors(value)
    elif isinstance(value, dict):
        _gather_object(value, names, odd, depth)
    elif isinstance(value, list | tuple) and depth:
        for one in _authors_alone(value):
            if isinstance(one, str):
                names += _of_entry(one)
            elif isinstance(one, list | tuple) and _is_triple(one):
                names.append(joined(one[1], (), one[0], one[2] if len(one) > 2 else ""))
            elif not is_nothing(one):
                _gather(one, names, odd, depth - 1)
    else:
        odd.append(value)


def _of_entry(text: str) -> Iterable[str]:
    """The name in an entry of a list: whole, unless what never stands in a name parts several."""
    if ";" not in text and "|" not in text and "\n" not in text:
        return (without_degrees(without_marks(text)),)
    text = html.unescape(text)
    return split_authors(text) if ";" in text or "|" in text else (" ".join(text.split()),)


def _gather_object(
    value: Mapping[object, object], names: list[str], odd: list[object], depth: int
) -> None:
    parts = by_bare_key(value)
    if family := _first(parts, _FAMILY):
        given = " ".join(filter(None, (_first(parts, _GIVEN), _first(parts, _MIDDLE))))
        if not given and (whole := _whole_with(family, parts)):
            names.append(whole)
            return
        particles = [text_of(parts[one]) for one in _PARTICLES if one in parts]
        names.append(joined(given, particles, family, _first(parts, _SUFFIX)))
        return
    for key in _WHOLE if depth else ():
        inside = parts.get(key)
        if isinstance(inside, dict | list | tuple):
            before = len(names), len(odd)
            _gather(inside, names, odd, depth - 1)
            if len(names) > before[0]:
                return
            del odd[before[1] :]
        elif isinstance(inside, str) and inside.strip():
            names += split_authors(inside) if key in _INSIDE else _of_entry(inside)
            return
    if given := _first(parts, _GIVEN):  # people with one name are often given so
        names.append(given)
    elif parts:
        odd.append(value)


def _whole_with(family: str, parts: Mapping[str, object]) -> str:
    """The name that says more than the family name that stands alone beside it."""
    texts = (one for key in _WHOLE if isinstance(one := parts.get(key), str))
    return next((one for one in texts if family in one and len(one) > len(family)), "")


def _first(parts: Mapping[str, object], keys: tuple[str, ...]) -> str:
    for key in keys:
        if key in parts:
            value = parts[key]
            if isinstance(value, list | tuple):
                text = " ".join(filter(None, map(text_of, value)))
            else:
                text = text_of(value)
            if text:
                return text
    return ""


def joined(given: object, particles: Sequence[str], family: object, suffix: object) -> str:
    """A name in the order in which it is spoken: "Walter de la Mare", "Tom O'Hara"."""
    name = text_of(given)
    if not particles and not suffix and isinstance(family, str):
        return f"{name} {family}".strip()
    for part in (*particles, text_of(family)):
        if part and not _TITLES.fullmatch(part):
            closed = name.endswith(_NO_SPACE_AFTER) and name != text_of(given)
            name = f"{name}{part}" if closed else f"{name} {part}"
    ending = text_of(suffix)
    return f"{name} {ending}".strip() if ending else name.strip()


def _is_triple(value: list[object] | tuple[object, ...]) -> bool:
    """True for family, given name and suffix in a list, as arXiv's `authors_parsed` has them."""
    if len(value) < 2 or not all(isinstance(one, str) for one in value):
        return False
    family = str(value[0])
    if len(value) == 2:
        return len(family.split()) == 1 or family[:1].islower()
    return bool(family) and (not value[2] or _ENDING.fullmatch(str(value[2])) is not None)


def _authors_alone(value: list[object] | tuple[object, ...]) -> Iterable[object]:
    """The entries of a list without those that say of themselves that they are editors."""
    if not any(isinstance(one, dict) and _role(one) for one in value):
        return value
    return (one for one in value if not isinstance(one, dict) or _role(one) not in _OTHER_ROLES)


def _role(value: Mapping[object, object]) -> str:
    role = value.get("creatorType") or value.get("role")
    return role.replace("_", "").replace("-", "").lower() if isinstance(role, str) else ""
