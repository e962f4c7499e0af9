"""What the built-in model takes from several papers when a question asks for many."""

from __future__ import annotations

import pytest

from assistant.listing import asks_to_weigh, is_own_part, select_list
from assistant.sentences import source_sentences
from assistant.systems import coined_name, coined_names, named_in
from assistant.values import Source
from assistant.words import FlatStatistics
from store.model import Paper, Ranks

FOX = (
    "FoxCodec: one quantizer is enough",
    "Codecs with few quantizers are often sought after. Many codecs need eight quantizers. "
    "We propose FoxCodec, a codec which has one. It has 3.2M parameters. Code is online.",
)
OWL = (
    "A codec for the night",
    "Noise is hard for codecs. We present a codec called OwlCodec, which has two quantizers. "
    "OwlCodec has 9.5M parameters and reaches 4.1 on clean speech.",
)
ICE = ("Counting glaciers", "Glaciers melt in the Alps. We count 1,200 glaciers.")


def source(number: int, paper: tuple[str, str], score: float = 0.9) -> Source:
    title, abstract = paper
    return Source(
        number=number,
        paper=Paper(id=f"p{number}", title=title, abstract=abstract, content_hash="", added_at=""),
        sentences=source_sentences(title, abstract),
        score=score,
        ranks=Ranks(),
    )


SOURCES = (source(1, FOX), source(2, OWL, 0.8), source(3, ICE, 0.1))


def taken(question: str) -> list[tuple[int, tuple[int, ...]]]:
    chosen = select_list(question, SOURCES, FlatStatistics(), None, 8)
    return [(one.source.number, one.indices) for one in chosen]


def test_in_a_list_papers_say_what_they_propose() -> None:
    """Not the background, though it has the words of the question; and no paper far below."""
    assert taken("Which codecs have few quantizers?") == [(1, (3,)), (2, (2,))]


def test_a_paper_without_its_name_in_the_sentence_has_its_title() -> None:
    fox = ("FoxCodec: one quantizer is enough", "Codecs are old. We propose one for the sea.")
    chosen = select_list(
        "Which codecs are for the sea?", [source(1, fox)], FlatStatistics(), None, 8
    )
    assert [one.indices for one in chosen] == [(0, 2)]


def test_where_a_figure_is_asked_for_each_paper_gives_it() -> None:
    found = dict(taken("Which codec is smaller, FoxCodec or OwlCodec?"))
    assert 4 in found[1], "3.2M parameters"
    assert 3 in found[2], "9.5M parameters"


def test_papers_that_are_named_are_taken_whatever_their_scores() -> None:
    low = (source(1, FOX, 0.9), source(2, OWL, 0.1))
    question = "How do OwlCodec and FoxCodec compare?"
    assert [one.number for one in named_in(question, low)] == [2, 1]
    chosen = select_list(question, low, FlatStatistics(), None, 8)
    assert [one.source.number for one in chosen] == [2, 1]
    assert [one.number for one in named_in("What of codecs?", low)] == []


def test_the_names_of_what_papers_propose() -> None:
    fox, owl, ice = SOURCES
    assert coined_name(fox) == "FoxCodec"
    assert coined_name(owl) == ""
    assert coined_names(owl) == ("OwlCodec",)
    assert coined_names(ice) == ()
    assert coined_name(source(1, ("Counting: a survey", "x."))) == ""
    assert is_own_part("We propose FoxCodec.", fox)
    assert not is_own_part("We release our code, available at https://x.example.", fox)


@pytest.mark.parametrize(
    ("question", "weighs"),
    [
        ("Do codecs need many quantizers?", True),
        ("Which was the first codec with one quantizer?", True),
        ("Does FoxCodec need many quantizers?", False),
        ("What are codecs?", False),
    ],
)
def test_questions_that_papers_may_answer_differently(question: str, weighs: bool) -> None:
    assert asks_to_weigh(question) is weighs
