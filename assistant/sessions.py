"""Conversations as values, and their place in a library."""

from __future__ import annotations

import json

from assistant.types.answers import Answer
from assistant.types.sessions import Session, SessionLine, Turn
from store.errors import StoreError
from store.ledger.database import now
from store.ledger.sessions import StoredTurn
from store.library.library import Library


class Conversations:
    """Saves answers as they come, and brings conversations back; raises StoreError."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def keep(self, answer: Answer, session: str | None) -> Answer:
        """Save an answer as the next turn; when that fails the answer says so and lives on."""
        stored = StoredTurn(now(), answer.question, answer.model_dump_json())
        try:
            name = self._library.save_turn(session, stored)
        except StoreError as failure:
            note = "; ".join(filter(None, (answer.note, f"not saved: {failure.message}")))
            return answer.model_copy(update={"note": note, "session": session})
        return answer.model_copy(update={"session": name})

    def replace(self, answer: Answer) -> Answer:
        """Save an answer that was checked again in its turn's place; one not saved stays so."""
        if answer.session is None:
            return answer
        try:
            self._library.update_turn(answer.session, answer.question, answer.model_dump_json())
        except StoreError as failure:
            note = "; ".join(filter(None, (answer.note, f"not saved: {failure.message}")))
            return answer.model_copy(update={"note": note})
        return answer

    def lines(self) -> tuple[SessionLine, ...]:
        """All conversations, the last one used first."""
        return tuple(
            SessionLine(id=one.id, title=one.title, updated_at=one.updated_at, turns=one.turns)
            for one in self._library.sessions()
        )

    def open(self, name: str) -> Session:
        """A conversation with its turns; a turn of another quire may be left out.

        Raises LibraryDamaged for one that is damaged.
        """
        found, stored = self._library.session(name)
        turns = []
        for one in stored:
            try:
                answer = Answer.model_validate_json(one.answer)
            except ValueError:
                # Left out is what another quire wrote, and not what is damaged.
                with self._library.ledger.reading():
                    json.loads(one.answer)
                continue
            answer = answer.model_copy(update={"session": found.id})
            turns.append(Turn(question=one.question, answer=answer, asked_at=one.asked_at))
        return Session(
            id=found.id,
            title=found.title,
            created_at=found.created_at,
            updated_at=found.updated_at,
            turns=tuple(turns),
        )

    def last(self) -> str | None:
        """The id of the conversation used last."""
        lines = self.lines()
        return lines[0].id if lines else None

    def delete(self, name: str) -> None:
        """Forget a conversation."""
        self._library.delete_session(name)
