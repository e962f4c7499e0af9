"""JSON Lines, and JSON documents: an array, a response, a page of results, one record."""

from __future__ import annotations

import json
from collections.abc import Iterator

from store.errors import UnusableSource
from store.pattern import pattern
from store.readers.json.services import Likeness, Mapper
from store.readers.json.sorting import Sorting
from store.readers.json.walk import Found, found_in, holds_papers, is_wrapper
from store.readers.json.window import TOO_NESTED, Window, is_too_nested, loads, why_unreadable
from store.readers.text import SourceText
from store.types import ReadItem

_START = pattern(
    r'\{\s*["}]|\[\s*(?:\{|\]\s*\Z|"(?:[^"\\]|\\.)*"\s*[,\]]|-?\d[\d.eE+-]*\s*,|\[\s*[\[{"\d-])'
)
_LINE_END = pattern(r"\r\n|[\r\n]")


class JsonReader:
    """Reads the papers in any service's JSON, by the tables of services.toml and names.toml.

    Of a key that stands twice in an object the last one counts. `--map title=PATH` names a field
    by its key, or by a path of keys with dots between.
    """

    name = "jsonl"
    reads = "JSON and JSON Lines (.json, .jsonl, .ndjson)"
    takes_mapping = True
    suffixes = (".jsonl", ".ndjson", ".json")

    def sniff(self, head: str, suffix: str) -> bool:
        """True for a text that begins as JSON does, or is named so."""
        return _START.match(head.lstrip()) is not None or suffix in self.suffixes

    def read(self, text: SourceText) -> Iterator[ReadItem]:
        """Yield what the text holds, in its order.

        Raises UnusableSource where nothing in it looks like a paper.
        """
        try:
            mapper = Mapper(text.options.mapping)
        except ValueError as failure:
            raise UnusableSource(str(failure), "give a key, or keys with dots between") from failure
        sorting = Sorting(text, self.name, mapper)
        if _is_lines(text.head):
            return _read_lines(text, sorting, mapper)
        return sorting.document(found_in(Window(text.pieces()), mapper))


def _is_lines(head: str) -> bool:
    """Tell objects that are lines from an array, or an object over several lines."""
    start = head.lstrip()
    if not start.startswith("{"):
        return not start.startswith("[")
    first, *others = (line.rstrip() for line in _LINE_END.split(start, maxsplit=64))
    second = next(filter(None, others), "")
    try:
        json.loads(first)
    except json.JSONDecodeError as failure:
        # An object that goes on over lines is cut where its first line ends, outside of a text.
        is_cut = failure.pos >= len(first) and not failure.msg.startswith("Unterminated")
        goes_on = first.endswith(("[", ":")) or not second.startswith("{")
        return bool(second) and not (is_cut and goes_on)
    except (ValueError, RecursionError):
        return True
    return bool(second)


def _read_lines(text: SourceText, sorting: Sorting, mapper: Mapper) -> Iterator[ReadItem]:
    for line in text.lines(guess=False):
        if line.problem:
            yield sorting.rejected(line.number, line.problem)
        elif is_too_nested(line.text):
            yield sorting.rejected(line.number, TOO_NESTED)
        elif line.text and not line.text.isspace():
            try:
                value = loads(line.text)
            except (ValueError, RecursionError) as failure:
                yield sorting.rejected(line.number, why_unreadable(failure))
                continue
            if isinstance(value, dict) and mapper.likeness(value) is Likeness.PAPER:
                yield from sorting.paper("", line.number, value)
            elif _is_around_papers(value, mapper):
                for one in found_in(Window(iter([line.text])), mapper):
                    yield from sorting.sorted(one._replace(line=line.number))
            else:
                yield from sorting.sorted(Found("", line.number, value))
    yield from sorting.end()


def _is_around_papers(value: object, mapper: Mapper) -> bool:
    if isinstance(value, dict):
        return is_wrapper(value, mapper)
    return isinstance(value, list) and holds_papers(value, mapper) > Likeness.NONE
