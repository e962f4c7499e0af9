"""Words found in saved conversations: in what was asked and answered, and in their names."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Literal

from assistant.text.words import STOP_WORDS, stem
from store.clean import clean_line, folded
from store.ledger.sessions import StoredSession, StoredTurn
from store.pattern import pattern
from store.value import Value

_WORD = pattern(r"\w+(?:['’]\w+)*")
_AROUND = 70
"""Characters of a text that are shown on either side of what was found."""


class FoundTurn(Value):
    """Where the words stand; `turn` counts from 1, None for the name of a conversation."""

    session: str
    name: str
    turn: int | None
    asked_at: str
    place: Literal["name", "question", "answer"]
    snippet: str


class Wanted:
    """Words that are looked for: each as the beginning of a word, or in another of its forms.

    Case and accents do not matter; words that say nothing of a text are looked for only where
    there are no others.
    """

    def __init__(self, words: str) -> None:
        asked = list(dict.fromkeys(folded(one) for one in _WORD.findall(_composed(words))))
        self._words = [one for one in asked if one not in STOP_WORDS] or asked

    def found_in(self, text: str) -> dict[str, tuple[int, int]]:
        """The words that a text holds, each with the offsets of the first place."""
        found: dict[str, tuple[int, int]] = {}
        left = {one: stem(one) for one in self._words}
        for match in _WORD.finditer(text):
            if not left:
                break
            here = folded(match[0])
            for word in [one for one in left if _is_form(one, left[one], here)]:
                found[word] = match.span()
                del left[word]
        return found

    def are(self, *found: dict[str, tuple[int, int]]) -> bool:
        """True where every word was found, in one text or another."""
        return bool(self._words) and all(any(word in one for one in found) for word in self._words)


def _is_form(word: str, its_stem: str, here: str) -> bool:
    if here.startswith(word) or stem(here) == its_stem:
        return True
    # Scripts without spaces and cases have words within what counts as one here.
    return word in here and word.isalpha() and word.upper() == word.lower()


def search_turns(
    wanted: Wanted, session: StoredSession, turns: Sequence[StoredTurn]
) -> Iterator[FoundTurn]:
    """Where a conversation holds every word, in its name or in a question with its answer.

    The last turn comes first.
    """
    name = clean_line(session.title)

    def found(
        place: Literal["name", "question", "answer"], text: str, span: tuple[int, int]
    ) -> FoundTurn:
        return FoundTurn(
            session=session.id,
            name=name,
            turn=None if turn is None else turn.number,
            asked_at=session.updated_at if turn is None else turn.asked_at,
            place=place,
            snippet=snippet(text, *span),
        )

    turn: StoredTurn | None = None
    named = wanted.found_in(name) if session.is_named else {}
    if wanted.are(named):
        yield found("name", name, min(named.values()))
    for turn in reversed(turns):
        question, answer = _composed(turn.question), _composed(_text_of(turn.answer))
        asked, answered = wanted.found_in(question), wanted.found_in(answer)
        if not wanted.are(asked, answered):
            continue
        if len(answered) > len(asked):
            yield found("answer", answer, min(answered.values()))
        else:
            yield found("question", question, min(asked.values()))


def snippet(text: str, start: int, end: int) -> str:
    """One line of a text around a place in it, whole words, with … where there is more."""
    first, last = max(start - _AROUND, 0), min(end + _AROUND, len(text))
    before, after = text[first:start], text[end:last]
    if first:
        before = "…" + before.partition(" ")[2]
    if last < len(text):
        after = after.rpartition(" ")[0] + "…"
    return clean_line(before + text[start:end] + after)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _text_of(answer: str) -> str:
    """The text of a saved answer (JSON), whichever quire wrote it; empty where there is none."""
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    text = found.get("text") if isinstance(found, dict) else ""
    return text if isinstance(text, str) else ""
