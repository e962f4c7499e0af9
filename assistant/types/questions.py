"""What is asked for."""

from __future__ import annotations

from assistant.types.asked_of import Length
from assistant.types.sessions import Turn
from store.types import Filter
from store.value import Value


class Question(Value):
    """What a reader asks.

    `sources` caps the number of sources (None: as the question needs). `history` holds the
    earlier turns of the conversation, oldest first. `session` is the conversation that the
    answer belongs to, None for none yet: it begins one then, called `begins` where that is given.
    `check` says whether a model judges each claim
    afterwards, None: as is configured. `max_cost` caps the cost in USD; `anew` asks the model
    though it has answered the same before. Where a search `query` chose the papers of the filter,
    or the reader did in another way that has a name, `words` say what they have in common.
    """

    text: str
    filter: Filter = Filter()
    query: str = ""
    words: str = ""
    sources: int | None = None
    history: tuple[Turn, ...] = ()
    session: str | None = None
    begins: str = ""
    check: bool | None = None
    max_cost: float | None = None
    anew: bool = False

    @property
    def is_sentence(self) -> bool:
        """False: an answer has as many sentences as it takes."""
        return False


class SummaryRequest(Value):
    """What a reader wants summarized: papers by id, a topic, or all that the filter leaves.

    `session`, `begins`, `check`, `max_cost` and `anew` are those of a question.
    """

    papers: tuple[str, ...] = ()
    topic: str | None = None
    filter: Filter = Filter()
    length: Length = "short"
    session: str | None = None
    begins: str = ""
    check: bool | None = None
    max_cost: float | None = None
    anew: bool = False

    @property
    def is_sentence(self) -> bool:
        """True where one sentence is wanted, and no more."""
        return self.length == "sentence"
