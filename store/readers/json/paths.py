"""Paths into the objects of a service: "authorships[].author.display_name | first".

A step is a key. `[]` goes through a list, `[0]` takes one item, `[-1]` the last, `[type=doi]`
those with this value, also of a key further in. A list where none was expected is gone through,
and one object or text serves as the list of itself: services differ in that from record to
record. " + " joins what several paths find. After a bar stands a conversion.
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
    elif " + " in way:
        follow = partial(_together, tuple(map(_follower, way.split(" + "))))
    else:
        follow = _follower(way)
    for name in conversions:
        follow = partial(_converted, follow, CONVERSIONS[name])
    return follow


def _key(values: Mapping[str, object], name: str) -> object:
    return values.get(name)


def _together(ways: tuple[Getter, ...], values: Mapping[str, object]) -> object:
    """What all of some paths find, in one list."""
    found: list[object] = []
    for follow in ways:
        value = follow(values)
        found += value if isinstance(value, list) else [] if value is None else [value]
    return found


def _converted(
    follow: Getter, convert: Callable[[object], object], values: Mapping[str, object]
) -> object:
    found = follow(values)
    return None if found is None else convert(found)


def _follower(path: str) -> Getter:
    steps: list[_Step] = []
    way: list[str | int] = []
    is_list = False
    at = 0
    while at < len(path):
        found = _STEP.match(path, at)
        if not found:
            raise ValueError(f"not a path: {path}")
        steps.append(partial(_child, name=found[1]))
        way.append(found[1])
        for selection in _SELECTION.findall(found[2]):
            is_number = _NUMBER.fullmatch(selection) is not None
            is_list = is_list or not is_number
            steps.append(_selecting(selection))
            if is_number:
                way.append(int(selection))
        at = found.end()
    follow = partial(_follow, tuple(steps), is_list)
    return follow if is_list else partial(_straight, tuple(way), follow)


def _straight(way: tuple[str | int, ...], follow: Getter, values: Mapping[str, object]) -> object:
    """The value at the end of a way of keys and numbers; `follow` where lists lie in between."""
    value: object = values
    for step in way:
        if type(step) is str and type(value) is dict:
            value = value.get(step)
        elif type(step) is int and type(value) is list and -len(value) <= step < len(value):
            value = value[step]
        else:
            return follow(values) if value is not None else None
    return value


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
