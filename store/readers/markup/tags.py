"""Entities and tags: HTML, JATS, MathML, and what publishers make of them.

Our own scan, for the texts are no documents: tags without their ends, "p<0.05" and "x < y" beside
them, all escaped once or twice. Only known tags are taken for tags.
"""

from __future__ import annotations

import html
import re
from bisect import bisect
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from store.pattern import pattern
from store.readers.markup.mathml import ELEMENTS, linear
from store.readers.markup.scripts import lowered, raised
from store.tables import read_table

_ENTITY = pattern(r"&(?:amp;|#0*38;|#[xX]0*26;)*(#\d{1,7};|#[xX][\da-fA-F]{1,6};|\w{2,32};)?")
_TAG = pattern(
    r"<!\[CDATA\[|\]\]>|<!--[^<>]*+(?<=--)>|<[?!][^<>]*+>"
    r"|<(?P<end>/?)(?:(?P<prefix>[A-Za-z][\w-]*+):)?(?P<name>[A-Za-z][\w-]*+)"
    r"(?P<more>(?:\s(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+)?)(?P<empty>/?)>"
)
_MAY_BE_TAG = pattern(r"<[A-Za-z/!?]")
_ADDRESS = pattern(r"(?:\w+:)?href\s*=\s*[\"'](https?://[^\"'\s]+)[\"']")
_LABEL = pattern(r"\blabel\s*=\s*[\"']([^\"'<>]{1,80})[\"']", re.IGNORECASE)
_BREAKS = pattern(r"\n\s*\n\s*")
_LED_IN = pattern(r"\s*(?:abstract|summary)\s*[.:—–]\s*(?=[A-Z(“\"])", re.IGNORECASE)
_ENDS = ".:;,-–— \t\n"
_PARAGRAPH = "\n\n"
_LABELLED = pattern(r"\0\s*")
_NEAR = 6
"""How many tags around a formula in TeX may part it from the same formula in MathML."""
_FORMULAS = ("inline-formula", "disp-formula", "inlineequation", "equation", "p", "sec")
_DEEPEST = 40
"""How deep elements are followed into one another."""


def without_tags(text: str, *, title: bool) -> str:
    """A text with its entities as characters and without the tags that we know."""
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    has_tags = _MAY_BE_TAG.search(text) or ("]" in text and "]]>" in text)
    return _Scan(text, title=title).run() if has_tags else text


def _character(found: re.Match[str]) -> str:
    """What an entity stands for, however often its ampersand was escaped."""
    name = found[1]
    if name is None:
        return "&" if len(found[0]) > 1 else found[0]
    own = _kinds().entities.get(name[:-1])
    if own is not None:
        return own
    read = html.unescape(f"&{name}")
    if read == f"&{name}":
        return found[0]  # no entity: an address, a name between marks
    return read if read.isprintable() or read.isspace() else " "


@dataclass(slots=True)
class _Kinds:
    of: dict[str, str]
    prefixes: frozenset[str]
    always: frozenset[str]
    alone: frozenset[str]
    no_labels: frozenset[str]
    entities: dict[str, str]


@lru_cache
def _kinds() -> _Kinds:
    table = read_table(__file__, "tags.toml")
    kinds = (
        "inline", "breaks", "spaces", "items", "blocks", "headings", "left_out", "raised",
        "lowered", "links",
    )  # fmt: skip
    of = {name: kind for kind in kinds for name in table[kind].split()}
    labels = frozenset(one.strip() for one in table["no_labels"].split("|"))
    return _Kinds(
        {**of, "math": "math"},
        frozenset(table["prefixes"].split()),
        frozenset(table["always"].split()),
        frozenset(table["alone"].split()),
        labels,
        table["entities"],
    )


@dataclass(slots=True)
class _Open:
    """An element whose end has not come: what it is, and where its text begins in `out`."""

    name: str
    kind: str
    at: int
    address: str | None = None


class _Scan:
    """One pass over the tags of a text."""

    def __init__(self, text: str, *, title: bool) -> None:
        self._text = text
        self._title = title
        self._kinds = _kinds()
        self._out: list[str] = []
        self._open: list[_Open] = []
        self._has_mathml_tags = "<math" in text
        found = [(one, (one["name"] or "").lower()) for one in _TAG.finditer(text)]
        found = [one for one in found if self._is_known(*one)]
        begun = {name for tag, name in found if not tag["end"]}
        ended = {name for tag, name in found if tag["end"]}
        self._tags = [one for one in found if self._is_tag(*one, begun, ended)]
        self._ends: dict[str, list[int]] = defaultdict(list)
        for index, (tag, name) in enumerate(self._tags):
            if tag["end"]:
                self._ends[name].append(index)

    def run(self) -> str:
        """The text without its tags."""
        if not self._tags:
            return self._text
        at, index = 0, 0
        while index < len(self._tags):
            tag, name = self._tags[index]
            if tag.start() > at:
                self._out.append(self._text[at : tag.start()])
            index = self._take(tag, name, index)
            at = self._tags[index - 1][0].end()
        self._out.append(self._text[at:])
        while self._open:
            self._close(self._open.pop())
        text = _LABELLED.sub(" ", "".join(self._out))
        text = _BREAKS.sub(_PARAGRAPH, text).strip()
        led_in = None if self._title else _LED_IN.match(text)
        return text[led_in.end() :] if led_in else text

    def _is_known(self, tag: re.Match[str], name: str) -> bool:
        if tag["prefix"]:
            return tag["prefix"].lower() in self._kinds.prefixes
        return not name or name in self._kinds.of or (name in ELEMENTS and self._has_mathml_tags)

    def _is_tag(self, tag: re.Match[str], name: str, begun: set[str], ended: set[str]) -> bool:
        """Tell a tag from "a<b>c", and from a tag that is written about."""
        if not name or tag["prefix"] or tag["empty"] or name in self._kinds.always:
            return True
        if tag["end"]:
            return name in begun or name == "p"
        if name in ended or "=" in tag["more"] or name in self._kinds.alone:
            return True
        before, after = self._text[tag.start() - 1 : tag.start()], self._text[tag.end() :][:1]
        if name == "p":
            return not before.isalnum() or after.isupper()
        return name in ("i", "b") and not before.isalnum() and after.isalnum()

    def _take(self, tag: re.Match[str], name: str, index: int) -> int:
        """Take a tag, or the whole element that it begins; which tag comes after it."""
        kind = self._kinds.of.get(name, "")
        if tag["end"] or tag["empty"]:
            self._mark(tag, name, kind)
            return index + 1
        is_twice = name in ("tex-math", "equationsource") and self._has_mathml(index)
        if kind in ("left_out", "math") or is_twice:
            ends = self._ends[name]
            at = bisect(ends, index)
            if at < len(ends):
                if kind == "math":
                    self._out.append(
                        linear(self._text, [one for one, _ in self._tags[index : ends[at] + 1]])
                    )
                return ends[at] + 1
        self._mark(tag, name, kind)
        return index + 1

    def _has_mathml(self, index: int) -> bool:
        """True when the formula that a tag belongs to stands there as MathML as well."""
        for near in (
            self._tags[index : index + _NEAR],
            self._tags[max(index - _NEAR, 0) : index][::-1],
        ):
            for _, name in near:
                if name == "math":
                    return True
                if name in _FORMULAS:
                    break
        return False

    def _mark(self, tag: re.Match[str], name: str, kind: str) -> None:
        if kind == "breaks":
            self._out.append("\n")
        elif kind == "spaces":
            self._out.append(" ")
        elif kind == "items":
            self._out.append("\n" if tag["end"] else "\n• ")
        elif kind == "blocks":
            self._out.append(_PARAGRAPH)
            label = _LABEL.search(tag["more"]) if tag["more"] else None
            if label and not self._title:
                self._out.append(self._heading(label[1]))
        elif kind in ("headings", "raised", "lowered", "links") and not tag["empty"]:
            if tag["end"]:
                if self._open and self._open[-1].name == name:
                    self._close(self._open.pop())
                return
            address = _ADDRESS.search(tag["more"]) if tag["more"] else None
            if kind == "headings":
                self._out.append(_PARAGRAPH)
            if len(self._open) < _DEEPEST:
                self._open.append(_Open(name, kind, len(self._out), address and address[1]))

    def _close(self, one: _Open) -> None:
        """Write the text of an element as its tag wants it."""
        text = "".join(self._out[one.at :])
        if one.kind == "headings":
            text = self._heading(text)
        elif one.kind == "raised":
            text = raised(self._before(one.at), text, upright=True)
        elif one.kind == "lowered":
            text = lowered(self._before(one.at), text, upright=True)
        elif one.address and one.address.partition("//")[2].rstrip("/") not in text:
            text = f"{text} ({one.address})"
        self._out[one.at :] = [text]

    def _before(self, at: int) -> str:
        near = self._out[max(0, at - 4) : at]
        return "".join(near)[-2:]

    def _heading(self, text: str) -> str:
        text = text.strip()
        if self._title:
            return text
        if not text or text.casefold().rstrip(_ENDS) in self._kinds.no_labels:
            return ""
        return f"{text}\0" if text[-1] in "?!" else f"{text.rstrip(_ENDS)}:\0"
