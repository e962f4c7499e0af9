"""Taking the marker of what is not answered out of a text that arrives in pieces cut anywhere.

Models put it into bold, quotes, headings, lists, fences, and go on in the same line. Within a
sentence, or a cell of a table, it is a word like others.
"""

from __future__ import annotations

import re

from assistant.text.sentences import split_sentences
from store.pattern import pattern

_MARKER = pattern(r"(?<![^\W_])(?:(?i:NOT\\?_ANSWERED)|NOT[ -]ANSWERED)(?![^\W_])")
_CUT = pattern(
    r"(?<![^\W_])(?:NOT|(?i:NOT\\?_(?:A(?:N(?:S(?:W(?:E(?:RE?)?)?)?)?)?)?)"
    r"|NOT[ -]ANS(?:W(?:E(?:RE?)?)?)?)\\?\Z"
)
_OPENING = "*_`~\"'“”„«»‘’([<【「"
_LIST_MARK = pattern(r"(?:\A|\n)([ \t]*(?:(?:[-*+•>]|#{1,6}|\d{1,2}[.)])[ \t]+){1,3})\Z")
_FENCE = pattern(r"(?:\A|(?<=\n))[ \t]*(?:`{3,}|~{3,})\w{0,12}[ \t]*\n\Z")
_CLOSED = pattern(
    r"[*_`~\"'“”’»)\]>】」]{0,6}[ \t]{0,4}"
    r"(?:(?:[.:;,!。：—–-]{1,3}|#{1,6})[*_`\"']{0,3})?[ \t]{0,4}"
)
_CLOSED_FENCE = pattern(r"\n?[ \t]{0,4}(?:`{3,8}|~{3,8})[ \t]{0,4}(?=\n|\Z)")
_MAY_LEAD = pattern(
    r"(?:(?:\A|(?<=\n))[ \t]{0,4}(?:`{3,8}|~{3,8})\w{0,12}[ \t]{0,4}\n?)?"
    r"(?:(?:\A|(?<=\n))[ \t]{0,4}\d{1,2}[.)]?)?[\s*_`~\"'“”„«»‘’(\[<【「>#+•-]{0,16}\Z"
)
_MAY_BEGIN = pattern(
    r"(?<![^\W_])N(?:O(?:T(?:\\?(?:[_ -](?:A(?:N(?:S(?:W(?:E(?:R(?:ED?)?)?)?)?)?)?)?)?)?)?)?\Z",
    re.IGNORECASE,
)
_LINE_BEGINS = pattern(
    r"\n[ \t]*(?:(?:[-*+•>]|#{1,6}|\d{1,2}[.)])[ \t]*){0,3}"
    r"(?:[*_`]{0,3}\w+(?: \w+)?[*_`]{0,3}[:：][*_`]{0,3}[ \t]*)?\Z"  # "Answer:"
)
_CITED = pattern(r"\[\d[\d., ;–-]*\]\Z")
_SENTENCE = "Nothing is said."
_LOOK_BACK = 80
_SEEN = 8


class MarkerFilter:
    """Cuts a text at its markers, each with what is wrapped around it."""

    def __init__(self) -> None:
        self._held = ""
        self._before = "\n"
        self._is_closing = self._is_fenced = False

    def feed(self, piece: str) -> list[str]:
        """Take a piece, return what is certain: the text, and what begins behind each marker."""
        self._held += piece
        return self._take(final=False)

    def finish(self) -> list[str]:
        """Return what was still held back, cut likewise."""
        return self._take(final=True)

    def _take(self, *, final: bool) -> list[str]:
        runs = [""]
        while self._close(final=final) and (found := self._found()):
            start, end = found
            runs[-1] += self._passed(start)
            runs.append("")
            self._held = self._held[end - start :]
            self._before, self._is_closing = "\n", True
        if not self._is_closing:
            keep = 0 if final else _begun(self._held)
            runs[-1] += self._passed(self._cut() if final else len(self._held) - keep)
            self._held = "" if final else self._held
        return runs

    def _cut(self) -> int:
        """How much of the end of a text is to be passed: not a marker that it was cut in."""
        cut = _CUT.search(self._held[-_LOOK_BACK:])
        at = max(0, len(self._held) - _LOOK_BACK) + cut.start() if cut else 0
        lead = self._lead(at) if cut else None
        return len(self._held) if lead is None else lead

    def _passed(self, size: int) -> str:
        text, self._held = self._held[:size], self._held[size:]
        self._before = (self._before + text)[-_LOOK_BACK:]
        return text

    def _found(self) -> tuple[int, int] | None:
        """Where the next marker begins and ends, with what stands before it."""
        for one in _MARKER.finditer(self._held):
            if (start := self._lead(one.start())) is not None:
                return start, one.end()
        return None

    def _lead(self, start: int) -> int | None:
        """Where begins what stands before a marker and belongs to it; None within a sentence."""
        window = (self._before + self._held[max(0, start - _LOOK_BACK) : start])[-_LOOK_BACK:]
        if not _begins(window):
            return None
        before = self._held[:start].rstrip(_OPENING)
        begins_line = self._before.endswith("\n")
        mark = _LIST_MARK.search(before[-_LOOK_BACK:])
        if mark and (mark.start(1) or begins_line):
            before = before[: len(before) - len(mark[1])]
        fence = _FENCE.search(before[-_LOOK_BACK:])
        if fence and (fence.start() or begins_line):
            before = before[: len(before) - len(fence.group())]
            self._is_fenced = True
        return len(before.rstrip(" \t"))

    def _close(self, *, final: bool) -> bool:
        """Drop what closes a marker; False to wait for more of it."""
        if not self._is_closing:
            return True
        end = _CLOSED.match(self._held).end()  # type: ignore[union-attr]  # it matches nothing too
        if self._is_fenced:
            fence = _CLOSED_FENCE.match(self._held, end)
            may_come = len(self._held) - end < _SEEN and "```".startswith(self._held[end:].strip())
            if not final and not fence and may_come:
                return False
            end = fence.end() if fence else end
        if end == len(self._held) and not final:
            return False
        self._held = self._held[end:]
        self._is_closing = self._is_fenced = False
        return True


def _begins(before: str) -> bool:
    """True where a line, or a sentence, begins behind a text, but for what is wrapped around it."""
    if _LINE_BEGINS.search(before.rstrip(_OPENING)):
        return True
    before = before.rstrip(_OPENING + " \t")
    begun = (len(before) + 1, len(before) + 1 + len(_SENTENCE))
    is_sentence = begun in split_sentences(f"{before} {_SENTENCE}")
    return before.endswith("\n") or is_sentence or bool(_CITED.search(before))


def _begun(text: str) -> int:
    """How many characters at the end of a text may begin a marker and what is around it."""
    tail = text[-_LOOK_BACK:]
    begun = _MAY_BEGIN.search(tail)
    size = len(begun.group()) if begun else 0
    lead = _MAY_LEAD.search(tail, 0, len(tail) - size)
    return size + (len(lead.group()) if lead else 0)
