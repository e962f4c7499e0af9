"""Writing what a command of LaTeX says, with its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from store.pattern import pattern
from store.readers.markup.commands import commands, on_letter, sign_of_library
from store.readers.markup.scripts import lowered, raised

_UNIT = pattern(r"\\([A-Za-z]+)\s?|[{}~]")
_ESCAPED = pattern(r"\\([%#_&~{}$])")
_SIMPLE = pattern(r"[\w.]+|√\w+")
_LENGTH = pattern(r"\s?[-+]?\d*\.?\d+\s?(?:ex|em|pt|mm|cm|in|mu|bp)\b\s?")
_BLANK = " \t\n"
_OPERATORS = "×÷±∓·∘"


class Frame(Protocol):
    """What a command is read in, and written to: see latex.Frame."""

    text: str
    end: int
    math: bool

    @property
    def last(self) -> str:
        """The end of what was written."""

    def add(self, piece: str) -> None:
        """Write something."""

    def argument(self, at: int) -> tuple[str, int] | None:
        """The argument at an offset as text, and where it ends."""

    def raw_argument(self, at: int) -> tuple[str, int] | None:
        """The same as it stands there."""

    def behind_option(self, at: int) -> int:
        """The offset behind an argument in square brackets, if one is there."""

    def close_gap(self, after: int) -> int:
        """Take back the blank before what was left out; where the text goes on."""


def write_command(frame: Frame, name: str, start: int, at: int) -> int:
    """Write what a command says, with its arguments; where the text goes on.

    `start` and `at` are the offsets of its backslash and of what follows its name.
    """
    table = commands()
    kind = table.kinds.get(name)
    if not frame.math and len(name) == 1:
        return _one_letter(frame, name, kind, start, at)
    if kind is None:
        return _unknown(frame, name, start, at)
    if kind in ("symbols", "relations"):
        return _sign(frame, table.signs[name], kind, at)
    write = _WRITERS.get(kind)
    if write:
        after = write(frame, name, at)
        if after is None:
            frame.add(f"\\{name}" if not frame.math and kind != "wrappers" else "")
            return at
        return after
    return _word(frame, name, kind, at)


def _sign(frame: Frame, sign: str, kind: str, at: int) -> int:
    """A sign; an operator has a blank on both sides or on none."""
    is_followed = frame.text[at : at + 1] in _BLANK and at < frame.end
    if frame.text.startswith("{}", at):
        at += 2
    elif is_followed and frame.last[-1:] not in ("", *_BLANK):
        if sign in _OPERATORS:
            at += frame.math
        elif kind == "relations":
            sign = f" {sign}"
    elif kind == "relations" and frame.last[-1:] == " " and not is_followed and at < frame.end:
        sign = f"{sign} " if frame.text[at] not in "$})" else sign
    frame.add(sign)
    return at


def _word(frame: Frame, name: str, kind: str, at: int) -> int:
    """A command without arguments."""
    text, end = frame.text, frame.end
    if kind == "functions":
        is_joined = frame.last[-1:].isalnum()
        frame.add(f" {name}" if is_joined and frame.math else name)
        if text[at : at + 1].isalnum() or (
            text[at : at + 1] == "{" and text[at + 1 : at + 2].isalnum()
        ):
            frame.add(" ")
        return at
    if kind in ("letters", "abbreviations"):
        frame.add(commands().signs[name])
        if kind == "abbreviations":
            at += text.startswith(".", at)
        return _swallowed(text, at, end, is_letter=kind == "letters" and not frame.math)
    if kind in ("spaces", "paragraphs", "items", "breaks"):
        frame.add({"paragraphs": "\n\n", "items": "\n• "}.get(kind, " "))
        return _swallowed(text, at, end, is_letter=True) if kind == "items" else at
    if name in ("left", "right", "middle") and text.startswith(".", at):
        at += 1
    if text.startswith("{", at) and not frame.math and (read := frame.argument(at)):
        frame.add(read[0])
        return read[1]
    # The blank behind it ends its name; what was set apart by it stays apart.
    return at + (text[at : at + 1] in _BLANK and at < end and frame.last[-1:] in ("", " "))


def _swallowed(text: str, at: int, end: int, *, is_letter: bool) -> int:
    """The offset behind what only ends the name of a command: {}, a blank, a backslash."""
    if text.startswith("{}", at):
        return at + 2
    if text.startswith("\\ ", at):
        return at + 1
    is_blank = is_letter and at + 1 < end and text[at] == " " and text[at + 1].isalpha()
    return at + is_blank


def _one_letter(frame: Frame, name: str, kind: str | None, start: int, at: int) -> int:
    """\\o and \\c{c}, told from a pattern's \\d and a program's \\n."""
    text = frame.text
    before, after = text[max(start - 1, 0) : start], text[at : at + 1]
    if kind == "letters":
        near = text[at : at + 2].lstrip(" ")[:1]
        is_own = after in ("{", "}") or near.isalpha() or before.isalpha() or after == "\\"
        is_number = name in "SP" and (near.isdigit() or after == "~")
        if (is_own and name not in "SP") or is_number:
            frame.add(commands().signs[name])
            return _swallowed(text, at, frame.end, is_letter=True)
    elif name in commands().accents:
        read = frame.raw_argument(at) if after == "{" else None
        if read and 0 < len(read[0]) < 6 and (got := frame.argument(at)) and got[0][:1].isalpha():
            frame.add(on_letter(got[0], commands().accents[name]))
            return got[1]
        word = text[at + 1 : at + 3] if after == " " else ""
        is_alone = before + word[1:] == "{}"
        goes_on = before.isalpha() or word[1:].isalpha() or (word[:1].isupper() and word[1:] == ".")
        if word[:1].isalpha() and (is_alone or (name in "cvHukr" and goes_on)):
            frame.add(on_letter(word[0], commands().accents[name]))
            return at + 2
    elif name == "n" and (before in ".!?:;)" or before.isspace()) and not after.islower():
        frame.add("\n")
        return at
    frame.add(text[start:at])
    return at


def _unknown(frame: Frame, name: str, start: int, at: int) -> int:
    """A command that neither table nor library has: most are names that an author defined."""
    before = frame.text[max(start - 1, 0) : start]
    sign = sign_of_library(name)
    if sign is not None:
        return _sign(frame, sign, "symbols", at)
    if frame.text.startswith("{}", at):
        frame.add(name)
        return at + 2
    if frame.text.startswith("{", at) and (read := frame.argument(at)):
        frame.add(read[0])
        return read[1]
    after = frame.text[at : at + 1] if at < frame.end else " "
    ends = after in " \t\n.,;:!?)'’-–—/" or frame.text.startswith("\\ ", at)
    starts = not before or before in " \t\n(—–-“"
    is_name = frame.math or (starts and ends and len(name) > 2)
    frame.add(name if is_name else f"\\{name}")
    return _swallowed(frame.text, at, frame.end, is_letter=False)


Written = Callable[[Frame, str, int], "int | None"]
"""Writes a command that has arguments; None where they are not there."""


def _wrapper(frame: Frame, name: str, at: int) -> int | None:
    read = frame.argument(at)
    if read is None:
        return None
    mark = commands().signs.get(name) if commands().kinds[name] == "math_accents" else None
    text = read[0]
    is_one = mark is not None and len(text) == 1 and text.isalpha()
    frame.add(on_letter(text, mark) if is_one and mark else text)
    return read[1]


def _second(frame: Frame, name: str, at: int) -> int | None:
    first = frame.raw_argument(frame.behind_option(at))
    read = frame.argument(first[1]) if first else None
    if read is None:
        return None
    frame.add(read[0])
    return read[1]


def _both(frame: Frame, at: int) -> tuple[str, str, int] | None:
    first = frame.argument(at)
    second = frame.argument(first[1]) if first else None
    return (first[0].strip(), second[0].strip(), second[1]) if first and second else None


def _fraction(frame: Frame, name: str, at: int) -> int | None:
    both = _both(frame, at)
    if both is None:
        return None
    frame.add(f"{_grouped(both[0])}/{_grouped(both[1])}")
    return both[2]


def _binomial(frame: Frame, name: str, at: int) -> int | None:
    both = _both(frame, at)
    if both is None:
        return None
    frame.add(f"({both[0]} choose {both[1]})")
    return both[2]


def _set_over(frame: Frame, name: str, at: int) -> int | None:
    both = _both(frame, at)
    if both is None:
        return None
    write = lowered if commands().kinds[name] == "under" else raised
    frame.add(both[1] + write(both[1][-2:], both[0], upright=False))
    return both[2]


def _grouped(text: str) -> str:
    return text if _SIMPLE.fullmatch(text) or not text else f"({text})"


def _root(frame: Frame, name: str, at: int) -> int | None:
    degree, then = "", frame.behind_option(at)
    if then > at:
        degree = frame.text[at:then].strip(" []")
    read = frame.argument(then)
    if read is None:
        frame.add("√")
        return at
    sign = {"": "√", "2": "√", "3": "∛", "4": "∜"}.get(degree, f"^({degree})√")
    frame.add(sign + _grouped(read[0].strip()))
    return read[1]


def _script(frame: Frame, name: str, at: int) -> int | None:
    read = frame.argument(at)
    if read is None:
        return None
    write = raised if commands().kinds[name] == "raised" else lowered
    frame.add(write(frame.last[-2:], read[0], upright=True))
    return read[1]


def _quantity(frame: Frame, name: str, at: int) -> int | None:
    """siunitx: \\SI{3}{\\celsius}, \\SIrange{1}{3}{\\metre}, \\si{\\kilo\\gram}."""
    wanted = {"SIrange": 3, "SI": 2, "qty": 2}.get(name, 1)
    parts: list[str] = []
    at = frame.behind_option(at)
    while len(parts) < wanted:
        read = frame.raw_argument(at)
        if read is None:
            return None
        at = read[1]
        parts.append(_UNIT.sub(lambda found: _unit(found[1]), read[0]).strip())
    head = "–".join(parts[:-1]) if wanted > 1 else ""
    frame.add(f"{head} {parts[-1]}".strip())
    return at


def _unit(name: str | None) -> str:
    return commands().units.get(name, name) if name else ""


def _address(frame: Frame, name: str, at: int) -> int | None:
    read = frame.raw_argument(at)
    if read is None:
        return None
    frame.add(_ESCAPED.sub(r"\1", read[0].strip()))
    return read[1]


def _link(frame: Frame, name: str, at: int) -> int | None:
    address = frame.raw_argument(frame.behind_option(at))
    read = frame.argument(address[1]) if address else None
    if address is None or read is None:
        return _address(frame, name, at)
    where = _ESCAPED.sub(r"\1", address[0].strip())
    is_same = where.partition("//")[2].rstrip("/") in read[0]
    frame.add(read[0] if is_same else f"{read[0]} ({where})")
    return read[1]


def _footnote(frame: Frame, name: str, at: int) -> int | None:
    read = frame.argument(frame.behind_option(at))
    if read is None:
        return None
    frame.add(f" ({read[0].strip()})" if read[0].strip() else "")
    return read[1]


def _quotes(frame: Frame, name: str, at: int) -> int | None:
    read = frame.argument(at)
    if read is None:
        return None
    frame.add(f"“{read[0]}”")
    return read[1]


def _dropped(frame: Frame, name: str, at: int) -> int | None:
    """A command that refers to elsewhere or sets apart, with its arguments or its length."""
    if found := _LENGTH.match(frame.text, at, frame.end):
        frame.add(" " if name.endswith("skip") else "")
        return found.end()
    then = frame.behind_option(frame.behind_option(at))
    read = frame.raw_argument(then)
    if read is None:
        return None
    return frame.close_gap(read[1])


_WRITERS: Mapping[str, Written] = {
    "wrappers": _wrapper, "math_accents": _wrapper, "seconds": _second, "fractions": _fraction,
    "binomials": _binomial, "over": _set_over, "under": _set_over, "roots": _root,
    "raised": _script, "lowered": _script, "quantities": _quantity, "unit_names": _quantity,
    "addresses": _address, "links": _link, "footnotes": _footnote, "quotes": _quotes,
    "dropped": _dropped,
}  # fmt: skip
