"""A server's own words on what went wrong, and what its headers ask."""

from __future__ import annotations

from tables import Row, compare, table

from assistant.generation.openai.error_text import nearest, retry_after, server_error, server_words


def test_the_words_of_a_server_are_found() -> None:
    """Case 57: whatever shape the server's own words come in."""

    def came(row: Row) -> str | None:
        found = server_error(row["value"], bare=True)
        return None if found is None else found.message

    compare(table(__file__, "server_errors.jsonl"), came)


def test_words_are_cleaned_before_the_key_is_looked_for() -> None:
    """Case 63: a key that is echoed with characters between is still found."""
    echoed = "no\x1b[31m Bearer sk-1\u200b23456\nuse another"
    assert server_words(echoed, "sk-123456") == "no Bearer [key] use another"
    assert len(server_words("x" * 10_000)) == 300


def test_the_seconds_that_a_retry_after_asks_for() -> None:
    compare(table(__file__, "retry_after.jsonl"), lambda row: retry_after(row["header"]))


def test_nearest_names_come_first() -> None:
    names = ["gpt-x", "llama3.2:1b", "llama3.1:8b", "mistral"]
    assert nearest("llama3.1", names)[0] == "llama3.1:8b"
