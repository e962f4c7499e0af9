"""What an answer took, in one line: on the command line and in documents."""

from __future__ import annotations

from assistant.answers.claim_words import check_words
from assistant.types.answers import Answer
from store.clean import clean_line


def account(answer: Answer, *, full: bool = False) -> str:
    """One line: how it was checked, sources considered and used, model, calls, tokens."""
    evidence = answer.evidence
    plural = "" if evidence.considered == 1 else "s"
    parts = [check_words(answer)] if answer.claims else []
    parts.append(f"{evidence.considered} source{plural} considered, {evidence.used} cited")
    if evidence.dropped:
        parts.append(f"{evidence.dropped} left out for length")
    if answer.note:
        parts.append(clean_line(answer.note))
    usage = answer.usage
    calls = f"{usage.calls} call{'' if usage.calls == 1 else 's'}"
    about = "about " if usage.estimated else ""
    parts.append(
        f"{answer.model}, {calls}, {about}{usage.input_tokens} tokens in, {usage.output_tokens} out"
    )
    if full:
        parts.append(cost_words(usage.cost))
    return " · ".join(parts)


def cost_words(cost: float | None, *, most: bool = False) -> str:
    """A cost in words; `most` says that it is the most that may come."""
    if cost is None:
        return "cost not known: the configuration has no price for this model"
    if cost == 0:
        return "cost nothing"
    return f"cost {'at most ' if most else ''}{cost:.4f} USD"
