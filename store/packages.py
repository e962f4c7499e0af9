"""What other installed packages bring by an entry point, and what goes wrong in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, Protocol, TypeVar

from store.clean import clean_line, shorten

_SHOWN = 200


class Named(Protocol):
    """What has a name."""

    @property
    def name(self) -> str:
        """By it the reader asks for it."""
        ...


T = TypeVar("T", bound=Named)


@dataclass(frozen=True)
class Origin:
    """Which package something comes from, with its version."""

    package: str
    version: str

    def __str__(self) -> str:
        return f"{self.package} {self.version}".strip()


@dataclass(frozen=True)
class Brought(Generic[T]):
    """What another package brings, and which package that is."""

    it: T
    origin: Origin

    @property
    def name(self) -> str:
        """The name that it gives itself."""
        return self.it.name


def brought(
    group: str, kind: str, usable: Callable[[object], T], taken: frozenset[str]
) -> tuple[tuple[Brought[T], ...], tuple[str, ...]]:
    """What stands under a group of entry points, and in a line each what cannot be used.

    `usable` gives what was named, or an instance of the class that was named, as what it is to
    be, or raises; `kind` is the word for it. A name that is `taken` belongs to what has it.
    """
    found: dict[str, Brought[T]] = {}
    problems: list[str] = []
    for point in sorted(entry_points(group=group), key=lambda one: (one.name, one.value)):
        origin = _origin(point)
        try:
            given = point.load()
            one = Brought(usable(given() if isinstance(given, type) else given), origin)
        except Exception as failure:
            what = f"the {kind} “{point.name}” of {origin}"
            problems.append(f"{what} cannot be used: {what_failed(failure)}")
            continue
        if one.name in taken or one.name in found:
            problems.append(f"the {kind} “{one.name}” of {origin} is left out: its name is taken")
        else:
            found[one.name] = one
    return tuple(found.values()), tuple(problems)


def _origin(point: EntryPoint) -> Origin:
    package = point.dist
    return Origin(package.name, package.version) if package else Origin(point.module, "")


def what_failed(failure: Exception) -> str:
    """A failure of foreign code in one line: its type, and what it says."""
    said = clean_line(str(failure))
    return shorten(f"{type(failure).__name__}: {said}" if said else type(failure).__name__, _SHOWN)
