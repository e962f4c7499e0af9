"""When two numbers are the same quantity: units, places, hedges, shares, and ratios of others."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from assistant.text.numbers.quantity import YEARS, Number
from assistant.text.numbers.units import UNITS

_LOOSELY = 0.05
"""How far from "about" a number may be, as a share of it; also of ratios in other words."""

_SIDE = {False: 0.1, True: 0.3}
"""How far on its side "over" or "nearly" a number may be; True for a share in words."""

_ORDERS = (0.5, 10**0.5)
"""How far from "two orders of magnitude" a factor may be, as a factor: from 50 to 320."""


def has_counts(wanted: Number, given: Sequence[Number]) -> bool:
    """True for a ratio of counts that are given apart: "3 in 5" where three and five stand."""
    counts = {other.value for other in given if other.unit == "" and not other.share}
    return bool(wanted.parts) and all(
        part.value in counts or (part.spelt and part.value == 1) for part in wanted.parts
    )


def is_ratio_of(wanted: Number, given: Sequence[Number]) -> bool:
    """True for "halves" and "an order of magnitude" where two numbers side by side say so."""
    if not wanted.share and wanted.unit != "x":
        return False
    factor = 1 / wanted.value if wanted.share else wanted.value
    low, high = _ORDERS if wanted.orders else (1 - _LOOSELY, 1 + _LOOSELY)
    plain = [one for one in given if not (one.share or one.unit == "x" or one.value in YEARS)]
    return any(
        one.unit == other.unit
        and min(one.value, other.value) > 0
        and low <= max(one.value, other.value) / min(one.value, other.value) / factor <= high
        for one, other in itertools.pairwise(plain)
    )


def agrees(wanted: Number, given: Number) -> bool:
    """True when a number that is stated is the one wanted, as exactly as either is written."""
    if wanted.share or given.share:
        return _same_share(wanted, given)
    value = given.value
    if not wanted.unit and wanted.value == given.bare:
        return True
    if not given.unit and given.value == wanted.bare and _may_lack_unit(wanted):
        return True
    if wanted.unit != given.unit and wanted.unit and given.unit:
        return False
    if wanted.unit == "%" and not given.unit and 0 < value <= 1 and wanted.value > 1:
        value *= 100
    elif given.unit == "%" and not wanted.unit and 0 < wanted.value < 1 and value > 1:
        value /= 100
    if wanted.orders and given.unit == "x" and not given.orders:
        return _ORDERS[0] <= value / wanted.value <= _ORDERS[1]
    close = _close(value, wanted.value)
    gap = value - wanted.value
    if abs(gap) <= close:
        return True
    if given.step < wanted.step and abs(gap) <= wanted.step / 2 + close:
        # Fewer places than the evidence. Round thousands written out are exact.
        return True
    return _is_near(wanted, gap, close)


def _may_lack_unit(number: Number) -> bool:
    """True for what texts write without its unit: "65 or older", "week 4", "3 T"; not hours."""
    in_weeks = number.bare is not None and number.value == number.bare * UNITS["weeks"][1]
    return in_weeks or number.unit in ("", "month")


def _same_share(wanted: Number, given: Number) -> bool:
    """True when two numbers, one of them a share at least, are the same part of a whole."""
    one, other = _part_of_whole(wanted), _part_of_whole(given)
    if one is None or other is None:
        return False
    gap, close = other - one, _close(one, other)
    # A decimal is as exact as it is written: 33 % and 0.33 are a third, 30 % is not.
    step = max(_share_step(wanted), _share_step(given))
    if abs(gap) <= close + step / 2:
        return True
    return wanted.share and _is_near(wanted, gap, close)


def _part_of_whole(number: Number) -> float | None:
    """A number as a part of a whole; None for one that can be none."""
    if number.unit == "%":
        return number.value / 100
    if number.unit == "x":
        return 1 / number.value if number.value > 0 else None
    return number.value if number.unit == "" and number.value <= 1 else None


def _share_step(number: Number) -> float:
    if number.unit == "%":
        return number.step / 100
    return number.step if number.unit == "" and number.step < 1 else 0.0


def _is_near(wanted: Number, gap: float, close: float) -> bool:
    """True when a hedged number is near enough, `gap` being what the evidence has more."""
    size = max(abs(wanted.value), 1e-12)
    side = _SIDE[wanted.share and wanted.spelt] * size
    match wanted.hedge:
        case "about":
            return abs(gap) <= _LOOSELY * size
        case "over":
            return -close <= gap <= side
        case "under":
            return -side <= gap <= close
        case _:
            return False


def _close(one: float, other: float) -> float:
    return 1e-6 * max(abs(one), abs(other), 1e-12)
