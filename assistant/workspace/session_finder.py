"""Finding saved conversations while words are typed: their texts are read once, and kept folded."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from assistant.types.sessions import SessionLine
from store.clean import folded
from store.ledger.database import Ledger

MOST_ANSWERS = 20_000
"""Answers that are read, the last ones: 30 MB. Of older turns the questions alone are looked at."""
_AT_ONCE = 200


class SessionFinder:
    """Finds conversations by parts of words of their names, questions and answers.

    It finds by what `read` has read so far. Safe to use while another thread reads.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._turns: list[tuple[str, int, str]] = []
        self._stopped = threading.Event()
        self.left_out = 0
        """Turns whose answers are not looked at."""

    def read(self) -> None:
        """Read the questions, then the answers, the last ones first; raises StoreError."""
        rows = self._ledger.rows(
            "SELECT rowid, session, number, question FROM turns ORDER BY asked_at DESC"
        )
        turns = [(str(name), int(number), folded(str(asked))) for _, name, number, asked in rows]
        self._turns = turns
        self.left_out = max(len(rows) - MOST_ANSWERS, 0)
        last = rows[:MOST_ANSWERS]
        for start in range(0, len(last), _AT_ONCE):
            if self._stopped.is_set():
                return
            part = last[start : start + _AT_ONCE]
            texts = self._ledger.rows_in(
                "SELECT rowid, CASE WHEN json_valid(answer) THEN json_extract(answer, '$.text')"
                " END FROM turns WHERE rowid IN ({})",
                [row[0] for row in part],
            )
            answers = {row[0]: row[1] for row in texts}
            for at, row in enumerate(part, start):
                name, number, asked = turns[at]
                turns[at] = name, number, f"{asked}\n{folded(str(answers.get(row[0]) or ''))}"

    def stop(self) -> None:
        """Read no further."""
        self._stopped.set()

    def found(self, words: str, lines: Iterable[SessionLine]) -> dict[str, int | None]:
        """The conversations of which the name, or a turn beside it, holds every word.

        With the last turn that does, None where the name holds all. Without a word: all of them.
        """
        wanted = folded(words).split()
        lacking: dict[str, list[str]] = {}
        found: dict[str, int | None] = {}
        for line in lines:
            name = folded(line.title)
            if left := [word for word in wanted if word not in name]:
                lacking[line.id] = left
            else:
                found[line.id] = None
        for session, number, text in self._turns if lacking else ():
            if (left := lacking.get(session, [])) and all(word in text for word in left):
                found[session] = number
                del lacking[session]
        return found
