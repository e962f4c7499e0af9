"""Paths into the objects of a service: "authorships[].author.display_name | first".

A step is a key. `[]` goes through a list, `[0]` takes one item, `[-1]` the last, `[type=doi]`
those with this value, also of a key further in. A list where none was expected is gone through,
and one object or text serves as the list of itself: services differ in that from record to
record. After a bar stands a conversion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from store.pattern import pattern
from store.readers.json.values import CONVERSIONS

Getter = Callable[[Mapping[str, object]], object]
"""What a path gives of an object, None where there is nothing."""

_STEP = pattern(r"((?:[^.\[\]]|\.(?=\d))+)((?:\[[^\]]*\])*)(?:\.|\Z)")
_SELECTION = pattern(r"\[([^\]]*)\]")
_NUMBER = pattern(r"-?\d+")
_Step = Callable[[object], Iterator[object]]


def getter_of(path: str) -> Getter:
    """The function that follows a path. Raises ValueError for a path that is none."""
    way, *conversions = (part.strip() for part in path.split(" | "))
    if way.startswith('"'):  # a key as it stands
        follow: Getter = partial(_key, name=way.strip('"'))
    else:
        follow = _follower(way)
    for name in conversions:
        follow = partial(_converted, follow, CONVERSIONS[name])
    return follow


def _key(values: Mapping[str, object], name: str) -> object:
    return values.get(name)


def _converted(
    follow: Getter, convert: Callable[[object], object], values: Mapping[str, object]
) -> object:
    found = follow(values)
    return None if found is None else convert(found)


def _follower(path: str) -> Getter:
    steps: list[_Step] = []
    is_list = False
    at = 0
    while at < len(path):
        found = _STEP.match(path, at)
        if not found:
            raise ValueError(f"not a path: {path}")
        steps.append(partial(_child, name=found[1]))
        for selection in _SELECTION.findall(found[2]):
            steps.append(_selecting(selection))
            is_list = is_list or not _NUMBER.fullmatch(selection)
        at = found.end()
    return partial(_follow, tuple(steps), is_list)


def _follow(steps: tuple[_Step, ...], is_list: bool, values: Mapping[str, object]) -> object:
    found: list[object] = [values]
    for step in steps:
        found = [one for value in found for one in step(value)]
        if not found:
            return None
    return found if is_list or len(found) > 1 else found[0]


def _child(value: object, name: str) -> Iterator[object]:
    if isinstance(value, list):
        for one in value:
            yield from _child(one, name)
    elif isinstance(value, dict):
        child = value.get(name)
        if child is not None:
            yield child


def _selecting(selection: str) -> _Step:
    if not selection:
        return _items
    if _NUMBER.fullmatch(selection):
        return partial(_item, number=int(selection))
    key, _, wanted = selection.partition("=")
    return partial(_chosen, follow=_follower(key), wanted=wanted)


def _items(value: object) -> Iterator[object]:
    if isinstance(value, list):
        yield from (one for one in value if one is not None)
    else:
        yield value


def _item(value: object, number: int) -> Iterator[object]:
    items = value if isinstance(value, list) else [value]
    if -len(items) <= number < len(items) and items[number] is not None:
        yield items[number]


def _chosen(value: object, follow: Getter, wanted: str) -> Iterator[object]:
    for one in _items(value):
        if isinstance(one, dict) and str(follow(one)).casefold() == wanted.casefold():
            yield one
