"""Whether a model judges the claims of an answer: by what is asked for, set, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.answers.cost import FREE_OF_CHARGE
from assistant.config.prices import Tariff
from assistant.types.claims import CheckMode
from assistant.types.usage import Estimate


@dataclass(frozen=True)
class CheckDecision:
    """Whether a model judges the claims of an answer, and what that will take.

    `is_asked` says that the reader asked for it: a failure of it is one of the answer then.
    Without `may_send` only what the model said of them before is read. `why` is one line on
    what is left out.
    """

    is_on: bool = False
    is_asked: bool = False
    may_send: bool = False
    why: str = ""
    estimate: Estimate = FREE_OF_CHARGE


NO_CHECK = CheckDecision()
"""No model judges, and nothing is said of that."""
ASKED = CheckDecision(is_on=True, is_asked=True, may_send=True)
"""A check that the reader asked for."""


def is_asked_for(asked: bool | None, mode: CheckMode) -> bool:
    """True where the reader wants a check whatever it takes: by --check, or as is configured."""
    return mode == "on" if asked is None else asked


def is_off(asked: bool | None, mode: CheckMode) -> bool:
    """True where nobody wants a check."""
    return mode == "off" if asked is None else not asked


def decide(
    asked: bool | None,
    mode: CheckMode,
    judge: Tariff,
    *,
    most: float | None = None,
    before: float | None = 0.0,
    checking: Estimate = FREE_OF_CHARGE,
) -> CheckDecision:
    """Whether a judge checks what a chat model writes.

    `asked` is what --check (True) and --no-check (False) say, `most` the cap in USD; `before`
    what the answer itself costs, `checking` what its check will take: no request where the
    judge's replies are there already. By "auto" a model that is near judges, a remote one
    where there is a cap; both stay within it.
    """
    if is_asked_for(asked, mode):
        return CheckDecision(is_on=True, is_asked=True, may_send=True, estimate=checking)
    if is_off(asked, mode):
        return NO_CHECK
    is_known = checking.calls == 0
    if most is None:
        why = "" if judge.is_near else _no_cap(judge)
    elif checking.cost is None or before is None:
        why = f"not judged: the price of {judge.name} is not known: set price_in and price_out"
    elif not checking.cost + before <= most:
        cost = checking.cost + before
        why = f"not judged: the cost may come to {cost:.4f} USD, more than the {most:g} allowed"
    else:
        why = ""
    if why and not is_known:
        return CheckDecision(why=why)
    return CheckDecision(is_on=True, may_send=not why, why=why, estimate=checking)


def _no_cap(judge: Tariff) -> str:
    """What is said of a check that is left out since nobody said what it may cost."""
    cap = "0 (it is free)" if judge.cost(1, 1) == 0 else "USD"
    return f"not judged: no cap is set for a remote model: set max_cost = {cap}, or use --check"
