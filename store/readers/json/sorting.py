"""Telling papers from what stands beside them, numbering them, and saying what is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from store.clean import clean_line, shorten
from store.errors import UnusableSource
from store.readers.fields import items_of
from store.readers.json.services import Likeness, Mapper, Plan, known_services
from store.readers.json.walk import NOTHING_AFTER, Found
from store.readers.records import NO_ABSTRACT, Place
from store.readers.text import SourceText
from store.types import Notice, ReadItem, Record, Rejection

HELD_LIMIT = 1_000
"""So many values that are no papers are held until one comes."""

_KEYS_SHOWN, _KEYS_HELD = 6, 20
_NAME_SHOWN = 40


class Sorting:
    """Makes items of what was found in one source, counted from 1.

    What is no paper is refused where papers stand, passed over elsewhere, and held until the
    first paper tells which is which. A source without any is refused as a whole.
    """

    def __init__(self, text: SourceText, reader: str, mapper: Mapper) -> None:
        self._text = text
        self._reader = reader
        self._mapper = mapper
        self._number = 0
        self._paths: set[str] = set()
        self._places: set[str] = set()
        self._held: list[Found] = []
        self._looks = ""
        self._advised: set[str] = set()

    def document(self, found: Iterable[Found]) -> Iterator[ReadItem]:
        """The items of a document. Raises UnusableSource where it holds no paper."""
        for one in found:
            yield from self.sorted(one)
        yield from self.end()

    def sorted(self, one: Found) -> Iterator[ReadItem]:
        """The items of something that was found, none where it is held or passed over."""
        value = one.value
        if one.problem and self._places:
            yield self.rejected(one.line, one.problem)
        elif isinstance(value, dict) and self._is_paper(value):
            yield from self.paper(one.path, one.line, value)
        elif _place_of(one.path) in self._places:
            yield from self._no_paper(one)
        elif len(self._held) < HELD_LIMIT:
            if not one.problem:
                self._looks = self._looks or _described(one)
            self._held.append(one._replace(value=_shortened(value)))
        elif not self._places:
            yield from self.end()
            yield from self._no_paper(one)

    def paper(self, path: str, line: int, value: dict[str, object]) -> Iterable[ReadItem]:
        """The items of a paper."""
        if path not in self._paths:
            self._paths.add(path)
            if _place_of(path) not in self._places:
                return self._first_paper(path, line, value)
        plan = self._mapper.plan(value)
        values, said = self._mapper.values(plan, value)
        self._number += 1
        place = self._text.place(self._reader, line, self._number)
        if not said and not plan.advice:
            return items_of(place, values)
        return self._told(items_of(place, values), place, plan, said)

    def _first_paper(self, path: str, line: int, value: dict[str, object]) -> Iterator[ReadItem]:
        yield from self._open(_place_of(path))
        yield from self.paper(path, line, value)

    def _told(
        self, items: Iterable[ReadItem], place: Place, plan: Plan, said: list[str]
    ) -> Iterator[ReadItem]:
        """The items of a paper of which more is to be said."""
        for item in items:
            yield _with_reason(item, said)
            if isinstance(item, Record):
                yield from map(place.notice, said)
            elif plan.advice and isinstance(item, Rejection) and plan.service not in self._advised:
                self._advised.add(plan.service)
                yield Notice(source=self._text.source, message=plan.advice)

    def rejected(self, line: int, reason: str) -> Rejection:
        """Something at a line is refused."""
        self._number += 1
        return self._text.place(self._reader, line, self._number).rejection(reason)

    def end(self) -> Iterator[ReadItem]:
        """What is said when all is read. Raises UnusableSource where nothing is a paper.

        Titles alone are papers without an abstract.
        """
        if self._places or not self._held:
            return
        if not self._number and not any(self._is_title_alone(one) for one in self._held):
            broken = next((one for one in self._held if one.problem), None)
            if broken:
                reason = (broken.problem or "").removesuffix(NOTHING_AFTER)
                raise UnusableSource(f"{reason} (line {broken.line})")
            raise UnusableSource(
                f"no paper is known in this JSON: {self._looks}",
                "say which keys hold what with --map title=KEY,abstract=KEY (KEY.KEY reaches "
                f"further in); {known_services()}, and keys with plain names are known",
            )
        yield from self._open("")

    def _is_title_alone(self, one: Found) -> bool:
        value = one.value
        return isinstance(value, dict) and not _place_of(one.path) and bool(self._title_of(value))

    def _open(self, place: str) -> Iterator[ReadItem]:
        """Here papers stand: what was held of this place is none of them."""
        self._places.add(place)
        held, self._held = self._held, []
        for one in held:
            if one.problem or _place_of(one.path) == place:
                yield from self._no_paper(one)
            else:
                self._held.append(one)

    def _is_paper(self, value: dict[str, object]) -> bool:
        if self._mapper.likeness(value) > Likeness.NONE:
            return True
        return self._text.options.titles and bool(self._title_of(value))

    def _title_of(self, value: dict[str, object]) -> object:
        return self._mapper.values(self._mapper.plan(value), value)[0].get("title")

    def _no_paper(self, one: Found) -> Iterator[ReadItem]:
        """What stands among papers and is none."""
        if not isinstance(one.value, dict):
            yield self.rejected(one.line, one.problem or "not an object")
        elif self._title_of(one.value) or not one.value:
            yield self.rejected(one.line, NO_ABSTRACT)
        else:
            yield self.rejected(one.line, f"{NO_ABSTRACT}, no title: {_object(one.value)}")


def _place_of(path: str) -> str:
    """What a path names, whether it is a list or not."""
    return path.replace("[]", "")


def _shortened(value: object) -> object:
    """What is kept of a value that is held: its keys and short texts, or its kind."""
    if isinstance(value, dict):
        kept = list(value.items())[:_KEYS_HELD]
        return {key: one if isinstance(one, str) and len(one) < 200 else None for key, one in kept}
    return None


def _with_reason(item: ReadItem, said: list[str]) -> ReadItem:
    """A rejection with what made the abstract unreadable."""
    if isinstance(item, Rejection) and item.reason == NO_ABSTRACT:
        why = [one for one in said if "“abstract”" in one]
        if why:
            return item.model_copy({"reason": f"{NO_ABSTRACT} ({why[0]})"})
    return item


def _described(one: Found) -> str:
    """What a source looks like by what was found first, for a message."""
    path, value = one.path, one.value
    if isinstance(value, dict):
        inner = _first_list(value, path)
        if inner:
            path, value = inner
    where = f" in “{_shown(path.removesuffix('[]'))}”" if _place_of(path) else ""
    if isinstance(value, dict):
        return f"{'a list of objects, the first' if path.endswith('[]') else 'an object'} " + (
            _object(value).removeprefix("an object ") + where
        )
    kind = {str: "text", list: "list"}.get(type(value), "number")  # type: ignore[call-overload]
    return f"a list of {kind}s{where}" if path.endswith("[]") else f"a {kind}{where}"


def _first_list(value: dict[str, object], path: str) -> tuple[str, dict[str, object]] | None:
    """The first object of the first list of objects within an object, and the path of the list."""
    for key, inner in value.items():
        where = f"{path}.{key}" if path else key
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            return f"{where}[]", inner[0]
        if isinstance(inner, dict) and (found := _first_list(inner, where)):
            return found
    return None


def _shown(name: str) -> str:
    return shorten(clean_line(name), _NAME_SHOWN)


def _object(value: dict[str, object]) -> str:
    keys = ", ".join(f"“{_shown(key)}”" for key in list(value)[:_KEYS_SHOWN])
    more = f" and {len(value) - _KEYS_SHOWN} more" if len(value) > _KEYS_SHOWN else ""
    return f"an object with the keys {keys}{more}" if keys else "an object without a key"
