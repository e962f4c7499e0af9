"""Parts what a model thinks aloud between tags from what it answers."""

from __future__ import annotations

import re

from store.pattern import pattern

_OPEN = pattern(r"^[ \t]*<think(?:ing)?>", re.M | re.I)
_CLOSE = pattern(r"</think(?:ing)?>", re.I)
_OPENINGS = ("<think>", "<thinking>")
_CLOSINGS = ("</think>", "</thinking>")
_MAX_HELD = 64


class ThoughtSplitter:
    """Splits text that arrives in pieces cut anywhere into thoughts and answer.

    A thought opens with `<think>` at the start of a line, so that an answer may quote the
    tag within a sentence; one that is never closed goes on to the end. All parts joined are
    the text without its tags and without the white space between a thought and the answer.
    """

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._line_is_blank = True
        self._after_thought = False

    def feed(self, piece: str) -> list[tuple[bool, str]]:
        """Take a piece, return (is a thought, text) in order."""
        text = self._held + piece
        self._held = ""
        parts: list[tuple[bool, str]] = []
        while text:
            was_thinking = self._thinking
            part, text = self._thought(text) if was_thinking else self._answer(text)
            if part:
                parts.append((was_thinking, part))
        return parts

    def finish(self) -> list[tuple[bool, str]]:
        """Return what was still held back."""
        held, self._held = self._held, ""
        return [(self._thinking, held)] if held else []

    def _thought(self, text: str) -> tuple[str, str]:
        close = _CLOSE.search(text)
        if close:
            self._thinking = False
            self._after_thought = True
            self._line_is_blank = True
            return text[: close.start()], text[close.end() :]
        keep = _tag_begun(text)
        self._held = text[keep:]
        return text[:keep], ""

    def _answer(self, text: str) -> tuple[str, str]:
        if self._after_thought:
            text = text.lstrip()
            if not text:
                return "", ""
            self._after_thought = False
        # The pattern takes the start of the text for the start of a line.
        first_line = 0 if self._line_is_blank else text.find("\n") + 1 or len(text)
        opened = _OPEN.search(text, first_line) if first_line < len(text) else None
        if opened:
            self._thinking = True
            return text[: opened.start()], text[opened.end() :]
        last_line = text.rfind("\n") + 1
        if last_line or self._line_is_blank:
            tail = text[last_line:]
            begun = tail.lstrip(" \t").lower()
            self._line_is_blank = not begun
            if len(tail) <= _MAX_HELD and any(tag.startswith(begun) for tag in _OPENINGS):
                self._held = tail
                self._line_is_blank = True
                return text[:last_line], ""
        return text, ""


def _tag_begun(text: str) -> int:
    """Where a closing tag may have begun at the end of the text; its length if nowhere."""
    at = text.rfind("<", max(0, len(text) - len(_CLOSINGS[-1])))
    if at >= 0 and any(tag.startswith(text[at:].lower()) for tag in _CLOSINGS):
        return at
    return len(text)
