"""Telling whether what a model made of a question can be that question, standing alone.

Weak models write all sorts of things there: an answer, signs, what stood in their prompt. A
question that stands alone keeps the asked one's own words and puts names of the conversation in
place of those that lean on it, so it can be told by what it is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.citations.forms import BRACKETS, Found, find_group
from assistant.query.follow_up import own_terms
from assistant.query.question import asking_terms
from assistant.replies.plain_text import plain
from assistant.text.language import is_function_word, is_in_another_language
from assistant.text.words import terms
from assistant.types.sessions import Turn
from store.pattern import pattern

MOST_NAMES = 400
"""By so many characters a question may grow: the titles of five papers."""
QUOTES, _MARKS = "\"“”'‘’«»", "*_` "
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_QUESTION_MARKS = tuple("?？؟;՞")
_LABEL = pattern(r"\s*([^:：?？]{1,60})[:：]\s+(?=\S)")
_UNSPACED = pattern(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that put no space between words: there a letter is what a word is elsewhere."""
_LIVELY = 0.6
"""At least this share of a question's characters are letters and digits, spaces left out."""


@dataclass(frozen=True)
class AskedQuestion:
    """A question with the turns before it, oldest first: what one that stands alone is made of."""

    asked: str
    history: Sequence[Turn] = ()

    def standing(self, lines: Sequence[str]) -> tuple[str, ...]:
        """Those of some lines that are what was asked, in one or in several; none where none is.

        Together they keep half of the question's own words.
        """
        found = tuple(filter(None, map(self._standing, lines)))
        telling = (term for term in own_terms(self.asked) if not is_function_word(term))
        own = frozenset(unit for term in telling for unit in _units(term))
        kept = own & frozenset(unit for line in found for unit in _units(line))
        least = min(1, len(own)) if self._changes_language else len(own) / 2
        return found if len(kept) >= least else ()

    def is_translated_by(self, line: str) -> bool:
        """True for a line in another language that asks too."""
        can_be = is_of_words(line) and _asks_as(line, self.asked)
        return can_be and is_in_another_language(self.asked, line)

    def is_made_of_it(self, text: str) -> bool:
        """True for words most of which the conversation has; a number none of it is of an answer.

        A question in another language than the turns before it has other words for what they say.
        """
        units = _units(text)
        new = units - self._known - asking_terms()
        return (
            bool(units & self._known)
            and (2 * len(new) <= len(units) or self._changes_language)
            and not any(char.isdigit() for unit in new for char in unit)
        )

    def has_number(self, text: str) -> bool:
        """True where each number of a text was named before, but for one digit: "two", "2"."""
        numbers = (unit for unit in _units(text) if any(map(str.isdigit, unit)))
        return all(unit in self._known or len(unit) == 1 for unit in numbers)

    def holds_part_of(self, name: str) -> bool:
        """True where a word of a name was said, by the reader or by a record shown to him."""
        return bool(_units(name) & self._known)

    def without_label(self, line: str) -> str:
        """A line without "Question:" or "Here it is:", which no name of the conversation is."""
        label = _LABEL.match(line)
        return line[label.end() :] if label and not _units(label[1]) & self._known else line

    @cached_property
    def _known(self) -> frozenset[str]:
        texts = (self.asked, *_said(self.history))
        return frozenset(unit for text in texts for unit in _units(text))

    @cached_property
    def _changes_language(self) -> bool:
        before = " ".join(text for turn in self.history for text in (turn.question, *_read(turn)))
        return bool(before) and is_in_another_language(self.asked, before)

    def _standing(self, line: str) -> str:
        """A line that can be the question or one of its parts; nothing where it can be none."""
        line = unquoted(line)
        asked = self.asked
        can_be = (
            len(line) <= len(asked) + MOST_NAMES
            and is_of_words(line)
            and _asks_as(line, asked)
            and not _addresses(line) - _addresses(asked)
            and self.is_made_of_it(line)
            and self._is_no_copy(line)
        )
        return line if can_be else ""

    def _is_no_copy(self, line: str) -> bool:
        """False for an earlier question, said once more in place of another one."""
        before = {_folded(one.question) for one in self.history}
        before |= {_folded(one.answer.standalone or "") for one in self.history}
        return _folded(line) not in before - {_folded(self.asked)}


def unquoted(line: str) -> str:
    """A line without marks of bold, and without quotes where they stand around all of it."""
    line = plain(line).strip(_MARKS)
    while len(line) > 1 and line[0] in QUOTES and line[-1] in QUOTES:
        line = line[1:-1].strip(_MARKS)
    return line


def is_of_words(line: str) -> bool:
    """False for a line of signs, or with bytes that are no text."""
    seen = [one for one in line if not one.isspace()]
    return _REPLACED not in line and sum(map(str.isalnum, seen)) > _LIVELY * len(seen)


def _asks_as(line: str, asked: str) -> bool:
    """False for a statement in place of a question; a wish without a mark has none here either."""
    ends = [one.rstrip(QUOTES + _MARKS).endswith(_QUESTION_MARKS) for one in (line, asked)]
    return ends[0] or not ends[1]


def _addresses(text: str) -> frozenset[str]:
    """What stands in brackets as a citation does."""
    openings = {one for one, _, kind in BRACKETS if kind in ("square", "marked")}
    found = (
        (at, find_group(text, at, final=True))
        for at, char in enumerate(text)
        if any(one[0] == char for one in openings)
    )
    return frozenset(text[at : one.end] for at, one in found if isinstance(one, Found))


def _folded(text: str) -> str:
    return " ".join(text.casefold().strip("?!. ").split())


def _read(turn: Turn) -> tuple[str, ...]:
    return (turn.answer.standalone or "", turn.answer.text)


def _said(history: Sequence[Turn]) -> Iterator[str]:
    """All that the conversation holds of what a model is shown of it."""
    for turn in history:
        yield from (turn.question, *_read(turn))
        for one in turn.answer.references:
            yield from (one.title, *one.authors, str(one.year or ""))


def _units(text: str) -> frozenset[str]:
    """The telling terms of a text, each letter where a script puts no space between words."""
    units: set[str] = set()
    for term in terms(text):
        letters = _UNSPACED.findall(term)
        units.update(letters or (term,))
    return frozenset(units)
