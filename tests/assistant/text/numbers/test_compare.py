"""Numbers with units as quantities: what is the same, written another way, and what is not."""

from __future__ import annotations

import time

import pytest

from assistant.text.numbers.compare import is_unit, numbers, numbers_missing

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
    # Shares.
    ("1/3 of it", "one third"),
    ("one third of it", "33%"),
    ("a third of it", "1/3"),
    ("two-thirds", "2/3"),
    ("2/3", "66.7%"),
    ("two thirds", "0.67"),
    (r"$\frac{1}{3}$", "33%"),
    ("⅔", "two-thirds"),
    ("2½ hours", "150 minutes"),
    ("one in five", "20%"),
    ("1 in 5", "20%"),
    ("1 out of 5", "one in five"),
    ("one out of five", "1/5"),
    ("nine in ten", "90%"),
    ("3 in 5 runs", "3 runs of 5"),
    ("1 in 10,000", "0.01%"),
    ("20%", "one in five"),
    ("half of it", "50%"),
    ("half of it", "1/2"),
    ("one half", "0.5"),
    ("0.5", "half"),
    ("50%", "half the cost"),
    ("a quarter of it", "25%"),
    ("75%", "3/4"),
    ("1/10th", "a tenth of it"),
    ("33%", "a third of it"),
    ("9/11", "9/11"),
    ("more than half of it", "62%"),
    ("almost a third of it", "31%"),
    # A share and the factor that is its reverse; what two numbers side by side give.
    ("half the time", "2x"),
    ("twice the speed", "half the time"),
    ("a quarter of the size", "4x"),
    ("halves the error", "a drop from 4.2% to 2.1%"),
    ("doubles the rate", "a rise from 12 Hz to 24 Hz"),
    # Factors.
    ("20-fold", "20×"),
    ("20 fold", "20 times"),
    ("20fold", "20x"),
    ("twentyfold", "20X"),
    ("hundredfold", "100x"),
    ("a hundred times", "100-fold"),
    ("a factor of ten", "10x"),
    ("10x", "a factor of 10"),
    ("2.5 times", "two and a half times"),
    ("twice", "double the speed"),
    # Magnitudes.
    ("100 M", "100M"),
    ("100M parameters", "100 M parameters"),
    ("1.3 B", "1.3 billion"),
    ("1.3 B parameters", "1,300 million"),
    ("1.3B-parameter", "1300 million"),
    ("1.3bn", "1.3 billion"),
    ("100 k", "100,000"),
    ("a million", "1M"),
    ("half a million", "500,000"),
    ("566 000", "566,000"),
    ("1\u202f234", "1,234"),
    ("one hundred and twenty", "120"),
    ("3 T", "3 tesla"),
    ("77 K", "77 kelvin"),
    # Powers of ten.
    ("10^-3", "10⁻³"),
    ("10⁻³", "1e-3"),
    ("$10^{-3}$", "0.001"),
    ("1 × 10^-3", "1e-3"),
    ("10−3", "0.001"),
    ("5.0×10−8", "5.0e-8"),
    # Orders of magnitude, loosely.
    ("an order of magnitude", "10x"),
    ("10x", "an order of magnitude"),
    ("an order of magnitude", "a factor of 12"),
    ("3 orders of magnitude", "1000x"),
    ("three orders of magnitude", "a cut from 200 s to 0.2 s"),
    ("two orders-of-magnitude", "100-fold"),
    # Percentage points are per cent.
    ("5 percentage points", "5 points"),
    ("5 percentage points", "5%"),
    ("5 %", "5 percentage points"),
    ("5 pp", "five points"),
    # Ranges, errors, signs.
    ("10–20 %", "between 10 and 20 %"),
    ("from 10 to 20%", "10%-20%"),
    ("88.5 ± 0.3", "88.5±0.3"),
    ("88.5%", r"88.5 \pm 0.3%"),
    ("-5 dB", "−5 dB"),
    ("a fall of 5 dB", "-5 dB"),
    # Times.
    ("2 hours", "120 minutes"),
    ("1 hour", "an hour"),
    ("half an hour", "30 minutes"),
    ("two weeks", "14 days"),
    ("2 years", "24 months"),
    ("ages 16 to 24", "16-24 years of age"),
    ("65 years or more", "65 or older"),
    ("four weeks", "week 4"),
    ("six months", "half a year"),
    ("100 µs", "0.1 ms"),
    ("two data sets", "both data sets"),
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
    ("1/3", "1/4"),
    ("one third", "one quarter"),
    ("a third of it", "a quarter of it"),
    ("two-thirds", "one third"),
    ("one third", "40%"),
    ("30%", "a third of it"),
    ("1 in 5", "1 in 50"),
    ("1 in 5", "5%"),
    ("one in five", "one in four"),
    ("one out of five", "two out of five"),
    ("half of it", "a third of it"),
    ("more than half of it", "30%"),
    ("halves the error", "a drop from 4.2% to 3.1%"),
    ("twice the speed", "a third of the time"),
    ("100 M", "100 B"),
    ("100 M", "100 models"),
    ("1.3 billion", "13 billion"),
    ("1.3 B", "1,300,000"),
    ("566 000", "566"),
    ("one hundred and twenty", "100"),
    ("half a million", "a million"),
    ("twentyfold", "12x"),
    ("20 times", "200 times"),
    ("a factor of ten", "a factor of two"),
    ("a factor of 5", "5%"),
    ("10^-3", "10^-4"),
    ("10⁻³", "10³"),
    ("10−3", "10−4"),
    ("an order of magnitude", "100x"),
    ("an order of magnitude", "2x"),
    ("an order of magnitude", "two orders of magnitude"),
    ("3 orders of magnitude", "100x"),
    ("12x", "an order of magnitude"),
    ("5 percentage points", "8 points"),
    ("5 percentage points", "5x"),
    ("10–20 %", "10–30 %"),
    ("between 10 and 20 %", "15–20 %"),
    ("88.5 ± 0.3", "88.5 ± 0.8"),
    ("-5 dB", "-8 dB"),
    ("2 hours", "2 minutes"),
    ("two weeks", "14 weeks"),
    ("2 years", "2 months"),
    ("three data sets", "both data sets"),
    ("2%", "both data sets"),
    ("ten hours", "10 speakers"),
    ("two levels", "both age and weight"),
]


@pytest.mark.parametrize(("written", "given"), SAME)
def test_the_same_number_written_another_way(written: str, given: str) -> None:
    assert numbers(written)
    assert numbers_missing(f"It has {written} here.", f"They report {given} there.") == ()


@pytest.mark.parametrize(("written", "given"), OTHER)
def test_another_number(written: str, given: str) -> None:
    assert numbers_missing(f"It has {written} here.", f"They report {given} there.")


@pytest.mark.parametrize(
    "text",
    [
        "a double-blind study",
        "triple loss",
        "several orders of magnitude",
        "dozens of papers",
        "the first and the third model",
        "a third model, a quarter note",
        "the second half. The other half of it",
        "a third-party tool",
        "half-precision",
        "the 3rd of May",
        "and/or TCP/IP",
        "GPT-4/5 and ResNet-18/34/50",
        "HTTP/2 and km/h",
    ],
)
def test_words_that_are_no_number(text: str) -> None:
    assert numbers(text) == ()


@pytest.mark.parametrize(
    "text",
    ["11/21/2026", "21/11/2026", "2019/20", "24/7", "4/4", "0/1", "16/44.1", "8/16-bit", "1/2 kHz"],
)
def test_dates_and_pairs_are_no_fractions(text: str) -> None:
    assert not any(one.share for one in numbers(f"It is of {text} here."))
    assert numbers_missing(f"It is of {text} here.", f"They write {text} there.") == ()


@pytest.mark.parametrize(
    "claim", ["Half of the papers report it.", "Two of them do.", "Two out of five papers do."]
)
def test_a_count_of_what_was_cited_is_the_writers_own(claim: str) -> None:
    assert numbers_missing(claim, "It is reported.") == ()


def test_a_number_spans_its_words() -> None:
    text = "Nearly half a million of 1/3 at 10–20 % or 100 M, one in five."
    spans = [text[one.start : one.end] for one in numbers(text)]
    assert spans == ["half a million", "1/3", "10", "20 %", "100 M", "one in five"]


@pytest.mark.parametrize(
    ("letters", "unit"),
    [("kHz", True), ("x", True), ("M", True), ("bn", True), ("years", False), ("cats", False)],
)
def test_letters_that_are_a_unit(letters: str, unit: bool) -> None:
    assert is_unit(letters) == unit


def test_a_chain_of_numbers_takes_no_longer_than_its_length() -> None:
    begun = time.monotonic()
    found = numbers("10-" * 40_000 + "20%")
    assert time.monotonic() - begun < 30, "minutes, where every number looks at all before it"
    assert len(found) == 40_001
    assert {one.unit for one in found} == {"%"}


@pytest.mark.parametrize(
    "text",
    ["10^500 vacua", "1e999", "3 × 10^{400}", "10⁵⁻⁶ cells", "2×10³⁻⁴", "10⁻⁻", "9" * 400],
)
def test_what_no_number_can_hold_is_none(text: str) -> None:
    assert numbers(text) == ()
    assert numbers_missing(f"There are 12 of {text}.", f"{text} and 12") == ()


@pytest.mark.parametrize(
    ("claim", "evidence", "found"),
    [
        ("p was 0.05", "p<.05", True),
        ("p was .05", "p < 0.05", True),
        ("an AUC of 0.93", "AUC of .93 (.91-.95)", True),
        ("a score of 93", "AUC of .93", False),
        ("version 5", "v.05", False),
    ],
)
def test_decimals_without_their_zero(claim: str, evidence: str, found: bool) -> None:
    assert (numbers_missing(claim, evidence) == ()) is found
