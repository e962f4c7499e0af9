"""What is copied of papers: as a citation, for a bibliography, for notes, or as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from assistant.types.paper_records import entry_of
from store.clean import clean_line
from store.types import Paper
from tui.presenters import reader, status
from tui.presenters.paper import addresses
from tui.presenters.papers import paper_item

Form = Literal["citation", "BibTeX", "Markdown", "link", "abstract", "whole"]
"""As what a paper is copied."""

FORMS: tuple[tuple[str, Form, str], ...] = (
    ("c", "citation", "citation"),
    ("b", "BibTeX", "BibTeX"),
    ("m", "Markdown", "Markdown"),
    ("l", "link", "link"),
    ("a", "abstract", "abstract"),
    ("y", "whole", "all of it, as shown"),
)
"""The forms with their keys, and what they are called."""
EXPORTERS: dict[Form, str] = {"BibTeX": "bibtex", "Markdown": "md"}
"""The forms that an exporter writes, with its name."""


def text(papers: Sequence[Paper], form: Form) -> str:
    """Papers as plain text in a form that no exporter writes, an empty line between abstracts."""
    match form:
        case "citation":
            return "".join(f"{_citation(one)}\n" for one in papers)
        case "link":
            return "".join(f"{addresses(one)[0]}\n" for one in papers if addresses(one))
        case "abstract":
            return "\n".join(f"{one.abstract}\n" for one in papers if one.abstract)
        case _:
            return "\n".join(reader.copied(reader.page(paper_item(one), one)) for one in papers)


def said(number: int, form: Form, *, is_empty: bool) -> str:
    """What was done, or why nothing was."""
    papers = status.papers(number)
    if is_empty:
        return f"Nothing copied: {papers} without {'an' if form == 'abstract' else 'a'} {form}."
    return f"Copied {papers}" + ("." if form == "whole" else f": {form}.")


def _citation(paper: Paper) -> str:
    """Title, year, authors, venue and address in a line; what is not known is left out."""
    return ". ".join([clean_line(entry_of(paper)), *addresses(paper)[:1]])
