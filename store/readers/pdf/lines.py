"""The lines of a page of a PDF, from its characters with their places and sizes.

pdfium gives the characters in the order of the page's own program, which for text set by a
program is that of reading. Its own lines part a raised mark from its word, so they are made anew.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

MOST_CHARACTERS = 60_000
"""Most characters looked at of one page; a full page of a journal has some 8 000."""
HYPHEN = "\x02"
"""Stands for a hyphen at the end of a line: pdfium joins the word, and leaves this."""
GAP = "\t"
"""Stands for a wide gap within a line: what is on its sides stands in two columns."""
# Fonts of LaTeX without a table of characters: where their ligatures stand in the encodings T1
# (27 to 31) and OT1 (11, 12, 14, 15), as the LaTeX font encodings guide lists them.
_LIGATURES = {
    **dict(zip("\x1b\x1c\x1d\x1e\x1f", ("ff", "fi", "fl", "ffi", "ffl"), strict=True)),
    **dict(zip("\x0b\x0c\x0e\x0f", ("ff", "fi", "ffi", "ffl"), strict=True)),
}
_WIDE = 1.3
_SPACE = 0.25
_SAME_LINE = 0.7


@dataclass(frozen=True, slots=True)
class Char:
    """A character: its size in points, its weight, where it begins and ends, its baseline."""

    text: str
    size: float
    weight: int
    left: float
    right: float
    base: float


@dataclass(slots=True)
class Line:
    """A line of text: `text` with raised and lowered runs as tags, `plain` without them.

    Sizes and places are in points from the lower left corner; `page` counts from 1.
    """

    page: int
    chars: list[Char] = field(default_factory=list)

    @property
    def size(self) -> float:
        """The size of most of its characters."""
        return Counter(one.size for one in self.chars if one.text.strip()).most_common(1)[0][0]

    @property
    def is_bold(self) -> bool:
        """True where most of it is."""
        seen = [one.weight >= 600 for one in self.chars if one.text.strip()]
        return 2 * sum(seen) > len(seen)

    @property
    def base(self) -> float:
        """The baseline of most of it."""
        whole = [one for one in self.chars if one.text.strip()]
        return Counter(round(one.base, 1) for one in whole).most_common(1)[0][0]

    @property
    def right(self) -> float:
        """Where it ends."""
        return max(one.right for one in self.chars)

    @property
    def text(self) -> str:
        """Its text, with raised and lowered runs between tags."""
        return "".join(self._tagged()).strip()

    @property
    def plain(self) -> str:
        """Its text without what is raised or lowered."""
        return "".join(one.text for one, shift in self._shifts() if not shift).strip()

    def _shifts(self) -> Iterator[tuple[Char, str]]:
        """Each character with the tag of the run that it is in: raised, lowered or ""."""
        seen = any(one.text.strip() for one in self.chars)
        size, base = (self.size, self.base) if seen else (0.0, 0.0)
        for one in self.chars:
            is_small = one.size <= 0.85 * size and one.text.strip()
            if is_small and one.base > base + 0.1 * size:
                yield one, "sup"
            elif is_small and one.base < base - 0.1 * size:
                yield one, "sub"
            else:
                yield one, ""

    def _tagged(self) -> Iterator[str]:
        inside = ""
        for one, shift in self._shifts():
            if shift != inside:
                yield (f"</{inside}>" if inside else "") + (f"<{shift}>" if shift else "")
                inside = shift
            yield one.text
        if inside:
            yield f"</{inside}>"


def lines_of(page: PdfPage, number: int) -> list[Line]:
    """The lines of a page in the order of its program; upright text alone."""
    found: list[Line] = []
    line = Line(number)
    for one in _chars(page):
        _drop_false_space(line, one)
        last = line.chars[-1] if line.chars else None
        if last is not None and _breaks(last, one, line):
            found.append(line)
            line = Line(number)
        elif last is not None and one.left - last.right > _WIDE * max(one.size, last.size):
            line.chars.append(Char(GAP, one.size, one.weight, last.right, one.left, one.base))
        elif last is not None and last.text != " " and _is_apart(last, one):
            line.chars.append(Char(" ", one.size, one.weight, last.right, one.left, one.base))
        line.chars.append(one)
    found.append(line)
    return [one for one in found if one.text]


def _breaks(last: Char, one: Char, line: Line) -> bool:
    """True where a character begins another line than the one before it ended."""
    size = max(one.size, last.size)
    if abs(one.base - last.base) > _SAME_LINE * size:
        return True
    # Back to the left: another column, or a line so close beneath that it seems the same.
    return one.left < last.left - 2 * size and bool(line.chars) and one.left < line.right - size


def _drop_false_space(line: Line, one: Char) -> None:
    """Take away a space before a raised mark that stands close to its word."""
    if len(line.chars) < 2 or line.chars[-1].text != " ":
        return
    before = line.chars[-2]
    raised = one.size < 0.85 * before.size and one.base > before.base
    if raised and one.left - before.right < 0.1 * before.size:
        line.chars.pop()


def _is_apart(last: Char, one: Char) -> bool:
    """True where a space stands between two letters that pdfium does not see."""
    same = abs(one.size - last.size) < 0.1
    letters = last.text.isalpha() or not same
    return letters and one.text.isalpha() and one.left - last.right > _SPACE * one.size


def _chars(page: PdfPage) -> Iterator[Char]:
    """The characters of a page; spaces that pdfium adds stand where the one before ends."""
    import pypdfium2.raw as raw

    text = page.get_textpage()
    last: Char | None = None
    for at in range(min(text.count_chars(), MOST_CHARACTERS)):
        code = raw.FPDFText_GetUnicode(text, at)
        letter = _LIGATURES.get(chr(code), chr(code))
        if letter in "\r\n":
            continue
        if raw.FPDFText_IsGenerated(text, at) == 1 or (letter.isspace() and last):
            if last is not None and last.text != " ":
                last = Char(" ", last.size, last.weight, last.right, last.right, last.base)
                yield last
            continue
        if abs(raw.FPDFText_GetCharAngle(text, at)) > 0.1:
            continue
        last = _placed(raw, text, at, letter)
        yield last


def _placed(raw: Any, text: Any, at: int, letter: str) -> Char:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    raw.FPDFText_GetCharBox(text, at, left, right, bottom, top)
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text, at, x, y)
    size = round(float(raw.FPDFText_GetFontSize(text, at)), 1)
    weight = int(raw.FPDFText_GetFontWeight(text, at))
    if size <= 1.5:  # set small and scaled: the height of its box is what is seen
        size = round(max(top.value - bottom.value, 1.0) * 1.4, 1)
    return Char(letter, size, weight, left.value, right.value, y.value)
