"""Reading citations out of a model's answer while it streams.

The model cites addresses of the evidence (`[2.3]`) in whatever form it likes; the reader
sees marks `[1]`, `[2]` numbered by the order in which papers first appear.
"""

from __future__ import annotations

from assistant.citations.claims import (
    DraftClaim,
    Mark,
    draft_claims,
    is_entry,
    may_name_section,
    names_section,
)
from assistant.citations.context import (
    CLAUSE_REACH,
    COMPOUND_REACH,
    SourceTexts,
    ends_clause,
    is_citation,
    needs_what_follows,
)
from assistant.citations.display import Display
from assistant.citations.forms import CLOSING, Group, Link, find_group, find_link, find_run, resolve
from assistant.citations.named import STARTS as NAMED_STARTS
from assistant.citations.named import find_named
from assistant.citations.raised import STARTS as RAISED_STARTS
from assistant.citations.raised import find_raised, is_definition, is_raised_citation, raised_name
from assistant.types.evidence import Evidence
from store.pattern import pattern

_PLAIN = pattern(r"[^\s\\`*_\[【［(^<⁰¹²³⁴-⁹–—]+")
_ESCAPABLE = tuple("[]()【】［］")
_LIST_MARK = pattern(r"(?:[-*•·+>]|\d{1,2}[.)])(?:\s|$)")


class CitationReader:
    """Replaces addresses by numbered marks in cleaned text that arrives cut anywhere.

    `feed` returns what can be shown at once and holds back what may still be part of a
    citation; all pieces joined are the display text. `[?]` marks an address that points at
    nothing. A backslash before a bracket makes it literal, unless an address stands between
    two of them: \\[1.2\\]. Definitions of footnotes and a list of sources at the end are left
    out: the reader has a better one. White space is kept up to a length that a screen can use.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._held = ""
        self._display = Display(evidence)
        self._sources = SourceTexts(evidence)
        self._in_code = False
        self._in_fence = False
        self._dropping = False
        self._in_section = False
        self._cites_square = False
        self._cites_raised = False
        self._leads_lines = False

    @property
    def order(self) -> tuple[int, ...]:
        """The numbers of the cited sources, in the order in which their marks are numbered."""
        return tuple(self._display.order)

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
        return self._drain(final=False)

    def finish(self) -> str:
        """Return what was still held back; white space at the end is dropped."""
        return self._drain(final=True)

    def claims(self) -> tuple[DraftClaim, ...]:
        """The sentences of the display text, with the citations that stand in or after each."""
        return draft_claims(self.text, self.marks)

    def _drain(self, *, final: bool) -> str:
        before = self._display.pieces
        at = 0
        while at < len(self._held):
            next_at = self._step(at, final=final)
            if next_at is None:
                break
            at = next_at
        self._held = self._held[at:]
        return self._display.since(before)

    def _step(self, at: int, *, final: bool) -> int | None:
        """Deal with what stands at an offset of the held text; None asks for more text."""
        held = self._held
        char = held[at]
        if self._dropping:
            return self._drop(at)
        if char.isspace():
            self._display.white(char)
            if char == "\n":
                self._in_code = False
            return at + 1
        if not self._display.line.strip() and not self._in_fence:
            dropped = self._line_start(at, final=final)
            if dropped is not False:
                return dropped
        if char == "\\":
            escaped = self._raised(at, final=final)
            if escaped is not False:
                return escaped
            if at + 1 == len(held) and not final:
                return None
            if held[at + 1 : at + 2] in _ESCAPABLE:
                self._display.show(held[at + 1])
                return at + 2
        elif char in "`*_":
            return self._run(at, final=final)
        elif char in CLOSING:
            return self._bracket(at, at, "", final=final)
        elif char in RAISED_STARTS or char in NAMED_STARTS:
            read = self._raised if char in RAISED_STARTS else self._named
            cited = read(at, final=final)
            if cited is not False:
                return cited
        plain = _PLAIN.match(held, at)
        end = plain.end() if plain else at + 1
        self._display.show(held[at:end])
        return end

    def _drop(self, at: int) -> int:
        end = self._held.find("\n", at)
        if end < 0:
            return len(self._held)
        self._dropping = False
        return end

    def _line_start(self, at: int, *, final: bool) -> int | bool | None:
        """Drop the line when it belongs to a list of sources; False when it stays."""
        if not self._display.marks:
            return False
        rest = self._held[at : at + 40]
        line, newline, _ = rest.partition("\n")
        whole = bool(newline) or final
        if self._in_section:
            if not whole and len(line) < 8:
                return None
            if is_entry(line):
                self._dropping = True
                return at
            self._in_section = False
        if whole and names_section(line):
            self._in_section = self._dropping = True
            return at
        if not whole and may_name_section(line):
            return None
        return False

    def _run(self, at: int, *, final: bool) -> int | None:
        """Deal with a run of backticks, asterisks or underscores."""
        held, char = self._held, self._held[at]
        end = at
        while end < len(held) and held[end] == char:
            end += 1
        if end == len(held) and not final and end - at < 8:
            return None
        run = held[at:end]
        if char == "`":
            if len(run) >= 3:
                self._in_fence = not self._in_fence
            else:
                self._in_code = not self._in_code
        elif end < len(held) and held[end] in "[【［" and len(run) <= 3:
            return self._bracket(at, end, run, final=final)
        self._display.show(run)
        return end

    def _bracket(self, at: int, start: int, wrap: str, *, final: bool) -> int | None:
        """Deal with an opening bracket at `start`; `wrap` is the emphasis before it."""
        found = find_group(self._held, start, final=final)
        if found is None:
            return None
        group, end = found
        literal = at + max(len(wrap), 1)
        if group is None:
            self._display.show(self._held[at:literal])
            return literal
        rest = self._held[end : end + 8]
        if not final and (len(rest) < len(wrap) or (not rest and start == at)):
            return None
        if wrap and not rest.startswith(wrap):
            self._display.show(wrap)
            return literal
        verdict = self._decide(group, start, end + len(wrap), final=final)
        if verdict is None:
            return None
        if not verdict:
            self._display.show(self._held[at:literal])
            return literal
        if self._is_definition(group, end + len(wrap)):
            self._dropping = True
            return at
        link = find_link(self._held, end + len(wrap), final=final)
        if isinstance(link, Link) and self._held[start] == "[":
            # The target of a link is shown beside the mark, where it is text.
            self._display.mark([group])
            if link.shown:
                self._display.show(f" ({link.shown})")
            collected = link.end
        else:
            run = find_run(self._held, group, end + len(wrap), final=final)
            if run is None:
                return None
            self._display.mark(run.groups)
            collected = run.end
        if self._held[start] != "(":
            self._cites_square = True
        return collected

    def _raised(self, at: int, *, final: bool) -> int | bool | None:
        """Deal with what may be a citation without brackets; False when it is none."""
        if self._in_code or self._in_fence:
            return False
        found = find_raised(self._held, at, final=final)
        if found is None or isinstance(found, bool):
            return found
        after = self._held[found.end : found.end + COMPOUND_REACH]
        if self._cites_raised and is_definition(self._display.line, after):
            self._dropping = True
            return at
        known, missing = resolve(found.group, self._evidence)
        before = self._display.before
        if not known or missing or not is_raised_citation(found, before, after):
            return False
        if self._sources.name(raised_name(before, self._held[at : found.end])):
            return False
        self._display.mark([found.group])
        self._cites_raised = self._cites_raised or found.form == "raised"
        return found.end

    def _named(self, at: int, *, final: bool) -> int | bool | None:
        """Deal with what may be a source by its name; False when it is none."""
        if self._in_code or self._in_fence:
            return False
        found = find_named(self._held, at, self._display.before, final=final)
        if found is None or isinstance(found, bool):
            return found
        known, missing = resolve(found.group, self._evidence)
        if not known or missing or self._sources.number_theirs(found.group):
            return False
        self._display.mark([found.group])
        return found.end

    def _decide(self, group: Group, start: int, end: int, *, final: bool) -> bool | None:
        """Whether a group is a citation; None asks for more text."""
        held = self._held
        rest = held[end : end + COMPOUND_REACH]
        known = bool(resolve(group, self._evidence)[0])
        before = self._display.before
        glued = bool(before) and not before[-1].isspace()
        round_bracket = held[start] == "("
        if round_bracket and not (known and (group.explicit or group.dotted)):
            return False
        if not final and needs_what_follows(
            group, rest, known=known, round_bracket=round_bracket, glued=glued
        ):
            return None
        link = False if round_bracket else find_link(held, end, final=final)
        if link is None:
            return None
        if isinstance(link, Link):
            rest = held[link.end : link.end + COMPOUND_REACH]
            if not final and len(rest) < CLAUSE_REACH and "\n" not in rest:
                return None
            if link.shown and not (known and group.dotted and ends_clause(rest)):
                return False
        return is_citation(
            group,
            known=known,
            before=before,
            after=rest,
            round_bracket=round_bracket,
            in_code=self._in_code or self._in_fence,
            square_style=self._cites_square,
            is_figure=round_bracket and not self._display.marks and self._sources.state(group),
        )

    def _is_definition(self, group: Group, end: int) -> bool:
        """True for a note that says what an address is: "[1]: Paper 1"."""
        lead = self._display.line.strip()
        at_start = not lead or bool(_LIST_MARK.fullmatch(lead))
        if not at_start or not self._held.startswith(":", end):
            return False
        cited = {one[:2] for mark in self._display.marks for one in mark.addresses}
        self._leads_lines = self._leads_lines or not cited
        if group.dotted:
            # "[2.1]: B is so" begins a line about what was not cited yet.
            return cited.issuperset(resolve(group, self._evidence)[0]) and not self._leads_lines
        return bool(self._display.marks) and not self._leads_lines
