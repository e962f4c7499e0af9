"""What a command that answers ends with."""

from __future__ import annotations

from typing import assert_never

from assistant.checking.verdicts import contradicted
from assistant.errors import Exit
from assistant.types.answers import Answer


def code_of(answer: Answer, *, is_check_asked: bool) -> Exit:
    """The exit code for an answer; `is_check_asked` where its reader asked for a check."""
    if answer.coverage is not None and answer.coverage.failed:
        return Exit.PARTLY
    match answer.outcome:
        case "answered":
            is_part = is_partial(answer, is_check_asked=is_check_asked)
            return Exit.PARTLY if is_part else Exit.DONE
        case "not_in_collection":
            return Exit.NOT_IN_COLLECTION
        case "uncited":
            return Exit.PARTLY
        case "interrupted" | "cut" | "declined":
            return Exit.ENDPOINT
        case _:
            assert_never(answer.outcome)


def is_partial(answer: Answer, *, is_check_asked: bool) -> bool:
    """True when a whole answer has a fault.

    That is: characters replaced, a claim that its sources contradict, or where a check was asked
    for, claims that none judged.
    """
    is_judged = not is_check_asked or answer.check not in ("failed", "in_part")
    return answer.replaced > 0 or not is_judged or bool(contradicted(answer.claims))
