"""Finding quotes in abstracts, and cutting abstracts at them."""

from __future__ import annotations

import time

from tables import Row, compare, table

from tui.presenters.passages import Passage, cut, hold, locate

ABSTRACT = "Gulls nest on roofs. They eat 12 kinds of fish. Chicks fledge in June. Roofs are warm."


def test_quotes_are_found_where_they_stand() -> None:
    def found(row: Row) -> list[str]:
        return [ABSTRACT[start:end] for start, end in locate(ABSTRACT, row["quotes"])]

    compare(table(__file__, "quotes.jsonl"), found)


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
