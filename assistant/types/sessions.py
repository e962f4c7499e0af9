"""Saved conversations."""

from __future__ import annotations

from assistant.types.answers import Answer, Reference
from store.value import Value


class Turn(Value):
    """One question of a conversation with its answer; `number` counts from 1, 0: not saved yet."""

    question: str
    answer: Answer
    asked_at: str = ""
    number: int = 0


class UnreadTurn(Value):
    """A question whose answer was written by another quire, and cannot be read by this one."""

    question: str
    asked_at: str
    number: int


class Session(Value):
    """A saved conversation; instants are ISO 8601 in UTC.

    `turns` are those that can be read, `unread` the others.
    """

    id: str
    title: str
    created_at: str
    updated_at: str
    turns: tuple[Turn, ...] = ()
    unread: tuple[UnreadTurn, ...] = ()

    @property
    def in_order(self) -> tuple[Turn | UnreadTurn, ...]:
        """All turns, the oldest first."""
        return tuple(sorted((*self.turns, *self.unread), key=lambda one: one.number))


class SessionLine(Value):
    """A saved conversation in a list; `turns` counts its questions."""

    id: str
    title: str
    updated_at: str
    turns: int


class TurnText(Value):
    """What was asked in a turn, and the text of its answer; empty where it cannot be read."""

    question: str
    asked_at: str
    text: str


class SessionChoice(Value):
    """Which conversation an answer goes to: the one with this id, or a new one of this name.

    `near` are names of others that are like that of a new one.
    """

    id: str | None = None
    name: str = ""
    near: tuple[str, ...] = ()


class Citing(Value):
    """A saved answer that cites a paper, and which of its sentences.

    `name` is the conversation's, `turn` counts from 1. `sentences` are indices in the abstract as
    it is now, 0 for the title; a sentence that stands there no more has none.
    """

    session: str
    name: str
    turn: int
    question: str
    asked_at: str
    sentences: tuple[int, ...] = ()


class CitedPapers(Value):
    """The papers that a conversation cites, in the order of citation.

    `papers` are ids of those in the library, `gone` the first references to those that are not;
    `unread` counts answers that cannot be read.
    """

    papers: tuple[str, ...]
    gone: tuple[Reference, ...] = ()
    unread: int = 0
