"""Conversations as values, and their place in a library."""

from __future__ import annotations

import json
from collections.abc import Sequence

from assistant.types.answers import Answer, Reference
from assistant.types.sessions import (
    CitedPapers,
    Session,
    SessionChoice,
    SessionLine,
    Turn,
    TurnText,
    UnreadTurn,
)
from store.errors import InputError, StoreError, UnknownPaper, UnknownSession
from store.ledger.database import Ledger, now
from store.ledger.sessions import (
    StoredTurn,
    find_session,
    is_session_id,
    name_for_session,
    turn_of,
)
from store.library.library import Library

UNREAD = "one answer here was written by another quire and cannot be shown"
"""What stands in the place of an answer that this quire cannot read."""


class Conversations:
    """Saves answers as they come, and brings conversations back; raises StoreError."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def keep(self, answer: Answer, session: str | None, name: str = "") -> Answer:
        """Save an answer as the next turn; when that fails the answer says so and lives on.

        Where it begins a conversation, that is called `name`, if there is one.
        """
        stored = StoredTurn(now(), answer.question, answer.model_dump_json())
        try:
            kept = self._library.save_turn(session, stored, name)
        except StoreError as failure:
            return _unsaved(answer, failure).model_copy(update={"session": session})
        return answer.model_copy(update={"session": kept})

    def keep_all(self, answers: Sequence[Answer], session: str | None) -> list[Answer]:
        """Save answers as the next turns, all of them or none."""
        turns = [StoredTurn(now(), one.question, one.model_dump_json()) for one in answers]
        try:
            kept: str | None = self._library.save_turns(session, turns)
        except StoreError as failure:
            answers, kept = [_unsaved(one, failure) for one in answers], session
        return [one.model_copy(update={"session": kept}) for one in answers]

    def replace(self, answer: Answer) -> Answer:
        """Save an answer that was checked again in its turn's place; one not saved stays so."""
        if answer.session is None:
            return answer
        try:
            self._library.update_turn(answer.session, answer.question, answer.model_dump_json())
        except StoreError as failure:
            return _unsaved(answer, failure)
        return answer

    def lines(self) -> tuple[SessionLine, ...]:
        """All conversations, the last one used first."""
        return tuple(
            SessionLine(id=one.id, title=one.title, updated_at=one.updated_at, turns=one.turns)
            for one in self._library.sessions()
        )

    def open(self, name: str) -> Session:
        """A conversation with its turns, by its id, name, or the beginning of its id.

        Raises UnknownSession, AmbiguousSession, and LibraryDamaged for one that is damaged.
        """
        found, stored = self._library.session(name)
        turns = [self._turn(one, found.id) for one in stored]
        return Session(
            id=found.id,
            title=found.title,
            created_at=found.created_at,
            updated_at=found.updated_at,
            turns=tuple(one for one in turns if isinstance(one, Turn)),
            unread=tuple(one for one in turns if isinstance(one, UnreadTurn)),
        )

    def choose(self, name: str) -> SessionChoice:
        """The conversation of this name, or the one that an answer is to begin.

        What has the form of an id begins none. Raises UnknownSession, AmbiguousSession, and
        InputError for what is no name.
        """
        try:
            found = find_session(self._library.ledger, name)
        except UnknownSession as failure:
            if is_session_id(name):
                raise
            return SessionChoice(name=name_for_session(name), near=failure.near)
        return SessionChoice(id=found.id, name=found.title)

    def _turn(self, stored: StoredTurn, session: str) -> Turn | UnreadTurn:
        try:
            answer = Answer.model_validate_json(stored.answer)
        except ValueError:
            # Left out is what another quire wrote, and not what is damaged.
            with self._library.ledger.reading():
                json.loads(stored.answer)
            return UnreadTurn(
                question=stored.question, asked_at=stored.asked_at, number=stored.number
            )
        return Turn(
            question=stored.question,
            answer=answer.model_copy(update={"session": session}),
            asked_at=stored.asked_at,
            number=stored.number,
        )

    def last(self) -> str | None:
        """The id of the conversation used last."""
        lines = self.lines()
        return lines[0].id if lines else None

    def rename(self, name: str, to: str) -> str:
        """Give a conversation another name; returns it as it is kept. Raises InputError."""
        return self._library.rename_session(name, to)

    def delete(self, name: str) -> None:
        """Forget a conversation."""
        self._library.delete_session(name)


def turn_text(ledger: Ledger, session: str, number: int | None = None) -> TurnText | None:
    """The texts of a turn, of the last one without a number; None where it is gone."""
    stored = turn_of(ledger, session, number)
    if stored is None:
        return None
    try:
        answer = json.loads(stored.answer)
    except (ValueError, RecursionError):
        answer = None
    text = answer.get("text") if isinstance(answer, dict) else ""
    return TurnText(
        question=stored.question,
        asked_at=stored.asked_at,
        text=text if isinstance(text, str) else "",
    )


def _unsaved(answer: Answer, failure: StoreError) -> Answer:
    note = "; ".join(filter(None, (answer.note, f"not saved: {failure.message}")))
    return answer.model_copy(update={"note": note})


def turns_shown(session: Session, turn: int | None = None) -> tuple[Turn | UnreadTurn, ...]:
    """The turns of a conversation, or the one of a number; raises InputError for one not there."""
    found = [one for one in session.in_order if turn in (None, one.number)]
    if turn is not None and not found:
        numbers = ", ".join(str(one.number) for one in session.in_order)
        raise InputError(f"{session.id} has no turn {turn}", f"it has {numbers or 'none'}")
    return tuple(found)


def cited_papers(library: Library, session: Session, turn: int | None = None) -> CitedPapers:
    """The papers that a conversation cites, or one turn of it, in the order of citation.

    A paper that was merged into another since is that one; an answer that cannot be read counts
    in `unread`. Raises InputError where there is no such turn.
    """
    turns = turns_shown(session, turn)
    cited: dict[str, Reference] = {}
    for one in turns:
        if isinstance(one, Turn):
            for reference in sorted(one.answer.references, key=lambda found: found.number):
                cited.setdefault(reference.id, reference)
    there = library.papers_by_id(list(cited))
    papers: dict[str, None] = {}
    gone = []
    for name, reference in cited.items():
        try:
            papers[name if name in there else library.paper(name).id] = None
        except UnknownPaper:
            gone.append(reference)
    unread = sum(isinstance(one, UnreadTurn) for one in turns)
    return CitedPapers(papers=tuple(papers), gone=tuple(gone), unread=unread)
