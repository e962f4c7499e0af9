"""Taking the marker of what is not answered out of a text that arrives in pieces cut anywhere.

Models put it into bold, quotes, headings, lists, fences, and go on in the same line.
"""

from __future__ import annotations

import re

from store.pattern import pattern

_MARKER = pattern(
    r"(?<![^\W_])(?:(?i:NOT\\?_ANSWERED)|(?P<words>NOT[ -]ANSWERED))(?![^\W_])",
)
_OPENING = "*_`~\"'“”„«»‘’([<【「|"
_LIST_MARK = pattern(r"(?:\A|\n)([ \t]*(?:(?:[-*+•>]|#{1,6}|\d{1,2}[.)])[ \t]+){1,3})\Z")
_FENCE = pattern(r"(?:\A|(?<=\n))[ \t]*(?:`{3,}|~{3,})\w{0,12}[ \t]*\n\Z")
_CLOSED = pattern(
    r"[*_`~\"'“”’»)\]>】」|]{0,6}[ \t]{0,4}"
    r"(?:(?:[.:;,!。：—–-]{1,3}|#{1,6})[*_`\"']{0,3})?[ \t]{0,4}"
)
_CLOSED_FENCE = pattern(r"\n?[ \t]{0,4}(?:`{3,8}|~{3,8})[ \t]{0,4}(?=\n|\Z)")
_MAY_LEAD = pattern(
    r"(?:(?:\A|(?<=\n))[ \t]{0,4}(?:`{3,8}|~{3,8})\w{0,12}[ \t]{0,4}\n?)?"
    r"(?:(?:\A|(?<=\n))[ \t]{0,4}\d{1,2}[.)]?)?[\s*_`~\"'“”„«»‘’(\[<【「|>#+•-]{0,16}\Z"
)
_MAY_BEGIN = pattern(
    r"(?<![^\W_])N(?:O(?:T(?:\\?(?:[_ -](?:A(?:N(?:S(?:W(?:E(?:R(?:ED?)?)?)?)?)?)?)?)?)?)?)?\Z",
    re.IGNORECASE,
)
_SENTENCE_ENDS = pattern(r"(?:\A|\n|[.!?:;\])。！？：；—–-])[ \t]*\Z")
_LOOK_BACK = 80
_SEEN = 8


class MarkerFilter:
    """Cuts a text at its markers, each with what is wrapped around it."""

    def __init__(self) -> None:
        self._held = ""
        self._before = ""
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
            self._is_closing = True
        if not self._is_closing:
            keep = 0 if final else _begun(self._held)
            runs[-1] += self._passed(len(self._held) - keep)
        return runs

    def _passed(self, size: int) -> str:
        text, self._held = self._held[:size], self._held[size:]
        self._before = (self._before + text)[-_SEEN:]
        return text

    def _found(self) -> tuple[int, int] | None:
        """Where the next marker begins and ends, with what stands before it."""
        for one in _MARKER.finditer(self._held):
            before = self._held[: one.start()].rstrip(_OPENING)
            if one["words"] and not _SENTENCE_ENDS.search(self._before + before[-_SEEN:]):
                continue
            begins_line = not self._before or self._before.endswith("\n")
            mark = _LIST_MARK.search(before[-_LOOK_BACK:])
            if mark and (mark.start(1) or begins_line):
                before = before[: len(before) - len(mark[1])]
            fence = _FENCE.search(before[-_LOOK_BACK:])
            if fence and (fence.start() or begins_line):
                before = before[: len(before) - len(fence.group())]
                self._is_fenced = True
            return len(before.rstrip(" \t")), one.end()
        return None

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


def _begun(text: str) -> int:
    """How many characters at the end of a text may begin a marker and what is around it."""
    tail = text[-_LOOK_BACK:]
    begun = _MAY_BEGIN.search(tail)
    size = len(begun.group()) if begun else 0
    lead = _MAY_LEAD.search(tail, 0, len(tail) - size)
    return size + (len(lead.group()) if lead else 0)
