"""How long a query or a question may be."""

from __future__ import annotations

from assistant.errors import QuerySyntaxError

QUERY_LIMIT = 10_000
"""The longest query and question, in characters: the longest abstract twice. What is longer would
look up tens of thousands of words, and no word of it would weigh anything."""


def check_length(text: str, what: str) -> None:
    """Raise QuerySyntaxError for a query or question that is longer than `QUERY_LIMIT`."""
    if len(text) > QUERY_LIMIT:
        raise QuerySyntaxError(
            f"{what} has {len(text)} characters, {QUERY_LIMIT} at most are read",
            "ask for what it says in few words; to find papers like a text, add it: quire similar",
        )
