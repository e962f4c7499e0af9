"""Keeps a key out of every text that a server sends: its errors, and its answers."""

from __future__ import annotations

import re

SHOWN = "[key]"
"""What stands in the place of a key."""

_SHORT = 4
"""Below so many characters a key is part of too many words: it is taken out as a word alone."""

_IN_ANSWERS = 8
"""A shorter key is no secret that anybody guards ("ollama", "none"), but a word of answers."""


def redact(text: str, secret: str | None) -> str:
    """The text without the secret, in whatever case, nor its beginning where the text was cut."""
    if not secret:
        return text
    if len(secret) < _SHORT:
        word = rf"(?<![A-Za-z0-9]){re.escape(secret)}(?![A-Za-z0-9])"
        return re.sub(word, SHOWN, text)
    text = re.sub(re.escape(secret), SHOWN, text, flags=re.IGNORECASE)
    begun = _begun(text, secret, _SHORT)
    return text[:-begun] + SHOWN if begun else text


class StreamRedactor:
    """Takes a key out of an answer that arrives in pieces cut anywhere.

    The end of a piece is held back while it may be the beginning of the key; an answer
    without it passes as it is.
    """

    def __init__(self, secret: str | None) -> None:
        self._secret = secret if secret and len(secret) >= _IN_ANSWERS else ""
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take a piece, return what can be passed on."""
        if not self._secret:
            return piece
        text = (self._held + piece).replace(self._secret, SHOWN)
        begun = _begun(text, self._secret, 1)
        self._held = text[len(text) - begun :]
        return text[: len(text) - begun]

    def finish(self) -> str:
        """Return what was still held back."""
        held, self._held = self._held, ""
        return held


def _begun(text: str, secret: str, least: int) -> int:
    """How many characters at the end of the text are the beginning of the secret."""
    for length in range(min(len(secret) - 1, len(text)), least - 1, -1):
        if text.endswith(secret[:length]):
            return length
    return 0
