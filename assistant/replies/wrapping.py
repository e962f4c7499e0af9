"""Taking a reply out of the JSON, the code fence or the tag that a model put around it.

Models that were trained to serve programs answer `{"answer": "…", "citations": ["1.2"]}`, or put
all of their text into a fence, or into `<answer>`. What begins so is held until it is known: a
fence by its first line, JSON by its end. A few words may stand before it ("Here is the answer:").
"""

from __future__ import annotations

from typing import Literal

from assistant.replies.json_reply import text_of_json
from store.pattern import pattern

_JSON = pattern(r"\{\s*[\"'}\w]|\[\s*[{\"]")
_LONGEST_BEFORE = 300
"""So many characters before it, and it is part of an answer and not its wrapping."""
_LONGEST_FENCE = 80
_FEWEST_TICKS = 3
_LONGEST_TAG = 40
_TAG = pattern(r"\s*<([A-Za-z][A-Za-z_]{2,20})>")
_MAY_BE_TAG = pattern(r"\s*(?:<(?:[A-Za-z][A-Za-z_]{0,20})?)?\Z")

_Kind = Literal["fence", "json", "text", "unknown"]


class Unwrapper:
    """Passes on what a reply says, without what it is wrapped in.

    `unusable` is True once a reply has ended that is JSON without a text.
    """

    def __init__(self) -> None:
        self._held = ""
        self._json: list[str] = []
        self._in_line = self._in_fence = False
        self._said = 0
        self._tag = _Tag()
        self.unusable = False

    def feed(self, piece: str) -> str:
        """Take a piece, return what certainly is text."""
        if self._json:
            self._json.append(self._tag.feed(piece))
            return ""
        self._held += self._tag.feed(piece)
        return self._take(final=False)

    def finish(self) -> str:
        """Return what was still held back."""
        rest = self._tag.finish()
        if self._json:
            self._json.append(rest)
        else:
            self._held += rest
        shown = self._take(final=True)
        if not self._json:
            return shown
        text = text_of_json("".join(self._json))
        self._json = []
        self.unusable = text is None
        return shown + (text or "")

    def _take(self, *, final: bool) -> str:
        passed: list[str] = []
        while self._held:
            if not self._in_line and (self._in_fence or self._said < _LONGEST_BEFORE):
                kind = _kind(self._held, final=final, may_be_json=self._said < _LONGEST_BEFORE)
                if kind == "unknown":
                    break
                if kind == "json":
                    self._json, self._held = [self._held], ""
                    break
                if kind == "fence":
                    self._drop_fence()
                    continue
            passed.append(self._line())
        return "".join(passed)

    def _drop_fence(self) -> None:
        self._held = self._held.lstrip().partition("\n")[2]
        self._in_fence = not self._in_fence
        if not self._in_fence:
            self._said = _LONGEST_BEFORE  # it was around the text: what follows is as it is

    def _line(self) -> str:
        """What has come of a line, which is text."""
        line, newline, self._held = self._held.partition("\n")
        self._in_line = not newline
        # Words with a citation are the answer already.
        self._said += _LONGEST_BEFORE if "[" in line else len(line)
        return line + newline


class _Tag:
    """Passes a text on without the tag that it begins with, and what closes that."""

    def __init__(self) -> None:
        self._held = ""
        self._closing: str | None = None

    def feed(self, piece: str) -> str:
        """Take a piece, return what certainly is text."""
        self._held += piece
        if self._closing is None:
            if len(self._held) <= _LONGEST_TAG and _MAY_BE_TAG.match(self._held):
                return ""
            opened = _TAG.match(self._held, 0, _LONGEST_TAG)
            self._closing = f"</{opened[1]}>" if opened else ""
            self._held = self._held[opened.end() :] if opened else self._held
        return self._without_closing()

    def finish(self) -> str:
        """Return what was still held back."""
        held, self._held = self._held, ""
        return held

    def _without_closing(self) -> str:
        closing, text = self._closing or "", self._held
        text = text.replace(closing, "") if closing else text
        begun = (size for size in range(len(closing) - 1, 0, -1) if text.endswith(closing[:size]))
        keep = len(text) - next(begun, 0)
        self._held = text[keep:]
        return text[:keep]


def _kind(text: str, *, final: bool, may_be_json: bool) -> _Kind:
    """What a line begins, by what has come of it."""
    begun = text.lstrip()
    if not begun:
        return "text" if final or len(text) > _LONGEST_BEFORE else "unknown"
    sign = begun[0]
    if sign in "{[" and may_be_json:
        if _JSON.match(begun):
            return "json"
        return "unknown" if not begun[1:].strip() and not final else "text"
    if sign in "`~":
        run = len(begun) - len(begun.lstrip(sign))
        whole = "\n" in begun or final or len(begun) > _LONGEST_FENCE
        if run >= _FEWEST_TICKS:
            return "unknown" if not whole else "fence" if _ends_line(begun, run) else "text"
        return "unknown" if run == len(begun) and not final else "text"
    return "text"


def _ends_line(begun: str, run: int) -> bool:
    """True for a fence with nothing but the name of a language behind it."""
    line = begun[run : run + _LONGEST_FENCE].partition("\n")[0]
    return len(line.split()) <= 1 and "`" not in line


def unwrapped(text: str) -> str:
    """A whole reply without what it is wrapped in; nothing for JSON without a text."""
    wrapping = Unwrapper()
    return wrapping.feed(text) + wrapping.finish()
