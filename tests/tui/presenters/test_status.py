"""The lines of the status line."""

from __future__ import annotations

from assistant.errors import EndpointUnreachable
from store.types import LibraryStatus
from tui.presenters import status


def test_a_failure_is_one_line_of_sentences_with_the_next_step() -> None:
    error = EndpointUnreachable("Nobody answers at\nlocalhost:1", "Start the server.\x1b[2J")
    assert status.failure(error) == "Nobody answers at localhost:1. Start the server."
    in_pieces = EndpointUnreachable("the key is refused", "check it")
    assert status.failure(in_pieces) == "The key is refused. Check it."


def test_where_text_goes_is_said() -> None:
    assert status.destination("extractive", None) == "extractive · nothing leaves this machine"
    assert status.destination("m", "api.example.org") == "m · sends to api.example.org"
    assert status.destination("m", "a", "a") == "m · sends to a"
    assert status.destination("m", "a", "b") == "m · sends to a · sends to b for vectors"
    assert status.destination("m", None, "b") == "m · sends to b for vectors"


def test_how_the_library_stands() -> None:
    one = LibraryStatus(
        library="/x",
        papers=1,
        indexed=0,
        pending=0,
        embedder="none",
        chroma="ready",
        lexical="ready",
        disk_bytes=1,
    )
    assert status.standing(one) == "1 paper"
    many = one.model_copy(update={"papers": 30_000, "pending": 1200})
    assert status.standing(many) == "30,000 papers, 1,200 to index"
