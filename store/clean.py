"""The one place where text from outside is made safe to keep, to send and to show.

Everything that quire did not write itself passes here twice: on its way in, and on its
way to a screen. Rules: line ends become LF; terminal escape sequences (ECMA-48, 7 and 8
bit) are dropped whole; other control characters and surrogates become U+FFFD, NUL is
dropped; bidirectional overrides, zero-width and tag characters are dropped; at most eight
combining marks stand on one letter; the result is in NFC.
"""

from __future__ import annotations

import unicodedata
from itertools import filterfalse

from store.pattern import pattern

_POWER = pattern(r"10(?<![\d.,]10)([⁻⁺]?[⁰¹²³⁴-⁹]+)")
_LEVEL = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")

MAX_COMBINING = 8
"""Most combining marks left on one letter: a tower of them would hide the lines above."""
_MAX_STRING_SEQUENCE = 4096

_STRING_SEQUENCE = (
    rf"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]{{0,{_MAX_STRING_SEQUENCE}}}"
    r"(?:\x07|\x1b\\|\x9c)"
)
_ESCAPES = pattern(
    _STRING_SEQUENCE + r"|(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]" + r"|\x1b[ -/]{0,8}[0-Z\\-~]"
)
_UNFINISHED = pattern(
    rf"(?:(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]{{0,{_MAX_STRING_SEQUENCE}}}\x1b?"
    r"|(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}"
    r"|\x1b[ -/]{0,8}|\r)\Z"
)
_LINE_ENDS = pattern("\r\n|[\r\u0085\u2028\u2029]")
_DROPPED = pattern(
    "[\x00\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_REPLACED = pattern("[\x01-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_MARKS = pattern(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f]{9,}"
)
_PLAIN = pattern(r"[\t\n -~]*")
# What no step of the cleaning changes: Latin letters are told from the rest by a quick look.
_CLEAN = pattern(
    "(?:[ -~\\n\\t\u00a0-\u00ac\u00ae-\u02ff]++|"
    "[^\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061c"
    "\u064b-\u065f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u20d0-\u20ff\u3099\u309a\u3164\ud800-\udfff\ufe00-\ufe0f"
    "\ufe20-\ufe2f\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    ")*+"
)
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)


def clean_text(text: str) -> str:
    """Make text from outside safe; line breaks and tabs are kept."""
    if _PLAIN.fullmatch(text):
        return text
    if _CLEAN.fullmatch(text):
        return unicodedata.normalize("NFC", text)
    text = _ESCAPES.sub("", text)
    text = _LINE_ENDS.sub("\n", text)
    text = _DROPPED.sub("", text)
    text = _REPLACED.sub("\ufffd", text)
    text = _MARKS.sub(lambda found: found.group()[:MAX_COMBINING], text)
    return unicodedata.normalize("NFC", text)


def clean_line(text: str) -> str:
    """Make text from outside safe and one line: white space is folded and trimmed."""
    return " ".join(clean_text(text).split())


def shorten(text: str, width: int) -> str:
    """Cut a line to `width` characters, the last one an ellipsis when it was cut."""
    return text if len(text) <= width else text[: max(width - 1, 0)].rstrip() + "…"


class StreamCleaner:
    """Cleans text that arrives in pieces cut anywhere.

    An escape sequence, a CR, or combining marks at the end of a piece wait for the next one, so
    that the joined output is that of `clean_text` on the joined input.
    """

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take a piece, return what is safe to show now."""
        text = self._held + piece
        keep = _hold_from(text)
        self._held = text[keep:]
        return clean_text(text[:keep])

    def finish(self) -> str:
        """Return what was still held back."""
        held, self._held = self._held, ""
        return clean_text(held)


def _hold_from(text: str) -> int:
    # A last letter may still be joined to a combining mark of the next piece.
    at = len(text)
    while at > 0 and len(text) - at < 64 and unicodedata.combining(text[at - 1]):
        at -= 1
    if at > 0 and len(text) - at < 64 and ord(text[at - 1]) >= 0x41:
        at -= 1
    for end in (len(text), at):
        unfinished = _UNFINISHED.search(text, max(0, end - _MAX_STRING_SEQUENCE - 80), end)
        if unfinished:
            at = min(at, unfinished.start())
    # Sequences that vanish may stand between the two halves of an end of line.
    last = text.rfind("\r", max(0, at - _MAX_STRING_SEQUENCE), at)
    return last if last >= 0 and not clean_text(text[last + 1 : at]) else at


def folded(text: str) -> str:
    """A text in lower case, without marks on its letters: "Łukasz Müller" is "lukasz muller"."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN_LETTERS))
    return "".join(filterfalse(unicodedata.combining, apart))


def level_powers(text: str) -> str:
    """A text with its powers of ten as they are typed: "10⁻³" is "10^-3"."""
    if text.isascii() or "10" not in text:
        return text
    return _POWER.sub(lambda found: f"10^{found[1].translate(_LEVEL)}", text)
