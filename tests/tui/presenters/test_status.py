"""The lines of the status line."""

from __future__ import annotations

import pytest

from assistant.errors import EndpointUnreachable
from store.types import LibraryStatus
from tui.presenters import status


def test_a_failure_is_one_line_with_the_next_step() -> None:
    error = EndpointUnreachable("Nobody answers at\nlocalhost:1", "Start the server.\x1b[2J")
    assert status.failure(error) == "Nobody answers at localhost:1. Start the server."


def test_a_failure_in_pieces_becomes_sentences() -> None:
    assert status.failure(EndpointUnreachable("the key is refused", "check it")) == (
        "The key is refused. Check it."
    )


def test_where_text_goes_is_said() -> None:
    assert status.destination("extractive", None) == "extractive · nothing leaves this machine"
    assert status.destination("m", "api.example.org") == "m · sends to api.example.org"
    assert status.destination("m", "a", "a") == "m · sends to a"
    assert status.destination("m", "a", "b") == "m · sends to a · sends to b for vectors"
    assert status.destination("m", None, "b") == "m · sends to b for vectors"


@pytest.mark.parametrize(
    ("papers", "pending", "line"),
    [(1, 0, "1 paper"), (30_000, 1200, "30,000 papers, 1,200 to index")],
)
def test_how_the_library_stands(papers: int, pending: int, line: str) -> None:
    values = {"indexed": 0, "embedder": "none", "chroma": "ready", "lexical": "ready"}
    found = LibraryStatus.model_validate(
        {"library": "/x", "papers": papers, "pending": pending, "disk_bytes": 1, **values}
    )
    assert status.standing(found) == line
