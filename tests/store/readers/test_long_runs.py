"""What is repeated in a text costs no more time each time; `tests/bench/fuzz` finds such."""

from __future__ import annotations

from growth import grows_in_proportion
from reading import refusal
from tables import Row, for_each, table


def test_long_runs() -> None:
    def check(row: Row) -> None:
        before, after = row["text"].split("§")
        grows_in_proportion(
            lambda run: refusal(f"{before}{run}{after}".encode()), [row["repeated"]], 8_000
        )

    for_each(table(__file__, "long_runs.jsonl"), check)
