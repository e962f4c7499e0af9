"""Finding saved conversations while words are typed: their texts are read once, and kept folded."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from assistant.types.sessions import SessionLine
from store.clean import folded
from store.ledger.database import Ledger

MOST_ANSWERS = 20_000
"""Answers that are read, the last ones: about 50 MB. Of older turns the questions are looked at."""
_AT_ONCE = 200


class _Texts(NamedTuple):
    """Texts of turns, and by conversation the numbers of its turns with the places of theirs."""

    texts: list[str]
    turns: dict[str, list[tuple[int, int]]]


class SessionFinder:
    """Finds conversations by parts of words of their names, questions and answers.

    It finds by what `read` has read so far. Safe to use while another thread reads.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read = _Texts([], {})
        self._stopped = threading.Event()
        self.left_out = 0
        """Turns whose answers are not looked at."""

    def read(self) -> None:
        """Read the questions, then the answers, the last ones first; raises StoreError."""
        # Over a connection of its own: nobody waits for it, and of what is read once SQLite keeps
        # 2 MB, in place of 64.
        with closing(Ledger.open(self._folder)) as ledger:
            ledger.rows("PRAGMA cache_size=-2000")
            self._read_all(ledger)

    def _read_all(self, ledger: Ledger) -> None:
        rows = ledger.rows(
            "SELECT rowid, session, number, question FROM turns ORDER BY asked_at DESC"
        )
        texts = [folded(str(row[3])) for row in rows]
        turns: dict[str, list[tuple[int, int]]] = {}
        for place, (_, name, number, _) in enumerate(rows):
            turns.setdefault(str(name), []).append((int(number), place))
        self._read = _Texts(texts, turns)
        self.left_out = max(len(rows) - MOST_ANSWERS, 0)
        last = rows[:MOST_ANSWERS]
        for start in range(0, len(last), _AT_ONCE):
            if self._stopped.is_set():
                return
            part = last[start : start + _AT_ONCE]
            answered = ledger.rows_in(
                "SELECT rowid, CASE WHEN json_valid(answer) THEN json_extract(answer, '$.text')"
                " END FROM turns WHERE rowid IN ({})",
                [row[0] for row in part],
            )
            answers = {row[0]: row[1] for row in answered}
            for place, row in enumerate(part, start):
                texts[place] += f"\n{folded(str(answers.get(row[0]) or ''))}"

    def stop(self) -> None:
        """Read no further."""
        self._stopped.set()

    def found(self, words: str, lines: Iterable[SessionLine]) -> dict[str, int | None]:
        """The conversations of which the name, or a turn beside it, holds every word.

        With the last turn that does, None where the name holds all. Without a word: all of them.
        """
        # The longest word is in the fewest texts.
        wanted = sorted(folded(words).split(), key=len, reverse=True)
        texts, turns = self._read
        found: dict[str, int | None] = {}
        for line in lines:
            name = folded(line.title)
            left = [word for word in wanted if word not in name]
            if not left:
                found[line.id] = None
                continue
            first, *others = left
            for number, place in turns.get(line.id, ()):
                if first in texts[place] and all(word in texts[place] for word in others):
                    found[line.id] = number
                    break
        return found
