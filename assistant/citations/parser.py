"""Reading citations out of a model's answer while it streams.

The model cites addresses of the evidence (`[2.3]`) in whatever form it likes; the reader
sees marks `[1]`, `[2]` numbered by the order in which papers first appear.
"""

from __future__ import annotations

from assistant.citations import forms
from assistant.citations.context import AHEAD, Place, is_citation
from assistant.citations.display import Display
from assistant.citations.forms import Found, Group
from assistant.text.own_numbers import OwnNumbers
from assistant.types.citations import Mark
from assistant.types.evidence import Evidence
from store.pattern import pattern

_STARTS = set("*_").union(forms.UNBRACKETED, (one[0] for one, _, _ in forms.BRACKETS))
_MAY_BE_SOURCE = r"[Ss](?:o(?:u(?:r(?:c(?:e(?:s? ?)?)?)?)?)?)?\Z"
_PLAIN = pattern(rf"(?:(?![Ss]ources? \d|{_MAY_BE_SOURCE})[^\s\\`*_\[【［〔(（<{{^⁰¹²³⁴-⁹]+ ?)+")
_SOURCE, _BEGUN = pattern(r"[Ss]ources? \d"), pattern(_MAY_BE_SOURCE)
_WRAP, _TICKS = pattern(r"[*_]{0,3}"), pattern(r"`{1,8}")
_OPENING, _ESCAPABLE = tuple("[【［(（"), tuple("[]【】［］")
_LIST_MARK, _HALF = pattern(r"(?:[-*•·+>]|\d{1,2}[.)])?\s*"), pattern(r"[\[【［]\d+(?:\.\d*)?\Z")
_ANCHOR = pattern(r"\((?:#[^()\s]*|[A-Za-z]*)(?: \"[^\"\n()]*\")?\)")
_BETWEEN = pattern(r"([-‐‑–—−]|[ \t]{0,3}[,;]?[ \t]{0,3})(?=[\[【［〔])")
_MAY_GO_ON = pattern(
    r"(?:\((?:#[^()\s]{0,240}|[A-Za-z]{0,40})(?: \"?[^\"\n()]{0,240}\"?)?"
    r"|[-‐‑–—−]|[ \t]{0,3}[,;]?[ \t]{0,3})\Z"
)
_MOST_GROUPS, _LINE_HEAD, _LONGEST_NOTE = 24, 24, 200
_SOURCES = pattern(r"\A\W*(\d{1,3})|(?<![\d.])(\d{1,3})(?=\.\d)")
_SECTION = pattern(
    r"(?i)[#*_ \t]*(?:sources?|references?|citations?|bibliography|footnotes|works cited)[*_: \t]*"
)
_ENTRY = pattern(r"(?i)[-*•+]\s|\d{1,3}[.):]|[\[【(^⁰¹²³⁴-⁹]|sources?\b|https?:")


class CitationReader:
    """Replaces addresses by numbered marks in cleaned text that arrives cut anywhere.

    What `feed` and `finish` return is the display text; `[?]` marks an address that points at
    nothing. Definitions of footnotes and a list of sources at the end are left out.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._held = self._code = ""
        self._display = Display(evidence)
        self._evidence, self._theirs = evidence, OwnNumbers(evidence)
        self._final = self._dropping = self._in_section = False
        self._cites_raised = self._leads_lines = False

    @property
    def order(self) -> tuple[int, ...]:
        """The numbers of the cited sources, in the order in which their marks are numbered."""
        return tuple(self._display.order.values())

    @property
    def marks(self) -> tuple[Mark, ...]:
        """All citations so far, in order."""
        return tuple(self._display.marks)

    @property
    def text(self) -> str:
        """The display text so far."""
        return self._display.text

    def feed(self, piece: str) -> str:
        """Take a piece, return what can be shown now."""
        self._held += piece
        at = 0
        while at < len(self._held) and (end := self._step(at)) is not None:
            at = end
        self._held = self._held[at:]
        return self._display.take()

    def finish(self) -> str:
        """Return what was held back, without white space and half an address at the end."""
        self._final, self._held = True, _HALF.sub("", self._held)
        return self.feed("")

    def end_paragraph(self) -> str:
        """Return what was held back: nothing that follows goes on with it."""
        self._final = True
        shown = self.feed("")
        self._final = False
        return shown

    # Each of these returns where what it deals with ends: False for nothing, None for not yet.

    def _step(self, at: int) -> int | None:
        held, char = self._held, self._held[at]
        if self._dropping:
            end = held.find("\n", at)
            self._dropping = end < 0
            return end if end >= 0 else len(held)
        if char.isspace():
            self._display.white(char)
            self._code = "" if char == "\n" and self._code == "`" else self._code
            return at + 1
        taken = self._line_start(at)
        if taken is False and char in _STARTS:
            taken = self._citation(at)
        return self._text(at) if taken is False else taken

    def _line_start(self, at: int) -> int | bool | None:
        """A line that belongs to a list of sources is left out."""
        if not self._display.begins_line or not self._display.marks or self._code == "```":
            return False
        line, newline, _ = self._held[at : at + _LINE_HEAD].partition("\n")
        if not (newline or self._final or len(line) == _LINE_HEAD):
            return None
        listed = self._in_section and _ENTRY.match(line)
        if listed and not (own := self._is_of_one(at)):
            return own
        self._in_section = self._dropping = bool(listed or _SECTION.fullmatch(line))
        return at if self._dropping else False

    def _text(self, at: int) -> int | None:
        """Text, backticks, and brackets that a backslash makes literal."""
        held, char = self._held, self._held[at]
        if char == "\\":
            escaped = held[at + 1 : at + 2]
            group = escaped in ("(", "（") and forms.find_group(held, at + 1, final=self._final)
            if not self._final and (len(held) < at + 3 or group is None):
                return None
            beside = held[at + 2 : at + 3] if escaped in _OPENING else self._display.before[-1:]
            # With white space inside it is of a formula: \\[ x^2 \\]; so are \\( and \\).
            literal = bool(group) or (escaped in _ESCAPABLE and not beside.isspace())
            self._display.show(escaped if literal else char)
            return at + 1 + literal
        if ticks := _TICKS.match(held, at):
            if not self._final and ticks.end() == len(held) < at + 8:
                return None
            self._code = "" if self._code else "```" if ticks.end() > at + 2 else "`"
            self._display.show(ticks.group())
            return ticks.end()
        plain = _PLAIN.match(held, at)
        end = plain.end() if plain else at + 1
        text = held[at:end].rstrip(" ")
        self._display.show(text)
        self._display.white(held[at + len(text) : end])
        return end

    def _citation(self, at: int) -> int | bool | None:
        held = self._held
        wrap = _WRAP.match(held, at)
        start = wrap.end() if wrap else at
        if start == len(held):
            return False if self._final else None
        found = self._unbracketed(at) if start == at else False
        if found is False:
            found = forms.find_group(held, start, final=self._final)
        if not isinstance(found, Found):
            return found
        end = found.end + start - at
        if not self._final and len(held) <= end:
            return None
        if held[found.end : end] != held[at:start]:
            return False
        groups, end = self._run(found, end)
        defines = self._is_definition(found, end) and self._is_of_one(at)
        if defines is None:
            return None
        verdict = end and ((defines and found.kind == "raised") or self._decide(found, start, end))
        if not verdict:
            return None if verdict is None or not end else False
        if defines:
            self._dropping = True
            return at
        self._display.mark(groups)
        self._cites_raised = self._cites_raised or found.kind == "raised"
        return end

    def _unbracketed(self, at: int) -> Found | bool | None:
        held = self._held
        if held[at] not in forms.UNBRACKETED:
            return False
        if held[at] in "sS" and not _SOURCE.match(held, at):
            return None if not self._final and _BEGUN.match(held, at) else False
        if not self._final and len(held) - at < forms.REACH and "\n" not in held[at:]:
            return None
        return forms.find_unbracketed(held, at)

    def _run(self, first: Found, end: int) -> tuple[list[Group], int]:
        """A group that ends at an offset with those that follow; where they end, 0 to wait."""
        held, groups = self._held, [first.group]
        while first.kind not in ("round", "named") and len(groups) < _MOST_GROUPS:
            rest = held[end : end + 250]
            if not self._final and _MAY_GO_ON.match(rest):
                return groups, 0
            if (anchor := _ANCHOR.match(rest)) and held[end - 1] == "]":
                end += anchor.end()
                continue
            between = _BETWEEN.match(rest)
            found = between and forms.find_group(held, end + between.end(), final=self._final)
            if between and found is None:
                return groups, 0
            if not isinstance(found, Found) or not between or (0, None) in found.group.items:
                break
            span = forms.span(groups[-1], found.group) if between[1].strip(" \t,;") else ()
            if span is None:
                break
            groups[-1:] = [span] if span else [groups[-1], found.group]
            end = found.end
        return groups, end

    def _decide(self, found: Found, start: int, end: int) -> bool | None:
        """Whether a group is a citation; None asks for more text."""
        held, line = self._held, self._held[end : end + AHEAD].partition("\n")
        after = line[0] + line[1]
        around = (held[start : found.end], self._display.before, after, self._code)
        place = Place(found.group, found.kind, *around, self._evidence, self._theirs)
        if not self._final and len(after) < AHEAD and "\n" not in after:
            sure = found.kind == "square" and found.group.dotted and place.known > 0
            if not sure or not after or after[0].isalpha() or after[0] in "-‐‑*+{?":
                return None
        return is_citation(place)

    def _is_definition(self, found: Found, end: int) -> bool:
        """True for a note that says what an address is: "[1]: Paper 1", "¹ Paper 1"."""
        if not _LIST_MARK.fullmatch(self._display.line.strip()):
            return False
        if found.kind == "raised":
            return self._cites_raised and self._held.startswith((" ", "\t"), end)
        if not self._held.startswith(":", end):
            return False
        self._leads_lines = self._leads_lines or not self._display.marks
        # "[2.1]: B is so" begins a line about what was not cited yet.
        told = not found.group.dotted or self._display.cited.issuperset(found.group.items)
        return told and not self._leads_lines

    def _is_of_one(self, at: int) -> bool | None:
        """False for a note with the address of another source than its number says."""
        line, newline, _ = self._held[at : at + _LONGEST_NOTE].partition("\n")
        if not (newline or self._final or len(line) == _LONGEST_NOTE):
            return None
        numbers = {int(first or other) for first, other in _SOURCES.findall(line)}
        return sum(self._evidence.source(one) is not None for one in numbers) < 2
