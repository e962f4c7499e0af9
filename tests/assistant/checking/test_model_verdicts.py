"""Reading the verdicts of a model, however it writes them."""

from __future__ import annotations

import time

from tables import Row, compare, table

from assistant.checking.model_verdicts import read_judgements

OWN = [
    frozenset({(1, 0), (1, 3)}),
    frozenset({(2, 0), (2, 4), (2, 5)}),
    frozenset({(1, 0), (1, 2)}),
]
"""The addresses of three statements; the first and the third cite the same paper."""


def test_the_verdicts_of_a_reply() -> None:
    def came(row: Row) -> dict[str, str]:
        return {
            f"{number}": " ".join([one.verdict, *(f"{at}.{index}" for at, index in one.addresses)])
            for number, one in read_judgements(row["reply"], OWN).items()
        }

    compare(table(__file__, "replies.jsonl"), came)


def test_a_monstrous_reply_is_read_in_bounded_time() -> None:
    """Deep as well as long: what is nested must not end the program."""
    for unit in ("1: supported ", "[", '{"1":', "1. ", "9"):
        began = time.thread_time()
        read_judgements((unit * 100_000)[:200_000], OWN)
        assert time.thread_time() - began < 5, unit
