"""The seam of the exporters: what each of them is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from store.types import Paper


@dataclass(frozen=True)
class ExportOptions:
    """What an export is asked for beside its papers.

    `keys` are the citation keys of all papers by their ids, given to an exporter with `cites`.
    Without `marks` the reader's own tags, notes and status stay here.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    marks: bool = True


@runtime_checkable
class Exporter(Protocol):
    """Writes one format: papers in, text out.

    One that needs a citation key for each paper has the attribute `cites`, True.
    """

    @property
    def name(self) -> str:
        """What `--format` calls it."""
        ...

    @property
    def writes(self) -> str:
        """What it writes, in words for a message: "BibTeX (.bib)"."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The suffixes of its files, in lower case with the dot; the first exporter of one has it.

        Empty where none says that this format is meant.
        """
        ...

    def write(self, papers: Iterable[Paper], options: ExportOptions) -> Iterator[str]:
        """Yield the text of a file, piece by piece: whole also where there is no paper.

        Papers are taken one after another; none is held longer than its piece needs.
        """
        ...
