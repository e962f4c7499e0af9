"""Keeping what a model merely repeats of its prompt's fences out of its answer."""

from __future__ import annotations


class FenceFilter:
    """Takes the lines of a prompt's fences out of a text that arrives in pieces cut anywhere.

    A fence begins with a random token, which no source holds: where it turns up in an answer,
    the model repeats its prompt (seen with models of 135 million parameters). From the token
    to the end of its line nothing is passed on, nor the line break where the line was nothing
    else. Without a token everything passes.
    """

    def __init__(self, token: str) -> None:
        self._token = token
        self._held = ""
        self._dropping = False
        self._line_has_text = False
        self.dropped = False

    def feed(self, piece: str) -> str:
        """Take a piece, return what certainly is no echo."""
        if not self._token:
            return piece
        text, self._held = self._held + piece, ""
        passed: list[str] = []
        while text:
            if self._dropping:
                _, newline, text = text.partition("\n")
                if newline:
                    self._dropping = False
                    if self._line_has_text:
                        passed.append("\n")
                    self._line_has_text = False
                continue
            before, found, text = text.partition(self._token)
            if not found:
                keep = self._overlap(before)
                before, self._held = before[: len(before) - keep], before[len(before) - keep :]
            passed.append(before)
            self._note_line(before)
            if found:
                self._dropping = self.dropped = True
        return "".join(passed)

    def finish(self) -> str:
        """Return what was still held back."""
        held, self._held = self._held, ""
        return held

    def _overlap(self, text: str) -> int:
        """How many letters at the end of a text may begin the token."""
        longest = min(len(text), len(self._token) - 1)
        for length in range(longest, 0, -1):
            if self._token.startswith(text[-length:]):
                return length
        return 0

    def _note_line(self, text: str) -> None:
        line = text.rpartition("\n")[2]
        fresh = "\n" in text
        self._line_has_text = bool(line.strip()) or (self._line_has_text and not fresh)


def without_echo(text: str, token: str) -> str:
    """A whole text without the lines of the fences that a token marks."""
    echo = FenceFilter(token)
    return echo.feed(text) + echo.finish()
