"""What the check of an answer by its words costs in two checkouts of quire, run in turn.

    python -m tests.bench.check_speed --other CHECKOUT [--other-python PYTHON] [--runs N]

The answer of stream_speed.py is read without a model, in a process that has loaded what it needs.
Prints medians of the CPU milliseconds that the check takes a claim, and their ratio.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from tests.bench.stream_speed import Checkout, arguments, checkouts


def main() -> None:
    """Measure in turn, and print the line."""
    options = arguments(__doc__ or "")
    with tempfile.TemporaryDirectory() as folder:
        both = checkouts(options, Path(folder))
        for one in both:
            one.add_papers()
        for run in range(options.runs + 1):
            for one in both if run % 2 else reversed(both):
                one.read()
    other, this = (_milliseconds(one) for one in both)
    print(f"check of a claim, {options.runs} runs in turn, medians of CPU milliseconds")
    print(f"other {other:.2f}  this {this:.2f}  ratio {this / other:.2f}")


def _milliseconds(one: Checkout) -> float:
    """The median of all runs but the first, which compiles what is imported, for a claim."""
    return 1000 * statistics.median(one.seconds["check"][1:]) / sum(one.verdicts.values())


if __name__ == "__main__":
    main()
