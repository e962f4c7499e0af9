"""Whether a question is one that papers may answer either way."""

from __future__ import annotations

from assistant.query.leaning_words import ASKING, JOINER, VERB
from assistant.query.question import named_words
from store.pattern import pattern

_CLAUSE = pattern(r"[,:;.!–—]\s+|\s-\s")


def asks_whether(question: str) -> bool:
    """True for yes or no asked of a matter at large: of what a question names one paper tells.

    The verb stands first, or after what is asked about: "prompts in prevention, do they work?";
    in "which codec, at low rates, has it?" it is that of the question word.
    """
    if named_words(question):
        return False
    first, *others = _CLAUSE.split(question.strip())
    clauses = (first,) if ASKING.match(first) else (first, *others)
    return any(VERB.match(JOINER.sub("", one).strip()) for one in clauses)
