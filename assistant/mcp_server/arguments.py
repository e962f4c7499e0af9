"""What tools take: the schemas that a client is shown."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from assistant.mcp_server.shapes import MOST_HITS
from store.types import Filter

_LONGEST_QUESTION = 4_000


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _listed(given: object) -> object:
    """What models give in the place of a list: nothing, one text, or the list as JSON in a text."""
    if given is None:
        return []
    if not isinstance(given, str):
        return given
    if given.strip().startswith("["):
        try:
            return json.loads(given)
        except (ValueError, RecursionError):
            return given
    return [given]


_Texts = Annotated[list[str], BeforeValidator(_listed)]


class _Filters(_Arguments):
    year_from: Annotated[int | None, Field(description="Only papers of this year or later.")] = None
    year_to: Annotated[int | None, Field(description="Only papers of this year or earlier.")] = None
    tags: Annotated[_Texts, Field(description="Only papers with any of these tags.")] = []
    authors: Annotated[
        _Texts, Field(description="Only papers by any of these, each a part of a name.")
    ] = []
    venues: Annotated[
        _Texts, Field(description="Only papers of any of these, each a part of a venue's name.")
    ] = []
    papers: Annotated[
        _Texts, Field(description="Only these papers: ids, DOIs, arXiv ids or whole titles.")
    ] = []

    def filter(self) -> Filter:
        """The papers that are left."""
        return Filter(
            year_from=self.year_from,
            year_to=self.year_to,
            tags=tuple(self.tags),
            authors=tuple(self.authors),
            venues=tuple(self.venues),
            papers=tuple(self.papers),
        )


_Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=_LONGEST_QUESTION,
        description="An id of another tool's result, a DOI, an arXiv id, or a whole title.",
    ),
]
_Limit = Annotated[int, Field(ge=1, le=MOST_HITS, description="At most so many papers.")]


class SearchArguments(_Filters):
    """What `search` takes."""

    query: Annotated[
        str,
        Field(
            min_length=1,
            max_length=_LONGEST_QUESTION,
            description='Words and questions rank; "…" must stand there so, -word must not;'
            " title:, author:, venue:, tag:, year:2020..2023 must hold.",
        ),
    ]
    limit: _Limit = 10


class SimilarArguments(_Filters):
    """What `similar` takes."""

    paper: _Name
    limit: _Limit = 10


class PaperArguments(_Arguments):
    """What `get_paper` takes."""

    paper: _Name


class AskArguments(_Filters):
    """What `ask` takes."""

    question: Annotated[
        str,
        Field(min_length=1, max_length=_LONGEST_QUESTION, description="A whole question."),
    ]
    check: Annotated[
        bool | None,
        Field(description="Whether a model judges each claim; left out: as is configured."),
    ] = None
