"""Names, addresses and places of papers."""

from __future__ import annotations

from tables import compare, table

from tui.presenters import paper


def test_only_plain_web_addresses_are_taken() -> None:
    """Case 81."""
    rows = table(__file__, "addresses.jsonl")
    compare(rows, lambda row: bool(paper.web_address(row["text"])), "taken")
    assert paper.web_address(rows[0]["text"]) == rows[0]["text"]


def test_addresses_in_an_abstract_are_known_ones() -> None:
    text = (
        "Code is at https://owl.example.org/x. See also (https://fox.example.org) and "
        "https://me@evil.example or javascript:alert(1)."
    )
    assert paper.stated_addresses(text) == (
        "https://owl.example.org/x",
        "https://fox.example.org",
    )
