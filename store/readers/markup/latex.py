"""LaTeX in a text, as characters: accents, formulas, commands of text, quotes, ties, braces.

Our own scan, since a parser takes the whole text for LaTeX: pylatexenc makes a comment of what
follows a bare "%" and drops "$" and braces that are money, sets and code. It is asked for the
signs of rare commands (commands.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from store.pattern import pattern
from store.readers.markup.braces import closing_braces, is_group, is_path, math_end
from store.readers.markup.commands import base_of, commands, on_letter
from store.readers.markup.lost import Lost, lost_at_brace
from store.readers.markup.scripts import lowered, raised
from store.readers.markup.typing_marks import around, dash, is_tie, quotation, thin_space
from store.readers.markup.writers import write_command

# What has no sign to be read: to pass it takes a third of the time of a look for the next sign.
_NO_SIGN = pattern(r"[^\\{}$~]*+")
_NO_MATH_SIGN = pattern(r"[^\\{}$~&^_]*+")
_DASHES = r"(?<=[\w$}])---?(?=[\w$\\])|(?<=[)\]”'\"%])---(?=[\w$\\])|(?<=[^\s-] )---?(?= [^\s-])"
_MARKS_AS_SIGNS = rf"``|''|(?:{_DASHES})"
_NO_SIGN_OR_MARK = pattern(rf"(?:[^\\{{}}$~`'-]++|(?!{_MARKS_AS_SIGNS})[`'-])*+")
_ALONE = {sign: pattern(re.escape(sign)) for sign in "\\{}$~"}
_NAME = pattern(r"[A-Za-z]+\*?")
_FLAT = pattern(r"\{[^{}\\]*+\}")
_PATH = pattern(r"[^\s,;]*")
_BLANK = pattern(r"[ \t]*\n?[ \t]*")
_OPTION = pattern(r"\s?\[[^\[\]{}]{0,200}\]")
_QUOTED = pattern(r"\\\"(?![A-Za-z{\\])")
_CLITIC = pattern(r"(?:s|t|re|ve|ll|d|m)\b")
_DEEPEST = 30
_LONGEST_KEPT = 200
_MARKS = "%&$#_{}"


def without_latex(text: str, *, title: bool) -> str:
    """A text whose LaTeX became characters; what is none of it stays as it is."""
    if "\\" in text and "\\documentclass" in text:
        text = _without_preambles(text)
    return Frame(Source(text, title=title), len(text)).run(0)


def _without_preambles(text: str) -> str:
    """Springer's formulas come as documents: "\\documentclass ... \\begin{document}$$x$$..."."""
    out, at = [], 0
    while (start := text.find("\\documentclass", at)) >= 0:
        begin = text.find("\\begin{document}", start)
        if begin < 0:
            break
        out.append(text[at:start])
        at = begin + len("\\begin{document}")
    return "".join(out) + text[at:].replace("\\end{document}", "")


class Source:
    """A text, where its braces close, and what it tells of itself."""

    def __init__(self, text: str, *, title: bool) -> None:
        self.text = text
        self.title = title
        # A look for one character costs a twentieth of one for two.
        has_backslash = "\\" in text
        opens_quotation = "`" in text and "``" in text
        self.is_latex = has_backslash or opens_quotation
        self.has_quotes = has_backslash and '\\"' in text and bool(_QUOTED.search(text))
        self.quotes = 0
        self.has_marks = (
            opens_quotation or ("-" in text and "--" in text) or ("'" in text and "''" in text)
        )
        signs = [sign for sign in "\\{}$~" if sign in text]
        # The next of one sign alone is found at once.
        self.next_sign = _ALONE[signs[0]].search if len(signs) == 1 and not self.has_marks else None
        self._closes: dict[int, int] | None = None

    def close_of(self, at: int, end: int) -> int:
        """The offset of the brace that closes the one at an offset; `end` where none does."""
        if self.text[at : at + 1] != "{":
            return end
        if flat := _FLAT.match(self.text, at, end):
            return flat.end() - 1
        if self._closes is None:
            self._closes = closing_braces(self.text)
        return min(self._closes.get(at, end), end)


class Frame:
    """A group, a formula or the whole text, up to `end`, and what was written of it.

    `before` is what stands before it already. Each character is read once a level of groups.
    """

    def __init__(
        self, source: Source, end: int, *, math: bool = False, depth: int = 0, before: str = ""
    ) -> None:
        self.source = source
        self.text = source.text
        self.end = end
        self.math = math
        self.depth = depth
        self.before = before
        self.parts: list[str] = []

    def run(self, at: int) -> str:
        """Write everything from an offset on."""
        if self.depth > _DEEPEST:
            return self.text[at : self.end]
        if not self.math and self.source.next_sign:
            return self._run_alone(at, self.source.next_sign)
        if self.math:
            skip = _NO_MATH_SIGN.match
        else:
            skip = (_NO_SIGN_OR_MARK if self.source.has_marks else _NO_SIGN).match
        text, end, parts = self.text, self.end, self.parts
        while found := skip(text, at, end):
            start = found.end()
            if start > at:
                parts.append(text[at:start])
            if start >= end:
                break
            at = _TAKE[text[start]](self, start)
        return "".join(parts)

    def _run_alone(self, at: int, search: Callable[..., re.Match[str] | None]) -> str:
        """The same for a text that has one sign, however often."""
        text, end, parts = self.text, self.end, self.parts
        while found := search(text, at, end):
            start = found.start()
            if start > at:
                parts.append(text[at:start])
            at = _TAKE[text[start]](self, start)
        parts.append(text[at:end])
        return "".join(parts)

    @property
    def last(self) -> str:
        """The end of what was written."""
        return self.parts[-1] if self.parts else self.before

    def add(self, piece: str) -> None:
        """Write something."""
        if piece:
            self.parts.append(piece)

    def cut(self, length: int) -> str:
        """Take back so many characters of the end of what was written."""
        piece = self.parts.pop()
        self.add(piece[:-length])
        return piece[-length:]

    def inner(self, at: int, end: int, *, math: bool | None = None, before: str = "") -> str:
        """What stands between two offsets, as text; in a formula where this is one."""
        is_math = self.math if math is None else math
        frame = Frame(self.source, end, math=is_math, depth=self.depth + 1, before=before)
        return frame.run(at)

    def argument(self, at: int) -> tuple[str, int] | None:
        """The argument that begins at an offset, or in a formula the one token that is it."""
        at = self._behind_blank(at)
        close = self.source.close_of(at, self.end)
        if close < self.end:
            return self.inner(at + 1, close), close + 1
        if not self.math or at >= self.end or self.text[at] in "{}^_&$":
            return None
        if self.text[at] != "\\" or self.depth >= _DEEPEST:
            return self.text[at], at + 1
        frame = Frame(self.source, self.end, math=True, depth=self.depth + 1)
        after = frame.take_backslash(at)
        return "".join(frame.parts), after

    def raw_argument(self, at: int) -> tuple[str, int] | None:
        """The argument in braces at an offset, as it stands there."""
        at = self._behind_blank(at)
        close = self.source.close_of(at, self.end)
        return (self.text[at + 1 : close], close + 1) if close < self.end else None

    def behind_option(self, at: int) -> int:
        """The offset behind an argument in square brackets, if one is there."""
        found = _OPTION.match(self.text, at, self.end)
        return found.end() if found else at

    def close_gap(self, after: int) -> int:
        """Take back a blank or bracket before what was left out; where the text goes on."""
        follows = self.text[after : after + 1] if after < self.end else " "
        if self.parts and follows in " \n.,;:)":
            self.parts[-1] = self.parts[-1].rstrip(" ,;" if follows == ")" else " ")
            if follows == ")" and self.parts[-1].endswith("("):
                self.parts[-1] = self.parts[-1][:-1].rstrip(" ")
                return after + 1
        return after

    def _behind_blank(self, at: int) -> int:
        found = _BLANK.match(self.text, at, self.end)
        return found.end() if found else at

    def take_backslash(self, start: int) -> int:
        """Write what a command or an escaped sign stands for; where the text goes on."""
        text = self.text
        found = _NAME.match(text, start + 1, self.end)
        if not self.math and is_path(text, start) and (path := _PATH.match(text, start, self.end)):
            return self.take_as_is(start, path.end())
        if found:
            name = found[0]
            return write_command(self, name.rstrip("*"), start, found.end())
        if start + 1 >= self.end:
            return self.take_as_is(start, self.end)
        return self._sign(text[start + 1], start, start + 2)

    def take_as_is(self, start: int, end: int) -> int:
        """Write what stands between two offsets as it stands there."""
        self.parts.append(self.text[start:end])
        return end

    def take_tie(self, start: int) -> int:
        """Write a tie or, in a formula, a column's end as a blank; else the tilde."""
        is_blank = self.math or is_tie(self.text, start, is_latex=self.source.is_latex)
        self.add(" " if is_blank else "~")
        return start + 1

    def take_quote(self, start: int) -> int:
        """Write two ticks as the quotation mark that they are."""
        mark, self.source.quotes = quotation(self.text, start, self.source.quotes)
        self.add(mark)
        return start + 2

    def take_dash(self, start: int) -> int:
        """Write two or three hyphens as the dash that they are."""
        at = start + 2 + (self.text[start + 2 : start + 3] == "-")
        self.add(dash(self.text, start, at, is_latex=self.source.is_latex))
        return at

    def take_brace(self, start: int) -> int:
        """Write what a group holds, or a brace that is none of LaTeX."""
        text, close = self.text, self.source.close_of(start, self.end)
        if close >= self.end:
            self.add("" if self.math else text[start])
            return start + 1
        if not self.math:
            if self.last[-1:] in ("^", "_") and self.parts:
                return self._script(self.cut(1), start)
            if lost := lost_at_brace(self.last, text[start + 1 : min(close, start + 200)]):
                return self._lost(lost, start, close)
            if not is_group(text, start, close, title=self.source.title):
                self.add("{")
                return start + 1
        self.add(self.inner(start + 1, close, before=self.last))
        return close + 1

    def _lost(self, lost: Lost, start: int, close: int) -> int:
        """Mend what lost its backslash before or within braces."""
        if lost.cut and self.parts:
            self.cut(lost.cut)
        if lost.command:
            return write_command(self, lost.command, start, start)
        self.add(lost.text)
        return close + 1

    def take_dollar(self, start: int) -> int:
        """Write a formula between dollars, or a dollar."""
        text = self.text
        at = start + 2 if text.startswith("$$", start) else start + 1
        close = -1 if self.math else math_end(text, at, self.end, text[start:at])
        if close < 0:
            self.add("" if self.math else text[start:at])
            return at
        content = text[at:close]
        if len(content) <= _LONGEST_KEPT and content.lstrip()[:1] not in ("^", "_"):
            self.add(_formula(content))
        else:
            self.add(self.inner(at, close, math=True, before=self.last).strip())
        return close + at - start

    def take_script(self, start: int) -> int:
        """Write a superscript or a subscript."""
        return self._script(self.text[start], start + 1)

    def _script(self, mark: str, at: int) -> int:
        read = self.argument(at)
        if read is None:
            self.add(mark)
            return at
        write = raised if mark == "^" else lowered
        self.add(write(self.last[-2:], read[0], upright=self.math and not self.parts))
        return read[1]

    def _sign(self, sign: str, start: int, at: int) -> int:
        """A backslash before what is no letter."""
        before, after = around(self.text, start, at)
        if sign in _MARKS:
            self.add(sign)
        elif not self.math and sign in commands().accented:
            return self._accent(sign, start, at)
        elif sign in "([" and (close := math_end(self.text, at, self.end, "\\" + sign)) >= 0:
            self.add(self.inner(at, close, math=True, before=self.last).strip())
            return close + 2
        elif sign == "\\":
            if self.math or not after.strip() or after == "[":
                self.add(" ")
                return self.behind_option(at)
            self.add("\\\\")
        elif sign in ",:;> \t\n":
            self.add(thin_space(self.text, start, at))
        elif self.math or sign in "!@":
            self.add({"|": "‖", "!": "", "-": "", "/": "", "@": ""}.get(sign, sign))
        elif sign == "/":
            self.add("/" if before in (":", "/") or after == "/" else "\\/")
        elif sign in "-+*=<>" and (before + after).isspace():
            self.add(sign)
        elif not (sign == "-" and before.isalpha() and after.isalpha()):
            self.add("\\" + sign)
        return at

    def _accent(self, sign: str, start: int, at: int) -> int:
        before, after = around(self.text, start, at)
        if sign == "'" and before.isalpha() and _CLITIC.match(self.text, at):
            self.add("'")
            return at
        if sign == '"' and self.source.has_quotes and not (before + after).isalpha():
            self.add('"')
            return at
        letters, then = self._accented(at)
        is_alone = (before, self.text[then : then + 1]) == ("{", "}")
        may_stand = letters and base_of(letters[0]) in commands().accented[sign]
        if may_stand and (is_alone or (sign, then) != (".", at + 1)):
            self.add(on_letter(letters, commands().accents[sign]))
            return then
        if not letters and then == at + 2:  # \~{} and \^{} are the signs themselves
            self.add(sign if sign in "~^" else "")
            return then
        self.add("\\" + sign)
        return at

    def _accented(self, at: int) -> tuple[str, int]:
        """What an accent stands on: {o}, o, {\\i} or \\i, and where the text goes on."""
        close = self.source.close_of(at, self.end)
        if close < self.end:
            return self.inner(at + 1, close).strip(), close + 1
        if self.text.startswith(("\\i", "\\j"), at) and not self.text[at + 2 : at + 3].isalpha():
            then = at + 2
            if self.text.startswith("{}", then):
                then += 2
            elif self.text[then : then + 1] == " " and self.text[then + 1 : then + 2].isalpha():
                then += 1
            return {"i": "ı", "j": "ȷ"}[self.text[at + 1]], then
        return self.text[at : at + 1], at + 1


@lru_cache(maxsize=1 << 12)
def _formula(content: str) -> str:
    """A formula as text; most abstracts have the same few, and each several times."""
    return Frame(Source(content, title=False), len(content), math=True).run(0).strip()


_TAKE: Mapping[str, Callable[[Frame, int], int]] = {
    "\\": Frame.take_backslash,
    "{": Frame.take_brace,
    "}": Frame.take_brace,
    "$": Frame.take_dollar,
    "~": Frame.take_tie,
    "&": Frame.take_tie,
    "`": Frame.take_quote,
    "'": Frame.take_quote,
    "-": Frame.take_dash,
    "^": Frame.take_script,
    "_": Frame.take_script,
}
