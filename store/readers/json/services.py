"""Which service an object is of, and the values that its tables find in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache, partial

from store.readers.carried import restore
from store.readers.json.extra import spread_extra
from store.readers.json.paths import Getter, getter_of
from store.readers.json.values import NotUnderstood, inverted_index, is_index
from store.readers.mapping import STANDARD_NAMES, checked, loose
from store.readers.table.columns import known_names, normal_name
from store.readers.values import citing
from store.readers.values.arxiv_numbers import restored
from store.tables import read_table

_MEANINGS = frozenset((*STANDARD_NAMES, citing.NUMBER))
_STANDARD = tuple(name for name in STANDARD_NAMES if name != "status")
_PAPERLY = frozenset(("authors", "year", "date", "venue", "doi", "arxiv_id", "pmid", "pmcid"))
_NOT_FIELDS = frozenset(("name", "marks", "advice", "ignore", "shown"))
_PLANS_KEPT = 4_096
_EMPTY: tuple[object, ...] = (None, "", [], {})

Values = dict[str, object]
"""What an object says of a paper, by the names of a record."""


class Likeness(IntEnum):
    """How much an object looks like a paper."""

    NONE = 0
    TITLE = 1
    """A title, beside something that papers have; or a title and a description."""
    PAIR = 2
    """A title and an abstract, and nothing else that papers have."""
    PAPER = 3
    """A title and an abstract beside such things, or what a known service gives."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the objects with some keys keep what, and how much they look like papers.

    A field has keys, or functions that follow a path. `advice` says what helps where the service
    gives no abstracts.
    """

    fields: tuple[tuple[str, tuple[str | Getter, ...]], ...]
    likeness: Likeness
    service: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class _Service:
    name: str
    advice: str
    marks: tuple[tuple[str, ...], ...]
    fields: Mapping[str, tuple[str | Getter, ...]]
    ignore: frozenset[str]
    is_shown: bool

    def plan(self, keys: Mapping[str, object]) -> Plan:
        fields = dict(self.fields)
        for name in _STANDARD:
            if name in keys and name not in fields and name not in self.ignore:
                fields[name] = (name,)
        return Plan(tuple(fields.items()), Likeness.PAPER, self.name, self.advice)


@dataclass(slots=True)
class Mapper:
    """Finds the values of papers; `mapping` names fields and where the reader says they are.

    Raises UnusableSource for a name that is no field, ValueError for what is no path.
    """

    mapping: tuple[tuple[str, str], ...] = ()
    _plans: dict[tuple[str, ...], Plan] = field(default_factory=dict)
    _mapped: dict[str, tuple[str | Getter, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, ways in checked(self.mapping).items():
            places = [place for way in ways for place in (partial(_loosely, way), getter_of(way))]
            self._mapped[name] = tuple(places)

    def plan(self, values: Mapping[str, object]) -> Plan:
        """The plan for an object: of its service, or by the names of its keys."""
        keys = tuple(values)
        plan = self._plans.get(keys)
        if plan is None:
            plan = self._made(values)
            if len(self._plans) >= _PLANS_KEPT:
                self._plans.clear()
            if _inner_marked().isdisjoint(keys):
                self._plans[keys] = plan
        return plan

    def likeness(self, values: Mapping[str, object]) -> Likeness:
        """How much an object looks like a paper."""
        if self._mapped:
            wanted = [name for name in ("title", "abstract") if name in self._mapped]
            found = [_found(values, self._mapped[name]) not in _EMPTY for name in wanted]
            if wanted:
                return Likeness.PAPER if all(found) else Likeness(int(any(found)))
        return self.plan(values).likeness

    def values(self, plan: Plan, given: Mapping[str, object]) -> tuple[Values, list[str]]:
        """The values of a paper, and what must be said of how they were read."""
        found: Values = {}
        said: list[str] = []
        for name, places in plan.fields:
            for place in places:
                try:
                    value = given.get(place) if isinstance(place, str) else place(given)
                    if name == "abstract" and isinstance(value, dict) and is_index(value):
                        value = inverted_index(value)
                except NotUnderstood as failure:
                    said.append(f"field “{name}”: {failure}")
                    continue
                if value is None:
                    continue
                if isinstance(value, str):
                    is_there = value != "" and not value.isspace()
                else:
                    is_there = value not in _EMPTY
                if is_there:
                    found[name] = value
                    break
        _finish(found, said)
        return found, said

    def _made(self, values: Mapping[str, object]) -> Plan:
        service = next((one for one in _services() if _is_of(one, values)), None)
        plan = service.plan(values) if service else _named_plan(values)
        if not self._mapped:
            return plan
        fields = {**dict(plan.fields), **self._mapped}
        return Plan(tuple(fields.items()), plan.likeness, plan.service, plan.advice)


def known_services() -> str:
    """The services that are known, for a message: those most used by name."""
    services = _services()
    shown = [one.name for one in services if one.is_shown]
    return (
        f"{', '.join(shown)} and {len({one.name for one in services}) - len(shown)} other services"
    )


@cache
def _services() -> tuple[_Service, ...]:
    return tuple(_read_services())


@cache
def _inner_marked() -> frozenset[str]:
    """The keys whose values tell a service, so that the keys of an object alone do not."""
    marks = (mark for one in _services() for row in one.marks for mark in row)
    return frozenset(mark.partition(".")[0] for mark in marks if "." in mark)


def _read_services() -> Iterator[_Service]:
    for table in read_table(__file__, "services.toml").values():
        yield _Service(
            table["name"],
            table.get("advice", ""),
            tuple(tuple(row.split(" + ")) for row in table["marks"]),
            {
                name: tuple(_simple(path) for path in paths)
                for name, paths in table.items()
                if name not in _NOT_FIELDS
            },
            frozenset(table.get("ignore", ())),
            table.get("shown", False),
        )


def _simple(path: str) -> str | Getter:
    return getter_of(path) if any(sign in path for sign in ".[|") else path


def _loosely(key: str, values: Mapping[str, object]) -> object:
    """The value of a key as the reader wrote it, or in another case and with other spaces."""
    if key in values:
        return values[key]
    wanted = loose(key)
    return next((values[one] for one in values if loose(one) == wanted), None)


def _is_of(service: _Service, values: Mapping[str, object]) -> bool:
    return any(all(_has(values, mark) for mark in row) for row in service.marks)


def _has(values: object, mark: str) -> bool:
    key, _, inner = mark.partition(".")
    if not isinstance(values, Mapping) or key not in values:
        return False
    return not inner or _has(values[key], inner)


@cache
def _names() -> Mapping[str, tuple[str, int]]:
    """What each way of writing a key means, and its place in the order of preference."""
    known = {name: one for name, one in known_names().items() if one[0] in _MEANINGS}
    after = len(known)
    for name, ways in read_table(__file__, "names.toml").items():
        known.update({way: (name, after + place) for place, way in enumerate(ways.split())})
    return known


def _named_plan(values: Mapping[str, object]) -> Plan:
    """The plan for an object of no known service, by the names of its keys."""
    found: dict[str, list[tuple[int, str]]] = {}
    for key in values:
        name, place = _names().get(normal_name(key).replace(" ", ""), ("none", 0))
        if name != "none":
            found.setdefault(name, []).append((place, key))
    fields = {name: tuple(key for _, key in sorted(keys)) for name, keys in found.items()}
    described = fields.pop("description", ())
    is_paperly = not _PAPERLY.isdisjoint(fields)
    likeness = Likeness.NONE
    if "title" in fields and "abstract" in fields:
        likeness = Likeness.PAPER if is_paperly else Likeness.PAIR
    elif (is_paperly and ("title" in fields or "abstract" in fields)) or "abstract" in fields:
        likeness = Likeness.TITLE
    if is_paperly and described:
        fields["abstract"] = (*fields.get("abstract", ()), *described)
    return Plan(tuple(fields.items()), likeness)


def _found(values: Mapping[str, object], places: tuple[str | Getter, ...]) -> object:
    for place in places:
        value = values.get(place) if isinstance(place, str) else place(values)
        if value not in _EMPTY:
            return value
    return None


def _finish(found: Values, said: list[str]) -> None:
    """What depends on more than one value."""
    if "extra" in found:
        spread_extra(found)
    if isinstance(carried := found.pop("carried", None), dict):
        restore(carried, found)
    arxiv_id = found.get("arxiv_id")
    if arxiv_id is not None and (type(arxiv_id) is not str or len(arxiv_id) < 10):
        restored(found, said)
    version = found.pop("arxiv_version", None)
    if type(version) is str and type(found.get("arxiv_id")) is str:
        found["arxiv_id"] = f"{found['arxiv_id']}{version}"
