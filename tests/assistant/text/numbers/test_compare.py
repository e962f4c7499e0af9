"""Numbers with units as quantities: what is the same, written another way, and what is not."""

from __future__ import annotations

from growth import grows_in_proportion
from hypothesis import assume, given
from hypothesis import strategies as st
from tables import Row, compare, table

from assistant.text.numbers.compare import Number, is_unit, numbers, numbers_missing

HOSTILE = ["10-", "1", "1,", "1.", "1-", "10^", "a-", "$", " 1x", "one "]
HUGE = "9" * 400


def reading(text: str) -> list[list[object]]:
    """Each number as it stands there, its value, its unit, and what else is known of it."""
    return [
        [text[one.start : one.end], float(f"{one.value:.9g}"), one.unit, *known(one)]
        for one in numbers(text)
    ]


def known(number: Number) -> list[str]:
    said = {"spelt": number.spelt, "share": number.share, "orders": number.orders}
    return [mark for mark in (number.hedge, *(one for one in said if said[one])) if mark]


def missing(claim: str, evidence: str) -> list[str]:
    """The numbers of a claim that its evidence does not have, as they are written."""
    return [claim[one.start : one.end] for one in numbers_missing(claim, evidence)]


def test_numbers_are_read_with_their_units_and_their_place() -> None:
    compare(table(__file__, "read.jsonl"), lambda row: reading(row["text"]))


def test_quantities_are_compared_however_they_are_written() -> None:
    def came(row: Row) -> list[str]:
        assert numbers(row["written"])
        return missing(f"It has {row['written']} here.", f"They report {row['given']} there.")

    compare(table(__file__, "quantities.jsonl"), came)


def test_the_numbers_of_a_claim_that_its_evidence_does_not_have() -> None:
    rows = table(__file__, "claims.jsonl")
    compare(rows, lambda row: missing(row["claim"], row["evidence"]))


def test_what_no_number_can_hold_is_none() -> None:
    assert numbers(HUGE) == ()
    assert missing(f"There are 12 of {HUGE}.", f"{HUGE} and 12") == []


def test_letters_that_are_a_unit() -> None:
    units = {"kHz": True, "x": True, "M": True, "bn": True, "years": False, "cats": False}
    assert {letters: is_unit(letters) for letters in units} == units


def test_long_hostile_texts_are_read_in_time_in_proportion() -> None:
    grows_in_proportion(numbers, HOSTILE)


def test_a_chain_of_numbers_shares_the_unit_at_its_end() -> None:
    found = numbers("10-" * 2_000 + "20%")
    assert len(found) == 2_001
    assert {one.unit for one in found} == {"%"}


@given(st.text(max_size=120), st.text(max_size=60))
def test_a_text_holds_the_numbers_that_it_holds(one: str, other: str) -> None:
    for number in numbers(one):
        assert 0 <= number.start < number.end <= len(one)
    # A text with a letter that is two in lower case is read as it stands, capitals and all.
    assume(len(other.lower()) == len(other))
    # What follows must not go on with the number: "1" and "000", "1)" and a space.
    assert missing(one, f"{one}; {other}") == []
