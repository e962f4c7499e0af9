"""The lines of the status line."""

from __future__ import annotations

from assistant.errors import EndpointUnreachable
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
