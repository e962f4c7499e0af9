"""The text in a value of any shape, as JSON of services and tables of programs hold it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice

from store.clean import clean_line, shorten
from store.pattern import pattern
from store.readers.markup.readable import readable

FIELD_LIMIT = 2_000
"""Longest name, tag, venue, date, id or address kept, in characters."""
LIST_LIMIT = 10_000
"""Most authors, keywords or tags kept of one record."""
DEPTH_LIMIT = 6
"""How deep the text of a field may stand in lists and objects."""
TEXT_KEYS = (
    *("value", "text", "name", "title", "displayname", "content", "literal", "label", "term"),
    *("raw", "abstract", "default"),
)
"""The keys, in their bare form, under which an object holds the text that it stands for."""
MOST_SAID = 3
"""So many values of a field that were left out are shown."""
_SHOWN = 60
_MARKED = pattern(r"[\\$<{}&]")


class LeftOut:
    """What is to be said of the fields of one record: a line for each value, but for `MOST_SAID`.

    Of a field with more values the rest are counted.
    """

    def __init__(self) -> None:
        self._shown: defaultdict[str, list[str]] = defaultdict(list)
        self._counted: Counter[str] = Counter()

    @property
    def lines(self) -> list[str]:
        """What was left out, in the order of the fields."""
        return [line for name in self._shown for line in self._lines(name)]

    def _lines(self, name: str) -> Iterator[str]:
        yield from self._shown[name]
        more = self._counted[name] - MOST_SAID
        if more > 0:
            yield f"field “{name}”: {more} more left out"

    def leave_out(self, name: str, value: object) -> None:
        """Say that something of a field was not understood, and shows up nowhere."""
        self._counted[name] += 1
        if self._counted[name] <= MOST_SAID:
            said = f"field “{name}” left out, not understood: {shown(value)}"
            self._shown[name].append(said)


def plain_line(text: str) -> str:
    """A name, a venue or a keyword in one line, without entities and markup."""
    if _MARKED.search(text):
        text = readable(text, title=True)
    return clean_line(text)


def shown(value: object) -> str:
    """A value in one short line, for a message."""
    if isinstance(value, str):
        return shorten(clean_line(value), _SHOWN)
    if isinstance(value, dict | list | tuple):
        inside = ", ".join(map(_printed, islice(value, 8)))
        kind = "an object with " if isinstance(value, dict) else "a list of "
        return shorten(kind + clean_line(inside) if inside else kind_of(value), _SHOWN)
    return shorten(clean_line(_printed(value)), _SHOWN)


def _printed(value: object) -> str:
    try:
        return str(value)
    except ValueError:  # a whole number of more digits than Python writes
        return kind_of(value)


def kind_of(value: object) -> str:
    """What a value is, for a message."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list | tuple) else "an object"


@lru_cache(maxsize=1024)
def bare(key: str) -> str:
    """A key without case, marks and spaces: "given-names" and "givenNames" are one."""
    return "".join(filter(str.isalnum, key)).lower()


def by_bare_key(value: Mapping[object, object]) -> dict[str, object]:
    """An object by its bare keys, without what is empty; the first of two that agree stays."""
    found: dict[str, object] = {}
    for key, one in value.items():
        if one is not None and one != "" and isinstance(key, str) and len(key) < 64:
            # XML turned into JSON keeps the prefixes of its namespaces.
            found.setdefault(bare(key.rpartition(":")[2] if ":" in key else key), one)
    return found


def text_of(value: object, *keys: str, depth: int = DEPTH_LIMIT) -> str:
    """The text that a value is or stands for: the first of a list, that of an object; or "".

    `keys` are the bare names under which an object may have it, before those that any has.
    """
    if isinstance(value, str):
        return value.strip()
    if value is None or isinstance(value, bool) or not depth:
        return ""
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, list | tuple):
        found = (text_of(one, *keys, depth=depth - 1) for one in value)
        return next(filter(None, found), "")
    if isinstance(value, dict):
        parts = by_bare_key(value)
        held = (text_of(parts[key], *keys, depth=depth - 1) for key in _in(parts, keys))
        return next(filter(None, held), "")
    return ""


def _in(parts: Mapping[str, object], keys: tuple[str, ...]) -> Iterator[str]:
    yield from (key for key in (*keys, *TEXT_KEYS) if key in parts)


def texts_of(value: object, *keys: str, depth: int = DEPTH_LIMIT) -> Iterator[str]:
    """Every text of a list, nested or not, and of its objects; the text itself of a text."""
    if isinstance(value, list | tuple) and depth:
        for one in value:
            yield from texts_of(one, *keys, depth=depth - 1)
    elif text := text_of(value, *keys, depth=depth):
        yield text


def number_text(value: int | float) -> str:
    """A number as text; a whole one without the fraction that tables give it."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    try:
        return str(value)
    except ValueError:  # as above
        return ""


def is_nothing(value: object) -> bool:
    """True for what says nothing: null, and what is empty."""
    return not value and not isinstance(value, int | float)
