"""What a reader wrote on a paper in another program: notes, and the decision of a screening.

Rayyan puts its decisions, labels and notes in one text: `RAYYAN-INCLUSION: {"Ana"=>"Included"} |
RAYYAN-LABELS: a,b | RAYYAN-EXCLUSION-REASONS: c`. ASReview writes 1, 0 and -1 (not seen).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from store.clean import clean_line, clean_text
from store.pattern import pattern
from store.readers.values.plain import LeftOut, bare, is_nothing, text_of, texts_of
from store.tables import read_table
from store.types import Status

NOTE_LIMIT = 100_000
"""Longest note kept, in characters."""
NOTES_LIMIT = 1_000
"""Most notes kept of one record."""

_STATUSES: tuple[Status, ...] = ("kept", "skipped", "later", "read", "unread")
_RAYYAN = pattern(r"(?:^|\|)\s*RAYYAN-([A-Z-]+):|(?:^|\|)\s*(USER-NOTES):")
_QUOTED = pattern(
    r"=>\s*(?:\[\s*)?\"((?:[^\"\\]|\\.){0,2000})\"|(?<!\\)\"((?:[^\"\\]|\\.){0,2000})\"\s*(?=[,\]])"
)
_BREAK = pattern(r"<\s*(?:br|/p|/div|/li|/h\d|/tr)\b[^<>]*>", re.IGNORECASE)
_TAG = pattern(
    r"</?(?:p|div|span|a|b|i|em|strong|u|s|ul|ol|li|h\d|blockquote|pre|code|sup|sub|font|html|body"
    r"|head|table|tbody|tr|td|th|img|hr|br|small|mark)\b[^<>]*>|<!--.{0,2000}?-->",
    re.IGNORECASE,
)
_BLANK_LINES = pattern(r"\n{3,}")


class Marks(NamedTuple):
    """Notes, labels and the decision that one text holds."""

    notes: list[str]
    labels: list[str]
    decisions: list[str]


def status_of(value: object, said: LeftOut) -> Status | None:
    """The mark that a decision is: included is kept, excluded skipped, maybe later.

    Reviewers who disagree leave a paper for later.
    """
    if is_nothing(value):
        return None
    values = value.values() if isinstance(value, dict) else value
    given = values if isinstance(values, Iterable) and not isinstance(values, str) else [values]
    found: set[Status] = set()
    for one in given:
        word = _decision(one)
        mark = _decisions().get(word)
        if mark is None and word:
            said.leave_out("status", one)
        elif mark and mark != "unread":
            found.add(mark)
    return found.pop() if len(found) == 1 else "later" if found else None


def _decision(value: object) -> str:
    """The bare word of a decision; "" where none was made, "?" for what is no word."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        return "" if is_nothing(value) else "?"
    text = text_of(value).removesuffix(".0")
    return "minus1" if text == "-1" else bare(text)


@lru_cache(maxsize=1)
def _decisions() -> dict[str, Status]:
    table = read_table(__file__, "marks.toml")
    return {word: mark for mark in _STATUSES for word in table[mark].split()}


def marks_of(value: object, said: LeftOut) -> Marks:
    """The notes of a value, with what Rayyan put in them told apart."""
    marks = Marks([], [], [])
    if is_nothing(value):
        return marks
    found = False
    for text in texts_of(value, "note", "text", "content"):
        found = True
        if len(text) > 2 * NOTE_LIMIT:
            said.leave_out("notes", text)
        elif ("RAYYAN-" in text or "USER-NOTES:" in text) and _RAYYAN.search(text):
            _of_rayyan(text, marks)
        elif note := note_text(text):
            if len(note) > NOTE_LIMIT or len(marks.notes) >= NOTES_LIMIT:
                said.leave_out("notes", note)
            elif note not in marks.notes:
                marks.notes.append(note)
    if not found and not _is_empty(value):
        said.leave_out("notes", value)
    return marks


def _is_empty(value: object) -> bool:
    return isinstance(value, str | list | tuple) and not any(map(str.strip, texts_of(value)))


def note_text(text: str) -> str:
    """A note as plain text: the HTML of reference managers becomes lines."""
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n", text))
    if "&" in text:
        text = html.unescape(text)
    lines = (" ".join(one.split()) for one in clean_text(text).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _of_rayyan(text: str, marks: Marks) -> None:
    heads = list(_RAYYAN.finditer(text))
    before = text[: heads[0].start()].strip(" |") if heads else text
    if before and (note := note_text(before)):
        marks.notes.append(note)
    ends = [*(one.start() for one in heads[1:]), len(text)]
    for head, end in zip(heads, ends, strict=False):
        body = text[head.end() : end].strip(" |\n")
        if head[1] == "INCLUSION":
            marks.decisions.extend(_quoted(body))
        elif head[1] in ("LABELS", "EXCLUSION-REASONS"):
            marks.labels.extend(clean_line(one) for one in body.split(",") if one.strip())
        else:
            marks.notes.extend(filter(None, map(note_text, _quoted(body))))


def _quoted(text: str) -> Iterator[str]:
    """The values of a Ruby hash as text: {"Ana"=>"Included"}, {"Ana"=>["one", "two"]}."""
    for found in _QUOTED.finditer(text):
        yield (found[1] or found[2] or "").replace('\\"', '"')
