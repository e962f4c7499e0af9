"""Saved conversations."""

from __future__ import annotations

from assistant.types.answers import Answer
from store.value import Value


class Turn(Value):
    """One question of a conversation with its answer."""

    question: str
    answer: Answer
    asked_at: str = ""


class Session(Value):
    """A saved conversation; instants are ISO 8601 in UTC."""

    id: str
    title: str
    created_at: str
    updated_at: str
    turns: tuple[Turn, ...] = ()


class SessionLine(Value):
    """A saved conversation in a list; `turns` counts its questions."""

    id: str
    title: str
    updated_at: str
    turns: int
