"""An answer, and all that it tells of itself."""

from __future__ import annotations

from typing import Literal

from assistant.types.asked_of import AskedOf
from assistant.types.claims import Claim
from assistant.types.evidence import NearMiss
from assistant.types.usage import Usage
from store.value import Value

Outcome = Literal["answered", "uncited", "not_in_collection", "interrupted", "cut", "declined"]
"""How a question ended; `uncited`: nothing of the text is cited; `interrupted` answers hold what
came before that, `cut` ones what came up to the token limit."""


CheckOutcome = Literal["none", "done", "in_part", "failed"]
"""How far a model judged the claims of an answer: not asked to (or there is nothing to
judge), all, some, or none of them."""


class Reference(Value):
    """A cited paper, as it was when it was cited.

    `abstract` and `sentences` (indices cited anywhere in the answer) let the citation be
    shown after the paper itself is gone; `record` is what its record said, in one line.
    """

    number: int
    id: str
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    url: str | None = None
    abstract: str = ""
    sentences: tuple[int, ...] = ()
    source: str = ""
    added_at: str = ""
    record: str = ""
    retracted: bool = False


class PromptReference(Value):
    """Which prompt was used; `digest` is the first 12 hex digits of its SHA-256."""

    name: str
    version: str
    digest: str


class EvidenceCounts(Value):
    """Sources considered, cited, and left out for the budget."""

    considered: int = 0
    used: int = 0
    dropped: int = 0


PaperSays = Literal["yes", "no", "unclear", "failed"]
"""What one paper says to a question that was put to every paper; `failed`: it was not asked."""


class PaperVerdict(Value):
    """What one paper says to a question that was put to every paper; `sentence` shows it."""

    id: str
    title: str
    verdict: PaperSays
    sentence: str | None = None


class Coverage(Value):
    """How many papers a question is put to, and what they say; `asked` is the sum of the rest."""

    asked: int
    yes: int = 0
    no: int = 0
    unclear: int = 0
    failed: int = 0
    not_asked: int = 0


class Answer(Value):
    """A checked answer.

    `text` carries marks [1], [2] that are numbers of `references`; `[?]` marks a citation that
    points at nothing. `standalone` is the question as it was understood when it was a follow-up,
    `read_as` which papers it was taken to be about, in words. An answered one that is not `sure`
    holds the nearest sentences, which may not answer. `note` is one line for the reader: what was
    covered, why it was cut. `check` says how far a model judged the claims, `check_note` is what
    `note` has of that, `judged_by` names the model, empty where none did. `cached` says that it was
    given before and nothing was sent. `replaced` counts the characters that stand for bytes of the
    server which are no UTF-8. `coverage` and `papers` are those of a question that was put to every
    paper. `asked_of` is what it was asked of, None for all papers, and where that was not kept.
    """

    question: str
    standalone: str | None = None
    read_as: str = ""
    outcome: Outcome
    sure: bool = True
    text: str
    claims: tuple[Claim, ...] = ()
    references: tuple[Reference, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    model: str
    prompt: PromptReference | None = None
    usage: Usage = Usage()
    evidence: EvidenceCounts = EvidenceCounts()
    session: str | None = None
    note: str = ""
    cached: bool = False
    coverage: Coverage | None = None
    papers: tuple[PaperVerdict, ...] = ()
    check: CheckOutcome = "none"
    check_note: str = ""
    judged_by: str = ""
    replaced: int = 0
    asked_of: AskedOf | None = None

    def reference(self, number: int) -> Reference | None:
        """The reference with this number, or None."""
        return next((one for one in self.references if one.number == number), None)
