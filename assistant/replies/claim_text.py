"""The text of a claim without its citation marks, and without the words that only held them.

"According to [1], it works (see [2])." says that it works. What is left out is what makes no
sense without a mark; every other word stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from assistant.text.sentences import OTHER_STOPS
from store.pattern import pattern

_MARK = "\0"
_RUN = rf"(?:both )?{_MARK}(?:(?: ?[,;])?(?: (?:and|or|&))? ?{_MARK})*"
_REPORTED = (
    r"(?:shown|seen|reported|found|described|demonstrated|stated|proposed|introduced|presented"
    r"|discussed|confirmed|noted|studied|given|proven|proved|mentioned|explained|observed"
    r"|suggested|claimed|argued|supported|indicated|outlined|summari[sz]ed)"
)
_REPORTS = r"(?:shows?|reports?|states?|finds?|says?|notes?|argues?|explains?|suggests?|describes?)"
_SEE = r"(?:(?:see(?: also)?|cf|e\.g|i\.e|as in|also|from|in|refs?|sources?)[.:]?,? ?)"
_EMPHASIS = pattern(rf"(\*\*|__|\*|_){_MARK}\1")
_IN_BRACKETS = pattern(rf" ?\( ?{_SEE}{{0,3}}{_RUN} ?[.,;]? ?\)", re.IGNORECASE)
_LEAD = pattern(
    rf"\A(?:(?:according to|as per|per) {_RUN}[,:]?"
    rf"|(?:in|from|based on|following|as {_REPORTED} (?:in|by|from)|as in) {_RUN} ?[,:]"
    rf"|as {_RUN} (?:\w+ly |also )?{_REPORTS}[,:]"
    rf"|{_RUN}(?: ?[,:;–—]| -)?) ?",
    re.IGNORECASE,
)
_ENDS = r"(?= ?(?:[.,;:!?)]|\Z))"
_TRAIL = pattern(
    rf",? (?:according to|as per|see(?: also)?|as (?:\w+ly )?{_REPORTED} (?:in|by|from)|as in"
    rf"|(?<={_MARK} )and) {_RUN}{_ENDS}",
    re.IGNORECASE,
)
_BY = pattern(rf"\b({_REPORTED}) (?:in|by|from) {_RUN}{_ENDS}", re.IGNORECASE)
_DOUBLED = pattern(rf", ?{_RUN} ?(?=,)")
_OTHER = rf"{OTHER_STOPS}，、；：،؛"
_DANGLING = pattern(rf"(?: ?[,:;–—]| -) ?{_RUN}(?= ?[.!?{OTHER_STOPS}]*\Z)")
_BEFORE_STOP = pattern(rf" ?{_RUN}(?: ?(?=[.,;:!?](?: |\Z)|[{_OTHER}])|(?=[.,;:!?])|\Z)")
_ANYWHERE = pattern(rf" ?{_RUN} ?")


def without_marks(text: str, start: int, end: int, marks: Iterable[tuple[int, int]]) -> str:
    """The text of a span without the marks at some offsets, in order; white space is single.

    A span without marks is left as it is but for its white space.
    """
    pieces: list[str] = []
    for mark_start, mark_end in marks:
        pieces += [text[start : max(start, mark_start)], _MARK]
        start = max(start, mark_end)
    pieces.append(text[start:end])
    bare = " ".join("".join(pieces).split())
    return _stripped(bare) if pieces[1:] else bare


@lru_cache(256)  # while a text comes, its sentences are cut anew with each that is whole
def _stripped(bare: str) -> str:
    bare = _EMPHASIS.sub(_MARK, bare)
    bare = _IN_BRACKETS.sub("", bare)
    bare = _LEAD.sub("", bare)
    bare = _TRAIL.sub("", bare)
    bare = _BY.sub(r"\1", bare)
    bare = _DOUBLED.sub("", bare)
    bare = _DANGLING.sub("", bare)
    bare = _BEFORE_STOP.sub("", bare)
    return " ".join(_ANYWHERE.sub(" ", bare).split())
