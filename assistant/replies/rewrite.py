"""Telling whether what a model made of a follow-up can be that question, standing alone.

Weak models write all sorts of things there: an answer, signs, what stood in their prompt. A
rewrite keeps the question's own words and puts names of the conversation in place of those that
lean on it, so it can be told by what it is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.citations.forms import BRACKETS, Found, find_group
from assistant.query.follow_up import own_terms
from assistant.query.question import asking_terms
from assistant.replies.plain_text import plain
from assistant.replies.wrapping import unwrapped
from assistant.text.words import terms
from assistant.types.sessions import Turn
from store.clean import clean_line
from store.pattern import pattern

_NAMES = 400
"""By so many characters a rewrite may be longer: the titles of five papers."""
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_QUOTES = "\"“”'‘’«»*_` "
_QUESTION_MARKS = tuple("?？؟;՞")
_LABEL = pattern(r"\s*([^:：?？]{1,60})[:：]\s+(?=\S)")
_UNSPACED = pattern(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that put no space between words: there a letter is what a word is elsewhere."""
_LIVELY = 0.6
"""At least this share of a question's characters are letters and digits, spaces left out."""


def has_ended(reply: str, asked: str) -> bool:
    """True once no more of a reply is wanted: its line is whole, or too long for a rewrite."""
    most = len(asked) + _NAMES
    line, is_whole = _line(reply)
    return is_whole or len(line) > most or len(reply) > 4 * most


def rewrite_of(reply: str, asked: str, history: Sequence[Turn]) -> str:
    """The question that a reply makes of a follow-up; nothing where it can be none."""
    known = frozenset(unit for text in (asked, *_said(history)) for unit in _units(text))
    line, _ = _line(reply)
    label = _LABEL.match(line)
    if label and not _units(label[1]) & known:
        line = line[label.end() :]  # "Question:", "Here it is:", and no name of the conversation
    line = plain(line).strip(_QUOTES)
    can_be = (
        len(line) <= len(asked) + _NAMES
        and _is_of_words(line)
        and _asks_as(line, asked)
        and not _addresses(line) - _addresses(asked)
        and _is_made_of(line, asked, known)
        and _is_no_copy(line, asked, history)
    )
    return line if can_be else ""


def _line(reply: str) -> tuple[str, bool]:
    """The first line that leads in no other, and whether it is whole."""
    *whole, last = unwrapped(reply).split("\n")
    for line in map(clean_line, whole):
        if line and not line.endswith((":", "：")):
            return line, True
    return clean_line(last), False


def _is_of_words(line: str) -> bool:
    seen = [one for one in line if not one.isspace()]
    return _REPLACED not in line and sum(map(str.isalnum, seen)) > _LIVELY * len(seen)


def _asks_as(line: str, asked: str) -> bool:
    """False for a statement in place of a question; a wish without a mark has none here either."""
    ends = [one.rstrip(_QUOTES).endswith(_QUESTION_MARKS) for one in (line, asked)]
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


def _is_made_of(line: str, asked: str, known: frozenset[str]) -> bool:
    """True where most of the follow-up's own words are kept, and most others are known.

    A number that nobody has named is of an answer.
    """
    units = _units(line)
    own = frozenset(unit for term in own_terms(asked) for unit in _units(term))
    new = units - known - asking_terms()
    return (
        bool(units & known)
        and 2 * len(own & units) >= len(own)
        and 2 * len(new) <= len(units)
        and not any(char.isdigit() for unit in new for char in unit)
    )


def _is_no_copy(line: str, asked: str, history: Sequence[Turn]) -> bool:
    """False for an earlier question, said once more in place of another one."""
    before = {_folded(one.question) for one in history}
    before |= {_folded(one.answer.standalone or "") for one in history}
    return _folded(line) not in before - {_folded(asked)}


def _folded(text: str) -> str:
    return " ".join(text.casefold().strip("?!. ").split())


def _said(history: Sequence[Turn]) -> Iterator[str]:
    """All that the conversation holds of what a model is shown of it."""
    for turn in history:
        yield from (turn.question, turn.answer.standalone or "", turn.answer.text)
        yield from (one.title for one in turn.answer.references)


def _units(text: str) -> frozenset[str]:
    """The telling terms of a text, each letter where a script puts no space between words."""
    units: set[str] = set()
    for term in terms(text):
        letters = _UNSPACED.findall(term)
        units.update(letters or (term,))
    return frozenset(units)
