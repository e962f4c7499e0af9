"""How a question is understood: its parts, the papers each is about, and what it asks of them."""

from __future__ import annotations

from typing import Literal

from assistant.types.evidence import Evidence
from store.types import Filter
from store.value import Value

PartKind = Literal["content", "papers", "count"]
"""What a part asks for: what abstracts say, a list of papers by records, how many there are."""

PartOrder = Literal["relevance", "newest", "oldest"]
Exclusion = Literal["denied", "named", "about"]
"""What shows that a paper is none of those left out: a sentence denies it; it is not named so.
What a paper is not about no sentence shows: one that has the words is left out, of the others
nothing is known."""

PartRank = Literal["", "most", "least"]


class PlannedPart(Value):
    """One question as it is searched for and answered; a reader may ask several at once.

    `question` stands alone. `search` is what it is searched by where that is worded otherwise, in
    the language of the abstracts. `worded` says it in the words that abstracts use, `opposite` the
    other side of a question that has two: both are searched for as well. A list or a count of
    papers is about `topic`; empty: its `filter` alone decides. The filter is held beside that of
    the request. `order` and `limit` are those of a list. `excluded` is what a paper must not do or
    have, in words, and `excluded_as` how that is seen; `rank` says that numbers are compared and
    which comes first, by the words of their `quantity`, those first that the question names; both
    in papers on `topic` (empty: all). `needs_all` is true where only all papers together answer.
    `also` are ids of papers that are read beside what is found. `asks` is what is asked of papers
    that are decided, without their names: with no telling word it asks for all they say; None:
    `question` says it.
    """

    question: str
    search: str = ""
    worded: str = ""
    opposite: str = ""
    kind: PartKind = "content"
    topic: str = ""
    filter: Filter = Filter()
    order: PartOrder = "relevance"
    limit: int | None = None
    excluded: str = ""
    excluded_as: Exclusion = "denied"
    rank: PartRank = ""
    quantity: tuple[str, ...] = ()
    needs_all: bool = False
    also: tuple[str, ...] = ()
    asks: str | None = None

    @property
    def query(self) -> str:
        """What papers are searched by."""
        return self.search or self.question

    @property
    def is_of_records(self) -> bool:
        """True where the records alone answer it: no abstract needs to be read for it."""
        return self.is_list and not self.topic

    @property
    def is_list(self) -> bool:
        """True where papers are listed or counted, by the records or by what they speak of."""
        return self.kind != "content"


class QuestionPlan(Value):
    """A question read: its parts in order.

    `read_as` says in words for the reader what was understood beside the question's own words
    ("author Okonkwo, since 2022"), empty for nothing. `language` names the language of the question
    where it is not that of the abstracts. `by_model` says that a model read it.
    """

    parts: tuple[PlannedPart, ...]
    read_as: str = ""
    language: str = ""
    by_model: bool = False

    @property
    def standalone(self) -> str:
        """The whole question, standing alone, in one line."""
        return " ".join(one.question for one in self.parts)

    @property
    def is_of_records(self) -> bool:
        """True where the records answer every part."""
        return all(one.is_of_records for one in self.parts)


def plain(question: str) -> QuestionPlan:
    """The plan of a question that is searched for as it stands."""
    return QuestionPlan(parts=(PlannedPart(question=question),))


class AskedPart(Value):
    """A part with what was found for it; its sources have the numbers of the whole evidence.

    `total` counts the papers of a list or count, of which `evidence` may hold fewer. `about` says
    in words which papers those are, `instead` why there is none.
    """

    plan: PlannedPart
    evidence: Evidence = Evidence()
    total: int = 0
    about: str = ""
    instead: str = ""
