"""Citations without brackets that name their source: "Source 1: ...", "source 1.2 says".

Read only where nothing else can be meant: at the start of a line or clause or after words that
lead to a source, and, for a source as a whole, before a colon or what a source does.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from assistant.citations.forms import Group, read_group
from assistant.text.numbers.quantity import has_unit
from store.pattern import pattern

STARTS = frozenset("sS")
"""Characters that may begin a citation of this form."""

_LONGEST = 90
_REACH = 24
_NUMBER = r"\d{1,3}(?:\.\d{1,3})?"
_DOTTED = r"\d{1,3}\.\d{1,3}"
_END = r"(?![\w.]*\w)"
_NAMED = pattern(
    # "According to Source 1, 3 of them": only "Sources" and whole addresses are a list.
    rf"[Ss]ource(?:s (?:{_NUMBER}{_END}(?:, {_NUMBER}{_END})*(?:,? (?:and|&) |[–-]){_NUMBER})"
    rf"| (?:{_DOTTED}{_END}(?:(?:, (?:and )?| and | & |[–-]){_DOTTED}{_END})*|{_NUMBER}))"
    rf"(?P<within>,? sentences? \d{{1,3}}(?:(?:, | and |[–-])\d{{1,3}})*)?{_END}"
)
_MAY_BE = pattern(r"[Ss](?:o(?:u(?:r(?:c(?:e(?:s?(?: [\d., &a-z–-]*)?)?)?)?)?)?)?")
_LEADS = pattern(
    r"(?:^|\n|[.!?:;][\"”’)\]]?\s|,\s|[(–—]\s?|^[ \t]*(?:[-*•+>]|\d{1,2}[.)])\s+|\*\*|__"
    r"|\b(?:according to|as|in|from|by|per|see|cf\.?|and|but|while|whereas|unlike|like|both|than"
    r"|that|of|with|to|also|or|whether|only)\s)\Z",
    re.IGNORECASE | re.MULTILINE,
)
_ACCORDING = pattern(r"\b(?:according to|as per|per|see)\s\Z", re.IGNORECASE)
_DOES = pattern(
    r"(?:\*\*|__)?:(?:\*\*|__)?(?:\s|\Z)"
    r"| (?:also |further |only |even |however,? |clearly |explicitly |does not |did not |do not )?"
    r"(?:says?|said|states?|reports?|shows?|showed|finds?|found|describes?|proposes?|presents?"
    r"|introduces?|notes?|argues?|claims?|suggests?|demonstrates?|compares?|explains?|mentions?"
    r"|discusses|discuss|confirms?|indicates?|agrees?|disagrees?|contradicts?|gives?|provides?"
    r"|achieves?|concludes?|observes?|reported|stated|proposed|gave|uses?|evaluates?|studies)\b"
)
_IN = pattern(r"\b(?:in|from|by)\s\Z", re.IGNORECASE)
_CLAUSE_ENDS = pattern(r"[,.;)]?(?:\s|\Z)")
_STOPS = pattern(r"[,.;)](?:\s|\Z)")
_NO_ADDRESS = pattern(r"\s?%| (?:versions?|releases?|branch)\b|-[^\W\d_]")


class Named(NamedTuple):
    """A citation of this form: its group, and where it ends."""

    group: Group
    end: int


def find_named(held: str, at: int, before: str, *, final: bool) -> Named | bool | None:
    """The citation that begins at an offset of a text, `before` being shown before it.

    False where there is none; None when only more text can tell, `final` says that there is
    none. Whether its addresses exist is the caller's to look up.
    """
    if not _LEADS.search(before):
        return False
    window = held[at : at + _LONGEST]
    if not final and len(window) < _LONGEST and _MAY_BE.fullmatch(window):
        return None
    found = _NAMED.match(window)
    if found is None:
        return False
    after = held[at + found.end() : at + found.end() + _REACH]
    if not final and len(after) < _REACH and "\n" not in after:
        return None
    group = read_group(found.group())
    if group is None or has_unit(window, found.end()) or _NO_ADDRESS.match(after):
        return False
    does = _DOES.match(after)
    led = _ACCORDING.search(before) and _CLAUSE_ENDS.match(after)
    # "In Source 3, they": a capital that begins no sentence names one of ours.
    inside = held[at] == "S" and _IN.search(before) and _STOPS.match(after)
    if not (group.dotted or found["within"] or does or led or inside):
        return False
    return Named(group, at + found.end())
