"""Regular expressions that are compiled when they are first used."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """A regular expression as `re.compile` gives it, but compiled at its first use.

    Compiling takes 0.2 ms for each of some 300 in the program, and a command uses few. What is
    returned has the methods of a pattern; the functions of `re` do not take it for one.
    """
    return cast("re.Pattern[AnyStr]", _LazyPattern(text, flags))


class _LazyPattern:
    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what copies and pickles ask for: a pattern has none of it
            raise AttributeError(name)
        # Asked for once a name: from then on it is an attribute, found at the usual speed.
        # Threads that meet here get the same pattern, out of the cache of `re` or anew.
        found = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, found)
        return found
