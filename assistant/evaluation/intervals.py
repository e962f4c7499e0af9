"""How far a difference between two runs may be chance."""

from __future__ import annotations

import random
from collections.abc import Sequence


def paired_bootstrap(
    one: Sequence[float], other: Sequence[float], rounds: int = 2000, seed: int = 7
) -> tuple[float, float, float]:
    """Mean of one - other over queries, with its 95 % percentile interval (Efron 1979).

    Both sequences hold one value a query, in the same order; queries are drawn with
    replacement.
    """
    differences = [left - right for left, right in zip(one, other, strict=True)]
    number = len(differences)
    draw = random.Random(seed)  # noqa: S311  (the same interval each time)
    means = sorted(sum(draw.choices(differences, k=number)) / number for _ in range(rounds))
    return sum(differences) / number, means[int(0.025 * rounds)], means[int(0.975 * rounds) - 1]
