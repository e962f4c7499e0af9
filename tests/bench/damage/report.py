"""The table of a run, and the list of what failed in it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.damage.harm import WAYS, Case
from tests.bench.damage.verdict import Verdict

_COLUMNS = ("cases", "noticed", "mended", "named", "harmless", "FAILED")
_OWN_NAMES = re.compile(r"/\S*/|[0-9a-f]{8,}|\d{2,}")
"""What differs from case to case in a line that says the same."""


@dataclass(frozen=True)
class Examined:
    """A case, what was damaged in it, and how it ended."""

    case: Case
    said: str
    verdict: Verdict
    seconds: float


def table(examined: Sequence[Examined]) -> str:
    """Lines by kind of file and kind of damage, with totals."""
    rows: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in examined:
        for key in ((one.case.kind, one.case.way), ("all", "")):
            rows[key]["cases"] += 1
            rows[key]["noticed"] += one.verdict.noticed
            rows[key][one.verdict.outcome] += 1
    order = sorted(rows, key=lambda key: (key[0] == "all", key[0], (*WAYS, "").index(key[1])))
    lines = [f"{'file':<24}{'damage':<10}" + "".join(f"{name:>9}" for name in _COLUMNS)]
    before = ""
    for kind, way in order:
        counts = "".join(f"{rows[(kind, way)][name] or '.':>9}" for name in _COLUMNS)
        lines.append(f"{kind if kind != before else '':<24}{way:<10}{counts}")
        before = kind
    return "\n".join(lines)


def failures(examined: Sequence[Examined]) -> str:
    """One paragraph a failed case.

    A case in which a process was ended by a signal is told in words alone: what crashes other
    people's software is not to be handed on.
    """
    lines = []
    for one in examined:
        if not one.verdict.reasons:
            continue
        if one.verdict.crashed:
            lines.append(f"{one.case.kind}, {one.case.way}: a process was ended by a signal")
        else:
            lines.append(f"case {one.case.number} ({one.case.variant}): {one.said}")
        steps: dict[str, list[str]] = defaultdict(list)
        for reason in one.verdict.reasons:
            step, _, why = reason.partition(": ")
            steps[why].append(step)
        lines += [f"    {', '.join(names)}: {why}" for why, names in steps.items()]
    return "\n".join(lines)


def reasons(examined: Sequence[Examined]) -> str:
    """How often each kind of failure was met, the most frequent first."""
    found: Counter[str] = Counter()
    for one in examined:
        if one.verdict.reasons:
            reason = _OWN_NAMES.sub("*", one.verdict.reasons[0])
            found[f"{one.case.kind}: {reason}"[:150]] += 1
    return "\n".join(f"{number:>4}  {reason}" for reason, number in found.most_common())
