"""Finding quotes in abstracts, and cutting abstracts at them."""

from __future__ import annotations

import time

import pytest

from tui.presenters.passages import Passage, cut, hold, locate

ABSTRACT = "Gulls nest on roofs. They eat 12 kinds of fish. Chicks fledge in June. Roofs are warm."


@pytest.mark.parametrize(
    ("quotes", "found"),
    [
        ((), []),
        (("",), []),
        (("They eat 12 kinds of fish.",), ["They eat 12 kinds of fish."]),
        (("Gulls nest on roofs.", "Roofs are warm."), ["Gulls nest on roofs.", "Roofs are warm."]),
        # neighbours become one
        (
            ("Gulls nest on roofs.", "They eat 12 kinds of fish."),
            ["Gulls nest on roofs. They eat 12 kinds of fish."],
        ),
        # two sentences that do not follow one another, in one quote, joined in any way
        (
            ("Gulls nest on roofs. Chicks fledge in June.",),
            ["Gulls nest on roofs.", "Chicks fledge in June."],
        ),
        (
            ("Gulls nest on roofs. … Chicks fledge in June.",),
            ["Gulls nest on roofs.", "Chicks fledge in June."],
        ),
        # other white space
        (("They  eat\n12 kinds of fish.",), ["They eat 12 kinds of fish."]),
        # words that stand there by chance are no quote
        (("fish are warm on Mondays",), []),
        (("nothing of this is there at all",), []),
    ],
)
def test_quotes_are_found_where_they_stand(quotes: tuple[str, ...], found: list[str]) -> None:
    assert [ABSTRACT[start:end] for start, end in locate(ABSTRACT, quotes)] == found


def test_passages_hold_every_word_in_order() -> None:
    passages = cut(ABSTRACT, locate(ABSTRACT, ["They eat 12 kinds of fish."]))
    assert passages == (
        Passage("Gulls nest on roofs.", False),
        Passage("They eat 12 kinds of fish.", True),
        Passage("Chicks fledge in June. Roofs are warm.", False),
    )


def test_nothing_cited_is_one_passage() -> None:
    assert cut(ABSTRACT, ()) == (Passage(ABSTRACT, False),)
    assert cut("", ()) == ()


def test_repetition_does_not_take_long() -> None:
    began = time.process_time()
    locate("la " * 20_000, ["la la lo " * 3_000])
    assert time.process_time() - began < 2


def test_what_holds_words_is_cut_out_of_what_is_not_cited() -> None:
    passages = cut(ABSTRACT, locate(ABSTRACT, ["They eat 12 kinds of fish."]))
    held = hold(passages, ["Roofs are warm.", "They eat 12 kinds of fish.", "Owls hoot.", " "])
    assert held == (
        Passage("Gulls nest on roofs.", False),
        Passage("They eat 12 kinds of fish.", True),
        Passage("Chicks fledge in June.", False),
        Passage("Roofs are warm.", False, held=True),
    )
    assert hold(passages, ()) == passages
