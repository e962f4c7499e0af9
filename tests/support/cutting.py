"""Texts cut into sentences, as a test compares them."""

from __future__ import annotations

from assistant.text.sentences import split_sentences


def cut(text: str) -> list[str]:
    """The sentences of a text as they stand in it."""
    return [text[start:end] for start, end in split_sentences(text)]
