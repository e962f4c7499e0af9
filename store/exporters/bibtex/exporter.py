"""The exporters of BibTeX and BibLaTeX.

Entries are written by our own code: pybtex escapes what is escaped, bibtexparser DOIs and
addresses too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from store.exporters.bibtex.entry import entry

if TYPE_CHECKING:
    from store.exporters.base import ExportOptions
    from store.types import Paper


class BibtexExporter:
    """Entries for BibTeX: ASCII, as far as LaTeX has commands for what is beyond it."""

    name = "bibtex"
    writes = "BibTeX (.bib)"
    suffixes: tuple[str, ...] = (".bib", ".bibtex")
    cites = True

    def write(self, papers: Iterable[Paper], options: ExportOptions) -> Iterator[str]:
        """Yield an entry a paper, with a blank line between."""
        before = ""
        for paper in papers:
            yield before + entry(paper, self.name, options)
            before = "\n"


class BiblatexExporter(BibtexExporter):
    """Entries for BibLaTeX and biber, in UTF-8."""

    name = "biblatex"
    writes = "BibLaTeX (.biblatex)"
    suffixes = (".biblatex",)
