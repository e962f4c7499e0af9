"""MathML as text in a line: fractions with a slash, scripts as in the rest of a text.

Our own converter, for none that is kept well writes text: those there are write LaTeX or speech.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from store.pattern import pattern
from store.readers.markup.scripts import lowered, raised

_NAMES = """
mi mn mo ms mtext mspace mrow mfrac msqrt mroot mstyle merror mpadded mphantom mfenced menclose
msub msup msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mlabeledtr mtd
maction semantics annotation annotation-xml maligngroup malignmark mglyph
"""
ELEMENTS = frozenset(_NAMES.split())
"""Elements of presentation MathML 3, which stand within <math>."""

_TOKENS = frozenset(("mi", "mn", "mo", "ms", "mtext"))
_LEFT_OUT = frozenset(("annotation", "annotation-xml", "mphantom", "maligngroup", "malignmark"))
_ACCENTS = {
    "^": "\u0302", "ˆ": "\u0302", "\u0302": "\u0302", "~": "\u0303", "˜": "\u0303", "∼": "\u0303",
    "¯": "\u0304", "‾": "\u0304", "−": "\u0304", "_": "\u0304", "→": "", "⃗": "", "˙": "\u0307",
    "¨": "\u0308", "ˇ": "\u030c", "˘": "\u0306", "´": "\u0301", "`": "\u0300",
}  # fmt: skip
_RELATIONS = "= < > ≤ ≥ ≈ ≃ ≅ ∼ ~ ≠ ≡ ∝ → ← ↔ ⇒ ≪ ≫ ≲ ≳ ∈ ⊂ ⊆ ± :="
_SPACED = frozenset(_RELATIONS.split())
_INVISIBLE = "\u2061\u2062\u2063\u2064\u200b"
_DEEPEST = 60
_SIMPLE = pattern(r"[\w.]+|√\w+|\(.*\)")


@dataclass(slots=True)
class _Element:
    name: str
    parts: list[_Element | str] = field(default_factory=list)

    @property
    def children(self) -> list[_Element]:
        return [part for part in self.parts if isinstance(part, _Element)]


def linear(text: str, tags: Sequence[re.Match[str]]) -> str:
    """The formula between the first and the last of the tags, as text in a line."""
    return " ".join(_written(_tree(text, tags)).split())


def _tree(text: str, tags: Sequence[re.Match[str]]) -> _Element:
    root = _Element("mrow")
    stack = [root]
    at = tags[0].end()
    for tag in tags[1:]:
        if between := text[at : tag.start()].strip():
            stack[-1].parts.append(between)
        at = tag.end()
        name = (tag["name"] or "").lower()
        if tag["end"]:
            if len(stack) > 1 and any(one.name == name for one in stack[-3:]):
                while stack.pop().name != name:
                    pass
        elif name and len(stack) < _DEEPEST:
            element = _Element(name)
            stack[-1].parts.append(element)
            if not tag["empty"]:
                stack.append(element)
    return root


def _written(one: _Element) -> str:
    """An element as text, its parts first."""
    if one.name in _LEFT_OUT:
        return ""
    if one.name in _TOKENS:
        return _token(one)
    if one.name == "mspace":
        return " "
    children = one.children
    write = _SHAPES.get(one.name)
    if write and len(children) >= _LEAST[one.name]:
        return write(children)
    return _row(one.parts)


def _token(one: _Element) -> str:
    text = " ".join(part if isinstance(part, str) else _written(part) for part in one.parts)
    for sign in _INVISIBLE:
        text = text.replace(sign, "")
    if one.name != "mo":
        return text
    return f" {text} " if text in _SPACED else f"{text} " if text in (",", ";") else text


def _row(parts: Sequence[_Element | str]) -> str:
    out = ""
    for part in parts:
        piece = part if isinstance(part, str) else _written(part)
        is_word = isinstance(part, _Element) and part.name == "mi" and len(piece) > 1
        is_after_word = len(out) > 1 and out[-2:].isalpha() and piece[:1].isalpha()
        out += f" {piece}" if (is_word and out[-1:].isalnum()) or is_after_word else piece
    return out


def _fraction(children: Sequence[_Element]) -> str:
    return f"{_grouped(_written(children[0]))}/{_grouped(_written(children[1]))}"


def _grouped(text: str) -> str:
    text = text.strip()
    return text if _SIMPLE.fullmatch(text) else f"({text})"


def _root(children: Sequence[_Element]) -> str:
    return f"√{_grouped(_row(children))}"


def _nth_root(children: Sequence[_Element]) -> str:
    degree = _written(children[1]).strip()
    sign = {"3": "∛", "4": "∜"}.get(degree, f"^({degree})√")
    return sign + _grouped(_written(children[0]))


def _sub(children: Sequence[_Element]) -> str:
    base = _written(children[0])
    return base + lowered(base, _written(children[1]), upright=False)


def _sup(children: Sequence[_Element]) -> str:
    base = _written(children[0])
    return base + raised(base, _written(children[1]), upright=not base.strip())


def _sub_sup(children: Sequence[_Element]) -> str:
    base = _sub(children)
    return base + raised(base, _written(children[2]), upright=False)


def _over(children: Sequence[_Element]) -> str:
    base, over = _written(children[0]), _written(children[1]).strip()
    accent = _ACCENTS.get(over)
    if accent is None:
        return base + raised(base, over, upright=False)
    return base + accent if len(base.strip()) == 1 else base


def _multi(children: Sequence[_Element]) -> str:
    """A base with scripts after it and, behind <mprescripts/>, before it: an isotope."""
    names = [one.name for one in children]
    cut = names.index("mprescripts") if "mprescripts" in names else len(children)
    base = _written(children[0])
    before = "".join(_written(one) for one in children[cut + 2 :: 2])
    for index, one in enumerate(children[1:cut]):
        script = raised if index % 2 else lowered
        base += script(base, _written(one), upright=False)
    return raised("", before, upright=True) + base


def _fenced(children: Sequence[_Element]) -> str:
    return f"({', '.join(_written(one) for one in children)})"


def _table(children: Sequence[_Element]) -> str:
    return "; ".join(_written(one).strip() for one in children)


def _table_row(children: Sequence[_Element]) -> str:
    return " ".join(_written(one).strip() for one in children)


_SHAPES = {
    "mfrac": _fraction, "msqrt": _root, "mroot": _nth_root, "msub": _sub, "munder": _sub,
    "msup": _sup, "msubsup": _sub_sup, "munderover": _sub_sup, "mover": _over,
    "mmultiscripts": _multi, "mfenced": _fenced, "mtable": _table, "mtr": _table_row,
}  # fmt: skip
_LEAST = {
    "mfrac": 2, "msqrt": 1, "mroot": 2, "msub": 2, "munder": 2, "msup": 2, "msubsup": 3,
    "munderover": 3, "mover": 2, "mmultiscripts": 1, "mfenced": 1, "mtable": 1, "mtr": 1,
}  # fmt: skip
