"""A thing asked for by its name: the paper that has the name stands before those with its words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from library_fixture import Shelf
from tables import Row, for_each, table

from assistant.retrieval.retriever import Retriever
from assistant.retrieval.search import NOTHING_CLEAR, Searcher
from store.lexical.question import query_words
from store.library.library import Library
from store.types import Filter, Record

ROWS = table(__file__, "names.jsonl")
APART = """
We train clips once, and only once. All experts see it: for coding, the means are non zero.
They allow us to see each coast; who reads a guideline? A mixture: six of them. Il faut 6 vit.
"""


def record(title: str, abstract: str) -> Record:
    return Record(title=title, abstract=abstract, source="/a", reader="jsonl", record=0)


def titled(row: Row) -> str:
    return f"Pond {row['line']}"


@pytest.fixture(scope="module", params=["projected", "a tail"])
def library(
    request: pytest.FixtureRequest, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Library]:
    """Papers with a name each among many with its words, projected, and waiting to be."""
    named = [
        record(titled(row), f"We look at a pond. Its frogs live by {row['written']} in winter.")
        for row in ROWS
    ]
    words = sorted({word.strip(".,:;?") for word in APART.split()})
    apart = [record(f"On {word} and {at}", APART + f"So {word}.") for at, word in enumerate(words)]
    projected = request.param == "projected"
    folder = tmp_path_factory.mktemp("names") / "library"
    shelf.library_of([*named, *apart] if projected else apart, folder)
    with Library.open(folder) as opened:
        if not projected:
            opened.ingest().run(named)
        yield opened


def test_the_paper_that_has_the_name_stands_first(library: Library) -> None:
    searcher = Searcher(library, Retriever(library))

    def check(row: Row) -> None:
        for asked in row["asked"]:
            hit, *_ = searcher.search(asked, 3, Filter()).hits
            assert (hit.paper.title, hit.ranks.lexical) == (titled(row), 1), asked

    for_each(ROWS, check)


def test_a_name_that_a_paper_has_is_clearly_spoken_to(library: Library) -> None:
    """Of "once for all" every word is a function word: the name alone tells."""
    searcher = Searcher(library, Retriever(library))
    for asked in ("Mixture-of-Experts", "clip vit", "only train once"):
        assert NOTHING_CLEAR not in searcher.search(asked, 3, Filter()).notes, asked


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("does it help us at the coast", ["help", "coast"]),
        ("gulls AND coast", ["gulls", "coast"]),
        ("THE COAST AND US BY DAY", ["COAST", "DAY"]),
        ("gulls of the US", ["gulls", "US"]),
    ],
)
def test_only_capitals_make_a_name_of_a_function_word(text: str, telling: list[str]) -> None:
    assert query_words(text) == telling
