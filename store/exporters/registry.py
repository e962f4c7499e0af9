"""All exporters: those built in, imported when they are used, and those of other packages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from store.errors import ExportFailed, InputError
from store.exporters.base import Exporter, ExportOptions
from store.nearest import format_hint
from store.packages import Brought, brought, what_failed

if TYPE_CHECKING:
    from store.types import Paper

GROUP = "quire.exporters"
"""The entry point that names an exporter, or a class whose instances are exporters."""
BUILT_IN = {
    "bibtex": "store.exporters.bibtex.exporter:BibtexExporter",
    "biblatex": "store.exporters.bibtex.exporter:BiblatexExporter",
    "ris": "store.exporters.ris:RisExporter",
    "csljson": "store.exporters.csl:CslJsonExporter",
    "nbib": "store.exporters.nbib:NbibExporter",
    "jsonl": "store.exporters.jsonl:JsonLinesExporter",
    "csv": "store.exporters.table:CsvExporter",
    "md": "store.exporters.markdown:MarkdownExporter",
}
"""Where each exporter built in is, by its name; the first with a suffix has it."""


@dataclass(frozen=True)
class Exporters:
    """Everything that can be written here.

    `problems` says in a line each which exporters of other packages cannot be used.
    """

    built_in: tuple[Exporter, ...]
    installed: tuple[Brought[Exporter], ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What `--format` takes."""
        return (*(one.name for one in self.built_in), *(one.name for one in self.installed))

    def named(self, name: str) -> Exporter:
        """The exporter with this name, or with this suffix alone; raises InputError."""
        for one in self.built_in:
            if one.name == name:
                return one
        for other in self.installed:
            if other.name == name:
                return _Guarded(other)
        every = (*self.built_in, *(one.it for one in self.installed))
        if sum(f".{name}" in one.suffixes for one in every) == 1:
            return self.meant(None, f".{name}")
        found = self.by_suffix(f".{name.lower().removeprefix('.')}")
        meant = f"did you mean {found.name}?" if found else format_hint(name, self.names)
        raise InputError(f"unknown format “{name}”", meant)

    def by_suffix(self, suffix: str) -> Exporter | None:
        """The exporter that a file's suffix means, in lower case with the dot; or None."""
        for one in self.built_in:
            if suffix in one.suffixes:
                return one
        for other in self.installed:
            if suffix in other.it.suffixes:
                return _Guarded(other)
        return None

    def meant(self, name: str | None, suffix: str) -> Exporter:
        """The exporter with this name, without one that of a suffix; raises InputError."""
        if name is not None:
            return self.named(name)
        if (found := self.by_suffix(suffix)) is not None:
            return found
        what = f"“{suffix}” says no format" if suffix else "no format is named"
        raise InputError(what, f"known formats: {', '.join(self.names)}")


class _Guarded:
    """An exporter of another package; what goes wrong in it is told under its name."""

    def __init__(self, brought: Brought[Exporter]) -> None:
        self._brought = brought
        self.name = brought.name
        self.writes = brought.it.writes
        self.suffixes = tuple(brought.it.suffixes)
        self.cites = bool(getattr(brought.it, "cites", False))

    def write(self, papers: Iterable[Paper], options: ExportOptions) -> Iterator[str]:
        """Yield what the exporter yields; raises ExportFailed for what goes wrong in it."""
        try:
            for piece in self._brought.it.write(papers, options):
                if not isinstance(piece, str):
                    raise TypeError(f"it yields {type(piece).__name__}, not text")
                yield piece
        except Exception as failure:
            raise ExportFailed(
                f"the exporter “{self.name}” of {self._brought.origin} failed:"
                f" {what_failed(failure)}",
                "tell its makers; --format names another one",
            ) from failure


@cache
def exporters() -> Exporters:
    """The exporters built in, and those of other packages that are installed."""
    built_in = tuple(_built_in(place) for place in BUILT_IN.values())
    installed, problems = brought(GROUP, "exporter", _usable, frozenset(BUILT_IN))
    return Exporters(built_in, installed, problems)


def _built_in(place: str) -> Exporter:
    module, _, name = place.partition(":")
    made: Exporter = getattr(import_module(module), name)()
    return made


def _usable(given: object) -> Exporter:
    if isinstance(given, Exporter):
        return given
    raise TypeError("it is no exporter (see store/exporters/base.py)")
