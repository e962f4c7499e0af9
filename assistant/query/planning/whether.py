"""Whether a question is one that papers may answer either way."""

from __future__ import annotations

from assistant.query.leaning_words import VERB
from assistant.query.question import named_words


def asks_whether(question: str) -> bool:
    """True for yes or no asked of a matter at large: of what a question names one paper tells."""
    return bool(VERB.match(question.strip())) and not named_words(question)
