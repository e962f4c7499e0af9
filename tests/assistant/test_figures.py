"""Numbers with units as quantities: what is the same, written another way, and what is not."""

from __future__ import annotations

import pytest

from assistant.figures import numbers, numbers_missing

SAME = [
    ("24×", "24 times faster"),
    ("24x", "24×"),
    ("24-fold", "24 times"),
    ("24 fold", "24x faster"),
    ("30-fold", "30 times"),
    ("thirtyfold", "30 times"),
    ("thirty-fold", "30x"),
    ("threefold", "three times"),
    ("twice", "2×"),
    ("two times", "twice"),
    ("doubles", "twice"),
    ("five-fold", "5x"),
    ("quadruples", "4x"),
    ("a dozen", "12"),
    ("two dozen", "24"),
    ("two orders of magnitude", "100x"),
    ("half the cost", "50% of the cost"),
    ("two thirds", "66.7%"),
    ("3.0M parameters", "3 million parameters"),
    ("three million parameters", "3.0M parameters"),
    ("three million", "3,000,000"),
    ("1.5B", "1.5 billion"),
    ("1.5 billion", "1500 million"),
    ("10K steps", "ten thousand steps"),
    ("51,000 clips", "51k clips"),
    ("88.53%", "88.53 percent"),
    ("88.5%", "88.53%"),
    ("89%", "88.53%"),
    ("88.53 %", "88.53\\%"),
    ("0.8853", "88.53%"),
    ("seventy percent", "70%"),
    ("170 ms", "0.17 s"),
    ("1.5 hours", "90 minutes"),
    ("44.1 kHz", "44,100 Hz"),
    ("16 or 24 kHz", "16kHz or 24kHz"),
    ("16kHz or 24kHz", "16 or 24 kHz"),
    ("2-16 kHz", "2kHz to 16kHz"),
    ("10, 20 and 30 ms", "10 ms, 20 ms and 30 ms"),
    ("2 to 5%", "2% to 5%"),
    ("in 2019, 20 ms", "2019, and 20 ms"),
    ("4-bit", "four bits"),
    ("10^-3", "0.001"),
    ("2×10^5", "200,000"),
    ("1.20", "1.2"),
    ("42.6times", "42.6x"),
    ("20-second", "20 s"),
]
OTHER = [
    ("1.20", "8.20"),
    ("24×", "42 times"),
    ("3.0M", "3.0B"),
    ("3 million", "3 billion"),
    ("3M", "3K"),
    ("88.53%", "85.83%"),
    ("88.6%", "88.53%"),
    ("twice", "three times"),
    ("30-fold", "3-fold"),
    ("thirtyfold", "3x"),
    ("170 ms", "170 s"),
    ("44.1 kHz", "44.1 Hz"),
    ("10 dB", "10%"),
    ("5%", "5x"),
    ("two orders of magnitude", "10x"),
    ("ten", "eleven"),
    ("a dozen", "10"),
    ("16 or 24 kHz", "24 kHz or 48 kHz"),
    ("1,200", "12,000"),
]


@pytest.mark.parametrize(("written", "given"), SAME)
def test_the_same_number_written_another_way(written: str, given: str) -> None:
    assert numbers(written)
    assert numbers_missing(f"It has {written} here.", f"They report {given} there.") == ()


@pytest.mark.parametrize(("written", "given"), OTHER)
def test_another_number(written: str, given: str) -> None:
    assert numbers_missing(f"It has {written} here.", f"They report {given} there.")


@pytest.mark.parametrize(
    "text", ["a double-blind study", "triple loss", "an order of magnitude", "dozens of papers"]
)
def test_words_that_are_no_number(text: str) -> None:
    assert numbers(text) == ()
