"""Names, addresses and places of papers."""

from __future__ import annotations

import pytest

from tui.presenters import paper


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("https://reef.example/a?b=1#c", True),
        ("http://reef.example", True),
        ("ftp://reef.example", False),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https://reef.example@evil.example/", False),
        ("https://", False),
        ("https://[broken", False),
        ("https://reef.example/\x1b]52;c;x\x07", False),
        ("https://reef.example/\u202etxt", False),
        ("https://reef.example/a b", False),
        ("https://reef.example\\@evil.example", False),
        ("", False),
        (None, False),
    ],
)
def test_only_plain_web_addresses_are_taken(text: str | None, taken: bool) -> None:
    """Case 81."""
    assert paper.web_address(text) == (text if taken else "")


def test_addresses_in_an_abstract_are_known_ones() -> None:
    text = (
        "Code is at https://owl.example.org/x. See also (https://fox.example.org) and "
        "https://me@evil.example or javascript:alert(1)."
    )
    assert paper.stated_addresses(text) == (
        "https://owl.example.org/x",
        "https://fox.example.org",
    )
