"""What is copied of papers: as a citation, for a bibliography, for notes, or as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from assistant.answers.documents.markdown_text import at_start, escaped
from assistant.replies.plain_text import plain
from assistant.types.paper_records import entry_of
from store.clean import clean_line
from tui.presenters import reader, status
from tui.presenters.paper import addresses, byline, web_address
from tui.presenters.papers import paper_item

if TYPE_CHECKING:
    from assistant.types.answers import Answer, Reference
    from store.types import Paper

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
AnswerForm = Literal["answer", "claim", "Markdown", "quotation", "BibTeX"]
"""As what an answer, or a claim of it, is copied."""

ANSWER_FORMS: tuple[tuple[str, AnswerForm, str], ...] = (
    ("a", "answer", "the answer, with its signs and references"),
    ("c", "claim", "the claim at hand, with its citation"),
    ("m", "Markdown", "the claim at hand, in Markdown"),
    ("s", "quotation", "the sentences that it cites"),
    ("b", "BibTeX", "BibTeX of all that the answer cites"),
)
"""The forms of an answer with their keys, and what they are called."""
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


def these(number: int) -> str:
    """What is copied, in words: one paper or several."""
    return "this paper" if number == 1 else f"these {number:,} papers"


def answer_forms(place: int | None) -> tuple[tuple[str, AnswerForm, str], ...]:
    """The forms of an answer; those of a claim where one is at hand."""
    every = ANSWER_FORMS
    return every if place is not None else tuple(one for one in every if one[0] in "ab")


def of_claim(answer: Answer, place: int, form: AnswerForm) -> str:
    """A claim of an answer with what it cites, "" where there is nothing of that form."""
    claim = answer.claims[place]
    numbers = {one.number for one in claim.citations}
    cited = [one for one in answer.references if one.number in numbers]
    match form:
        case "claim":
            return "\n".join([clean_line(plain(claim.text)), *map(_reference, cited)]) + "\n"
        case "Markdown":
            said = at_start(escaped(plain(claim.text)))
            return "\n\n".join([said, *(_linked(one) for one in cited)]) + "\n"
        case _:
            quotes = (clean_line(one.quote) for one in claim.citations)
            return "".join(f"{quote}\n" for quote in dict.fromkeys(quotes) if quote)


def _reference(one: Reference) -> str:
    about = byline(one.authors, one.year, is_retracted=one.retracted)
    parts = [f"[{one.number}] {clean_line(one.title)}", about, web_address(one.url)]
    return ". ".join(part for part in parts if part)


def _linked(one: Reference) -> str:
    title, address = escaped(one.title), web_address(one.url)
    about = byline(one.authors, one.year, is_retracted=one.retracted)
    named = f"[{title}](<{address}>)" if address else title
    return ". ".join(part for part in (rf"\[{one.number}\] {named}", escaped(about)) if part)


def said(number: int, form: Form, *, is_empty: bool) -> str:
    """What was done, or why nothing was."""
    papers = status.papers(number)
    if is_empty:
        return f"Nothing copied: {papers} without {'an' if form == 'abstract' else 'a'} {form}."
    return f"Copied {papers}" + ("." if form == "whole" else f": {form}.")


def _citation(paper: Paper) -> str:
    """Title, year, authors, venue and address in a line; what is not known is left out."""
    return ". ".join([clean_line(entry_of(paper)), *addresses(paper)[:1]])


USUAL_FILE = "~/papers.bib"
"""What is proposed as the file of an export."""
WRITTEN_AS = (
    "Its end says as what: .bib, .ris, .json (CSL), .nbib, .jsonl, .csv or .md. "
    "Tags, notes and marks go along."
)
"""What is said of the file of an export."""


def export(papers: int) -> str:
    """What is asked of so many papers."""
    return f"Write {status.papers(papers)} to a file"


def exported(papers: int, path: str) -> str:
    """What is said of papers that were written."""
    return f"Wrote {status.papers(papers)} to {clean_line(path)}"
