"""A name as it is kept, in the parts that reference formats want."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from store.pattern import pattern

_SUFFIX = pattern(r"(?:Jr|Sr|I{2,3}|IV|VI{0,3}|2nd|3rd)\.?")
_COMPANY = pattern(r"(?:Inc|Ltd|LLC|Co|Corp|GmbH|S\.?A|B\.?V|PLC|University|Institute)\b.*", 2)
_INITIALS = pattern(r"[A-Z]{1,3}")
_GROUP = pattern(
    r"\b(?:of|for|on|the|and|&|in|group|committee|consortium|society|institutes?|network|team"
    r"|investigators|collaborat(?:ion|ors|ive)|university|association|department|cent(?:er|re)"
    r"|organi[sz]ation|agency|council|foundation|ministry|laborator(?:y|ies)|commission|project"
    r"|initiative|alliance|board|union|college|hospital|company|corporation|service|survey"
    r"|gruppe|groupe|grupo|gruppo|gesellschaft|universit[àäé]t?|universidad|institut|comit[eé])\b",
    2,
)
_BETWEEN = pattern(r"[;|&\n\[]|\b(?:and|und|et|y|e)\b", re.IGNORECASE)
_ASIDE = pattern(r"[\d(\[{/:@]")


class Name(NamedTuple):
    """A person's family name, with its particles, given names and suffix; or a whole name.

    Of a group, or of somebody who has one name, only `literal` is there.
    """

    family: str = ""
    given: str = ""
    suffix: str = ""
    literal: str = ""

    @property
    def inverted(self) -> str:
        """As indexes have it: "de la Mare, Walter, Jr"; a whole name as it is."""
        if self.literal:
            return self.literal
        return ", ".join(filter(None, (self.family, self.given, self.suffix)))

    @property
    def spoken(self) -> str:
        """As it is spoken: "Walter de la Mare Jr"."""
        return self.literal or " ".join(filter(None, (self.given, self.family, self.suffix)))

    @property
    def medline(self) -> str:
        """As MEDLINE has it: "Moreau L"."""
        return self.literal or " ".join(filter(None, (self.family, self.given, self.suffix)))


def may_be_several(names: Sequence[str]) -> bool:
    """True where names between semicolons may be read as more than they are."""
    if len(names) == 1 and "," in names[0]:
        return True
    return any(_BETWEEN.search(name) for name in names)


def orders(names: Sequence[str]) -> str:
    """A letter a name for the order in which it is kept: spoken, inverted, MEDLINE's, or else "-".

    One letter for all where they agree.
    """
    letters = "".join(map(_order, names))
    return letters[:1] if len(set(letters)) == 1 else letters


def _order(name: str) -> str:
    found = parted(name)
    if found.literal:
        return "-"
    ways = (("s", found.spoken), ("i", found.inverted), ("m", found.medline))
    return next((letter for letter, way in ways if way == name), "-")


@lru_cache(maxsize=4096)
def parted(name: str) -> Name:
    """The parts of a name in any of the ways in which sources write it.

    "Lia Moreau", "Moreau, Lia", "Moreau L": what is written before a comma is a family name, and
    so is what stands before initials without a stop, as MEDLINE writes them. In the order in
    which it is spoken the last word is the family name, from its first particle on (a word in
    lower case). A group's name stays whole.
    """
    if "," in name:
        return _of_inverted(name)
    words = name.split()
    if len(words) < 2 or _GROUP.search(name) or _ASIDE.search(name):
        return Name(literal=name)
    suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    last = len(words) - 1
    if _INITIALS.fullmatch(words[last]) and not _are_initials(words[:last]):
        return Name(" ".join(words[:last]), words[last], suffix)
    first = next((at for at, word in enumerate(words) if at and word[0].islower()), last)
    if words[0][0].islower():
        return Name(literal=name)
    return Name(" ".join(words[first:]), " ".join(words[:first]), suffix)


def _of_inverted(name: str) -> Name:
    parts = [" ".join(part.split()) for part in name.split(",")]
    family, given, *rest = parts
    if not family or not given or len(rest) > 1 or _COMPANY.fullmatch(given):
        return Name(literal=name)
    suffix = rest[0] if rest else ""
    if rest and not _SUFFIX.fullmatch(suffix):
        return Name(literal=name)
    is_name = len(given.strip(".")) == 1 or " " not in family  # "Denault, V", "Roux, VI"
    if not rest and not is_name and _SUFFIX.fullmatch(given):  # "Martin Luther King, Jr."
        return parted(family)._replace(suffix=given)
    before, _, last = family.rpartition(" ")
    if before and not suffix and _SUFFIX.fullmatch(last):  # "King Jr., Martin Luther"
        family, suffix = before, last
    return Name(family, given, suffix)


def _are_initials(words: list[str]) -> bool:
    return all(len(word.strip(".")) < 2 or word.isupper() for word in words)
