"""BibTeX of exactly the papers that a document cites, in the order of its references."""

from __future__ import annotations

from assistant.answers.documents.content import Document
from store.clean import clean_text
from store.exporters.base import ExportOptions
from store.exporters.registry import exporters

WRITTEN_HERE = "% Written by quire beside an answer, and written anew with it.\n"
"""The first line of a .bib that lies beside a document: what begins so is replaced by the next."""


def bibliography(document: Document) -> str:
    """The text of the file."""
    options = ExportOptions(keys={one.paper.id: one.key for one in document.cited}, marks=False)
    papers = (one.paper for one in document.cited)
    return clean_text("".join(exporters().named("bibtex").write(papers, options)))
