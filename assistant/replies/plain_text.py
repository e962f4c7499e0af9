"""Taking the marks of headings and of bold out of a text that arrives in pieces cut anywhere.

Models write Markdown though they are asked for plain text. A terminal shows what the marks mean,
a pipe and JSON get the words alone. A mark is taken where it begins a line (`## `) or stands
against a word on its inner side (`**word`), as CommonMark's flanking rule has it; what may still
become one is held back, a letter or two. Lists, code and single stars stay.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from store.pattern import pattern

_HEADING = pattern(r"[ ]{0,3}#{1,6}[ \t]+")
_MAY_BE_HEADING = pattern(r"[ ]{0,3}#{0,6}[ \t]*")
_CLOSING = pattern(r"[ \t]+#*[ \t]*")
_SPECIAL, _IN_HEADING = pattern(r"[*_\n]"), pattern(r"[*_\n \t#]")
_LONGEST_CLOSING = 80
_MARKS = ("***", "___", "**", "__")
_OUTER = " \t\n([{\"'“‘«—–-/:;,.|>*_"


@dataclass(frozen=True)
class Styled:
    """A run of text without marks, in one weight."""

    text: str
    bold: bool


class MarkdownMarks:
    """Takes the marks away, and tells which words they made bold."""

    def __init__(self) -> None:
        self._held = ""
        self._before = "\n"
        self._bold = ""
        self._heading = False

    def feed(self, piece: str) -> list[Styled]:
        """Take a piece, return what is certain of the text."""
        self._held += piece
        return _joined(self._take(final=False))

    def finish(self) -> list[Styled]:
        """Return what was still held back."""
        return _joined(self._take(final=True))

    def _take(self, *, final: bool) -> Iterator[Styled]:
        """The text as far as it is certain; what is not stays held."""
        text, at = self._held, 0
        while at < len(text):
            if self._before == "\n":
                found = _HEADING.match(text, at)
                may = _MAY_BE_HEADING.match(text, at)
                if not final and may and may.end() == len(text) and may.end() - at < 12:
                    break
                if found:
                    self._heading, at = True, found.end()
                    self._before = " "
                    continue
            end = self._word_end(text, at)
            if end > at:
                yield self._run(text[at:end])
                at = end
                continue
            taken = self._mark(text, at, final=final)
            if taken is None:
                break
            if taken[1]:
                yield self._run(taken[1])
            at = taken[0]
        self._held = text[at:]

    def _word_end(self, text: str, at: int) -> int:
        """Where the text from here on may hold a mark again."""
        special = _IN_HEADING if self._heading else _SPECIAL
        found = special.search(text, at)
        return found.start() if found else len(text)

    def _mark(self, text: str, at: int, *, final: bool) -> tuple[int, str] | None:
        """Past what stands here, with its text; None where that is not certain yet."""
        if text[at] == "\n":
            self._heading, self._bold = False, ""
            return at + 1, "\n"
        if self._heading and text[at] in " \t#":
            return self._heading_end(text, at, final=final)
        if self._bold and not self._before.isspace():
            if text.startswith(self._bold, at):
                end, self._bold = at + len(self._bold), ""
                return end, ""
            left = len(text) - at
            if not final and left < len(self._bold) and self._bold.startswith(text[at:]):
                return None
            return at + 1, text[at]
        mark = next((one for one in _MARKS if text.startswith(one, at)), "")
        if not final and len(text) - at < len(_MARKS[0]) + 1 and not text[at:].strip(text[at]):
            return None  # more of it may come, and what follows decides
        after = text[at + len(mark) : at + len(mark) + 1]
        if mark and after and not after.isspace() and self._before in _OUTER and not self._bold:
            self._bold = mark
            return at + len(mark), ""
        return at + max(len(mark), 1), mark or text[at]

    def _heading_end(self, text: str, at: int, *, final: bool) -> tuple[int, str] | None:
        found = _CLOSING.match(text, at)
        if found is None:
            return at + 1, text[at]
        end = found.end()
        if end == len(text) and not final and end - at < _LONGEST_CLOSING:
            return None
        is_last = end == len(text) or text[end] == "\n"
        return end, "" if is_last else found.group()

    def _run(self, text: str) -> Styled:
        styled = Styled(text, bool(self._bold) or self._heading)
        self._before = text[-1]
        return styled


def _joined(runs: Iterable[Styled]) -> list[Styled]:
    """Neighbours of one weight as one run."""
    return [
        Styled("".join(run.text for run in same), bold)
        for bold, same in itertools.groupby(runs, key=lambda run: run.bold)
    ]


def plain(text: str) -> str:
    """A whole text without the marks of headings and of bold."""
    marks = MarkdownMarks()
    return "".join(one.text for one in (*marks.feed(text), *marks.finish()))
