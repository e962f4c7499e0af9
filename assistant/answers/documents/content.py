"""What a document is made of: answers, and the papers that they cite under one numbering."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from assistant.types.answers import Answer, Reference
from store.types import Details, Paper


@dataclass(frozen=True)
class CitedPaper:
    """A cited paper: its number in the document, from 1, its citation key, and its record.

    `paper` is as the library has it now, or what the citation kept of it where it is gone.
    """

    number: int
    key: str
    paper: Paper


@dataclass(frozen=True)
class Part:
    """A question with its answer; `day` is when it was asked, ISO 8601 as far as it is known."""

    answer: Answer
    day: str = ""


@dataclass(frozen=True)
class Document:
    """What is written: its title, its questions with their answers, and the papers cited there.

    `session` is the id of the conversation that it is a document of, None for a single answer;
    `note` says what of it is left out.
    """

    title: str
    parts: tuple[Part, ...]
    cited: tuple[CitedPaper, ...]
    session: str | None = None
    note: str = ""

    @cached_property
    def _by_id(self) -> dict[str, CitedPaper]:
        return {one.paper.id: one for one in self.cited}

    def cited_as(self, reference: Reference) -> CitedPaper:
        """The paper of a reference under its number in the document."""
        return self._by_id[reference.id]


def references_of(answers: Iterable[Answer]) -> list[Reference]:
    """The papers that answers cite, each once, in the order of their first citation."""
    found: dict[str, Reference] = {}
    for answer in answers:
        for reference in answer.references:
            found.setdefault(reference.id, reference)
    return list(found.values())


def paper_of(reference: Reference) -> Paper:
    """What a citation kept of a paper that is no longer in the library.

    Its identifiers are those of its address, or stand in the line of its record.
    """
    from store.identifiers import doi_in_address, normal_arxiv, normal_doi

    named = dict(
        part.split(" ", 1) for part in reference.record.split("; ") if part.startswith(_NAMED)
    )
    url = reference.url or ""
    return Paper(
        id=reference.id,
        title=reference.title,
        abstract=reference.abstract,
        authors=reference.authors,
        year=reference.year,
        doi=normal_doi(named.get("DOI", "")) or doi_in_address(url),
        arxiv_id=normal_arxiv(named.get("arXiv", "") or url),
        url=reference.url,
        details=Details(retracted=reference.retracted),
        content_hash="",
        added_at=reference.added_at,
    )


_NAMED = ("DOI ", "arXiv ")
